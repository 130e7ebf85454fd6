"""What came in: articles, each exactly once, with their revisions; and what was turned away."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import msgspec
from sqlalchemy import Connection, delete, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite

from lichang.records import Article, Rejection
from lichang.store.lease import now
from lichang.store.rows import Waiting
from lichang.store.schema import documents, inputs, ledger, rejections


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


def register(
    connection: Connection, run: int, path: str, articles: Sequence[Article], *, stem: str = ""
) -> list[Waiting]:
    """Enter the articles that the store does not have, as they stand; those now wait for analysis.

    An article whose id is known with other content is a new revision; but where the id is no more
    than the file's name (`stem`) and the known one came from another file, it gets a longer id.
    Serialised against other writers, so that two runs on one input enter each article once.
    """
    _queue_up(connection)
    articles = _tell_apart(connection, path, articles, stem)
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
    # SQLite writers queue from BEGIN IMMEDIATE on; on PostgreSQL this lock does it for registering.
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('lichang register'))"))


def _tell_apart(
    connection: Connection, path: str, articles: Sequence[Article], stem: str
) -> Sequence[Article]:
    """Give an article with the name of another folder's file an id of its own."""
    if not any(article.id == stem for article in articles):
        return articles
    others = select(documents.c.key).where(documents.c.id == stem, documents.c.path != path).limit(1)
    if connection.scalar(others) is None:
        return articles
    own = f"{stem}-{blake2b(path.encode('utf-8', 'surrogateescape'), digest_size=4).hexdigest()}"
    return [msgspec.structs.replace(a, id=own) if a.id == stem else a for a in articles]


def _known(connection: Connection, ids: Iterable[str]) -> tuple[set[tuple[str, str]], dict[str, int]]:
    """The ids and hashes of all revisions, and the latest revision by id."""
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


def known_input(connection: Connection, path: str) -> InputState | None:
    """The state of an input when it was read to its end, None if it never was."""
    columns = (inputs.c.size, inputs.c.mtime_ns, inputs.c.hash, inputs.c.reader)
    row = connection.execute(select(*columns).where(inputs.c.path == path)).first()
    return None if row is None else InputState(*row)


def is_rejected(connection: Connection, path: str, reason: str) -> bool:
    """Was the whole of an input turned away for this reason before?"""
    found = select(rejections.c.id).where(rejections.c.path == path, rejections.c.reason == reason)
    return connection.scalar(found.limit(1)) is not None
