"""What a worker process does: load the pipeline once, then turn articles into rows, batch by batch."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread
from typing import Protocol

import msgspec

from lichang.records import Article, Provenance, Record
from lichang.store.rows import Failure, Prepared, Waiting, prepare
from lichang.store.words import index_words

_LONGEST_DETAIL = 500  # characters


class Analyzer(Protocol):
    """What `lichang.load` returns, as far as a batch run uses it."""

    @property
    def provenance(self) -> Provenance:
        """What its records are made by."""
        ...

    def pipe(self, articles: Iterable[Article], *, batch_size: int = ...) -> Iterator[Record]:
        """One record an article, in order."""
        ...


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The pipeline is loaded."""

    provenance: Provenance


class Broken(msgspec.Struct, frozen=True, tag=True):
    """The pipeline cannot be loaded; another try would end the same way."""

    problem: str


class Done(msgspec.Struct, frozen=True, tag=True):
    """What became of a batch: each of its documents is in one of the two."""

    prepared: list[Prepared]
    failures: list[Failure]


Message = Ready | Broken | Done


def work(connection: Connection, load: Callable[[], Analyzer], threads: int) -> None:
    """Serve the parent at the other end of the connection until it hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))  # before numpy is imported
    # When the parent is gone, what it did not get is done again by the next run.
    with suppress(BrokenPipeError, ConnectionResetError, EOFError):
        _serve(connection, load)


def _serve(connection: Connection, load: Callable[[], Analyzer]) -> None:
    # A thread empties the pipe, so that the parent never waits for room in it, be it that we load or
    # that we wait for room in the other direction; the parent limits how many batches are under way.
    inbox: SimpleQueue[list[Waiting] | None] = SimpleQueue()
    Thread(target=_receive, args=(connection, inbox), daemon=True).start()
    try:
        analyzer = load()
        index_words("预热")  # loads the dictionary, so that no batch is timed with it
    except Exception as error:
        _send(connection, Broken(describe(error)))
        return
    _send(connection, Ready(analyzer.provenance))
    while (batch := inbox.get()) is not None:
        _send(connection, analyze(analyzer, batch))


def _receive(connection: Connection, inbox: "SimpleQueue[list[Waiting] | None]") -> None:
    decoder = msgspec.msgpack.Decoder(list[Waiting])
    try:
        while True:
            inbox.put(decoder.decode(connection.recv_bytes()))
    except (EOFError, OSError):
        inbox.put(None)


def _send(connection: Connection, message: Message) -> None:
    connection.send_bytes(msgspec.msgpack.encode(message))


def analyze(analyzer: Analyzer, batch: Sequence[Waiting]) -> Done:
    """Analyse a batch; where an article raises, the others still get their records."""
    try:
        return Done(_prepare_all(analyzer, batch), [])
    except Exception as error:
        if len(batch) == 1:
            return Done([], [Failure(batch[0].key, "error", describe(error))])
    alone = [analyze(analyzer, [one]) for one in batch]
    return Done([p for done in alone for p in done.prepared], [f for done in alone for f in done.failures])


def _prepare_all(analyzer: Analyzer, batch: Sequence[Waiting]) -> list[Prepared]:
    found = analyzer.pipe([one.article for one in batch])
    return [prepare(one.key, record) for one, record in zip(batch, found, strict=True)]


def describe(error: Exception) -> str:
    """An error in a line, its kind first."""
    return f"{type(error).__name__}: {error}"[:_LONGEST_DETAIL]
