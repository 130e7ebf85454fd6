"""What the overview shows: camps over time and by outlet, holders, figures, and the model beside reviewers.

Claims count as people left them: rejected ones are out, mended camps are in place of the model's.
"""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from lichang.review.judged import CLAIM_FIELDS
from lichang.store.schema import claims, events, figures, records

_MOST_OUTLETS = 12
_MOST_HOLDERS = 15
_MOST_FIGURES = 12
_BINS = 10


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Rows for the plots; every row is a dict with the names that the plots use."""

    months: list[dict[str, Any]]  # month, camp, count
    outlets: list[dict[str, Any]]  # outlet, camp, count
    holders: list[dict[str, Any]]  # holder, camp, attitude, count
    quoted: list[dict[str, Any]]  # of, low, high, unit, count
    reliability: list[dict[str, Any]]  # said, kept, count: means over claims of a tenth of certainty
    statuses: dict[str, int]
    corrections: int  # on records of the model in use
    errors: list[dict[str, Any]]  # field, was, became, count


class _Change(msgspec.Struct, frozen=True):
    """A field of a claim as the model wrote it and as a person left it."""

    key: int
    field: str
    was: str | None
    became: str | None


def read_overview(connection: Connection) -> Overview:
    """All that the overview shows of the store as it is."""
    changes = _changes(connection)
    camps = {change.key: change.became for change in changes if change.field == "camp"}
    return Overview(
        months=_shares(connection, camps, "month", func.substr(claims.c.published, 1, 7), None),
        outlets=_shares(connection, camps, "outlet", claims.c.outlet, _MOST_OUTLETS),
        holders=_holders(connection),
        quoted=_quoted(connection),
        reliability=_reliability(connection, camps),
        statuses=_statuses(connection),
        corrections=_corrections(connection),
        errors=_errors(changes),
    )


def _statuses(connection: Connection) -> dict[str, int]:
    rows = connection.execute(select(claims.c.status, func.count()).group_by(claims.c.status))
    return dict(rows.all())


def _changes(connection: Connection) -> list[_Change]:
    """The last standing change of camp, attitude and kind of each claim."""
    gone = {json.loads(v) for v in connection.scalars(select(events.c.value).where(events.c.field == "undo"))}
    rows = connection.execute(
        select(events.c.id, events.c.field, events.c.value, claims)
        .join(records, records.c.key == events.c.record)
        .join(claims, (claims.c.document == records.c.document) & (claims.c.id == events.c.item))
        .where(records.c.current, events.c.field.in_(("camp", "attitude", "kind")))
        .order_by(events.c.id)
    ).mappings()
    last = {
        (row["key"], row["field"]): _Change(
            row["key"], row["field"], row[row["field"]], json.loads(row["value"])
        )
        for row in rows
        if row["id"] not in gone
    }
    return [change for change in last.values() if change.was != change.became]


def _shares(
    connection: Connection, camps: dict[int, Any], name: str, column: Any, most: int | None
) -> list[dict[str, Any]]:
    """Claims by a column and camp, the mended ones moved to their camp."""
    counts: Counter[tuple[Any, Any]] = Counter()
    for value, camp, count in connection.execute(
        select(column, claims.c.camp, func.count())
        .where(claims.c.status != "rejected", column.is_not(None))
        .group_by(column, claims.c.camp)
    ):
        counts[value, camp] += count
    for key, value, camp in connection.execute(
        select(claims.c.key, column, claims.c.camp).where(
            claims.c.status == "corrected", claims.c.camp.is_not(None), column.is_not(None)
        )
    ):
        if key in camps:
            counts[value, camp] -= 1
            counts[value, camps[key]] += 1
    shown = _largest(counts, most) if most else sorted({value for value, _ in counts})
    return [
        {name: value, "camp": camp, "count": counts[value, camp]}
        for value in shown
        for camp in ("dependency", "containment", "neither")
        if counts[value, camp]
    ]


def _largest(counts: Counter[tuple[Any, Any]], most: int) -> list[Any]:
    totals: Counter[Any] = Counter()
    for (value, _), count in counts.items():
        totals[value] += count
    return [value for value, _ in totals.most_common(most)]


def _holders(connection: Connection) -> list[dict[str, Any]]:
    """Named holders with most claims of a camp."""
    counts: Counter[tuple[Any, Any]] = Counter()
    rows = connection.execute(
        select(claims.c.holder, claims.c.camp, claims.c.attitude, func.count())
        .where(claims.c.status != "rejected", claims.c.camp != "neither", claims.c.holder.is_not(None))
        .group_by(claims.c.holder, claims.c.camp, claims.c.attitude)
    )
    for holder, camp, attitude, count in rows:
        counts[holder, (camp, attitude)] += count
    shown = _largest(counts, _MOST_HOLDERS)
    return [
        {"holder": holder, "camp": camp, "attitude": attitude, "count": count}
        for (holder, (camp, attitude)), count in counts.items()
        if holder in shown
    ]


def _quoted(connection: Connection) -> list[dict[str, Any]]:
    """Values that stand in most articles."""
    number = func.count(figures.c.document.distinct())
    rows = connection.execute(
        select(figures.c.of, figures.c.low, figures.c.high, figures.c.unit, number.label("count"))
        .where(figures.c.of.is_not(None), figures.c.low.is_not(None))
        .group_by(figures.c.of, figures.c.low, figures.c.high, figures.c.unit)
        .order_by(number.desc(), figures.c.of)
        .limit(_MOST_FIGURES)
    ).mappings()
    return [dict(row) for row in rows]


def _reliability(connection: Connection, camps: dict[int, Any]) -> list[dict[str, Any]]:
    """Of the claims that reviewers kept or corrected, how many kept their camp, by the model's certainty."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    rows = connection.execute(
        select(claims.c.key, claims.c.certainty).where(claims.c.status.in_(("accepted", "corrected")))
    )
    for key, certainty in rows:
        bins.setdefault(min(int(certainty * _BINS), _BINS - 1), []).append((certainty, key not in camps))
    return [
        {"said": _mean(c for c, _ in one), "kept": _mean(k for _, k in one), "count": len(one)}
        for _, one in sorted(bins.items())
    ]


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return round(sum(found) / len(found), 3)


def _corrections(connection: Connection) -> int:
    """Decisions that changed something on records of the newest pipeline; older ones may have been learnt from."""
    newest = (
        select(records.c.made_by)
        .where(records.c.current)
        .order_by(records.c.key.desc())
        .limit(1)
        .scalar_subquery()
    )
    changed = events.c.field.in_((*sorted(CLAIM_FIELDS), "figure", "add")) | (
        (events.c.field == "verdict") & (events.c.value == '"reject"')
    )
    gone = [json.loads(v) for v in connection.scalars(select(events.c.value).where(events.c.field == "undo"))]
    made = connection.scalars(
        select(events.c.id)
        .join(records, records.c.key == events.c.record)
        .where(records.c.made_by == newest, changed)
    ).all()
    return len(set(made) - set(gone))


def _errors(changes: Iterable[_Change]) -> list[dict[str, Any]]:
    counts = Counter((change.field, change.was, change.became) for change in changes)
    return [
        {"field": field, "was": was, "became": became, "count": count}
        for (field, was, became), count in counts.most_common(_MOST_FIGURES)
    ]
