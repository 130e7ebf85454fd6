"""Keeps the rows that lists are drawn from in line with what people decided.

`claims`, `claim_texts` and `figures` hold the current record as people left it: mended fields are in place of
the pipeline's, what somebody added is a row, a rejected figure is none. The record itself is never edited, so
every row can be made again from it and its events.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from lichang.records import Claim
from lichang.store.claim_texts import cut_texts, drop_text
from lichang.store.events import history
from lichang.store.judged import Judged, JudgedClaim, JudgedFigure, judge
from lichang.store.rows import FIGURE_COLUMNS, decode, figure_row
from lichang.store.schema import claims, events, figures, records

ADDED = "none"  # claims.was_kind of a claim that the pipeline did not write


def judge_row(connection: Connection, key: int, body: bytes, mended: Collection[int]) -> Judged:
    """A row of `records` as people left it; no events are looked for where its key is not among the `mended`."""
    return judge(decode(body), history(connection, key) if key in mended else ())


def restate(connection: Connection, record: int, judged: Judged, items: Collection[str]) -> None:
    """Bring the rows of a record's items in line with how people left them.

    Nothing happens where another record of the document is the listed one.
    """
    document = connection.scalar(select(records.c.document).where(records.c.key == record, records.c.current))
    if document is None:
        return
    left_claims = {one.claim.id: one for one in judged.claims}
    left_figures = {one.figure.id: one for one in judged.figures}
    added = {event.item: event.value["what"] for event in judged.events if event.field == "add"}
    for item in items:
        if item in left_claims:
            _put_claim(connection, document, judged, left_claims[item])
        elif item in left_figures:
            _put_figure(connection, document, left_figures[item])
        elif added.get(item) == "claim":
            _drop_claim(connection, document, item)
        elif added.get(item) == "figure":
            connection.execute(delete(figures).where(_at(figures, document, item)))


def restate_judged(connection: Connection, documents: Sequence[int]) -> None:
    """The same for all that was ever decided on the listed records of these documents."""
    judged_before = select(events.c.id).where(events.c.record == records.c.key).exists()
    rows = connection.execute(
        select(records.c.key, records.c.body).where(
            records.c.document.in_(documents), records.c.current, judged_before
        )
    )
    for key, body in rows.all():
        judged = judge(decode(body), history(connection, key))
        restate(connection, key, judged, {event.item for event in judged.events})


def _at(table: Any, document: int, item: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = (table.c.document == document) & (table.c.id == item)
    return found


def _put_claim(connection: Connection, document: int, judged: Judged, one: JudgedClaim) -> None:
    row = connection.execute(
        select(claims.c.key, claims.c.start, claims.c.end).where(_at(claims, document, one.claim.id))
    ).first()
    values = {**_said(one.claim), **_was(one), "status": one.status}
    if row is None:
        # Nobody's score says how sure a person was.
        known = {"certainty": 1.0, "outlet": judged.record.source, "published": judged.record.published}
        connection.execute(insert(claims).values(document=document, id=one.claim.id, **values, **known))
    else:
        connection.execute(update(claims).where(claims.c.key == row.key).values(values))
    if row is None or (row.start, row.end) != (one.claim.start, one.claim.end):
        cut_texts(connection, _at(claims, document, one.claim.id))


def _said(claim: Claim) -> dict[str, Any]:
    names = ("start", "end", "kind", "camp", "attitude", "holder", "quote")
    return {name: getattr(claim, name) for name in names}


def _was(one: JudgedClaim) -> dict[str, Any]:
    """What the pipeline wrote, where that differs from what people left."""
    names = ("kind", "camp", "attitude", "holder")
    if one.was is None:
        return {**{f"was_{name}": None for name in names}, "was_kind": ADDED}
    mended = any(getattr(one.was, name) != getattr(one.claim, name) for name in names)
    return {f"was_{name}": getattr(one.was, name) if mended else None for name in names}


def _drop_claim(connection: Connection, document: int, item: str) -> None:
    key = connection.scalar(select(claims.c.key).where(_at(claims, document, item)))
    if key is not None:
        drop_text(connection, document, key)
        connection.execute(delete(claims).where(claims.c.key == key))


def _put_figure(connection: Connection, document: int, one: JudgedFigure) -> None:
    """A rejected figure leaves the lists; accepted again it comes back."""
    connection.execute(delete(figures).where(_at(figures, document, one.figure.id)))
    if one.status != "rejected":
        row = dict(zip(FIGURE_COLUMNS, figure_row(document, one.figure), strict=True))
        connection.execute(insert(figures).values(row))
