"""Decisions of people: appended beside the records, never changed."""

import json
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from lichang.store.lease import now
from lichang.store.open import StoreError
from lichang.store.schema import STATUSES, claims, documents, events, records

_STATUS_OF = {"accept": "accepted", "reject": "rejected", "reopen": "open"}
_CONFLICT = "somebody else decided on it meanwhile; look at its history, then decide again"
_MENDS = frozenset({"camp", "attitude", "kind", "holder", "cue", "quote", "span"})


class Conflict(StoreError):
    """Someone else decided on the item since it was read."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One decision."""

    id: int
    record: int  # records.key
    item: str  # id of a claim or figure; "" is the article itself
    after: int  # the item's previous event, 0 for none
    reviewer: str
    field: str  # verdict, or the name of what was mended, or comment, add, undo
    value: Any  # of the verdict: accept, reject, reopen; else the new value
    batch: str | None
    at: str  # ISO 8601, UTC


def append(
    connection: Connection,
    *,
    record: int,
    item: str,
    reviewer: str,
    field: str,
    value: Any,
    after: int,
    batch: str | None = None,
) -> Event:
    """Append a decision on an item whose latest event, as the reviewer saw it, is `after` (0 for none).

    A claim's status follows: a verdict sets it, a mended field makes it corrected. Raises `Conflict`
    where somebody decided in between; nothing is written then.
    """
    if field == "verdict" and value not in _STATUS_OF:
        raise StoreError(f"verdict {value!r} is not one of {', '.join(_STATUS_OF)}")
    row = {
        "record": record,
        "item": item,
        "after": after,
        "reviewer": reviewer,
        "field": field,
        "value": json.dumps(value, ensure_ascii=False),
        "batch": batch,
        "at": now(),
    }
    if latest(connection, record, item) != after:
        raise Conflict(f"{item}: {_CONFLICT}")
    try:
        id_ = connection.execute(insert(events).values(row).returning(events.c.id)).scalar_one()
    except IntegrityError as error:  # the other one was between our look and our write
        raise Conflict(f"{item}: {_CONFLICT}") from error
    status = _STATUS_OF[value] if field == "verdict" else "corrected" if field in _MENDS else None
    if status is not None:
        _set_status(connection, record, item, status)
    return Event(**{**row, "id": id_, "value": value})


def _set_status(connection: Connection, record: int, item: str, status: str) -> None:
    assert status in STATUSES
    document = select(records.c.document).where(records.c.key == record, records.c.current).scalar_subquery()
    connection.execute(
        update(claims).where(claims.c.document == document, claims.c.id == item).values(status=status)
    )


def latest(connection: Connection, record: int, item: str) -> int:
    """The id of an item's latest event, 0 for none."""
    newest = select(func.max(events.c.id)).where(events.c.record == record, events.c.item == item)
    return connection.scalar(newest) or 0


def history(connection: Connection, record: int, item: str | None = None) -> list[Event]:
    """The events of a record, or of one item in it, oldest first."""
    wanted = select(events).where(events.c.record == record).order_by(events.c.id)
    if item is not None:
        wanted = wanted.where(events.c.item == item)
    return [
        Event(**{**row, "value": json.loads(row["value"])}) for row in connection.execute(wanted).mappings()
    ]


def record_key(connection: Connection, article: str) -> int | None:
    """The key of an article's current record, None where there is none."""
    key: int | None = connection.scalar(
        select(records.c.key)
        .join(documents, documents.c.key == records.c.document)
        .where(documents.c.id == article, records.c.current)
    )
    return key
