"""Which claims: the same filter for lists of a store, for exports and for files of records."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from lichang.records import Claim, Record
from lichang.script import normalize_width, simplify


@dataclass(frozen=True)
class Filter:
    """Which claims; each given field narrows."""

    camp: str | None = None
    attitude: str | None = None
    holder: str | None = None  # "" is the article's writer
    outlet: str | None = None
    kind: str | None = None
    status: str | None = None  # of a review, which only a store knows
    since: str | None = None  # ISO date, inclusive
    until: str | None = None  # ISO date, inclusive
    text: str | None = None  # words that the claim holds, parted by blanks
    article: str | None = None  # id


class Copy(msgspec.Struct, frozen=True):
    """Another printing of an article."""

    id: str
    outlet: str | None = None
    published: str | None = None
    url: str | None = None


class Entry(NamedTuple):
    """A record to be exported, those of its claims that are wanted, and the copies that it stands for."""

    record: Record
    claims: tuple[Claim, ...]
    copies: tuple[Copy, ...] = ()


def select(records: Iterable[Record], wanted: Filter | None = None) -> Iterator[Entry]:
    """The records that have a wanted claim, with these; without a filter all records, with all claims.

    >>> list(select([], Filter(camp="containment")))
    []
    """
    narrows = wanted is not None and wanted != Filter()
    for record in records:
        if not narrows:
            yield Entry(record, record.claims)
        elif wanted and (claims := matching(record, wanted)):
            yield Entry(record, claims)


def matching(record: Record, wanted: Filter) -> tuple[Claim, ...]:
    """The wanted claims of a record. Raises ValueError for a filter by status, which records do not have."""
    if wanted.status is not None:
        raise ValueError(
            f"a file of records knows no status {wanted.status!r}; filter the store's export by it"
        )
    if not _is_wanted(record, wanted):
        return ()
    tests = [test for name, test in _TESTS.items() if getattr(wanted, name) is not None]
    return tuple(claim for claim in record.claims if all(test(record, claim, wanted) for test in tests))


def _is_wanted(record: Record, wanted: Filter) -> bool:
    published = record.published or ""
    return (
        (wanted.article is None or record.id == wanted.article)
        and (wanted.outlet is None or record.source == wanted.outlet)
        and (wanted.since is None or published >= wanted.since)
        and (wanted.until is None or "" < published[: len(wanted.until)] <= wanted.until)
    )


def _holds(record: Record, claim: Claim, wanted: Filter) -> bool:
    said = _fold(record.text[claim.start : claim.end])
    return all(term in said for term in _fold(wanted.text or "").split())


def _fold(text: str) -> str:
    return simplify(normalize_width(text)).lower()


_TESTS: dict[str, Callable[[Record, Claim, Any], bool]] = {
    "camp": lambda _, claim, wanted: claim.camp == wanted.camp,
    "attitude": lambda _, claim, wanted: claim.attitude == wanted.attitude,
    "kind": lambda _, claim, wanted: claim.kind == wanted.kind,
    "holder": lambda _, claim, wanted: (claim.holder or "") == wanted.holder,
    "text": _holds,
}
