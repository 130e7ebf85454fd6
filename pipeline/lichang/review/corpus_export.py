"""Reviewed articles as a corpus folder that `lichang train camps --corpus` takes.

An article goes in once it was reviewed to the end: accepted as a whole, or every claim of it decided. Units
are cut anew where people moved a claim's span.
"""

import io
import itertools
import zipfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from lichang.records import Figure
from lichang.review.layout import Tint, tints_of
from lichang.store import events as log
from lichang.store.judged import Judged, JudgedClaim, judge
from lichang.store.results import decode
from lichang.store.schema import events, records

_FIGURE_FIELDS = ("text", "kind", "low", "high", "value", "unit", "bound", "mod", "of")
# The types are told: guessed from the first articles, a field that is empty there would have none.
_CARD = """---
language: [zh]
pretty_name: reviewed articles
configs:
  - config_name: default
    data_files:
      - {split: train, path: train.jsonl}
dataset_info:
  features:
    - {name: id, dtype: string}
    - {name: title, dtype: string}
    - {name: source, dtype: string}
    - {name: published, dtype: string}
    - {name: genre, dtype: string}
    - {name: script, dtype: string}
    - {name: relevant, dtype: bool}
    - {name: balance, dtype: string}
    - name: paragraphs
      list:
        - {name: section, dtype: string}
        - name: units
          list:
            - {name: text, dtype: string}
            - {name: camp, dtype: string}
            - {name: attitude, dtype: string}
            - {name: claim, dtype: string}
            - {name: holder, dtype: string}
            - {name: cue, dtype: string}
            - {name: quote, dtype: string}
            - name: figures
              list:
                - {name: text, dtype: string}
                - {name: kind, dtype: string}
                - {name: low, dtype: float64}
                - {name: high, dtype: float64}
                - {name: value, dtype: string}
                - {name: unit, dtype: string}
                - {name: bound, dtype: string}
                - {name: mod, dtype: string}
                - {name: of, dtype: string}
---

# Reviewed articles

Articles that reviewers of `lichang review` went through to the end, one JSON object a line, laid out as in
lichang's own corpora. The texts belong to their publishers; do not pass this folder on.
"""


def read_reviewed(connection: Connection) -> Iterator[dict[str, Any]]:
    """The reviewed articles as rows of a corpus, in the order of their records."""
    touched = select(events.c.record).distinct()
    rows = connection.execute(
        select(records.c.key, records.c.body)
        .where(records.c.current, records.c.key.in_(touched))
        .order_by(records.c.key)
    )
    for key, body in rows.all():
        judged = judge(decode(body), log.history(connection, key))
        if is_finished(judged):
            yield corpus_row(judged)


def is_finished(judged: Judged) -> bool:
    """Was the article reviewed to the end?"""
    if judged.status == "rejected":
        return False
    decided = bool(judged.claims) and all(one.status != "open" for one in judged.claims)
    return judged.status == "accepted" or decided


def corpus_row(judged: Judged) -> dict[str, Any]:
    """The article as people left it, as a row of a corpus; its units join back to its text."""
    record = judged.record
    return {
        "id": record.id,
        "title": record.title,
        "source": record.source,
        "published": record.published,
        "genre": None,
        "script": record.script,
        "relevant": judged.relevant,
        "balance": judged.balance,
        "paragraphs": list(_paragraphs(judged)),
    }


def _paragraphs(judged: Judged) -> Iterator[dict[str, Any]]:
    spans = _flat(judged)
    starts = [span.start for span in spans]
    claims = {one.claim.id: one for one in judged.claims}
    figures = [one.figure for one in judged.figures if one.status != "rejected"]
    start = 0
    for line in judged.record.text.split("\n"):
        end = start + len(line)
        cuts = [start, *starts[bisect_right(starts, start) : bisect_right(starts, end - 1)], end]
        units = []
        section = "body"
        for here, there in itertools.pairwise(cuts):
            if here == there:
                continue
            tint = spans[max(0, bisect_right(starts, here) - 1)]
            section = tint.section
            units.append(_unit(judged.record.text, here, there, tint, claims, figures))
        yield {"section": section, "units": units}
        start = end + 1


def _flat(judged: Judged) -> list[Tint]:
    """The tints cut so that none overlaps another, moved claims over units, in order."""
    tints = tints_of(judged)
    units = len(judged.record.units)
    flat = tints[:units]
    for moved in tints[units:]:
        flat = [*(piece for tint in flat for piece in _around(tint, moved)), moved]
    return sorted(flat, key=lambda tint: tint.start)


def _around(tint: Tint, hole: Tint) -> Iterator[Tint]:
    """What is left of a tint on both sides of another one."""
    if tint.end <= hole.start or tint.start >= hole.end:
        yield tint
        return
    if tint.start < hole.start:
        yield msgspec.structs.replace(tint, end=hole.start)
    if tint.end > hole.end:
        yield msgspec.structs.replace(tint, start=hole.end)


def _unit(
    text: str, start: int, end: int, tint: Tint, claims: dict[str, JudgedClaim], figures: Iterable[Figure]
) -> dict[str, Any]:
    claim = claims[tint.claim].claim if tint.claim else None
    return {
        "text": text[start:end],
        "camp": tint.camp,
        "attitude": tint.attitude,
        "claim": claim.kind if claim else "none",
        "holder": (claim.holder or "作者") if claim else None,
        "cue": claim.cue if claim else None,
        "quote": claim.quote if claim else "none",
        "figures": [_figure(one) for one in figures if start <= one.start and one.end <= end],
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {name: getattr(figure, name) for name in _FIGURE_FIELDS}


def _files(connection: Connection) -> dict[str, bytes]:
    lines = b"".join(msgspec.json.encode(row) + b"\n" for row in read_reviewed(connection))
    return {"README.md": _CARD.encode(), "train.jsonl": lines}


def export_folder(connection: Connection, folder: Path) -> int:
    """Write the corpus folder; the number of articles in it."""
    folder.mkdir(parents=True, exist_ok=True)
    files = _files(connection)
    for name, body in files.items():
        (folder / name).write_bytes(body)
    return files["train.jsonl"].count(b"\n")


def export_zip(connection: Connection) -> bytes:
    """The corpus folder as a zip file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in _files(connection).items():
            archive.writestr(f"corpus/{name}", body)
    return packed.getvalue()
