"""Decisions of reviewers: checked against the record, appended, undone, and made many at a time."""

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any, get_args
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, func, select

from lichang.errors import LichangError
from lichang.records import ATTITUDES, BALANCES, CAMPS, KINDS, QUOTES, Bound, FigureKind, Record
from lichang.review.queries import Wanted, first_claims
from lichang.store import events as log
from lichang.store.events import Conflict, Event
from lichang.store.judged import (
    ARTICLE,
    ARTICLE_FIELDS,
    CLAIM_FIELDS,
    FIGURE_FIELDS,
    Judged,
    judge,
)
from lichang.store.results import decode
from lichang.store.schema import events, records
from lichang.store.standing import restate

MOST_AT_ONCE = 2000  # claims in one bulk decision: the store is held for a few seconds at most
_LOOK_BACK = 10_000  # of a reviewer's events, when looking for the last one not undone
_CHOICES: dict[str, tuple[str, ...]] = {
    "camp": CAMPS,
    "attitude": ATTITUDES,
    "kind": KINDS,
    "quote": QUOTES,
    "balance": BALANCES,
    "verdict": ("accept", "reject", "reopen"),
}
_FIGURE_KINDS, _BOUNDS = get_args(FigureKind), get_args(Bound)
_LONGEST = 2000  # characters of a comment or name


class DecisionError(LichangError):
    """A decision that makes no sense for the item."""


def load(connection: Connection, record: int) -> Judged:
    """A record as people left it; raises DecisionError where there is none of that key."""
    body = connection.scalar(select(records.c.body).where(records.c.key == record))
    if body is None:
        raise DecisionError(f"there is no record {record}; the article was analysed anew, load it again")
    return judge(decode(body), log.history(connection, record))


def decide(
    connection: Connection, *, record: int, item: str, reviewer: str, field: str, value: Any, after: int
) -> Event:
    """Append one decision on a claim, a figure or the article.

    Raises DecisionError for what does not fit, Conflict where another decided since event `after`.
    """
    judged = load(connection, record)
    check_name(reviewer)
    check(judged, item, field, value)
    event = log.append(
        connection, record=record, item=item, reviewer=reviewer, field=field, value=value, after=after
    )
    restate(connection, record, judge(judged.record, [*judged.events, event]), [item])
    return event


def add(
    connection: Connection, *, record: int, reviewer: str, what: str, start: int, end: int
) -> tuple[str, Event]:
    """Add a missed claim or figure; its id, and the event. What it says is then mended field by field."""
    judged = load(connection, record)
    check_name(reviewer)
    _check_span(judged.record, {"start": start, "end": end})
    prefix = "ac" if what == "claim" else "af"  # the pipeline's own ids begin with c and f
    taken = {event.item for event in judged.events}
    item = next(f"{prefix}{n}" for n in range(len(taken) + 1) if f"{prefix}{n}" not in taken)
    value: dict[str, Any] = {"what": what, "start": start, "end": end}
    if what == "claim":
        value["unit"] = _unit_at(judged.record, start)
    else:
        value["claim"] = next(
            (one.claim.id for one in judged.claims if one.claim.start <= start < one.claim.end), None
        )
    event = log.append(
        connection, record=record, item=item, reviewer=reviewer, field="add", value=value, after=0
    )
    restate(connection, record, judge(judged.record, [*judged.events, event]), [item])
    return item, event


def _unit_at(record: Record, place: int) -> int:
    """The index of the unit that holds a place, or the last one before it."""
    before = [index for index, unit in enumerate(record.units) if unit.start <= place]
    if not before:
        raise DecisionError("a claim cannot begin before the article's first unit")
    return before[-1]


def check_name(reviewer: str) -> None:
    """Raise DecisionError for what is no name of a reviewer."""
    if not reviewer.strip() or len(reviewer) > 60 or not _is_clean(reviewer):
        raise DecisionError("give the reviewer's name: 1 to 60 characters")


def check(judged: Judged, item: str, field: str, value: Any) -> None:
    """Raise DecisionError unless the item exists, has the field, and the field can hold the value."""
    if item == ARTICLE:
        allowed = ARTICLE_FIELDS
    elif any(one.claim.id == item for one in judged.claims):
        allowed = CLAIM_FIELDS
    elif any(one.figure.id == item for one in judged.figures):
        allowed = FIGURE_FIELDS
    else:
        raise DecisionError(f"the article has no claim or figure {item!r}")
    if field not in allowed | {"verdict", "comment", "second", "settled"}:
        raise DecisionError(f"{field!r} cannot be decided here; one of {', '.join(sorted(allowed))} can")
    if field in _CHOICES:
        _check_choice(field, value)
        if field == "attitude" and _has_no_camp(judged, item):
            raise DecisionError(f"{item} has no camp to take an attitude to; decide its camp first")
    elif field == "span":
        _check_span(judged.record, value)
    elif field == "figure":
        _check_reading(value)
    elif field == "second":
        check_second(value)
    elif field == "relevant":
        if not isinstance(value, bool):
            raise DecisionError("relevant is true or false")
    elif not (value is None and field in ("holder", "cue")):
        check_words(field, value)


def _has_no_camp(judged: Judged, item: str) -> bool:
    return any(one.claim.id == item and one.claim.camp == "neither" for one in judged.claims)


def _check_choice(field: str, value: Any) -> None:
    if value not in _CHOICES[field]:
        raise DecisionError(
            f"{field} {value!r} is not one of {', '.join(_CHOICES[field])}; see docs/camps.md"
        )


def check_words(field: str, value: Any) -> None:
    """Raise DecisionError for what is no text, or too long a one."""
    if not isinstance(value, str) or not 0 < len(value.strip()) <= len(value) <= _LONGEST:
        raise DecisionError(f"{field} is to be 1 to {_LONGEST} characters of text")
    if not _is_clean(value):
        raise DecisionError(f"{field} holds characters that cannot be stored")


def _is_clean(value: str) -> bool:
    # JSON can carry lone surrogates, which no database stores; PostgreSQL takes no NUL either.
    return "\0" not in value and not any("\ud800" <= c <= "\udfff" for c in value)


def _check_span(record: Record, value: Any) -> None:
    try:
        start, end = value["start"], value["end"]
    except (TypeError, KeyError) as error:
        raise DecisionError("a span is {start, end}, in code points of the text") from error
    if not (_is_int(start) and _is_int(end) and 0 <= start < end <= len(record.text)):
        raise DecisionError(f"the span {start}..{end} is not within the text, 0..{len(record.text)}")
    if not record.text[start:end].strip():
        raise DecisionError("the span holds no characters but blanks")


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_READING = frozenset({"kind", "low", "high", "value", "unit", "bound", "of"})


def _check_reading(value: Any) -> None:
    if not isinstance(value, dict) or not value or value.keys() - _READING:
        raise DecisionError(f"a figure's reading has the fields {', '.join(sorted(_READING))}")
    if value.get("kind", "count") not in _FIGURE_KINDS:
        raise DecisionError(f"kind {value['kind']!r} is not one of {', '.join(_FIGURE_KINDS)}")
    if value.get("bound", "eq") not in _BOUNDS:
        raise DecisionError(f"bound {value['bound']!r} is not one of {', '.join(_BOUNDS)}")
    for name in ("low", "high"):
        number = value.get(name)
        if number is not None and not _is_number(number):
            raise DecisionError(f"{name} is to be a number")
    low, high = value.get("low"), value.get("high")
    if low is not None and high is not None and low > high:
        raise DecisionError(f"low {low} is above high {high}")
    for name in ("value", "unit", "of"):
        if value.get(name) is not None:
            check_words(name, value[name])


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= 1e18 and not (isinstance(value, float) and math.isnan(value))


def check_second(value: Any) -> None:
    """Raise DecisionError unless the value is a second reviewer's whole judgement of a claim."""
    if not isinstance(value, dict) or value.keys() != {"camp", "attitude", "kind"}:
        raise DecisionError("a second judgement has camp, attitude and kind")
    if value["kind"] == "none":  # no claim at all
        if value["camp"] != "neither" or value["attitude"] is not None:
            raise DecisionError("what is no claim has the camp neither and no attitude")
        return
    _check_choice("kind", value["kind"])
    _check_choice("camp", value["camp"])
    if (value["camp"] == "neither") != (value["attitude"] is None):
        raise DecisionError("a claim has an attitude if and only if it has a camp")
    if value["attitude"] is not None:
        _check_choice("attitude", value["attitude"])


def undo(connection: Connection, reviewer: str) -> list[Event]:
    """Undo the reviewer's last decision, or the whole batch that it was part of.

    Returns what was undone; empty where nothing is left. Raises Conflict where somebody else decided on
    the item since.
    """
    check_name(reviewer)
    last = _last_standing(connection, reviewer)
    if last is None:
        return []
    together = [last] if last.batch is None else _batch(connection, last.batch)
    batch = None if last.batch is None else uuid4().hex
    for event in together:
        _undo_one(connection, event, reviewer, batch)
    restate_items(connection, ((event.record, event.item) for event in together))
    return together


def restate_items(connection: Connection, places: Iterable[tuple[int, str]]) -> None:
    """Bring the lists in line with what was decided on these items, pairs of record and id."""
    items: dict[int, set[str]] = {}
    for record, item in places:
        items.setdefault(record, set()).add(item)
    for record, own in items.items():
        restate(connection, record, load(connection, record), own)


def _last_standing(connection: Connection, reviewer: str) -> Event | None:
    rows = connection.execute(
        select(events).where(events.c.reviewer == reviewer).order_by(events.c.id.desc()).limit(_LOOK_BACK)
    ).mappings()
    gone: set[Any] = set()
    for row in rows:
        if row["field"] == "undo":
            gone.add(json.loads(row["value"]))
        elif row["id"] not in gone:
            return _event(row)
    return None


def _batch(connection: Connection, batch: str) -> list[Event]:
    rows = connection.execute(select(events).where(events.c.batch == batch).order_by(events.c.id)).mappings()
    return [_event(row) for row in rows]


def _event(row: Any) -> Event:
    return Event(**{**row, "value": json.loads(row["value"])})


def _undo_one(connection: Connection, event: Event, reviewer: str, batch: str | None) -> None:
    own = log.history(connection, event.record, event.item)
    if any(other.id > event.id and other.reviewer != reviewer for other in own):
        raise Conflict(f"{event.item}: somebody else decided on it since; decide again instead of undoing")
    log.append(
        connection,
        record=event.record,
        item=event.item,
        reviewer=reviewer,
        field="undo",
        value=event.id,
        after=own[-1].id,
        batch=batch,
    )


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a bulk decision would touch."""

    count: int
    stamp: str  # changes when the claims of the filter, or a decision on any claim, do
    examples: tuple[str, ...]  # texts of the first few


def preview(connection: Connection, wanted: Wanted) -> Preview:
    """The claims that a decision on this filter would be made on, at most MOST_AT_ONCE."""
    found = first_claims(connection, wanted, MOST_AT_ONCE + 1)
    if len(found) > MOST_AT_ONCE:
        raise DecisionError(f"the filter holds more than {MOST_AT_ONCE} claims; narrow it first")
    newest = connection.scalar(select(func.max(events.c.id))) or 0
    last = found[-1].key if found else 0
    return Preview(
        count=len(found),
        stamp=f"{len(found)}-{last}-{newest}",
        examples=tuple(row.text.strip() for row in found[:5]),
    )


def decide_all(
    connection: Connection, wanted: Wanted, *, reviewer: str, field: str, value: Any, stamp: str
) -> tuple[str, int]:
    """Make one decision on all claims of a filter; the batch's name and the number of claims.

    Raises Conflict where the claims or the decisions are no longer those of the preview.
    """
    check_name(reviewer)
    if field not in ("verdict", "camp", "attitude", "kind"):
        raise DecisionError(f"{field!r} cannot be decided for many at once")
    _check_choice(field, value)
    if preview(connection, wanted).stamp != stamp:
        raise Conflict("the claims of this filter have changed since the preview; look at it again")
    found = first_claims(connection, wanted, MOST_AT_ONCE)
    if field == "attitude" and (without := sum(row.camp == "neither" for row in found)):
        raise DecisionError(
            f"{without} of these claims have no camp; filter by one before deciding attitudes"
        )
    batch = uuid4().hex
    keys = _record_keys(connection, [row.document for row in found])
    for row in found:
        record = keys[row.document]
        log.append(
            connection,
            record=record,
            item=row.id,
            reviewer=reviewer,
            field=field,
            value=value,
            after=log.latest(connection, record, row.id),
            batch=batch,
        )
    restate_items(connection, ((keys[row.document], row.id) for row in found))
    return batch, len(found)


def _record_keys(connection: Connection, documents: Sequence[int]) -> dict[int, int]:
    rows = connection.execute(
        select(records.c.document, records.c.key).where(
            records.c.current, records.c.document.in_(set(documents))
        )
    )
    return dict(rows.all())
