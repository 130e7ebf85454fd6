"""The batch run: inputs into the store, documents through the workers, records into the store.

One process reads, enters and writes; workers analyse. All that it must not forget is in the
ledger, so that it can be killed at any moment: see docs/store.md.
"""

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from lichang.batch.inputs import Chunk, chunks, is_same_content, path_of, size_of, state_of
from lichang.batch.pool import Pool, WorkerError, open_pool
from lichang.batch.worker import Analyzer, Done
from lichang.ingest import Fields, Place, find_places
from lichang.records import Provenance, Rejection
from lichang.store.documents import (
    InputState,
    begin_input,
    end_input,
    is_rejected,
    known_input,
    reject,
)
from lichang.store.lease import adopt, new_run
from lichang.store.ledger import (
    charge,
    has_stale,
    reopen_quarantined,
    reopen_stale,
    waiting,
    waiting_again,
)
from lichang.store.open import Store
from lichang.store.results import note_provenance, provenance_hash, write
from lichang.store.rows import Failure, Prepared, Waiting

_PAGE = 256  # documents read from the store at a time
_RECORDS = 256  # in a transaction: the fewer there are, the fewer pages of an index are written anew
_SECONDS = 1.0  # that a record waits for others to be written with it
_BYTES_A_CHARACTER = 3  # roughly, in UTF-8; tells how far into a large input a run is


@dataclass(frozen=True)
class Pipeline:
    """How a worker gets its pipeline, and what the records will say that they are made by.

    Both are called without arguments; `load` goes to other processes, so it must be picklable.
    `provenance` is to be cheap: a run that finds nothing to do loads no pipeline.
    """

    load: Callable[[], Analyzer]
    provenance: Callable[[], Provenance]


@dataclass(frozen=True)
class Limits:
    """How much is under way at once, and when to give up."""

    workers: int = 1
    batch_characters: int = (
        20_000  # a worker gets at a time: half a second's work, for a short wait at the end
    )
    batch_articles: int = 64
    max_tries: int = 3  # of a document, before it is quarantined
    batch_seconds: float = 600.0  # after which a worker counts as stuck


@dataclass
class Report:
    """What a run did; it grows as the run goes on."""

    inputs: int = 0  # read
    unchanged: int = 0  # inputs that did not have to be read
    bytes: int = 0  # of inputs, read or unchanged
    articles: int = 0  # read, of which …
    entered: int = 0  # … were new, and
    copies: int = 0  # … were copies of others
    resumed: int = 0  # left by an earlier run
    stale: int = 0  # to be done again, since something else made their records
    analyzed: int = 0
    retried: int = 0
    rejected: Counter[str] = field(default_factory=Counter)  # by reason
    quarantined: Counter[str] = field(default_factory=Counter)  # by reason

    @property
    def has_trouble(self) -> bool:
        """Did anything not become a record?"""
        return bool(self.rejected or self.quarantined)


OnProgress = Callable[[Report], None]


def ingest(
    sources: Iterable[str],
    store: Store,
    pipeline: Pipeline,
    *,
    fields: Fields | None = None,
    limits: Limits | None = None,
    fetch: bool = False,
    retry: bool = False,
    on_progress: OnProgress = lambda report: None,
) -> Report:
    """Bring the store up to date with the sources and the pipeline.

    First comes what earlier runs left undone, then what another pipeline made (with `retry` also what
    was quarantined), then the inputs that are new or have changed; addresses only with `fetch`. Raises
    `SourceError` for a source that is not there and `WorkerError` where no pipeline can be loaded.
    """
    places = find_places(sources, fetch=fetch)
    with new_run(store) as number:
        run = _Run(store, pipeline, number, fields or Fields(), limits or Limits(), on_progress)
        run.take_over(retry)
        run.process(places)
    return run.report


def take_over(store: Store, run: int, pipeline: Pipeline, report: Report, *, retry: bool = False) -> str:
    """Let all wait that earlier runs did not do, or did with another pipeline; the hash of this one.

    With `retry` also what was quarantined. The report is told how much that is.
    """
    report.resumed = adopt(store, run)
    with store.write() as connection:
        made_by = note_provenance(connection, pipeline.provenance())
        if has_stale(connection, made_by):
            report.stale = reopen_stale(connection, run, made_by)
        if retry:
            report.retried = reopen_quarantined(connection, run)
    return made_by


def cut(documents: Iterable[Waiting], limits: Limits) -> Iterator[list[Waiting]]:
    """The documents in batches of about as many characters; one that has failed before comes alone."""
    batch: list[Waiting] = []
    characters = 0
    for one in documents:
        if one.tries:
            yield [one]
            continue
        batch.append(one)
        characters += len(one.article.text)
        if characters >= limits.batch_characters or len(batch) == limits.batch_articles:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


class _Run:
    """One pass over the inputs: the queue of documents, and what comes back from the workers."""

    def __init__(
        self,
        store: Store,
        pipeline: Pipeline,
        number: int,
        fields: Fields,
        limits: Limits,
        on_progress: OnProgress,
    ) -> None:
        self.store = store
        self.pipeline = pipeline
        self.number = number
        self.fields = fields
        self.limits = limits
        self.on_progress = on_progress
        self.report = Report()
        self.failed: deque[Waiting] = deque()  # to be tried again
        self.made: list[Prepared] = []  # to be written
        self.written = time.monotonic()  # the last time that anything was
        self.made_by = ""

    def take_over(self, retry: bool) -> None:
        """Let all wait that earlier runs did not do, or did with another pipeline."""
        self.made_by = take_over(self.store, self.number, self.pipeline, self.report, retry=retry)

    def process(self, places: Iterable[Place | Rejection]) -> None:
        """Have everything analysed that waits or comes in."""
        batches = cut(self._documents(places), self.limits)
        first = next(batches, None)
        if first is None:
            return  # nothing to do: no worker is started
        limits = self.limits
        with open_pool(self.pipeline.load, limits.workers, seconds_a_batch=limits.batch_seconds) as pool:
            pool.submit(first)
            while True:
                # Reading stops while the workers have enough to do: memory stays flat.
                while pool.has_room and (batch := self._next_batch(batches)) is not None:
                    pool.submit(batch)
                if pool.is_idle:
                    self._write()
                    return
                for done in pool.outcomes():
                    self._settle(done, pool)

    def _next_batch(self, batches: Iterator[list[Waiting]]) -> list[Waiting] | None:
        if self.failed:
            return [self.failed.popleft()]  # alone, so that it takes no other with it
        return next(batches, None)

    def _documents(self, places: Iterable[Place | Rejection]) -> Iterator[Waiting]:
        yield from self._left_in_store()
        for found in places:
            if isinstance(found, Rejection):
                self._reject_path(found)
            else:
                yield from self._read(found)

    def _left_in_store(self) -> Iterator[Waiting]:
        after = 0
        while True:
            with self.store.read() as connection:
                page = waiting(connection, self.number, after=after, limit=_PAGE)
            if not page:
                return
            yield from page
            after = page[-1].key

    def _read(self, place: Place) -> Iterator[Waiting]:
        """Enter what an input holds and yield what is new of it."""
        path = path_of(place)
        with self.store.read() as connection:
            known = known_input(connection, path)
        state = state_of(place, known, self.fields)
        if is_same_content(state, known):
            self.report.unchanged += 1
        else:
            before = self.report.bytes
            with self.store.write() as connection:
                begin_input(connection, path)
            for chunk in chunks(place, self.fields):
                yield from self._enter(path, place.stem, chunk)
            self.report.inputs += 1
            self.report.bytes = before
        self.report.bytes += size_of(place)
        self._close_input(place, path, state, known)

    def _close_input(
        self, place: Place, path: str, state: InputState | None, known: InputState | None
    ) -> None:
        # A file that was written to while it was read is read again by the next run.
        if state is not None and state != known and state_of(place, state, self.fields) == state:
            with self.store.write() as connection:
                end_input(connection, path, state)
        self.on_progress(self.report)

    def _enter(self, path: str, stem: str, chunk: Chunk) -> list[Waiting]:
        # A run that finds nothing new goes without numpy, which they bring along.
        from lichang.copies import fingerprint
        from lichang.store.entry import register

        prints = [fingerprint(article.text) for article in chunk.articles]  # before others have to wait
        with self.store.write() as connection:
            reject(connection, path, chunk.rejections)
            new, copies = register(connection, self.number, path, chunk.articles, prints, stem=stem)
        self.report.rejected.update(one.reason for one in chunk.rejections)
        self.report.articles += len(chunk.articles)
        self.report.bytes += sum(len(article.text) * _BYTES_A_CHARACTER for article in chunk.articles)
        self.report.entered += len(new)
        self.report.copies += copies
        self.on_progress(self.report)
        return new

    def _reject_path(self, found: Rejection) -> None:
        """Note a path that no reader takes, once. An empty folder is none: something may yet come."""
        path = os.path.abspath(found.where)
        if found.reason == "empty" and os.path.isdir(path):
            return
        with self.store.write() as connection:
            if is_rejected(connection, path, found.reason):
                return
            begin_input(connection, path)
            reject(connection, path, [found])
        self.report.rejected[found.reason] += 1

    def _settle(self, done: Done, pool: Pool) -> None:
        """Take what a worker made, and count a try for what it could not do."""
        self._check_provenance(pool)
        self.made += done.prepared
        if len(self.made) >= _RECORDS or time.monotonic() - self.written > _SECONDS:
            self._write()
        if done.failures:
            self._charge(done.failures)
        self.on_progress(self.report)

    def _write(self) -> None:
        if self.made:
            with self.store.write() as connection:
                write(connection, self.made, self.made_by)
            self.report.analyzed += len(self.made)
        self.made = []
        self.written = time.monotonic()
        self.on_progress(self.report)

    def _charge(self, failures: list[Failure]) -> None:
        with self.store.write() as connection:
            charge(connection, failures, max_tries=self.limits.max_tries)
        with self.store.read() as connection:
            again = waiting_again(connection, [failure.document for failure in failures])
        self.failed.extend(again)
        left = {one.key for one in again}
        self.report.quarantined.update(f.reason for f in failures if f.document not in left)

    def _check_provenance(self, pool: Pool) -> None:
        if pool.provenance is not None and provenance_hash(pool.provenance) != self.made_by:
            raise WorkerError(
                f"the workers loaded {pool.provenance}, but {self.pipeline.provenance()} was announced; "
                "did a model change while the run started? Run it again"
            )
