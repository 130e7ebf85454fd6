"""Many rows and many values at once, past SQLAlchemy's own statement machinery.

That binds each value of each row by name, which for the dozens of claims of an article takes longer
than the database does.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Table,
    any_,
    func,
    literal,
    select,
)


def insert_many(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows whose values stand in the order of the columns."""
    if not rows:
        return
    assert set(columns) <= set(table.columns.keys())
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    named = ", ".join(f'"{column}"' for column in columns)
    marks = ", ".join(mark for _ in columns)
    connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({named}) VALUES ({marks})', list(rows))


def among(connection: Connection, column: Column[int], values: Iterable[int]) -> ColumnElement[bool]:
    """That an integer column has one of many values: `column.in_`, but bound as one value instead of thousands."""
    if connection.dialect.name == "sqlite":
        listed = func.json_each(msgspec.json.encode(list(values)).decode()).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(literal(list(values), ARRAY(BigInteger)))
