"""The revisions of an article, and the claims that each took back, changed or added."""

from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection, select

from lichang.records import Claim, Record
from lichang.store.results import decode
from lichang.store.schema import documents, records


class Said(msgspec.Struct, frozen=True):
    """A claim with its own text."""

    text: str
    claim: Claim


class Revision(msgspec.Struct, frozen=True):
    """One state of an article, and what its claims have become since the state before."""

    number: int  # 1, 2, …
    seen: str  # when it came in
    path: str  # the input that it came in
    gone: tuple[Said, ...]
    new: tuple[Said, ...]


def revisions(connection: Connection, id_: str) -> Iterator[Revision]:
    """The analysed revisions of an article, the first one with all its claims as new.

    Claims are the same where their text, holder, camp, attitude and kind are, wherever they stand.
    """
    rows = connection.execute(
        select(documents.c.revision, documents.c.seen, documents.c.path, records.c.body)
        .join(records, records.c.document == documents.c.key)
        .where(documents.c.id == id_)
        .order_by(documents.c.revision, records.c.key)
    )
    latest = {number: (seen, path, body) for number, seen, path, body in rows}  # the newest record of each
    before: dict[tuple[object, ...], Said] = {}
    for number, (seen, path, body) in latest.items():
        now = _said(decode(body))
        gone = tuple(said for what, said in before.items() if what not in now)
        new = tuple(said for what, said in now.items() if what not in before)
        yield Revision(number, seen, path, gone, new)
        before = now


def _said(record: Record) -> dict[tuple[object, ...], Said]:
    said: dict[tuple[object, ...], Said] = {}
    for claim in record.claims:
        text = record.text[claim.start : claim.end]
        said[text, claim.holder, claim.camp, claim.attitude, claim.kind] = Said(text, claim)
    return said
