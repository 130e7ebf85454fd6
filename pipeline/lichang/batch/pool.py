"""Worker processes, and what happens when one of them dies.

`concurrent.futures` gives up on all work when a process of its pool dies. Here a dead worker costs
the batch that it was at a try, and nothing else: the batch that waited behind it goes to another.
"""

import multiprocessing
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess

import msgspec

from lichang.batch.worker import Analyzer, Broken, Done, Message, Ready, work
from lichang.errors import LichangError
from lichang.records import Provenance
from lichang.store.rows import Failure, Waiting

# Another batch waits in the worker while it works, so that it never waits for the parent's database.
_UNDER_WAY = 2


class WorkerError(LichangError):
    """Workers cannot do their work at all, whatever the article."""


class _Worker:
    def __init__(self, load: Callable[[], Analyzer], threads: int) -> None:
        context = multiprocessing.get_context("spawn")  # fork copies locks and threads of the parent
        self.connection, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(target=work, args=(theirs, load, threads), daemon=True)
        self.process.start()
        theirs.close()  # so that its death ends our connection
        self.batches: deque[list[Waiting]] = deque()  # the first is being worked at
        self.since = time.monotonic()  # when the first one's turn came
        self.ready = False

    def stop(self) -> None:
        self.connection.close()
        self.process.kill()  # it has nothing to lose
        self.process.join()
        self.process.close()


class Pool:
    """Workers with a pipeline each; use `open_pool`, which stops them again."""

    def __init__(self, load: Callable[[], Analyzer], size: int, seconds_a_batch: float) -> None:
        self._load = load
        self._seconds = seconds_a_batch
        self._threads = max(1, (os.cpu_count() or 1) // size)
        self._workers = [_Worker(load, self._threads) for _ in range(size)]
        self._decode = msgspec.msgpack.Decoder(Message).decode
        self.provenance: Provenance | None = None  # as the workers report it, once one is ready

    @property
    def has_room(self) -> bool:
        """May another batch be submitted? Not while two a worker are under way."""
        return len(self._workers) * _UNDER_WAY > self._under_way

    @property
    def is_idle(self) -> bool:
        """Is nothing under way?"""
        return self._under_way == 0

    @property
    def _under_way(self) -> int:
        return sum(len(worker.batches) for worker in self._workers)

    def submit(self, batch: list[Waiting]) -> None:
        """Hand a batch to the worker with the least to do."""
        worker = min(self._workers, key=lambda worker: len(worker.batches))
        if not worker.batches:
            worker.since = time.monotonic()
        worker.batches.append(batch)
        with suppress(OSError):  # it has died; `outcomes` finds out and deals with it
            worker.connection.send_bytes(msgspec.msgpack.encode(batch))

    def outcomes(self) -> Iterator[Done]:
        """Wait until something is done, and yield it. Raises `WorkerError` if no pipeline can be loaded."""
        ready = wait([worker.connection for worker in self._workers], timeout=self._patience())
        for index, worker in enumerate(self._workers):
            if worker.connection in ready:
                yield from self._receive(index, worker)
            elif worker.ready and worker.batches and time.monotonic() - worker.since > self._seconds:
                yield self._replace(index, "timeout", f"not done after {self._seconds:g} seconds")

    def _patience(self) -> float:
        """Seconds until the first batch that is being worked at is overdue."""
        turns = [worker.since for worker in self._workers if worker.batches]
        return max(0.05, min(turns, default=time.monotonic()) + self._seconds - time.monotonic())

    def _receive(self, index: int, worker: _Worker) -> Iterator[Done]:
        try:
            message: Message = self._decode(worker.connection.recv_bytes())
        except (EOFError, OSError):
            yield self._replace(index, "crash", "the worker process died")
            return
        if isinstance(message, Broken):
            raise WorkerError(f"the pipeline cannot be loaded: {message.problem}; try `lichang doctor`")
        worker.since = time.monotonic()
        if isinstance(message, Ready):
            worker.ready = True
            self.provenance = message.provenance
        else:
            worker.batches.popleft()
            yield message

    def _replace(self, index: int, reason: str, detail: str) -> Done:
        """Start another worker in the place of one that is lost; its batch has failed."""
        lost = self._workers[index]
        lost.process.kill()
        lost.process.join()
        code = lost.process.exitcode
        lost.stop()
        if not lost.ready:
            raise WorkerError(f"a worker died loading the pipeline (exit code {code}); try `lichang doctor`")
        batch = lost.batches.popleft() if lost.batches else []
        self._workers[index] = _Worker(self._load, self._threads)
        for behind in lost.batches:
            self.submit(behind)
        if reason == "crash":
            detail += f" (exit code {code}); the article may need more memory than there is"
        return Done([], [Failure(one.key, reason, detail) for one in batch])

    def close(self) -> None:
        """Stop all workers at once."""
        for worker in self._workers:
            worker.stop()


@contextmanager
def open_pool(load: Callable[[], Analyzer], size: int, *, seconds_a_batch: float = 600) -> Iterator[Pool]:
    """Start `size` workers, and stop them when the block ends, however it ends."""
    pool = Pool(load, size, seconds_a_batch)
    try:
        yield pool
    finally:
        pool.close()
