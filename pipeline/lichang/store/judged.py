"""What the pipeline wrote with what people decided laid over it; neither is ever edited.

A record's events are replayed in their order. An undone event counts as if it had not happened.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from lichang.records import Claim, Figure, Record
from lichang.store.events import Event

ARTICLE = ""  # the item that is the article itself
CLAIM_FIELDS = frozenset({"camp", "attitude", "kind", "holder", "cue", "quote", "span"})
FIGURE_FIELDS = frozenset({"figure", "span"})
ARTICLE_FIELDS = frozenset({"balance", "relevant"})
STATUS_OF = {"accept": "accepted", "reject": "rejected", "reopen": "open"}


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """Where people left one item."""

    status: str  # open, accepted, corrected, rejected
    latest: int  # id of its latest event, 0 for none
    events: tuple[Event, ...]  # oldest first, undone ones included


class JudgedClaim(Judgement, frozen=True, kw_only=True):
    """A claim as people left it."""

    claim: Claim
    was: Claim | None  # as the pipeline wrote it; None: a person added it

    @property
    def certainty_camp(self) -> str:
        """The camp that the tagger's score belongs to."""
        return (self.was or self.claim).camp


class JudgedFigure(Judgement, frozen=True, kw_only=True):
    """A figure as people left it."""

    figure: Figure
    was: Figure | None


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A record as people left it; claims and figures in the order of the text."""

    record: Record
    relevant: bool
    balance: str
    status: str  # of the article as a whole
    latest: int
    claims: tuple[JudgedClaim, ...]
    figures: tuple[JudgedFigure, ...]
    events: tuple[Event, ...]


def judge(record: Record, events: Sequence[Event]) -> Judged:
    """Lay the events of a record, oldest first, over it."""
    of_item: dict[str, list[Event]] = {}
    for event in events:
        of_item.setdefault(event.item, []).append(event)
    gone = undone(events)
    claims = [_claim(claim.id, claim, record, of_item.get(claim.id, []), gone) for claim in record.claims]
    figures = [_figure(one.id, one, record, of_item.get(one.id, []), gone) for one in record.figures]
    for item, own in of_item.items():
        first = own[0]
        if first.field == "add" and first.id not in gone:
            if first.value["what"] == "claim":
                claims.append(_claim(item, None, record, own, gone))
            else:
                figures.append(_figure(item, None, record, own, gone))
    whole = of_item.get(ARTICLE, [])
    left = [event for event in whole if event.id not in gone]
    return Judged(
        record=record,
        relevant=_last(left, "relevant", record.relevant),
        balance=_last(left, "balance", record.balance),
        status=status_of(whole, gone),
        latest=whole[-1].id if whole else 0,
        claims=tuple(sorted(claims, key=lambda one: (one.claim.start, one.claim.end))),
        figures=tuple(sorted(figures, key=lambda one: (one.figure.start, one.figure.end))),
        events=tuple(events),
    )


def as_left(judged: Judged) -> Record:
    """The record with the claims and figures that people left standing."""
    return replace(
        judged.record,
        relevant=judged.relevant,
        balance=judged.balance,
        claims=tuple(one.claim for one in judged.claims if one.status != "rejected"),
        figures=tuple(one.figure for one in judged.figures if one.status != "rejected"),
    )


def undone(events: Iterable[Event]) -> set[int]:
    """The ids of the events that were undone, and of the undoing."""
    gone: set[int] = set()
    for event in events:
        if event.field == "undo":
            gone |= {event.id, event.value}
    return gone


def status_of(events: Iterable[Event], gone: set[int]) -> str:
    """The status that an item's events leave it in: open, accepted, corrected or rejected."""
    status = "open"
    for event in events:
        if event.id in gone:
            continue
        if event.field == "verdict":
            status = STATUS_OF[event.value]
        elif event.field in CLAIM_FIELDS | FIGURE_FIELDS | ARTICLE_FIELDS | {"add"}:
            status = "corrected"
    return status


def _standing(events: Sequence[Event], gone: set[int]) -> dict[str, Any]:
    """The fields of a Judgement."""
    latest = events[-1].id if events else 0
    return {"status": status_of(events, gone), "latest": latest, "events": tuple(events)}


def _last(events: Iterable[Event], field: str, default: Any) -> Any:
    value = default
    for event in events:
        if event.field == field:
            value = event.value
    return value


def _claim(
    id_: str, was: Claim | None, record: Record, events: Sequence[Event], gone: set[int]
) -> JudgedClaim:
    claim = was or _added_claim(id_, events[0].value)
    for event in events:
        if event.id not in gone and event.field in CLAIM_FIELDS:
            claim = mend_claim(claim, event.field, event.value, record.text)
    return JudgedClaim(claim=claim, was=was, **_standing(events, gone))


def _added_claim(id_: str, value: dict[str, Any]) -> Claim:
    return Claim(id=id_, unit=value["unit"], start=value["start"], end=value["end"], kind="opinion")


def mend_claim(claim: Claim, field: str, value: Any, text: str) -> Claim:
    """The claim with one field mended; a claim has an attitude if and only if it has a camp.

    >>> claim = Claim(id="c0", unit=0, start=0, end=9, kind="opinion", camp="dependency", attitude="against")
    >>> mend_claim(claim, "camp", "neither", "").attitude
    >>> mend_claim(claim, "camp", "containment", "").attitude
    'against'
    """
    if field == "span":
        return replace(claim, start=value["start"], end=value["end"])
    if field == "camp":
        # A camp's reasoning is advanced far more often than it is rejected or summed up.
        attitude = None if value == "neither" else claim.attitude or "for"
        return replace(claim, camp=value, attitude=attitude)
    if field == "holder":
        at = find_holder(text, value, claim.start, claim.end)
        end = None if at is None else at + len(value)
        return replace(claim, holder=value or None, holder_start=at, holder_end=end)
    return replace(claim, **{field: value})


def find_holder(text: str, name: str | None, start: int, end: int) -> int | None:
    """Where the holder of the claim from `start` to `end` is named: in it, or the nearest place before it.

    >>> find_holder("甲说好。乙说坏。甲说：“行。”", "甲", 9, 14), find_holder("甲说好。乙说坏。", "甲", 4, 8)
    (8, 0)
    >>> find_holder("甲说好。", "丙", 0, 4)
    """
    if not name:
        return None
    inside = text.find(name, start, end)
    at = inside if inside >= 0 else text.rfind(name, 0, start)
    return None if at < 0 else at


def _figure(
    id_: str, was: Figure | None, record: Record, events: Sequence[Event], gone: set[int]
) -> JudgedFigure:
    figure = was or _added_figure(id_, events[0].value, record.text)
    for event in events:
        if event.id not in gone and event.field in FIGURE_FIELDS:
            figure = mend_figure(figure, event.field, event.value, record.text)
    return JudgedFigure(figure=figure, was=was, **_standing(events, gone))


def _added_figure(id_: str, value: dict[str, Any], text: str) -> Figure:
    start, end = value["start"], value["end"]
    return Figure(id=id_, claim=value["claim"], start=start, end=end, text=text[start:end], kind="vague")


def mend_figure(figure: Figure, field: str, value: dict[str, Any], text: str) -> Figure:
    """The figure with its span or its reading mended; a reading names all that it changes."""
    if field == "span":
        start, end = value["start"], value["end"]
        return replace(figure, start=start, end=end, text=text[start:end])
    return replace(figure, **value)
