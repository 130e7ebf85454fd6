"""Annotated corpora: dataset folders that `datasets.load_dataset` reads, laid out as articles with offsets."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from lichang.errors import CorpusError, LabelError
from lichang.records import (
    ATTITUDES,
    BALANCES,
    CAMPS,
    KINDS,
    QUOTES,
    SECTIONS,
    Article,
    Attitude,
    Balance,
    Figure,
    Kind,
    Quote,
    Unit,
)

LABELS: dict[str, tuple[str, ...]] = {
    "camp": CAMPS,
    "attitude": ATTITUDES,
    "claim": (*KINDS, "none"),
    "quote": QUOTES,
    "section": SECTIONS,
}


class GoldUnit(msgspec.Struct, frozen=True, kw_only=True):
    """A unit as an annotator judged it."""

    unit: Unit  # span, section, camp, attitude
    kind: Kind | Literal["none"]
    holder: str | None  # None: the writer, or no claim
    cue: str | None
    quote: Quote
    figures: tuple[Figure, ...]


class GoldArticle(msgspec.Struct, frozen=True, kw_only=True):
    """An article as an annotator judged it."""

    article: Article
    relevant: bool
    balance: Balance
    units: tuple[GoldUnit, ...]
    genre: str | None = None

    @property
    def writer(self) -> str:
        """The writer's set that the article belongs to: the id up to its hyphen."""
        return self.article.id.rsplit("-", 1)[0]


def read_corpus(path: str | Path, split: str) -> list[GoldArticle]:
    """The articles of one split of a dataset folder such as `corpora/camps`; raises CorpusError, LabelError."""
    import datasets
    from datasets.exceptions import DatasetsError

    if not Path(path).is_dir():
        raise CorpusError(f"there is no corpus folder {path}; name one such as corpora/camps")
    datasets.disable_progress_bars()
    try:
        # Streamed: the cache would go on giving a corpus as it was before it was rewritten.
        rows = list(datasets.load_dataset(str(path), split=split, streaming=True))
    except (ValueError, OSError, DatasetsError) as error:
        raise CorpusError(f"{path}, split {split!r}, cannot be read as a dataset: {error}") from error
    return [lay_out(row) for row in rows]


def lay_out(row: Mapping[str, Any]) -> GoldArticle:
    """One row of a corpus with offsets: units joined as they stand, paragraphs joined by a line break."""
    texts: list[str] = []
    units: list[GoldUnit] = []
    offset = 0
    for paragraph in row["paragraphs"]:
        for unit in paragraph["units"]:
            units.append(_unit(unit, paragraph.get("section") or "body", offset, row["id"]))
            offset += len(unit["text"])
        texts.append("".join(unit["text"] for unit in paragraph["units"]))
        offset += 1  # the line break
    article = Article(
        id=row["id"],
        text="\n".join(texts),
        title=row.get("title"),
        source=row.get("source"),
        published=row.get("published"),
        script=row.get("script") or "hans",
    )
    return GoldArticle(
        article=article,
        relevant=bool(row["relevant"]),
        balance=_label("balance", row["balance"], row["id"], BALANCES),
        units=tuple(units),
        genre=row.get("genre"),
    )


def _unit(row: Mapping[str, Any], section: str, offset: int, where: str) -> GoldUnit:
    camp = _label("camp", row.get("camp") or "neither", where)
    attitude: Attitude | None = row.get("attitude")
    if attitude is not None:
        _label("attitude", attitude, where)
    return GoldUnit(
        unit=Unit(
            start=offset,
            end=offset + len(row["text"]),
            section=_label("section", section, where),
            camp=camp,
            attitude=attitude,
        ),
        kind=_label("claim", row.get("claim") or "none", where),
        holder=None if row.get("holder") in (None, "", "作者") else row["holder"],
        cue=row.get("cue"),
        quote=_label("quote", row.get("quote") or "none", where),
        figures=tuple(_figures(row, offset)),
    )


def _figures(row: Mapping[str, Any], offset: int) -> Iterator[Figure]:
    cursor = 0
    for figure in row.get("figures") or ():
        at = row["text"].find(figure["text"], cursor)
        if at < 0:  # listed out of order
            at = row["text"].find(figure["text"])
        if at < 0:
            raise CorpusError(f"figure {figure['text']!r} is not in its unit {row['text'][:20]!r}")
        cursor = at + len(figure["text"])
        known = {name: figure[name] for name in _FIGURE_FIELDS if figure.get(name) is not None}
        yield Figure(start=offset + at, end=offset + cursor, **known)


_FIGURE_FIELDS = ("text", "kind", "low", "high", "value", "unit", "bound", "mod", "of")


def _label(name: str, value: Any, where: str, allowed: tuple[str, ...] = ()) -> Any:
    allowed = allowed or LABELS[name]
    if value not in allowed:
        raise LabelError(f"{where}: {name} {value!r} is not one of {', '.join(allowed)}; see docs/camps.md")
    return value
