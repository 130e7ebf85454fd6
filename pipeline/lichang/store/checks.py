"""What must hold of a sound store."""

from collections.abc import Callable

from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from lichang.store.open import Store, StoreError
from lichang.store.results import read_records
from lichang.store.schema import claim_texts, claims, documents, ledger, passages, records


def check_file(store: Store) -> str:
    """The database's own check of its pages and indexes."""
    if not store.sqlite:
        with store.read() as connection:
            return f"PostgreSQL {connection.scalar(text('SHOW server_version'))}"
    with store.read() as connection:
        found = list(connection.scalars(text("PRAGMA integrity_check")))
        orphans = connection.execute(text("PRAGMA foreign_key_check")).all()
    if found != ["ok"] or orphans:
        problem = found[0] if found != ["ok"] else f"{len(orphans)} rows refer to others that are not there"
        raise StoreError(f"{problem}; restore a copy of {store.path}, or ingest into a new store")
    return f"{store.path} is sound"


def check_ledger(store: Store) -> str:
    """A document has a record if and only if its ledger line says that it is done."""
    has_record = select(records.c.key).where(records.c.document == ledger.c.document, records.c.current)
    analyze = (ledger.c.stage == "analyze",)
    with store.read() as connection:
        lost = connection.scalar(
            select(func.count())
            .select_from(ledger)
            .where(*analyze, ledger.c.state == "done", ~has_record.exists())
        )
        unnoted = connection.scalar(
            select(func.count())
            .select_from(ledger)
            .where(*analyze, ledger.c.state == "skipped", has_record.exists())
        )
        entered = connection.scalar(select(func.count()).select_from(documents))
        noted = connection.scalar(select(func.count()).select_from(ledger).where(*analyze))
    if lost or unnoted or entered != noted:
        raise StoreError(
            f"{lost} documents are done without a record, {unnoted} skipped with one, "
            f"{entered} entered and {noted} in the ledger; ingest into a new store, and report this"
        )
    return f"{entered} documents, each with its ledger line"


def check_records(store: Store) -> str:
    """Every current record can be read, and each span of it slices its own text."""
    count = 0
    with store.read() as connection:
        for record in read_records(connection):
            count += 1
            if any(record.text[figure.start : figure.end] != figure.text for figure in record.figures):
                raise StoreError(f"the record of {record.id} is damaged; ingest into a new store")
        listed = connection.scalar(select(func.count()).select_from(claims)) or 0
    return f"{count} records, {listed} claims listed"


def check_search(store: Store) -> str:
    """The full-text index holds what the passages say."""
    with store.read() as connection:
        indexed = connection.scalar(select(func.count()).select_from(passages))
        has_text = select(claim_texts.c.claim).where(
            claim_texts.c.document == claims.c.document, claim_texts.c.claim == claims.c.key
        )
        without = connection.scalar(select(func.count()).select_from(claims).where(~has_text.exists()))
    if without:
        raise StoreError(f"{without} claims cannot be searched; ingest into a new store, and report this")
    if store.sqlite:
        try:
            with store.write() as connection:  # the check is spelt as an insert, but writes nothing
                connection.execute(
                    text("INSERT INTO passages_fts(passages_fts, rank) VALUES ('integrity-check', 1)")
                )
        except DatabaseError as error:
            raise StoreError(
                "the search index does not fit the texts; mend it by "
                "INSERT INTO passages_fts(passages_fts) VALUES ('rebuild')"
            ) from error
    return f"{indexed} texts indexed"


CHECKS: dict[str, Callable[[Store], str]] = {
    "file": check_file,
    "ledger": check_ledger,
    "records": check_records,
    "search": check_search,
}
