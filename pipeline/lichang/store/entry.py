"""Entering articles: each exactly once, as a new one, a revision of one, or a copy of another."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, text, update

from lichang.copies import Fingerprint
from lichang.records import Article
from lichang.store.bulk import insert_many
from lichang.store.compare import METHOD, Comparer, Original
from lichang.store.documents import content_hash
from lichang.store.lease import now
from lichang.store.rows import Waiting
from lichang.store.schema import documents, ledger


def register(
    connection: Connection,
    run: int,
    path: str,
    articles: Sequence[Article],
    prints: Sequence[Fingerprint],
    *,
    stem: str = "",
) -> tuple[list[Waiting], int]:
    """Enter the articles that the store does not have; those that now wait for analysis, and how many do not.

    An article whose id is known with other content is a new revision; but where the id is no more
    than the file's name (`stem`) and the known one came from another file, it gets a longer id.
    Copies of other articles are entered as such and do not wait; they are counted. `prints` are the
    articles' fingerprints. Serialised against other writers, so that two runs on one input enter each
    article once.
    """
    _queue_up(connection)
    articles = _tell_apart(connection, path, articles, stem)
    new = _new(connection, path, articles)
    if not new:
        return [], 0
    numbered = insert(documents).returning(documents.c.key, sort_by_parameter_order=True)
    keys = connection.scalars(numbered, [row for _, row in new]).all()
    entered = [articles[place] for place, _ in new]
    originals = _compare(connection, keys, entered, [prints[place] for place, _ in new])
    _open_ledger(connection, run, keys, [row["hash"] for _, row in new], originals)
    waiting = [Waiting(key, one) for key, one in zip(keys, entered, strict=True) if key not in originals]
    return waiting, len(originals)


def _new(connection: Connection, path: str, articles: Sequence[Article]) -> list[tuple[int, dict[str, Any]]]:
    """The rows of the articles that the store does not have as they stand, each with its place."""
    hashes, latest = _known(connection, {article.id for article in articles})
    rows = []
    for place, article in enumerate(articles):
        hash_ = content_hash(article)
        if (article.id, hash_) not in hashes:
            hashes.add((article.id, hash_))
            latest[article.id] = revision = latest.get(article.id, 0) + 1
            rows.append((place, _row(article, hash_, revision, path)))
    return rows


def _compare(
    connection: Connection, keys: Sequence[int], articles: Sequence[Article], prints: Sequence[Fingerprint]
) -> dict[int, Original]:
    """The originals of those of the documents that are copies, by the copy's key."""
    comparer = Comparer(connection, articles, prints)
    originals = {}
    for place, key in enumerate(keys):
        original = comparer.original(place)
        if original is None:
            comparer.add(place, key)
        else:
            originals[key] = original
    comparer.save()
    if originals:
        connection.execute(
            update(documents).where(documents.c.key == bindparam("copy")).values(copy_of=bindparam("of")),
            [{"copy": key, "of": original.key} for key, original in originals.items()],
        )
    return originals


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


def _row(article: Article, hash_: str, revision: int, path: str) -> dict[str, Any]:
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


def _open_ledger(
    connection: Connection,
    run: int,
    keys: Sequence[int],
    hashes: Sequence[str],
    originals: Mapping[int, Original],
) -> None:
    columns = ("document", "run", "at", "stage", "state", "made_by", "reason", "detail")
    at = now()
    rows: list[tuple[Any, ...]] = []
    for key, hash_ in zip(keys, hashes, strict=True):
        rows.append((key, run, at, "read", "done", hash_, None, None))
        rows.append((key, run, at, "compare", "done", METHOD, None, None))
        rows.append((key, run, at, "analyze", *_to_analyze(originals.get(key))))
    insert_many(connection, ledger, columns, rows)


def _to_analyze(original: Original | None) -> tuple[str, None, str | None, str | None]:
    if original is None:
        return "pending", None, None, None
    return "skipped", None, "copy", f"of {original.id}, similarity {original.similarity:.2f}"
