"""Filters of the worklist that reviewers gave a name.

They belong to the store, not to a browser, which forgets them as soon as the page is served on another port.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from lichang.review.decisions import check_name, check_words
from lichang.store.lease import now
from lichang.store.schema import saved_filters


class SavedFilter(msgspec.Struct, frozen=True, kw_only=True):
    """A filter by its name."""

    name: str
    address: str  # the inbox's address with this filter
    reviewer: str  # who saved it last
    at: str


def read_filters(connection: Connection) -> Sequence[SavedFilter]:
    """All saved filters, by name."""
    rows = connection.execute(select(saved_filters).order_by(saved_filters.c.name)).mappings()
    return [SavedFilter(**row) for row in rows]


def save_filter(connection: Connection, *, name: str, address: str, reviewer: str) -> None:
    """Save a filter; one of the same name is replaced."""
    check_name(reviewer)
    check_words("name", name)
    values = {"address": address, "reviewer": reviewer, "at": now()}
    into = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(
        into(saved_filters)
        .values(name=name.strip(), **values)
        .on_conflict_do_update(index_elements=["name"], set_=values)
    )


def drop_filter(connection: Connection, name: str) -> bool:
    """Drop a saved filter; was there one?"""
    return connection.execute(delete(saved_filters).where(saved_filters.c.name == name)).rowcount > 0
