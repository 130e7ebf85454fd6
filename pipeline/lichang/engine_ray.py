"""Workers on a Ray cluster, in the place of those on this machine (extra ``ray``).

The run stays as it is: one process reads, enters and writes, and its ledger knows what is done. Only the
analysis goes elsewhere, a pipeline an actor. A node that dies costs the batches that it was at a try, and
what waited behind them goes to another node; so the store holds what a run on one machine would have made.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import msgspec

from lichang.batch.pool import WorkerError
from lichang.batch.worker import Analyzer, Broken, Done, Message, Ready, analyze, describe
from lichang.errors import LichangError
from lichang.records import Provenance
from lichang.store.rows import Failure, Waiting

_UNDER_WAY = 2  # batches an actor: another waits there while it works
_LOOK = 5.0  # seconds between two looks whether a batch is overdue


class _Analyst:
    """The actor: loads the pipeline when it is first asked, then turns batches into rows."""

    def __init__(self, load: Callable[[], Analyzer]) -> None:
        self._load = load
        self._decode = msgspec.msgpack.Decoder(list[Waiting]).decode

    def prepare(self) -> bytes:
        """Load the pipeline; a Ready or a Broken, packed."""
        message: Message
        try:
            self._analyzer = self._load()
            message = Ready(self._analyzer.provenance)
        except Exception as error:
            message = Broken(describe(error))
        return msgspec.msgpack.encode(message)

    def analyze(self, batch: bytes) -> bytes:
        """A Done, packed."""
        return msgspec.msgpack.encode(analyze(self._analyzer, self._decode(batch)))


class _Worker:
    def __init__(self, load: Callable[[], Analyzer]) -> None:
        import ray  # type: ignore[import-not-found, unused-ignore]

        # Not restarted by Ray: that would run a batch again which has just killed its process.
        self.actor = cast(Any, ray.remote(num_cpus=1, max_restarts=0)(_Analyst).remote(load))
        self.prepared: Any = self.actor.prepare.remote()
        self.ready = False
        self.batches: deque[tuple[Any, list[Waiting]]] = deque()  # the first is being worked at
        self.since = 0.0  # when the first one's turn came

    def give(self, batch: list[Waiting]) -> None:
        if not self.batches:
            self.since = time.monotonic()
        self.batches.append((self.actor.analyze.remote(msgspec.msgpack.encode(batch)), batch))

    @property
    def awaited(self) -> list[Any]:
        """What Ray is to wait for next."""
        return [self.batches[0][0]] if self.batches else [] if self.ready else [self.prepared]


class RayPool:
    """Actors with a pipeline each, used as `lichang.batch.pool.Pool` is; `open_ray_pool` makes one."""

    def __init__(self, load: Callable[[], Analyzer], size: int, seconds_a_batch: float) -> None:
        self._load = load
        self._seconds = seconds_a_batch
        self._decode = msgspec.msgpack.Decoder(Message).decode
        self._workers = [_Worker(load) for _ in range(size)]
        self._unplaced: deque[list[Waiting]] = deque()  # until an actor is ready
        self.provenance: Provenance | None = None  # as the actors report it, once one is ready

    @property
    def has_room(self) -> bool:
        """May another batch be submitted? Actors that the cluster has no room for do not count."""
        ready = sum(worker.ready for worker in self._workers)
        return _UNDER_WAY * max(1, ready) > self._under_way

    @property
    def is_idle(self) -> bool:
        """Is nothing under way?"""
        return self._under_way == 0

    @property
    def _under_way(self) -> int:
        return len(self._unplaced) + sum(len(worker.batches) for worker in self._workers)

    def submit(self, batch: list[Waiting]) -> None:
        """Hand a batch to the actor with the least to do."""
        ready = [worker for worker in self._workers if worker.ready]
        if ready:
            min(ready, key=lambda worker: len(worker.batches)).give(batch)
        else:
            self._unplaced.append(batch)

    def outcomes(self) -> Iterator[Done]:
        """Wait until something is done, and yield it. Raises `WorkerError` if no pipeline can be loaded."""
        import ray

        awaited = [reference for worker in self._workers for reference in worker.awaited]
        done, _ = ray.wait(awaited, num_returns=1, timeout=min(_LOOK, self._seconds))
        for index, worker in enumerate(self._workers):
            if not worker.ready:
                if worker.prepared in done:
                    self._welcome(index, worker)
            elif worker.batches and worker.batches[0][0] in done:
                yield self._take(index, worker)
            elif worker.batches and time.monotonic() - worker.since > self._seconds:
                yield self._replace(index, "timeout", f"not done after {self._seconds:g} seconds")

    def _welcome(self, index: int, worker: _Worker) -> None:
        import ray

        try:
            message = self._decode(ray.get(worker.prepared))
        except ray.exceptions.RayError:  # its node died while it loaded
            self._workers[index] = _Worker(self._load)
            return
        if isinstance(message, Broken):
            raise WorkerError(f"the pipeline cannot be loaded: {message.problem}; try `lichang doctor`")
        assert isinstance(message, Ready)
        worker.ready = True
        self.provenance = message.provenance
        while self._unplaced:
            self.submit(self._unplaced.popleft())

    def _take(self, index: int, worker: _Worker) -> Done:
        import ray

        try:
            message = self._decode(ray.get(worker.batches[0][0]))
        except ray.exceptions.RayError as error:
            return self._replace(index, "crash", f"its actor or node died: {describe(error)}")
        worker.batches.popleft()
        worker.since = time.monotonic()
        assert isinstance(message, Done)
        return message

    def _replace(self, index: int, reason: str, detail: str) -> Done:
        """Start another actor in the place of one that is lost; the batch that it was at has failed."""
        import ray

        lost = self._workers[index]
        ray.kill(lost.actor)
        self._workers[index] = _Worker(self._load)
        (_, batch), *behind = lost.batches
        for _, waiting in behind:
            self.submit(waiting)
        return Done([], [Failure(one.key, reason, detail) for one in batch])

    def close(self) -> None:
        """Let go of all actors."""
        import ray

        for worker in self._workers:
            ray.kill(worker.actor)


@contextmanager
def open_ray_pool(
    load: Callable[[], Analyzer], size: int, *, seconds_a_batch: float = 600, address: str | None = None
) -> Iterator[RayPool]:
    """`size` actors on the cluster at the address, or on one that is started here and ends with the block.

    lichang has to be installed on every node. Raises LichangError where there is no Ray or no cluster.
    """
    try:
        import ray
    except ImportError as error:
        raise LichangError("--engine ray needs Ray; pip install 'lichang[ray]'") from error
    ours = not ray.is_initialized()
    if ours:
        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.WARNING)
        except ConnectionError as error:
            raise LichangError(f"{address}: there is no Ray cluster: {error}") from error
    pool = RayPool(load, size, seconds_a_batch)
    try:
        yield pool
    finally:
        pool.close()
        if ours:
            ray.shutdown()
