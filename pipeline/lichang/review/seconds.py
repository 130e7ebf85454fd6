"""Blind second review: a claim judged again by somebody who sees neither the first judgement nor the model's.

A second judgement is an event of its own kind, so that the claim stays as the first reviewer left it until
someone settles the two.
"""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, select

from lichang.review import decisions
from lichang.review.agreement import krippendorff_alpha
from lichang.store import events as log
from lichang.store.events import Event
from lichang.store.judged import CLAIM_FIELDS, Judged, JudgedClaim, judge, undone
from lichang.store.results import decode
from lichang.store.schema import claims, events, records

FIELDS = ("camp", "attitude", "kind")
_AROUND = 160  # characters of context on each side
_MOST = 20_000  # claims looked at for a sample


class Blind(msgspec.Struct, frozen=True, kw_only=True):
    """A claim to judge, with nothing on it that anyone has said."""

    document: int
    record: int
    item: str
    after: int
    before: str  # the text around it
    text: str
    behind: str
    title: str | None
    source: str | None
    published: str | None


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A claim that two judged."""

    document: int
    record: int
    item: str
    after: int
    text: str
    first: dict[str, str | None]
    second: dict[str, str | None]
    reviewers: tuple[str, str]
    settled: bool


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """Krippendorff's alpha by field, None where nothing varies, and what is left to settle."""

    judged_twice: int
    alpha: dict[str, float | None]
    to_settle: tuple[Pair, ...]


def next_blind(connection: Connection, reviewer: str) -> Blind | None:
    """The next claim of the sample for this reviewer: decided by somebody else, judged twice by nobody."""
    deciding = (*sorted(CLAIM_FIELDS), "verdict", "second")
    rows = connection.execute(
        select(events.c.record, events.c.item, events.c.reviewer, events.c.field)
        .join(records, records.c.key == events.c.record)
        .join(claims, (claims.c.document == records.c.document) & (claims.c.id == events.c.item))
        .where(records.c.current, events.c.field.in_(deciding), claims.c.status != "open")
        .order_by(events.c.id.desc())
        .limit(_MOST)
    ).all()
    seen = {(row.record, row.item) for row in rows if row.reviewer == reviewer or row.field == "second"}
    found = {(row.record, row.item) for row in rows} - seen
    # By a hash: a sample that nobody chose, and the same for whoever asks first.
    chosen = min(found, key=lambda place: blake2b(repr(place).encode(), digest_size=8).digest(), default=None)
    return None if chosen is None else _blind(connection, *chosen)


def _blind(connection: Connection, record: int, item: str) -> Blind:
    judged = decisions.load(connection, record)
    one = _find(judged, item)
    article, claim = judged.record, one.was or one.claim
    return Blind(
        document=_document(connection, record),
        record=record,
        item=item,
        after=one.latest,
        before=article.text[max(0, claim.start - _AROUND) : claim.start],
        text=article.text[claim.start : claim.end],
        behind=article.text[claim.end : claim.end + _AROUND],
        title=article.title,
        source=article.source,
        published=article.published,
    )


def _document(connection: Connection, record: int) -> int:
    found: int = connection.execute(select(records.c.document).where(records.c.key == record)).scalar_one()
    return found


def _find(judged: Judged, item: str) -> JudgedClaim:
    for one in judged.claims:
        if one.claim.id == item:
            return one
    raise decisions.DecisionError(f"the article has no claim {item!r}")


def agreement(connection: Connection) -> Agreement:
    """How far first and second judgements agree."""
    pairs = list(_pairs(connection))
    alpha = {
        field: krippendorff_alpha([(pair.first[field], pair.second[field]) for pair in pairs])
        for field in FIELDS
    }
    open_ = tuple(pair for pair in pairs if pair.first != pair.second and not pair.settled)
    return Agreement(judged_twice=len(pairs), alpha=alpha, to_settle=open_)


def _pairs(connection: Connection) -> Iterator[Pair]:
    touched = select(events.c.record).where(events.c.field == "second").distinct()
    rows = connection.execute(
        select(records.c.key, records.c.document, records.c.body).where(records.c.key.in_(touched))
    )
    for key, document, body in rows.all():
        judged = judge(decode(body), log.history(connection, key))
        for one in judged.claims:
            pair = _pair(judged, one, key, document)
            if pair is not None:
                yield pair


def _pair(judged: Judged, one: JudgedClaim, record: int, document: int) -> Pair | None:
    gone = undone(one.events)
    standing = [event for event in one.events if event.id not in gone]
    second = next((event for event in reversed(standing) if event.field == "second"), None)
    # What settled the two came after both and belongs to neither.
    settling = {event.batch for event in standing if event.field == "settled"}
    before = [event for event in one.events if event.batch is None or event.batch not in settling]
    decided = [
        event for event in before if event.id not in gone and event.field in CLAIM_FIELDS | {"verdict"}
    ]
    first = _find(judge(judged.record, before), one.claim.id)
    if second is None or first.status == "open" or not decided:
        return None
    return Pair(
        document=document,
        record=record,
        item=one.claim.id,
        after=one.latest,
        text=judged.record.text[one.claim.start : one.claim.end],
        first=judgement_of(first),
        second=second.value,
        reviewers=(decided[-1].reviewer, second.reviewer),
        settled=bool(settling),
    )


def judgement_of(one: JudgedClaim) -> dict[str, str | None]:
    """A claim's camp, attitude and kind as people left it; a rejected one is no claim."""
    if one.status == "rejected":
        return {"camp": "neither", "attitude": None, "kind": "none"}
    return {"camp": one.claim.camp, "attitude": one.claim.attitude, "kind": one.claim.kind}


def settle(
    connection: Connection, *, record: int, item: str, reviewer: str, take: str, after: int
) -> Sequence[Event]:
    """Let one of two judgements stand; raises DecisionError where there are none that differ."""
    decisions.check_name(reviewer)
    judged = decisions.load(connection, record)
    pair = _pair(judged, _find(judged, item), record, 0)
    if pair is None or pair.settled or pair.first == pair.second:
        raise decisions.DecisionError(f"nothing is left to settle on {item}")
    batch = uuid4().hex
    steps = [*(_steps(pair) if take == "second" else ()), ("settled", take)]
    made: list[Event] = []
    for field, value in steps:
        event = log.append(
            connection, record=record, item=item, reviewer=reviewer, field=field, value=value,
            after=made[-1].id if made else after, batch=batch,
        )  # fmt: skip
        made.append(event)
    decisions.restate_items(connection, [(record, item)])
    return made


def _steps(pair: Pair) -> Iterator[tuple[str, Any]]:
    """The decisions that turn the first judgement into the second."""
    if pair.second["kind"] == "none":
        yield "verdict", "reject"
        return
    if pair.first["kind"] == "none":
        yield "verdict", "accept"
    for field in FIELDS:
        # The attitude goes with the camp: `neither` has none.
        if pair.second[field] is not None:
            yield field, pair.second[field]
