"""Rows for `lichang figures`: plain strings, to be printed as a table or as tab-separated lines."""

from collections.abc import Iterable, Iterator

from lichang.figures.conflicts import Conflict
from lichang.records import Figure, Record

COLUMNS = ("article", "at", "text", "kind", "value", "unit", "bound", "of", "change")
CONFLICT_COLUMNS = ("subject", "article", "says", "other article", "says instead")


def rows(records: Iterable[Record]) -> Iterator[tuple[str, ...]]:
    """One row a figure, as ``COLUMNS`` name them."""
    for record in records:
        for figure in record.figures:
            yield (
                record.id,
                str(figure.start),
                figure.text,
                figure.kind,
                value(figure),
                figure.unit or "",
                "" if figure.bound == "eq" else figure.bound,
                figure.of or "",
                " ".join(part for part in (figure.change, figure.base) if part),
            )


def conflict_rows(conflicts: Iterable[Conflict]) -> Iterator[tuple[str, ...]]:
    """One row a conflict, as ``CONFLICT_COLUMNS`` name them."""
    for conflict in conflicts:
        first, second = conflict.first, conflict.second
        yield (conflict.subject, first.record, first.figure.text, second.record, second.figure.text)


def value(figure: Figure) -> str:
    """The value as text: 500000–1000000, 2025-12-08, 2025 end; empty where there is none.

    >>> value(Figure(start=0, end=7, text="50-60万张", kind="count", low=500000, high=600000))
    '500000–600000'
    """
    if figure.value is not None:
        return f"{figure.value} {figure.mod}" if figure.mod else figure.value
    if figure.low is None:
        return ""
    return f"{figure.low}" if figure.low == figure.high else f"{figure.low}–{figure.high}"
