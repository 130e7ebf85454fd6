"""Records into the store, and out of it.

Workers have made rows of them already (see `rows`); what is left is to hand those to the database, a
batch a transaction, together with the ledger's note that they are done: a record is there if and only
if the ledger says so.
"""

from collections.abc import Iterator, Sequence
from hashlib import blake2b

import msgspec
from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lichang.records import Provenance, Record
from lichang.store import ledger as book
from lichang.store.bulk import insert_many
from lichang.store.claim_texts import cut_texts
from lichang.store.lease import now
from lichang.store.rows import CLAIM_COLUMNS, FIGURE_COLUMNS, Prepared
from lichang.store.rows import decode as decode
from lichang.store.schema import (
    claim_texts,
    claims,
    documents,
    events,
    figures,
    passages,
    provenances,
    records,
)
from lichang.store.standing import restate_judged


def provenance_hash(provenance: Provenance) -> str:
    """The short name of a provenance in the ledger, 16 hexadecimal digits."""
    return blake2b(msgspec.json.encode(provenance), digest_size=8).hexdigest()


def note_provenance(connection: Connection, provenance: Provenance) -> str:
    """Make the provenance known to the store and return its hash."""
    hash_ = provenance_hash(provenance)
    into = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(
        into(provenances).values(hash=hash_, body=msgspec.json.encode(provenance)).on_conflict_do_nothing()
    )
    return hash_


def write(connection: Connection, prepared: Sequence[Prepared], made_by: str) -> None:
    """Store the records of a batch and note them as done.

    Each takes the place of an earlier record of its document or of an earlier revision. Writing
    the same one again changes nothing.
    """
    keys = [one.document for one in prepared]
    outdated = _outdated(connection, keys)
    _retire(connection, keys, made_by)
    listed = [one for one in prepared if one.document not in outdated]
    _insert_records(connection, prepared, made_by, outdated)
    insert_many(connection, claims, CLAIM_COLUMNS, [row for one in listed for row in one.claims])
    insert_many(connection, figures, FIGURE_COLUMNS, [row for one in listed for row in one.figures])
    words = [(one.document, one.folded, one.words) for one in listed]
    insert_many(connection, passages, ("document", "folded", "words"), words)
    cut_texts(connection, claims.c.document.in_([one.document for one in listed]))
    restate_judged(connection, [one.document for one in listed])
    book.mark_done(connection, keys, made_by)
    book.mark_revised(connection, outdated)


def _outdated(connection: Connection, keys: Sequence[int]) -> set[int]:
    """Those of the documents that a later revision with a record has overtaken."""
    newer = documents.alias()
    return set(
        connection.scalars(
            select(documents.c.key)
            .join(newer, (newer.c.id == documents.c.id) & (newer.c.revision > documents.c.revision))
            .join(records, (records.c.document == newer.c.key) & records.c.current)
            .where(documents.c.key.in_(keys))
        )
    )


def _retire(connection: Connection, keys: Sequence[int], made_by: str) -> None:
    """Clear the way for new records of the documents and of the revisions that they replace."""
    older = documents.alias()
    revised = connection.scalars(
        select(older.c.key)
        .join(documents, (older.c.id == documents.c.id) & (older.c.revision < documents.c.revision))
        .where(documents.c.key.in_(keys))
    ).all()
    book.mark_revised(connection, revised)
    gone = [*keys, *revised]
    for table in (claims, claim_texts, figures, passages):
        connection.execute(delete(table).where(table.c.document.in_(gone)))
    connection.execute(
        update(records).where(records.c.document.in_(gone), records.c.current).values(current=False)
    )
    # What nobody has judged leaves with what made it; a judged record stays for its history.
    judged = select(events.c.id).where(events.c.record == records.c.key).exists()
    connection.execute(
        delete(records).where(records.c.document.in_(keys), records.c.made_by != made_by, ~judged)
    )


def _insert_records(
    connection: Connection, prepared: Sequence[Prepared], made_by: str, outdated: set[int]
) -> None:
    into = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = into(records)
    statement = statement.on_conflict_do_update(
        index_elements=["document", "made_by"], set_={"current": statement.excluded.current}
    )
    written = now()
    rows = [
        {
            "document": one.document,
            "made_by": made_by,
            "current": one.document not in outdated,
            "relevant": one.relevant,
            "balance": one.balance,
            "written": written,
            "body": one.body,
        }
        for one in prepared
    ]
    connection.execute(statement, rows)


def read_record(connection: Connection, id_: str) -> Record | None:
    """The current record of an article, by its id; None where there is none."""
    body = connection.scalar(
        select(records.c.body)
        .join(documents, documents.c.key == records.c.document)
        .where(documents.c.id == id_, records.c.current)
    )
    return None if body is None else decode(body)


def read_records(connection: Connection) -> Iterator[Record]:
    """All current records in the order of their articles' arrival, a few in memory at a time."""
    rows = connection.execution_options(stream_results=True, yield_per=100).scalars(
        select(records.c.body).where(records.c.current).order_by(records.c.document)
    )
    return map(decode, rows)


def count_records(connection: Connection) -> int:
    """How many current records there are."""
    return connection.scalar(select(func.count()).select_from(records).where(records.c.current)) or 0
