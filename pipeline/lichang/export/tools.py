"""Annotation tools: claims to Label Studio and doccano, and what people made of them back again.

Both count code points. A region's label is its camp with its attitude; Label Studio has further choices
for the kind and a field for the holder, doccano only the label.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec

from lichang.errors import LabelError, SourceError
from lichang.export.filters import Entry
from lichang.records import ATTITUDES, CAMPS, Claim, Kind, Record

LABELS = ("neither", *(f"{camp} {attitude}" for camp in CAMPS[:2] for attitude in ATTITUDES))
# What a Label Studio project is to be set up with.
LABEL_STUDIO_CONFIG = (
    '<View><Text name="text" value="$text" granularity="symbol"/>\n'
    '<Labels name="camp" toName="text">{labels}</Labels>\n'
    '<Choices name="kind" toName="text" perRegion="true">{kinds}</Choices>\n'
    '<TextArea name="holder" toName="text" perRegion="true" maxSubmissions="1"/></View>\n'
).format(
    labels="".join(f'<Label value="{label}"/>' for label in LABELS),
    kinds="".join(f'<Choice value="{kind}"/>' for kind in get_args(Kind)),
)


def write_label_studio(entries: Iterable[Entry], path: Path) -> None:
    """A list of tasks, with the claims as predictions."""
    comma = ""
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for entry in entries:
            task = json.dumps(_task(entry), ensure_ascii=False)
            file.write(f"{comma}\n{task}")
            comma = ","
        file.write("\n]\n")


def _task(entry: Entry) -> dict[str, Any]:
    record = entry.record
    result = [part for claim in entry.claims for part in _region(record, claim)]
    data = {name: getattr(record, name) for name in ("id", "title", "source", "published", "text")}
    return {"data": data, "predictions": [{"model_version": record.provenance.tagger, "result": result}]}


def _region(record: Record, claim: Claim) -> Iterator[dict[str, Any]]:
    span = {"start": claim.start, "end": claim.end, "text": record.text[claim.start : claim.end]}
    parts = [("camp", "labels", [_label(claim)]), ("kind", "choices", [claim.kind])]
    if claim.holder:
        parts.append(("holder", "text", [claim.holder]))
    for name, kind, values in parts:
        yield {
            "id": claim.id,  # what belongs to one region shares its id
            "from_name": name,
            "to_name": "text",
            "type": "textarea" if kind == "text" else kind,
            "value": {**span, kind: values},
        }


def read_label_studio(path: str | Path, records: Mapping[str, Record]) -> Iterator[Record]:
    """The records with what an export of Label Studio says of them: the newest annotation of each task.

    Tasks that nobody annotated give their records as they are. Raises SourceError for an unknown record or
    a file that is none, LabelError for an unknown label.
    """
    for task in _load(path):
        record = _record_of(task.get("data", {}).get("id"), records, path)
        done = [a for a in task.get("annotations") or () if not a.get("was_cancelled")]
        given = done[-1] if done else (task.get("predictions") or [{}])[0]
        yield _apply_regions(record, given.get("result") or ())


def _apply_regions(record: Record, result: Iterable[Mapping[str, Any]]) -> Record:
    regions: dict[str, dict[str, Any]] = {}
    for part in result:
        value = part.get("value", {})
        kind = "text" if part.get("type") == "textarea" else part.get("type")
        region = regions.setdefault(
            str(part.get("id")), {"start": value.get("start"), "end": value.get("end")}
        )
        region[str(part.get("from_name"))] = (value.get(kind) or [None])[0]
    claims = [
        _claim(
            record,
            id_,
            region["start"],
            region["end"],
            region.get("camp") or "neither",
            kind=region.get("kind"),
            holder=region.get("holder"),
        )
        for id_, region in regions.items()
    ]
    return _with_claims(record, claims)


def write_doccano(entries: Iterable[Entry], path: Path) -> None:
    """A line of JSON an article, for a project of sequence labelling."""
    with path.open("w", encoding="utf-8") as file:
        for record, claims, _ in entries:
            label = [[claim.start, claim.end, _label(claim)] for claim in claims]
            row = {"article": record.id, "text": record.text, "label": label}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_doccano(path: str | Path, records: Mapping[str, Record]) -> Iterator[Record]:
    """The records with what an export of doccano says of them; errors as in `read_label_studio`."""
    for row in _load(path):
        record = _record_of(row.get("article"), records, path)
        at = {(claim.start, claim.end): claim for claim in record.claims}
        claims = []
        for number, (start, end, label) in enumerate(row.get("label") or row.get("entities") or ()):
            known = at.get((start, end))
            id_ = known.id if known else f"new{number}"
            kind, holder = (known.kind, known.holder) if known else (None, None)
            claims.append(_claim(record, id_, start, end, label, kind=kind, holder=holder))
        yield _with_claims(record, claims)


def _label(claim: Claim) -> str:
    return f"{claim.camp} {claim.attitude}" if claim.attitude else claim.camp


def _claim(
    record: Record, id_: str, start: int, end: int, label: str, *, kind: str | None, holder: str | None
) -> Claim:
    """The claim of that id as a person has left it, or a new one. Raises LabelError."""
    camp, _, attitude = label.partition(" ")
    if camp not in CAMPS or (attitude and attitude not in ATTITUDES):
        raise LabelError(f"{record.id}: '{label}' is not one of {', '.join(LABELS)}")
    if not 0 <= start < end <= len(record.text):
        raise LabelError(f"{record.id}: a label from {start} to {end} of {len(record.text)} characters")
    known = {claim.id: claim for claim in record.claims}.get(id_)
    base = known or Claim(id=id_, unit=_unit_at(record, start), start=start, end=end, kind="opinion")
    mended: dict[str, Any] = {"start": start, "end": end, "camp": camp, "attitude": attitude or None}
    if kind:
        mended["kind"] = kind
    if holder != base.holder:
        mended |= {"holder": holder or None, "holder_start": None, "holder_end": None}
    return msgspec.convert(msgspec.to_builtins(msgspec.structs.replace(base, **mended)), Claim)


def _unit_at(record: Record, start: int) -> int:
    units = (number for number, unit in enumerate(record.units) if unit.start <= start < unit.end)
    return next(units, 0)


def _with_claims(record: Record, claims: Iterable[Claim]) -> Record:
    order: Callable[[Claim], tuple[int, int]] = lambda claim: (claim.start, claim.end)  # noqa: E731
    return msgspec.structs.replace(record, claims=tuple(sorted(claims, key=order)))


def _record_of(id_: object, records: Mapping[str, Record], path: str | Path) -> Record:
    if not isinstance(id_, str) or id_ not in records:
        raise SourceError(f"{path}: there is no record {id_!r}; import it into the store that it came from")
    return records[id_]


def _load(path: str | Path) -> list[dict[str, Any]]:
    """The objects of a JSON list or of JSON lines."""
    try:
        text = Path(path).read_text("utf-8-sig")
        if text.lstrip().startswith("["):
            found: list[dict[str, Any]] = json.loads(text)
        else:
            found = [json.loads(line) for line in text.split("\n") if line.strip()]
    except (OSError, ValueError) as error:
        raise SourceError(f"{path}: cannot be read: {error}") from error
    return found
