"""Why a unit, claim or figure reads as it does: its text, what decided, and what made it."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import asdict

from lichang.errors import LichangError
from lichang.records import CAMPS, Article, Claim, Figure, Provenance, Record, Unit
from lichang.tagging import CARRIED, CONTESTED, Tagger

CONTEXT = 40  # characters shown on either side
_SHOWN = 8  # words that weigh most
_BLANK = "\u3000"


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one item of a record."""

    article: str  # id
    item: str  # u5, c3, f2: the id of a claim or figure, or u and the place of a unit
    start: int
    end: int
    before: str  # the text around it
    text: str
    after: str
    reading: dict[str, Any]  # the fields of the unit, claim or figure
    scores: dict[str, float]  # of its unit: the probability of each camp
    decided: tuple[str, ...]  # a sentence for each rule or step that decided
    words: tuple[tuple[str, float], ...]  # how much less likely the unit's camp is without each word
    provenance: Provenance


def explain(record: Record, item: str, tagger: Tagger | None = None) -> Explanation:
    """Explain an item of a record; with the tagger that made it, also by the words that decided.

    Raises LichangError where the record has no such item.
    """
    found, unit = _find(record, item)
    place = record.units.index(unit) if unit else None
    decided = [*_of_item(found), *(_of_unit(record, unit) if unit else ())]
    words: Sequence[tuple[str, float]] = ()
    if tagger is not None and place is not None and not isinstance(found, Figure):
        words = weigh_words(record, place, tagger)
    return Explanation(
        article=record.id,
        item=item,
        start=found.start,
        end=found.end,
        before=record.text[max(0, found.start - CONTEXT) : found.start],
        text=record.text[found.start : found.end],
        after=record.text[found.end : found.end + CONTEXT],
        reading={name: value for name, value in asdict(found).items() if value not in (None, (), {})},
        scores=unit.scores if unit else {},
        decided=tuple(decided),
        words=tuple(words),
        provenance=record.provenance,
    )


def _find(record: Record, item: str) -> tuple[Unit | Claim | Figure, Unit | None]:
    """The item, and the unit that it stands in."""
    for claim in record.claims:
        if claim.id == item:
            return claim, record.units[claim.unit]
    for figure in record.figures:
        if figure.id == item:
            return figure, next((u for u in record.units if u.start <= figure.start < u.end), None)
    if item.startswith("u") and item[1:].isdecimal() and int(item[1:]) < len(record.units):
        unit = record.units[int(item[1:])]
        return unit, unit
    last = [f"u0 to u{len(record.units) - 1}"] if record.units else []
    last += [f"{known[0].id} to {known[-1].id}" for known in (record.claims, record.figures) if known]
    raise LichangError(f"{record.id} has no {item}; it has {', '.join(last) or 'nothing'}")


def _of_item(found: Unit | Claim | Figure) -> list[str]:
    if isinstance(found, Claim):
        return [_of_holder(found)]
    if isinstance(found, Figure):
        measured = f"; it measures {found.of}" if found.of else ""
        return [f"“{found.text}” is read as {found.kind}, {_value(found)}{measured}"]
    return []


def _of_holder(claim: Claim) -> str:
    if claim.holder is None:
        return "nobody is named as its holder: it is the writer's own"
    if claim.cue is not None:
        return f"{claim.holder} holds it, named at {claim.holder_start}, attributed by “{claim.cue}”"
    return f"{claim.holder} holds it, named at {claim.holder_start}; the attribution runs on from there"


def _value(figure: Figure) -> str:
    if figure.value is not None:
        return figure.value
    if figure.low is None:
        return "without a value"
    number = f"{figure.low:g}" if figure.low == figure.high else f"{figure.low:g} to {figure.high:g}"
    return f"{figure.bound} {number} {figure.unit or ''}".strip()


def _of_unit(record: Record, unit: Unit) -> list[str]:
    if not record.relevant:
        return ["the article is not about the debate, so that no unit of it carries a camp"]
    by_score = sorted(unit.scores.items(), key=lambda score: -score[1])
    likeliest = ", ".join(f"{camp} {score:.2f}" for camp, score in by_score)
    attitude = f", {unit.attitude}" if unit.attitude else ""
    line = f"{record.provenance.tagger} found {likeliest}: {unit.camp}{attitude}"
    if unit.camp == by_score[0][0]:
        return [line]
    if min(unit.scores[camp] for camp in CAMPS[:2]) >= CONTESTED:
        return [f"{line} (no camp counts where both have {CONTESTED:.2f} or more)"]
    return [f"{line} (a camp counts from {CARRIED:.2f} on)"]


def weigh_words(record: Record, place: int, tagger: Tagger) -> list[tuple[str, float]]:
    """The words of a unit by how much the probability of its camp falls when each is blanked out.

    This asks the tagger itself, whichever it is, in its context: no reading of weights that would hold
    for one kind of model only. Of each word, all its occurrences in the unit are blanked at once.
    """
    from lichang.words import RJieba

    unit = record.units[place]
    text = record.text[unit.start : unit.end]
    words = [word for word in dict.fromkeys(RJieba().cut(text)) if word.strip() and word[0].isalnum()]
    variants = [record.text, *(_without(word, record.text, unit) for word in words)]
    units = [Unit(start=u.start, end=u.end, section=u.section) for u in record.units]
    tags = tagger.tag([(_article(record, variant), units) for variant in variants])
    likely = [one[place].scores[unit.camp] for one in tags]
    falls = [(word, round(likely[0] - without, 4)) for word, without in zip(words, likely[1:], strict=True)]
    return sorted(falls, key=lambda fall: -abs(fall[1]))[:_SHOWN]


def _without(word: str, text: str, unit: Unit) -> str:
    inside = text[unit.start : unit.end].replace(word, _BLANK * len(word))
    return text[: unit.start] + inside + text[unit.end :]


def _article(record: Record, text: str) -> Article:
    return Article(
        id=record.id,
        text=text,
        title=record.title,
        source=record.source,
        published=record.published,
        script=record.script,
    )
