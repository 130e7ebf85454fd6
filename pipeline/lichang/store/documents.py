"""What came in: articles, each exactly once, with their revisions; and what was turned away."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import msgspec
from sqlalchemy import Connection, delete, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite

from lichang.records import Article, Rejection
from lichang.store.lease import now
from lichang.store.schema import documents, inputs, ledger, rejections


class Waiting(msgspec.Struct, frozen=True):
    """An article that is to be analysed."""

    key: int  # documents.key
    article: Article
    tries: int = 0  # that ended without a result


class InputState(msgspec.Struct, frozen=True):
    """What tells whether an input has changed since it was read."""

    size: int  # bytes
    mtime_ns: int
    hash: str  # of the bytes
    reader: str  # hash of the version and settings that read it


def content_hash(article: Article) -> str:
    """A hash of all that an article says, 32 hexadecimal digits."""
    return blake2b(msgspec.json.encode(article), digest_size=16).hexdigest()


def article_of(head: bytes, text: str) -> Article:
    """The article that documents.head and documents.text hold."""
    return msgspec.structs.replace(msgspec.json.decode(head, type=Article), text=text)


def register(connection: Connection, run: int, path: str, articles: Sequence[Article]) -> list[Waiting]:
    """Enter the articles that the store does not have, as they stand; those now wait for analysis.

    An article whose id is known with other content is a new revision. Serialised against other
    writers, so that two runs on the same input enter each article once.
    """
    _queue_up(connection)
    hashes, latest = _known(connection, {article.id for article in articles})
    rows, fresh = [], []
    for article in articles:
        hash_ = content_hash(article)
        if (article.id, hash_) in hashes:
            continue
        hashes.add((article.id, hash_))
        latest[article.id] = revision = latest.get(article.id, 0) + 1
        fresh.append(article)
        rows.append(_row(article, hash_, revision, path))
    if not rows:
        return []
    numbered = insert(documents).returning(documents.c.key, sort_by_parameter_order=True)
    keys = connection.scalars(numbered, rows).all()
    _open_ledger(connection, run, keys, [str(row["hash"]) for row in rows])
    return [Waiting(key, article) for key, article in zip(keys, fresh, strict=True)]


def _queue_up(connection: Connection) -> None:
    # SQLite writers queue from BEGIN IMMEDIATE on; on PostgreSQL this lock does the same for registering.
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('lichang register'))"))


def _known(connection: Connection, ids: Iterable[str]) -> tuple[set[tuple[str, str]], dict[str, int]]:
    found = connection.execute(
        select(documents.c.id, documents.c.hash, documents.c.revision).where(documents.c.id.in_(list(ids)))
    ).all()
    latest: dict[str, int] = {}
    for id_, _, revision in found:
        latest[id_] = max(revision, latest.get(id_, 0))
    return {(id_, hash_) for id_, hash_, _ in found}, latest


def _row(article: Article, hash_: str, revision: int, path: str) -> dict[str, object]:
    return {
        "id": article.id,
        "revision": revision,
        "hash": hash_,
        "outlet": article.source,
        "published": article.published,
        "path": path,
        "seen": now(),
        "head": msgspec.json.encode(msgspec.structs.replace(article, text="")),
        "text": article.text,
    }


def _open_ledger(connection: Connection, run: int, keys: Sequence[int], hashes: Sequence[str]) -> None:
    at = now()
    rows = []
    for key, hash_ in zip(keys, hashes, strict=True):
        same = {"document": key, "run": run, "at": at}
        rows.append({**same, "stage": "read", "state": "done", "made_by": hash_})
        rows.append({**same, "stage": "analyze", "state": "pending", "made_by": None})
    connection.execute(insert(ledger), rows)


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


def known_inputs(connection: Connection) -> dict[str, InputState]:
    """The inputs that were read to their end, by path."""
    rows = connection.execute(
        select(inputs.c.path, inputs.c.size, inputs.c.mtime_ns, inputs.c.hash, inputs.c.reader)
    )
    return {path: InputState(*state) for path, *state in rows}
