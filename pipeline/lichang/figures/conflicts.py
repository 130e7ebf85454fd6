"""Figures that measure the same thing and disagree, in one article or across a batch."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from lichang.figures.numerals import fold
from lichang.records import Figure, Record

_COMPARED = frozenset(("money", "count", "quantity", "percent", "multiple"))
_ALIKE = 0.75  # Dice overlap of two subjects' characters from which they are one thing
_SLACK = {
    "eq": 0.02,
    "range": 0.0,
    "approx": 0.1,
    "ge": 0.0,
    "le": 0.0,
}  # part of the value that is no dispute
_GENERIC = re.compile("的|去年|今年|明年|其中|约|将|已|共|全年|累计")
_MOST_PER_SUBJECT = 50  # pairs are quadratic; more figures of one subject than this are a series


class Place(NamedTuple):
    """A figure of a record, with the date that its sentence gives it, if any."""

    record: str  # id
    figure: Figure
    when: str | None


class Conflict(NamedTuple):
    """Two figures of one subject that cannot both be right."""

    subject: str
    first: Place
    second: Place


def conflicts(records: Iterable[Record]) -> Iterator[Conflict]:
    """Pairs of figures that measure the same thing and disagree, in the order of the records.

    Two figures are compared when kind and unit agree, their subjects share most of their characters and
    no different dates or directions are given. They disagree when their ranges, widened by what 约, 以上
    and 不足 allow, have nothing in common.
    """
    groups: dict[tuple[str, str | None], list[Place]] = defaultdict(list)
    for record in records:
        for place in places(record):
            groups[place.figure.kind, place.figure.unit].append(place)
    for group in groups.values():
        for alike in _by_subject(group):
            for first, second in combinations(alike[:_MOST_PER_SUBJECT], 2):
                if _same_measure(first, second) and disagree(first.figure, second.figure):
                    yield Conflict(first.figure.of or "", first, second)


def places(record: Record) -> Iterator[Place]:
    """The figures of a record that can be compared, each with the date nearest before it in its sentence."""
    when: str | None = None
    last = 0
    for figure in record.figures:
        if re.search("[。！？\n]", record.text[last : figure.start]):
            when = None
        last = figure.end
        if figure.kind == "date":
            when = figure.value
        elif figure.kind in _COMPARED and figure.low is not None and figure.of and len(figure.of) > 1:
            yield Place(record.id, figure, when)


def disagree(first: Figure, second: Figure) -> bool:
    """Whether no number lies within both figures.

    >>> ten = Figure(start=0, end=4, text="10万张", kind="count", low=100000, high=100000, unit="张")
    >>> seven = Figure(start=0, end=5, text="7-8万张", kind="count", low=70000, high=80000, unit="张", bound="range")
    >>> disagree(ten, seven), disagree(ten, ten)
    (True, False)
    """
    (low, high), (other_low, other_high) = _allowed(first), _allowed(second)
    return high < other_low or other_high < low


def _allowed(figure: Figure) -> tuple[float, float]:
    """The numbers that a figure allows."""
    low, high = float(figure.low or 0), float(figure.high or 0)
    slack = _SLACK[figure.bound]
    low, high = low - abs(low) * slack, high + abs(high) * slack
    if figure.bound == "ge":
        return low, float("inf")
    if figure.bound == "le":
        return float("-inf"), high
    return low, high


def _same_measure(first: Place, second: Place) -> bool:
    """Whether nothing told about two figures of one subject makes them two matters."""
    a, b = first.figure, second.figure
    if a.change != b.change or (a.base != b.base and (a.base or b.base)):
        return False
    return first.when is None or second.when is None or first.when == second.when


def _subject(figure: Figure) -> str:
    return _GENERIC.sub("", fold(figure.of or ""))


def _by_subject(group: Sequence[Place]) -> Iterator[list[Place]]:
    """The places of a group in lists of one subject each, longest shared subject first."""
    found: list[tuple[Counter[str], list[Place]]] = []
    by_character: dict[str, list[int]] = defaultdict(list)
    for place in group:
        characters = Counter(_subject(place.figure))
        if not characters:
            continue
        near = Counter(i for c in characters for i in by_character[c])
        best = next((i for i, _ in near.most_common(8) if _dice(found[i][0], characters) >= _ALIKE), None)
        if best is None:
            for c in characters:
                by_character[c].append(len(found))
            found.append((characters, [place]))
        else:
            found[best][1].append(place)
    yield from (places_ for _, places_ in found if len(places_) > 1)


def _dice(a: Counter[str], b: Counter[str]) -> float:
    return 2 * (a & b).total() / (a.total() + b.total())
