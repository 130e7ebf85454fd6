"""Many rows at once, past SQLAlchemy's own statement machinery.

That binds each value of each row by name, which for the dozens of claims of an article takes longer
than the database does.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table


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
