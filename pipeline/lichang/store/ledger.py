"""What is left to do, what was tried, and why something was given up."""

from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec
from sqlalchemy import Connection, Select, bindparam, func, select, update
from sqlalchemy.sql.elements import ColumnElement

from lichang.records import Article
from lichang.store.documents import article_of, content_hash
from lichang.store.lease import now
from lichang.store.rows import Failure, Waiting
from lichang.store.schema import STAGES, documents, ledger, rejections


class Line(msgspec.Struct, frozen=True):
    """What the ledger says of one revision of an article at one stage."""

    revision: int
    path: str  # the input that it came in
    stage: str
    state: str
    tries: int
    reason: str | None
    detail: str | None
    made_by: str | None
    at: str


class Trouble(msgspec.Struct, frozen=True):
    """A reason and how many inputs or documents it holds back."""

    where: str  # a stage of the ledger, or "read" for rejected inputs
    reason: str
    count: int
    example: str  # the sentence of one of them


def waiting(connection: Connection, run: int, *, after: int, limit: int) -> list[Waiting]:
    """The run's next documents to analyse, in the order in which they were first seen."""
    of_run = (ledger.c.run == run, documents.c.key > after)
    return _waiting(connection, _select_waiting().where(*of_run).limit(limit))


def waiting_again(connection: Connection, keys: Collection[int]) -> list[Waiting]:
    """Those of the documents that are still to be analysed."""
    return _waiting(connection, _select_waiting().where(documents.c.key.in_(list(keys))))


def waiting_among(connection: Connection, run: int, articles: Sequence[Article]) -> list[Waiting]:
    """Those of the articles, in just this content, that are the run's to analyse."""
    ids, hashes = [article.id for article in articles], [content_hash(article) for article in articles]
    wanted = (ledger.c.run == run, documents.c.id.in_(ids), documents.c.hash.in_(hashes))
    return _waiting(connection, _select_waiting().where(*wanted))


def settled(connection: Connection) -> Iterator[str]:
    """The content hashes of all documents that nothing is left to do for."""
    wanted = (
        select(documents.c.hash)
        .join(ledger, ledger.c.document == documents.c.key)
        .where(ledger.c.stage == "analyze", ledger.c.state.in_(("done", "skipped", "quarantined")))
    )
    yield from connection.execution_options(stream_results=True, yield_per=1000).scalars(wanted)


def _select_waiting() -> Select[bytes, str, int, int]:
    return (
        select(documents.c.head, documents.c.text, documents.c.key, ledger.c.tries)
        .join(ledger, ledger.c.document == documents.c.key)
        .where(ledger.c.stage == "analyze", ledger.c.state.in_(("pending", "failed")))
        .order_by(documents.c.key)
    )


def _waiting(connection: Connection, wanted: Select[bytes, str, int, int]) -> list[Waiting]:
    rows = connection.execute(wanted)
    return [Waiting(key, article_of(head, text), tries) for head, text, key, tries in rows]


def charge(connection: Connection, failures: Sequence[Failure], *, max_tries: int) -> None:
    """Count one try against each document; those that have had their tries are quarantined."""
    one = _at("analyze", ledger.c.document == bindparam("key"))
    connection.execute(
        update(ledger)
        .where(one)
        .values(
            state="failed",
            tries=ledger.c.tries + 1,
            reason=bindparam("why"),
            detail=bindparam("how"),
            at=now(),
        ),
        [{"key": f.document, "why": f.reason, "how": f.detail} for f in failures],
    )
    among = ledger.c.document.in_([failure.document for failure in failures])
    connection.execute(
        update(ledger).where(_at("analyze", among), ledger.c.tries >= max_tries).values(state="quarantined")
    )


def mark_done(connection: Connection, keys: Iterable[int], made_by: str) -> None:
    """The documents have a record made by this."""
    connection.execute(
        update(ledger)
        .where(_at("analyze", ledger.c.document.in_(list(keys))))
        .values(state="done", made_by=made_by, reason=None, detail=None, at=now())
    )


def mark_revised(connection: Connection, keys: Collection[int]) -> None:
    """Later revisions have taken the documents' places; nothing is left to do for them."""
    if keys:
        connection.execute(
            update(ledger)
            .where(_at("analyze", ledger.c.document.in_(list(keys))))
            .values(state="skipped", reason="revised", detail="a later revision took its place", at=now())
        )


def reopen_stale(connection: Connection, run: int, made_by: str) -> int:
    """Let all documents whose record was made by something else wait again; how many."""
    return connection.execute(
        update(ledger)
        .where(ledger.c.stage == "analyze", ledger.c.state == "done", ledger.c.made_by != made_by)
        .values(state="pending", tries=0, run=run, at=now())
    ).rowcount


def has_stale(connection: Connection, made_by: str) -> bool:
    """Was any record made by something else? A look at an index, whatever the store's size."""
    made = select(ledger.c.made_by).where(ledger.c.stage == "analyze", ledger.c.state == "done").distinct()
    return any(other != made_by for other in connection.scalars(made))


def reopen_quarantined(connection: Connection, run: int) -> int:
    """Give the documents in quarantine their tries back; how many."""
    return connection.execute(
        update(ledger)
        .where(ledger.c.state == "quarantined")
        .values(state="pending", tries=0, run=run, at=now())
    ).rowcount


def lines_of(connection: Connection, id_: str) -> list[Line]:
    """All that the ledger says of an article, its first revision first."""
    rows = connection.execute(
        select(
            documents.c.revision,
            documents.c.path,
            ledger.c.stage,
            ledger.c.state,
            ledger.c.tries,
            ledger.c.reason,
            ledger.c.detail,
            ledger.c.made_by,
            ledger.c.at,
        )
        .join(ledger, ledger.c.document == documents.c.key)
        .where(documents.c.id == id_)
    )
    return sorted((Line(*row) for row in rows), key=lambda line: (line.revision, STAGES.index(line.stage)))


def count_states(connection: Connection) -> dict[str, dict[str, int]]:
    """How many documents stand in which state, by stage."""
    counts: dict[str, dict[str, int]] = {}
    rows = connection.execute(
        select(ledger.c.stage, ledger.c.state, func.count()).group_by(ledger.c.stage, ledger.c.state)
    )
    for stage, state, count in rows:
        counts.setdefault(stage, {})[state] = count
    return counts


def troubles(connection: Connection) -> list[Trouble]:
    """Why inputs were turned away and documents given up, the most frequent reason first."""
    turned_away = connection.execute(
        select(rejections.c.reason, func.count(), func.min(rejections.c.detail)).group_by(rejections.c.reason)
    )
    given_up = connection.execute(
        select(ledger.c.stage, ledger.c.reason, func.count(), func.min(ledger.c.detail))
        .where(ledger.c.state == "quarantined")
        .group_by(ledger.c.stage, ledger.c.reason)
    )
    found = [Trouble("read", reason, count, example) for reason, count, example in turned_away]
    found += [Trouble(stage, reason, count, example) for stage, reason, count, example in given_up]
    return sorted(found, key=lambda trouble: -trouble.count)


def _at(stage: str, which: ColumnElement[bool]) -> ColumnElement[bool]:
    return (ledger.c.stage == stage) & which
