"""Figures in conflict across the store, found beside the pages and kept for a minute."""

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from lichang.figures.conflicts import Conflict, conflicts
from lichang.records import Figure, Record
from lichang.review.queries import keys_of
from lichang.store.judged import as_left
from lichang.store.open import Store
from lichang.store.schema import events, figures, records
from lichang.store.standing import judge_row

_FRESH = 60.0  # seconds
_MOST_SUBJECTS = 200
_MOST_ARTICLES = 400
_MOST_RIVALS = 3  # shown of a figure


class Rival(msgspec.Struct, frozen=True):
    """A figure that another one is in conflict with."""

    document: int  # documents.key of its article
    figure: Figure


class Disputes(msgspec.Struct, frozen=True):
    """The conflicts found, and the claims that their figures stand in."""

    found: tuple[Conflict, ...]
    claims: frozenset[int]  # claims.key
    documents: dict[str, int]  # documents.key of the articles with figures in conflict, by their ids

    def rivals(self, article: str) -> dict[str, list[Rival]]:
        """What each figure of an article is in conflict with, by its id; one that is repeated counts once."""
        found: dict[str, dict[tuple[int, str], Rival]] = {}
        for conflict in self.found:
            pair = conflict.first, conflict.second
            for own, other in (pair, pair[::-1]):
                if own.record == article:
                    rival = Rival(self.documents[other.record], other.figure)
                    found.setdefault(own.figure.id, {})[rival.document, other.figure.text] = rival
        return {figure: list(rivals.values())[:_MOST_RIVALS] for figure, rivals in found.items()}


def find_disputes(connection: Connection) -> Disputes:
    """Conflicts among the subjects that are measured most often."""
    subjects = (
        select(figures.c.kind, figures.c.of, figures.c.unit)
        .where(figures.c.of.is_not(None), figures.c.low.is_not(None), func.length(figures.c.of) > 1)
        .group_by(figures.c.kind, figures.c.of, figures.c.unit)
        .having(func.max(figures.c.low) > func.min(figures.c.high))
        .order_by(func.count().desc())
        .limit(_MOST_SUBJECTS)
        .subquery()
    )
    articles = connection.scalars(
        select(figures.c.document)
        .distinct()
        .join(subjects, (figures.c.of == subjects.c.of) & (figures.c.kind == subjects.c.kind))
        .limit(_MOST_ARTICLES)
    ).all()
    known = list(_as_left(connection, articles))
    found = tuple(conflicts(record for _, record in known))
    owners = {(record.id, figure.id): figure.claim for _, record in known for figure in record.figures}
    places = [(place.record, place.figure.id) for one in found for place in (one.first, one.second)]
    items = {(article, claim) for article, id_ in places if (claim := owners[article, id_])}
    known_as = {place.record for one in found for place in (one.first, one.second)}
    documents = {record.id: key for key, record in known if record.id in known_as}
    return Disputes(found, keys_of(connection, items), documents)


def _as_left(connection: Connection, articles: Sequence[int]) -> Iterator[tuple[int, Record]]:
    """The current records of these articles as people left them, each with its document's key."""
    chosen = (records.c.current, records.c.document.in_(articles))
    touched = set(connection.scalars(select(events.c.record).join(records).where(*chosen)))
    rows = connection.execute(select(records.c.key, records.c.document, records.c.body).where(*chosen))
    for key, document, body in rows.all():
        yield document, as_left(judge_row(connection, key, body, touched))


class DisputeDesk:
    """The latest disputes; asking for stale ones returns them and has new ones looked for meanwhile."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known: Disputes | None = None
        self._at = 0.0

    def current(self) -> Disputes:
        """The disputes as they were at most a minute before the last time that somebody asked."""
        known = self._known
        if known is None:
            with self._lock:
                return self._known or self._look()
        if time.monotonic() - self._at > _FRESH and self._lock.acquire(blocking=False):
            threading.Thread(target=self._look_and_release, daemon=True).start()
        return known

    def _look_and_release(self) -> None:
        try:
            self._look()
        finally:
            self._lock.release()

    def _look(self) -> Disputes:
        with self._store.read() as connection:
            self._known = find_disputes(connection)
        self._at = time.monotonic()
        return self._known


def subject(conflict: Conflict) -> dict[str, Any]:
    """A conflict as the page and the API show it."""
    return {
        "subject": conflict.subject,
        "places": [
            {"article": place.record, "figure": place.figure.id, "text": place.figure.text}
            for place in (conflict.first, conflict.second)
        ],
    }
