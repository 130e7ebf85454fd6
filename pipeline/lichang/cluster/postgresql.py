"""Records into a store on PostgreSQL, written by every actor at once.

The ledger of the store is the checkpoint. What an actor was at when its node was lost stands in the ledger
as waiting; whoever gets the articles next finds them there.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from lichang import __version__
from lichang.batch.run import Limits
from lichang.batch.worker import Analyzer
from lichang.cluster.desk import Desk
from lichang.cluster.rows import articles_of, content_key, rows_of_articles, tell
from lichang.cluster.sources import File
from lichang.copies import fingerprint
from lichang.ingest import Fields
from lichang.records import Article, Provenance, Rejection
from lichang.store import ledger
from lichang.store.documents import InputState, begin_input, end_input, known_input, reject
from lichang.store.entry import register
from lichang.store.open import Store, open_store
from lichang.store.results import provenance_hash, write

_PAGE = 256  # documents read from the store at a time


class StoreSink(NamedTuple):
    """A store and the run that writes to it; small, since it goes to every actor."""

    where: str
    run: int
    provenance: Provenance


def known(store: Store) -> npt.NDArray[np.int64]:
    """The content hashes of all articles that are done."""
    with store.read() as connection:
        return np.array(sorted(map(content_key, ledger.settled(connection))), np.int64)


def left(store: Store, run: int) -> Iterator[pa.Table]:
    """What earlier runs left undone and this one has taken over, a page of `ARTICLE_ROW` at a time."""
    after = 0
    while True:
        with store.read() as connection:
            page = ledger.waiting(connection, run, after=after, limit=_PAGE)
        if not page:
            return
        yield rows_of_articles([one.article for one in page], (one.key for one in page))
        after = page[-1].key


def keep_rejections(store: Store, files: Iterable[File], found: Iterable[tuple[str, Rejection]]) -> None:
    """Note what was turned away, with the path of its file, in the place of what was noted of it before."""
    by_path: defaultdict[str, list[Rejection]] = defaultdict(list)
    for path, rejection in found:
        by_path[path].append(rejection)
    with store.write() as connection:
        for path in {*(file.where for file in files), *by_path}:
            begin_input(connection, path)
            reject(connection, path, by_path[path])


def unchanged(store: Store, file: File, fields: Fields) -> bool:
    """Was the file read to its end as it stands, by size and date?"""
    with store.read() as connection:
        return known_input(connection, file.where) == state_of(file, fields)


def note_read(store: Store, files: Iterable[File], fields: Fields) -> None:
    """Note that all of the files have been entered, so that the next run leaves them closed."""
    with store.write() as connection:
        for file in files:
            end_input(connection, file.where, state_of(file, fields))


def state_of(file: File, fields: Fields) -> InputState:
    """What tells a file from a later one under its name; bytes far away are not read for a hash."""
    version = f"{file.size} {file.mtime_ns}"
    return InputState(file.size, file.mtime_ns, version, f"{__version__} {fields}")


class StoreAnalyst:
    """The actor: articles in, rows of the store written, counts out."""

    def __init__(self, sink: StoreSink, load: Callable[[], Analyzer], limits: Limits) -> None:
        self._desk = Desk(load, sink.provenance, limits)
        self._store = open_store(sink.where, create=False)
        self._run = sink.run
        self._made_by = provenance_hash(sink.provenance)

    def __call__(self, table: pa.Table) -> pa.Table:
        """Enter a table of `ARTICLE_ROW`, analyse what waits of it, write the records; a row of `RESULT_ROW`."""
        return tell(self._analyze, table)

    def _analyze(self, table: pa.Table) -> tuple[int, list[Rejection]]:
        self._enter(table)
        with self._store.read() as connection:
            waiting = ledger.waiting_among(connection, self._run, articles_of(table))
        done = self._desk.analyze(waiting)
        with self._store.write() as connection:
            if done.prepared:
                write(connection, done.prepared, self._made_by)
            if done.failures:
                ledger.charge(connection, done.failures, max_tries=0)
        ids = {one.key: one.article.id for one in waiting}
        return len(done.prepared), [
            Rejection(id=ids[one.document], where=ids[one.document], reason=one.reason, detail=one.detail)
            for one in done.failures
        ]

    def _enter(self, table: pa.Table) -> None:
        by_path: defaultdict[str, list[Article]] = defaultdict(list)
        for article, path in zip(articles_of(table), table["path"].to_pylist(), strict=True):
            by_path[path].append(article)
        for path, articles in by_path.items():
            prints = [fingerprint(article.text) for article in articles]
            with self._store.write() as connection:
                register(connection, self._run, path, articles, prints)
