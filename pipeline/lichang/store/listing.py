"""Claims by camp, attitude, holder, outlet, date, kind, status and words: a page at a time, with counts."""

from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, func, select

from lichang.export.filters import Filter as Filter  # the same for lists and exports
from lichang.store.schema import claims, documents
from lichang.store.search import matching_claims
from lichang.store.words import terms_of

Order = Literal["newest", "oldest", "uncertain", "entered"]
Facet = Literal["camp", "attitude", "holder", "outlet", "kind", "status", "published"]

_ORDERS = {
    # Each ends with the key, so that it is total and a page can start after the last row of another.
    "newest": (claims.c.published.desc().nulls_last(), claims.c.key.desc()),
    "oldest": (claims.c.published.nulls_first(), claims.c.key),
    "uncertain": (claims.c.certainty, claims.c.key),
    "entered": (claims.c.key,),
}


def list_claims(
    connection: Connection, wanted: Filter, *, order: Order = "newest", offset: int = 0, limit: int = 50
) -> list[Row[Any]]:
    """A page of claims: the columns of the table, the article's id and the claim's own text."""
    own_text = func.substr(documents.c.text, claims.c.start + 1, claims.c.end - claims.c.start)
    page = (
        select(claims, documents.c.id.label("article"), own_text.label("text"))
        .join(documents, documents.c.key == claims.c.document)
        .where(*conditions(connection, wanted))
        .order_by(*_ORDERS[order])
        .offset(offset)
        .limit(limit)
    )
    return list(connection.execute(page))


def count_claims(connection: Connection, wanted: Filter) -> int:
    """How many claims there are of these."""
    counted = select(func.count()).select_from(claims).where(*conditions(connection, wanted))
    return connection.scalar(counted) or 0


def count_by(
    connection: Connection, facet: Facet, wanted: Filter, *, limit: int = 50
) -> list[tuple[str | None, int]]:
    """The values of a column among these claims, each with its count, the most frequent first."""
    column = claims.c[facet]
    rows = connection.execute(
        select(column, func.count())
        .where(*conditions(connection, wanted))
        .group_by(column)
        .order_by(func.count().desc(), column)
        .limit(limit)
    )
    return [(value, count) for value, count in rows]


def conditions(connection: Connection, wanted: Filter) -> list[ColumnElement[bool]]:
    """The filter as conditions on `claims`, for lists and counts of other shapes; it goes by what people left the
    claims as, those that they added among them.
    """
    found: list[ColumnElement[bool]] = []
    for name in ("camp", "attitude", "kind", "outlet", "status"):
        value = getattr(wanted, name)
        if value is not None:
            found.append(claims.c[name] == value)
    if wanted.holder is not None:
        holder = claims.c.holder
        found.append(holder == wanted.holder if wanted.holder else holder.is_(None))
    if wanted.since is not None:
        found.append(claims.c.published >= wanted.since)
    if wanted.until is not None:
        # 2025-12-10 is to include 2025-12-10T08:00: "~" sorts after all that may follow.
        found.append(claims.c.published <= wanted.until + "~")
    if wanted.article is not None:
        found.append(claims.c.document.in_(select(documents.c.key).where(documents.c.id == wanted.article)))
    if wanted.text is not None and terms_of(wanted.text):
        sqlite = connection.dialect.name == "sqlite"
        found.append(claims.c.key.in_(matching_claims(wanted.text, sqlite=sqlite)))
    return found
