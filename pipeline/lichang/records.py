"""The types that flow through the pipeline: Article → Sentence → Unit → Claim, Figure → Record.

All are frozen; a step builds new ones. Every ``start`` and ``end`` counts code points of
``Article.text``, end exclusive, so ``article.text[x.start:x.end]`` is what ``x`` says.
"""

from typing import Literal, get_args

import msgspec

Camp = Literal["dependency", "containment", "neither"]
Attitude = Literal["for", "against", "reports"]
Stance = Literal["favour", "against", "neither"]  # to any target
Kind = Literal["fact", "opinion", "prediction", "proposal"]  # of a claim
Quote = Literal["direct", "indirect", "none"]
Section = Literal["title", "hashtag", "byline", "body", "comment"]
Balance = Literal["dependency", "containment", "balanced", "neither"]
Script = Literal["hans", "hant"]
FigureKind = Literal["money", "percent", "multiple", "count", "quantity", "date", "duration", "rank", "vague"]
Bound = Literal["eq", "approx", "ge", "le", "range"]
Mod = Literal["start", "mid", "end"]
Change = Literal["up", "down"]

CAMPS: tuple[Camp, ...] = get_args(Camp)
ATTITUDES: tuple[Attitude, ...] = get_args(Attitude)
STANCES: tuple[Stance, ...] = get_args(Stance)
KINDS: tuple[Kind, ...] = get_args(Kind)
QUOTES: tuple[Quote, ...] = get_args(Quote)
SECTIONS: tuple[Section, ...] = get_args(Section)
BALANCES: tuple[Balance, ...] = get_args(Balance)


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """One document, cleaned: every offset downstream counts into ``text``."""

    id: str
    text: str
    title: str | None = None
    source: str | None = None  # outlet
    published: str | None = None  # ISO date, the reference for 今年, 上月, 12月8日
    script: Script = "hans"  # the script that most of the text is printed in
    author: str | None = None
    url: str | None = None
    origin: dict[str, str] = {}  # field → where it was found, if not in a column of that name


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """An input that did not become a record, and why."""

    id: str | None
    where: str  # file, or file:line
    reason: str  # a stable word: empty, binary, encoding, not-json, no-text, no-chinese, too-large, …
    detail: str  # one sentence for a person: what was expected, what to do


class Sentence(msgspec.Struct, frozen=True):
    """A sentence or heading, with its closing quotation mark."""

    start: int
    end: int
    section: Section


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """The span an analyst would quote: a sentence, or a clause where camp or speaker changes."""

    start: int
    end: int
    section: Section
    camp: Camp = "neither"
    attitude: Attitude | None = None  # only with a camp
    scores: dict[str, float] = {}  # probability of each camp; sums to 1


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What a unit asserts, and who asserts it."""

    id: str
    unit: int  # index into Record.units
    start: int
    end: int
    kind: Kind
    holder: str | None = None  # None: the article's writer
    holder_start: int | None = None  # where the holder is named; None for the writer
    holder_end: int | None = None
    cue: str | None = None  # the attributing word as printed: 认为, 据…测算
    quote: Quote = "none"
    camp: Camp = "neither"
    attitude: Attitude | None = None
    figures: tuple[str, ...] = ()  # ids of the figures inside the span


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A number that states something about the world, as printed and as read."""

    id: str = ""  # given when the figure enters a record
    claim: str | None = None  # id of the claim that it stands in
    start: int
    end: int
    text: str
    kind: FigureKind
    low: float | int | None = None  # None for dates, durations and vague figures
    high: float | int | None = None  # equals low unless a range
    value: str | None = None  # ISO 8601, dates and durations only
    unit: str | None = None  # ISO 4217 code, %, x, a measure word, or a symbol such as GB
    bound: Bound = "eq"
    mod: Mod | None = None  # the part of a date that is meant: 年底 → end
    of: str | None = None  # what is measured, in words of the text
    change: Change | None = None  # 增长12% → up
    base: str | None = None  # what it is compared with: 同比, H20, 95%


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """What produced a record; a new value of any field makes older records stale."""

    lichang: str  # version
    tagger: str  # name@hash of its weights
    segmenter: str  # name and version
    lexicon: str  # hash


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """All that was read from one article; one JSON object a line."""

    id: str
    title: str | None
    source: str | None
    published: str | None
    script: Script
    text: str
    relevant: bool  # is the article about the debate at all
    balance: Balance  # whose arguments prevail
    units: tuple[Unit, ...]  # tile the text but for line breaks
    claims: tuple[Claim, ...]
    figures: tuple[Figure, ...]
    provenance: Provenance
