"""What the overview shows: camps over time and by outlet, holders, figures, and the model beside reviewers.

Claims count as people left them: rejected ones are out, mended camps are in place of the model's.
"""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from lichang.store.judged import CLAIM_FIELDS
from lichang.store.schema import claims, events, figures, records
from lichang.store.standing import ADDED

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
    corrected: list[dict[str, Any]]  # field, count: what these changed
    errors: list[dict[str, Any]]  # field, was, became, count


def read_overview(connection: Connection) -> Overview:
    """All that the overview shows of the store as it is."""
    corrections = _corrections(connection)
    return Overview(
        months=_shares(connection, "month", func.substr(claims.c.published, 1, 7), None),
        outlets=_shares(connection, "outlet", claims.c.outlet, _MOST_OUTLETS),
        holders=_holders(connection),
        quoted=_quoted(connection),
        reliability=_reliability(connection),
        statuses=_statuses(connection),
        corrections=corrections.total(),
        corrected=[{"field": field, "count": count} for field, count in corrections.most_common()],
        errors=_errors(connection),
    )


def _statuses(connection: Connection) -> dict[str, int]:
    rows = connection.execute(select(claims.c.status, func.count()).group_by(claims.c.status))
    return dict(rows.all())


def _shares(connection: Connection, name: str, column: Any, most: int | None) -> list[dict[str, Any]]:
    """Claims by a column and camp."""
    rows = connection.execute(
        select(column, claims.c.camp, func.count())
        .where(claims.c.status != "rejected", column.is_not(None))
        .group_by(column, claims.c.camp)
    )
    counts = Counter({(value, camp): count for value, camp, count in rows})
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


def _reliability(connection: Connection) -> list[dict[str, Any]]:
    """Of the claims that reviewers kept or corrected, how many kept their camp, by the model's certainty."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    rows = connection.execute(
        select(claims.c.certainty, claims.c.was_kind.is_(None) | (claims.c.was_camp == claims.c.camp)).where(
            claims.c.status.in_(("accepted", "corrected")), func.coalesce(claims.c.was_kind, "") != ADDED
        )
    )
    for certainty, kept in rows:
        bins.setdefault(min(int(certainty * _BINS), _BINS - 1), []).append((certainty, bool(kept)))
    return [
        {"said": _mean(c for c, _ in one), "kept": _mean(k for _, k in one), "count": len(one)}
        for _, one in sorted(bins.items())
    ]


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return round(sum(found) / len(found), 3)


def _corrections(connection: Connection) -> Counter[str]:
    """Decisions that changed something on records of the newest pipeline, by field.

    Older ones may have been learnt from.
    """
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
    gone = {json.loads(v) for v in connection.scalars(select(events.c.value).where(events.c.field == "undo"))}
    made = connection.execute(
        select(events.c.id, events.c.field)
        .join(records, records.c.key == events.c.record)
        .where(records.c.made_by == newest, changed)
    )
    return Counter("reject" if field == "verdict" else field for id_, field in made if id_ not in gone)


def _errors(connection: Connection) -> list[dict[str, Any]]:
    """What the model's camps, attitudes and kinds became most often; a rejected claim's kind became none."""
    found: Counter[tuple[str, str | None, str | None]] = Counter()
    for field in ("camp", "attitude", "kind"):
        was, became = claims.c[f"was_{field}"], claims.c[field]
        rows = connection.execute(
            select(was, became, func.count())
            .where(claims.c.was_kind.is_not(None), claims.c.status != "rejected")
            .where(func.coalesce(was, "") != func.coalesce(became, ""))
            .where((claims.c.was_kind != ADDED) | (field == "kind"))
            .group_by(was, became)
        )
        found.update({(field, was, became): count for was, became, count in rows})
    rejected = connection.execute(
        select(func.coalesce(claims.c.was_kind, claims.c.kind), func.count())
        .where(claims.c.status == "rejected")
        .group_by(func.coalesce(claims.c.was_kind, claims.c.kind))
    )
    found.update({("kind", kind, "none"): count for kind, count in rejected})
    return [
        {"field": field, "was": was, "became": became, "count": count}
        for (field, was, became), count in found.most_common(_MOST_FIGURES)
    ]
