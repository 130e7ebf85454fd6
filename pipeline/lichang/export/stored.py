"""The records of a store, for `lichang.export.write`: filtered by SQL, each with its copies."""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

import msgspec
from sqlalchemy import Connection, select

from lichang.export.filters import Copy, Entry, Filter
from lichang.records import Article
from lichang.store.judged import as_left
from lichang.store.listing import conditions
from lichang.store.schema import claims, documents, events, records
from lichang.store.standing import judge_row

_STREAM = {"stream_results": True, "yield_per": 100}


def read_entries(connection: Connection, wanted: Filter | None = None) -> Iterator[Entry]:
    """The current records that have a wanted claim, as people left them, in order of arrival, a few in memory at a
    time. What somebody rejected is not in a record, and among an entry's claims only where rejected ones are wanted.
    """
    mended = set(connection.scalars(select(events.c.record).distinct()))
    rows = select(records.c.key, records.c.document, records.c.body)
    rows = rows.where(records.c.current).order_by(records.c.document)
    if wanted is None or wanted == Filter():
        with connection.execute(rows, execution_options=_STREAM) as found:
            for key, document, body in found:
                record = as_left(judge_row(connection, key, body, mended))
                yield Entry(record, record.claims, _copies(connection, document))
        return
    chosen = select(claims.c.document, claims.c.id).where(*conditions(connection, wanted))
    if wanted.status != "rejected":
        chosen = chosen.where(claims.c.status != "rejected")
    rows = rows.where(records.c.document.in_(chosen.with_only_columns(claims.c.document)))
    chosen = chosen.order_by(claims.c.document)
    with (
        connection.execute(rows, execution_options=_STREAM) as found,
        connection.execute(chosen, execution_options=_STREAM) as named,
    ):
        for (key, document, body), (_, group) in zip(found, groupby(named, key=itemgetter(0)), strict=True):
            judged = judge_row(connection, key, body, mended)
            ids = {id_ for _, id_ in group}
            kept = tuple(one.claim for one in judged.claims if one.claim.id in ids)
            yield Entry(as_left(judged), kept, _copies(connection, document))


def _copies(connection: Connection, document: int) -> tuple[Copy, ...]:
    found = connection.execute(
        select(documents.c.id, documents.c.outlet, documents.c.published, documents.c.head)
        .where(documents.c.copy_of == document)
        .order_by(documents.c.key)
    )
    return tuple(
        Copy(id_, outlet, published, msgspec.json.decode(head, type=Article).url)
        for id_, outlet, published, head in found
    )
