"""Run a pipeline over an annotated corpus and say how well it does, and over unannotated text that is about
something else and say what it takes for the debate."""

import hashlib
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import msgspec

from lichang.corpus import GoldArticle, read_corpus
from lichang.errors import CorpusError
from lichang.records import CAMPS, KINDS, Article, Camp, Record, Section
from lichang.scoring import Comparison, Prf, Reading, Scores, compare, prf, score

BINS = 10  # of the reliability diagram, equally wide
WORST = 20  # errors to show
_SPACES = re.compile(r"[^\S\n]*")


class Pipeline(Protocol):
    """What `lichang.load` returns, as far as an evaluation needs it."""

    def pipe(self, articles: Iterable[Article], /) -> Iterator[Record]:
        """One record an article, in order."""
        ...


class Confusion(msgspec.Struct, frozen=True, kw_only=True):
    """How often each label was read as each."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]  # rows: the gold's label; columns: the label read


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """The units whose probability lies in one stretch."""

    low: float  # probability, exclusive but for 0
    high: float  # inclusive
    n: int
    probability: float  # mean of what the tagger said, 0 to 1
    accuracy: float  # share of units whose camp is right, 0 to 1


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """Does a camp that is given with probability 0.8 prove right four times in five?"""

    error: float  # expected calibration error: mean gap of a bin's probability and accuracy, by units
    bins: tuple[Bin, ...]


class CampError(msgspec.Struct, frozen=True, kw_only=True):
    """A unit whose camp was read wrongly."""

    article: str  # id
    start: int
    end: int
    section: Section
    text: str
    gold: Camp
    predicted: Camp
    probability: float  # that the tagger gave to the camp it chose, 0 to 1


class FalseAlarms(msgspec.Struct, frozen=True, kw_only=True):
    """What a pipeline takes for the debate in articles that are about something else."""

    articles: int
    units: int
    relevant: tuple[str, ...]  # ids of the articles called relevant
    camp_units: int
    camp_units_per_1000: float
    relevant_share: float  # 0 to 1


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """How well a pipeline reads one split of a corpus."""

    corpus: str  # folder
    split: str
    digest: str  # sha256 of what the split holds
    tagger: str  # name@hash of its weights
    scores: Scores
    boundaries: Prf  # of units, inside lines
    camps: Confusion
    kinds: Confusion  # of claims; `none` is no claim
    calibration: Calibration  # of camps
    distractors: FalseAlarms  # over the articles that the gold calls irrelevant
    worst: tuple[CampError, ...]  # most confident first


def evaluate(corpus: str | Path, split: str, pipeline: Pipeline) -> Evaluation:
    """Read every article of the split and measure the records; raises CorpusError, also for an empty split."""
    articles = read_corpus(corpus, split)
    if not articles:
        raise CorpusError(f"{corpus}, split {split!r}, holds no article to measure on")
    records = list(pipeline.pipe(gold.article for gold in articles))
    comparisons = compare(articles, records)
    readings = [reading for one in comparisons for reading in one.readings]
    return Evaluation(
        corpus=str(corpus),
        split=split,
        digest=corpus_digest(articles),
        tagger=records[0].provenance.tagger,
        scores=score(comparisons),
        boundaries=boundary_prf(comparisons),
        camps=_confusion(CAMPS, [(reading.gold.unit.camp, reading.camp) for reading in readings]),
        kinds=_confusion((*KINDS, "none"), [(reading.gold.kind, _kind(reading)) for reading in readings]),
        calibration=calibration(readings),
        distractors=_count_alarms(one.record for one in comparisons if one.record and not one.gold.relevant),
        worst=tuple(worst_errors(comparisons)),
    )


def false_alarms(pipeline: Pipeline, articles: Iterable[Article]) -> FalseAlarms:
    """What the pipeline finds in articles that are known to be about something else; streams over them."""
    return _count_alarms(pipeline.pipe(articles))


def _count_alarms(records: Iterable[Record]) -> FalseAlarms:
    relevant: list[str] = []
    articles = units = camp_units = 0
    for record in records:
        articles += 1
        units += len(record.units)
        camp_units += sum(unit.camp != "neither" for unit in record.units)
        if record.relevant:
            relevant.append(record.id)
    return FalseAlarms(
        articles=articles,
        units=units,
        relevant=tuple(relevant),
        camp_units=camp_units,
        camp_units_per_1000=1000 * camp_units / max(units, 1),
        relevant_share=len(relevant) / max(articles, 1),
    )


def corpus_digest(articles: Sequence[GoldArticle]) -> str:
    """The sha256 of articles and all that was annotated in them, as hex.

    Layout, order of keys and fields at their default are no part, so that a field that records gain changes nothing.
    """
    return hashlib.sha256(msgspec.json.encode([_told(gold) for gold in articles])).hexdigest()


def _told(value: Any) -> Any:
    """A struct as a dict of the fields that are not at their default, all the way down."""
    if isinstance(value, tuple):
        return [_told(one) for one in value]
    if not isinstance(value, msgspec.Struct):
        return value
    said = ((field, getattr(value, field.name)) for field in msgspec.structs.fields(value))
    return {field.name: _told(one) for field, one in said if one != _default(field)}


def _default(field: msgspec.structs.FieldInfo) -> Any:
    factory = field.default_factory
    return field.default if factory is msgspec.NODEFAULT else factory()


def boundary_prf(comparisons: Iterable[Comparison]) -> Prf:
    """Do units end where the annotator's end? Line ends are left out: any segmenter finds those."""
    right = given = wanted = 0
    for one in comparisons:
        text = one.gold.article.text
        gold = _inner_ends(text, (unit.unit.end for unit in one.gold.units))
        read = _inner_ends(text, (unit.end for unit in one.record.units) if one.record else ())
        right, given, wanted = right + len(gold & read), given + len(read), wanted + len(gold)
    return prf(right, given, wanted)


def _inner_ends(text: str, ends: Iterable[int]) -> set[int]:
    """Where units end inside a line, each moved past the spaces that may belong to either unit."""
    moved = {_SPACES.match(text, end).end() for end in ends}  # type: ignore[union-attr]
    return {end for end in moved if end < len(text) and text[end] != "\n"}


def _kind(reading: Reading) -> str:
    return reading.claim.kind if reading.claim else "none"


def _confusion(labels: Sequence[str], pairs: Iterable[tuple[str, str]]) -> Confusion:
    tally = Counter(pairs)
    counts = tuple(tuple(tally[gold, read] for read in labels) for gold in labels)
    return Confusion(labels=tuple(labels), counts=counts)


def calibration(readings: Iterable[Reading]) -> Calibration:
    """Over the units that have probabilities: each counts in the bin of the probability of the camp read."""
    edges = [number / BINS for number in range(BINS + 1)]
    sorted_in: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for reading in readings:
        if reading.scores:
            probability = min(1.0, reading.scores[reading.camp])
            right = reading.camp == reading.gold.unit.camp
            sorted_in[max(0, bisect_left(edges, probability) - 1)].append((probability, right))
    total = max(1, sum(map(len, sorted_in)))
    bins = tuple(
        _bin(low, high, cases) for (low, high), cases in zip(pairwise(edges), sorted_in, strict=True)
    )
    return Calibration(error=sum(b.n * abs(b.probability - b.accuracy) for b in bins) / total, bins=bins)


def _bin(low: float, high: float, cases: Sequence[tuple[float, bool]]) -> Bin:
    n = max(1, len(cases))
    return Bin(
        low=low,
        high=high,
        n=len(cases),
        probability=sum(probability for probability, _ in cases) / n,
        accuracy=sum(right for _, right in cases) / n,
    )


def worst_errors(comparisons: Iterable[Comparison], *, most: int = WORST) -> list[CampError]:
    """The units whose camp was read wrongly with the highest probability, at most `most`."""
    errors = [
        _camp_error(one.gold.article, reading)
        for one in comparisons
        for reading in one.readings
        if reading.camp != reading.gold.unit.camp
    ]
    return sorted(errors, key=lambda error: -error.probability)[:most]


def _camp_error(article: Article, reading: Reading) -> CampError:
    unit = reading.gold.unit
    return CampError(
        article=article.id,
        start=unit.start,
        end=unit.end,
        section=unit.section,
        text=article.text[unit.start : unit.end],
        gold=unit.camp,
        predicted=reading.camp,
        probability=reading.scores.get(reading.camp, 0.0),
    )
