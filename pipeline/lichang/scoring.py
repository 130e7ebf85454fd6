"""How far records agree with an annotated corpus.

Records are read where the annotator's units stand, by characters and not by unit, so that a tagger is not
punished for cutting a sentence elsewhere: a unit counts as a camp's, or as a claim, where at least half of
its characters (spaces apart) do. Figures are matched one to one by their overlap.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any, Protocol

import msgspec

from lichang.corpus import GoldArticle, GoldUnit
from lichang.records import BALANCES, CAMPS, KINDS, QUOTES, Attitude, Camp, Claim, Figure, Record

FIGURE_OVERLAP = 0.5  # intersection over union from which on two figures are the same
NOBODY = -1  # the index of the unit that holds a character which no unit holds


class Prf(msgspec.Struct, frozen=True):
    """Precision, recall and their harmonic mean, 0 to 1 each."""

    p: float
    r: float
    f1: float
    n: int  # how many there are in the gold


class Recall(msgspec.Struct, frozen=True):
    """The share of the gold that was found, 0 to 1."""

    r: float
    n: int  # how many there are in the gold


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of merit; all but counts run from 0 to 1, and more is better but for `camp_swapped`."""

    articles: int
    missing: tuple[str, ...]  # ids of articles without a record; each counts as a record that says nothing
    units: int
    camp_f1: float  # mean F1 of the two camps
    camp_macro_f1: float  # the same with `neither`
    dependency: Prf
    containment: Prf
    camp_swapped: int  # units of one camp that were taken for the other
    attitude_accuracy: float  # over the units whose camp is right
    attitude_n: int
    claim: Prf  # is the unit a claim at all
    claim_kind_macro_f1: float  # over the units that are claims in both
    quote_macro_f1: float  # the same
    holder: Prf  # of claims by others than the writer
    figure_span: Prf
    figure_exact: Prf  # with the very same span
    figure_record: Prf  # with the same kind, value and unit
    figure_bound_accuracy: float  # over the figures found
    figure_subject_accuracy: float  # over the figures found that have a subject
    figure_recall_by_kind: dict[str, Recall]  # read right, by the gold's kind
    relevant_accuracy: float  # over articles
    balance_macro_f1: float
    balance_accuracy: float


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a record says where an annotator's unit stands."""

    gold: GoldUnit
    camp: Camp
    attitude: Attitude | None
    scores: dict[str, float]  # mean camp probabilities of the unit's characters; empty where there are none
    claim: Claim | None  # the claim that covers most of it, if at least half of the unit is claimed


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """An annotated article beside its record."""

    gold: GoldArticle
    record: Record | None
    readings: tuple[Reading, ...]  # one a gold unit, in order


class _Span(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def compare(corpus: Iterable[GoldArticle], records: Iterable[Record]) -> list[Comparison]:
    """Each annotated article beside the record of the same id, in the corpus's order."""
    by_id = {record.id: record for record in records}
    return [
        Comparison(gold=gold, record=record, readings=tuple(_readings(gold, record)))
        for gold in corpus
        for record in [by_id.get(gold.article.id)]
    ]


def score(comparisons: Sequence[Comparison]) -> Scores:
    """The figures of merit over all articles; a measure of which there is no case is 0."""
    readings = [reading for one in comparisons for reading in one.readings]
    return Scores(
        articles=len(comparisons),
        missing=tuple(one.gold.article.id for one in comparisons if one.record is None),
        units=len(readings),
        **_camp_scores(readings),
        **_claim_scores(readings),
        **_figure_scores(comparisons),
        **_article_scores(comparisons),
    )


def _readings(gold: GoldArticle, record: Record | None) -> Iterator[Reading]:
    text = gold.article.text
    units, claims = (record.units, record.claims) if record else ((), ())
    unit_at, claim_at = _owners(len(text), units), _owners(len(text), claims)
    among = Spans(claims)
    for unit in gold.units:
        inside = [i for i in range(unit.unit.start, unit.unit.end) if not text[i].isspace()]
        here = Counter(unit_at[i] for i in inside)
        claimed = sum(claim_at[i] != NOBODY for i in inside)
        closest = among.closest(unit.unit)
        yield Reading(
            gold=unit,
            camp=_camp(len(inside), _by(here, lambda i: units[i].camp)),
            attitude=next(iter(_by(here, lambda i: units[i].attitude).most_common(1)), (None, 0))[0],
            scores=_mean_scores([(units[i].scores, n) for i, n in here.items() if i != NOBODY]),
            claim=claims[closest] if closest is not None and 2 * claimed >= len(inside) else None,
        )


def _owners(length: int, spans: Iterable[_Span]) -> list[int]:
    """For each character, the index of the span that holds it; of several, the last."""
    owners = [NOBODY] * length
    for index, span in enumerate(spans):
        start, end = max(0, span.start), min(span.end, length)
        owners[start:end] = [index] * max(0, end - start)
    return owners


def _by(here: Counter[int], value: Callable[[int], Any]) -> Counter[Any]:
    """Characters by what the unit that holds them says, first met first."""
    tally: Counter[Any] = Counter()
    for index, count in here.items():
        tally[None if index == NOBODY else value(index)] += count
    return tally


def _camp(characters: int, tally: Counter[Camp]) -> Camp:
    """The camp of at least half of the characters."""
    count, camp = max((tally[camp], camp) for camp in CAMPS[:2])
    return camp if count and 2 * count >= characters else "neither"


def _mean_scores(weighted: Sequence[tuple[dict[str, float], int]]) -> dict[str, float]:
    total = sum(weight for scores, weight in weighted if scores)
    tally: Counter[str] = Counter()
    for scores, weight in weighted:
        for camp, probability in scores.items():
            tally[camp] += probability * weight / total  # type: ignore[assignment]
    return dict(tally)


class Spans:
    """Finds spans by place. They may overlap; where they do not, a search takes logarithmic time."""

    def __init__(self, spans: Iterable[_Span]) -> None:
        placed = sorted((span.start, span.end, index) for index, span in enumerate(spans))
        self._placed = placed
        self._starts = [start for start, _, _ in placed]
        self._reach = list(accumulate((end for _, end, _ in placed), max))  # the furthest end so far

    def touching(self, span: _Span) -> Iterator[tuple[float, int]]:
        """(intersection over union, index) of every span that shares a character with `span`."""
        for at in range(bisect_left(self._starts, span.end) - 1, -1, -1):
            if self._reach[at] <= span.start:
                return
            start, end, index = self._placed[at]
            shared = min(end, span.end) - max(start, span.start)
            if shared > 0:
                yield shared / (max(end, span.end) - min(start, span.start)), index

    def closest(self, span: _Span) -> int | None:
        """The index of the span that shares most with `span`; of equals, the last."""
        return max(self.touching(span), default=(0.0, None))[1]


def prf(right: int, given: int, wanted: int) -> Prf:
    """Precision and recall from counts; 0 where there is nothing to divide by.

    >>> prf(2, given=4, wanted=2)
    Prf(p=0.5, r=1.0, f1=0.6666666666666666, n=2)
    >>> prf(0, given=0, wanted=3).f1
    0.0
    """
    p, r = right / given if given else 0.0, right / wanted if wanted else 0.0
    return Prf(p, r, 2 * p * r / (p + r) if p + r else 0.0, wanted)


Pairs = Sequence[tuple[Hashable, Hashable]]  # (gold, read)


def class_prf(pairs: Pairs, label: Hashable) -> Prf:
    """How well one label is found, from pairs (gold, read)."""
    right = sum(gold == read == label for gold, read in pairs)
    return prf(right, sum(read == label for _, read in pairs), sum(gold == label for gold, _ in pairs))


def macro_f1(pairs: Pairs, labels: Iterable[Hashable]) -> float:
    """Mean F1 of the labels that the gold has, from pairs (gold, read)."""
    present = {gold for gold, _ in pairs}
    return _mean([class_prf(pairs, label).f1 for label in labels if label in present])


def accuracy(pairs: Pairs) -> float:
    """The share of pairs (gold, read) that agree."""
    return _mean([gold == read for gold, read in pairs])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _camp_scores(readings: Sequence[Reading]) -> dict[str, Any]:
    pairs = [(reading.gold.unit.camp, reading.camp) for reading in readings]
    attitudes = [
        (reading.gold.unit.attitude, reading.attitude)
        for reading in readings
        if reading.gold.unit.camp == reading.camp != "neither"
    ]
    return {
        "camp_f1": macro_f1(pairs, CAMPS[:2]),
        "camp_macro_f1": macro_f1(pairs, CAMPS),
        "dependency": class_prf(pairs, "dependency"),
        "containment": class_prf(pairs, "containment"),
        "camp_swapped": sum(set(pair) == set(CAMPS[:2]) for pair in pairs),
        "attitude_accuracy": accuracy(attitudes),
        "attitude_n": len(attitudes),
    }


def _claim_scores(readings: Sequence[Reading]) -> dict[str, Any]:
    both = [
        (reading.gold, reading.claim) for reading in readings if reading.gold.kind != "none" and reading.claim
    ]
    return {
        "claim": class_prf([(one.gold.kind != "none", one.claim is not None) for one in readings], True),
        "claim_kind_macro_f1": macro_f1([(gold.kind, claim.kind) for gold, claim in both], KINDS),
        "quote_macro_f1": macro_f1([(gold.quote, claim.quote) for gold, claim in both], QUOTES),
        "holder": _holder_prf(readings),
    }


def _holder_prf(readings: Sequence[Reading]) -> Prf:
    wanted = [reading.gold.holder if reading.gold.kind != "none" else None for reading in readings]
    given = [reading.claim.holder if reading.claim else None for reading in readings]
    right = sum(same_holder(one, other) for one, other in zip(wanted, given, strict=True))
    return prf(right, sum(map(bool, given)), sum(map(bool, wanted)))


def same_holder(one: str | None, other: str | None) -> bool:
    """Do two strings name the same holder: the same, or one within the other?

    >>> same_holder("英伟达首席执行官黄仁勋", "黄仁勋"), same_holder("黄仁勋", "黄"), same_holder(None, None)
    (True, False, False)
    """
    one, other = ((name or "").strip("“”\"' ，,。").replace(" ", "") for name in (one, other))
    if min(len(one), len(other)) < 2:
        return bool(one) and one == other
    return one in other or other in one


def _figure_scores(comparisons: Iterable[Comparison]) -> dict[str, Any]:
    pairs: list[tuple[Figure, Figure | None]] = []
    given = 0
    for one in comparisons:
        wanted = [figure for unit in one.gold.units for figure in unit.figures]
        matched, candidates = match_figures(wanted, one.record.figures if one.record else ())
        pairs += matched
        given += candidates
    found = [(gold, read) for gold, read in pairs if read]
    exact = sum((gold.start, gold.end) == (read.start, read.end) for gold, read in found)
    right = Counter(gold.kind for gold, read in found if same_value(gold, read))
    kinds = Counter(gold.kind for gold, _ in pairs)
    return {
        "figure_span": prf(len(found), given, len(pairs)),
        "figure_exact": prf(exact, given, len(pairs)),
        "figure_record": prf(right.total(), given, len(pairs)),
        "figure_bound_accuracy": accuracy([(gold.bound, read.bound) for gold, read in found]),
        "figure_subject_accuracy": _mean([same_subject(gold.of, read.of) for gold, read in found if gold.of]),
        "figure_recall_by_kind": {kind: Recall(right[kind] / n, n) for kind, n in sorted(kinds.items())},
    }


def match_figures(
    gold: Sequence[Figure], read: Iterable[Figure]
) -> tuple[list[tuple[Figure, Figure | None]], int]:
    """(each gold figure with the one read there, how many of those read count).

    Vague figures, and what was read where the gold has a vague one, are neither rewarded nor punished.
    """
    vague = Spans([figure for figure in gold if figure.kind == "vague"])
    given = [figure for figure in read if figure.kind != "vague" and not any(vague.touching(figure))]
    among = Spans(given)
    taken: set[int] = set()
    pairs: list[tuple[Figure, Figure | None]] = []
    for figure in gold:
        if figure.kind == "vague":
            continue
        overlap, index = max(
            (pair for pair in among.touching(figure) if pair[1] not in taken), default=(0.0, -1)
        )
        if overlap >= FIGURE_OVERLAP:
            taken.add(index)
            pairs.append((figure, given[index]))
        else:
            pairs.append((figure, None))
    return pairs, len(given)


# Ways to write the same unit.
UNIT_ALIASES = {
    "倍": "x", "×": "x", "％": "%", "纳米": "nm", "瓦": "W", "千瓦": "kW", "兆瓦": "MW", "吉瓦": "GW",
    "公里": "km", "吨": "t", "摄氏度": "℃", "RMB": "CNY", "位参数": "参数", "个参数": "参数",
    "个token": "token", "tokens": "token",
}  # fmt: skip


def same_value(gold: Figure, read: Figure) -> bool:
    """Do kind, value and unit agree?"""
    if gold.kind != read.kind:
        return False
    if gold.kind in ("date", "duration"):
        return gold.value == read.value
    same_unit = gold.kind == "rank" or _unit(gold) == _unit(read)
    return same_unit and _same_number(gold.low, read.low) and _same_number(gold.high, read.high)


def _unit(figure: Figure) -> str:
    return UNIT_ALIASES.get(figure.unit or "", figure.unit or "").lower()


def _same_number(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return False
    return abs(one - other) <= 1e-6 * max(abs(one), abs(other), 1e-12)


def same_subject(one: str | None, other: str | None) -> bool:
    """Do two subjects share at least half of their characters, 的 apart?

    >>> same_subject("H200的内存", "H200内存容量"), same_subject("昇腾出货", "英伟达营收")
    (True, False)
    """
    left, right = (Counter((subject or "").replace("的", "")) for subject in (one, other))
    shared = (left & right).total()
    return bool(shared) and 4 * shared >= left.total() + right.total()


def _article_scores(comparisons: Sequence[Comparison]) -> dict[str, Any]:
    relevant = [(one.gold.relevant, one.record.relevant if one.record else False) for one in comparisons]
    balance = [(one.gold.balance, one.record.balance if one.record else "neither") for one in comparisons]
    return {
        "relevant_accuracy": accuracy(relevant),
        "balance_macro_f1": macro_f1(balance, BALANCES),
        "balance_accuracy": accuracy(balance),
    }
