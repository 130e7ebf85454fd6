"""What came in: the state of inputs, what was turned away, and articles as they were entered."""

from collections.abc import Sequence
from hashlib import blake2b

import msgspec
from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from lichang.records import Article, Rejection
from lichang.store.lease import now
from lichang.store.schema import documents, inputs, rejections


class InputState(msgspec.Struct, frozen=True):
    """What tells whether an input has changed since it was read."""

    size: int  # bytes
    mtime_ns: int
    hash: str  # of the bytes
    reader: str  # hash of the version and settings that read it


class Copy(msgspec.Struct, frozen=True):
    """Another printing of an article."""

    id: str
    outlet: str | None
    published: str | None
    path: str  # the input that it came in


def article_of(head: bytes, text: str) -> Article:
    """The article that documents.head and documents.text hold."""
    return msgspec.structs.replace(msgspec.json.decode(head, type=Article), text=text)


def content_hash(article: Article) -> str:
    """A hash of all that an analysis goes by, 32 hexadecimal digits.

    Where a field was found does not count, nor an address: the same words under another are no revision.
    """
    said = (article.id, article.text, article.title, article.source, article.published, article.script)
    return blake2b(msgspec.json.encode(said), digest_size=16).hexdigest()


def read_article(connection: Connection, id_: str) -> Article | None:
    """The newest revision of an article; None where there is none."""
    newest = select(documents.c.head, documents.c.text).where(documents.c.id == id_)
    row = connection.execute(newest.order_by(documents.c.revision.desc()).limit(1)).first()
    return None if row is None else article_of(*row)


def copies_of(connection: Connection, id_: str) -> list[Copy]:
    """The copies of an article, whichever of its revisions they are like, in order of arrival."""
    original = documents.alias()
    rows = connection.execute(
        select(documents.c.id, documents.c.outlet, documents.c.published, documents.c.path)
        .join(original, original.c.key == documents.c.copy_of)
        .where(original.c.id == id_)
        .order_by(documents.c.key)
    )
    return [Copy(*row) for row in rows]


def reject(connection: Connection, path: str, rejected: Sequence[Rejection]) -> None:
    """Note what was turned away of an input."""
    at = now()
    rows = [
        {"path": path, "place": r.where, "article": r.id, "reason": r.reason, "detail": r.detail, "at": at}
        for r in rejected
    ]
    if rows:
        connection.execute(insert(rejections), rows)


def begin_input(connection: Connection, path: str) -> None:
    """Forget what an earlier reading of the input turned away: it is about to be read again."""
    connection.execute(delete(rejections).where(rejections.c.path == path))


def end_input(connection: Connection, path: str, state: InputState) -> None:
    """Note that all of an input has been entered, so that it is not opened again until it changes."""
    values = {**msgspec.structs.asdict(state), "read_at": now()}
    into = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(
        into(inputs).values(path=path, **values).on_conflict_do_update(index_elements=["path"], set_=values)
    )


def known_input(connection: Connection, path: str) -> InputState | None:
    """The state of an input when it was read to its end, None if it never was."""
    columns = (inputs.c.size, inputs.c.mtime_ns, inputs.c.hash, inputs.c.reader)
    row = connection.execute(select(*columns).where(inputs.c.path == path)).first()
    return None if row is None else InputState(*row)


def is_rejected(connection: Connection, path: str, reason: str) -> bool:
    """Was the whole of an input turned away for this reason before?"""
    found = select(rejections.c.id).where(rejections.c.path == path, rejections.c.reason == reason)
    return connection.scalar(found.limit(1)) is not None
