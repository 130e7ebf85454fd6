"""One pipeline, in a process of its own beside the actor that it works for.

An article that kills or stalls its process would take the actor with it, and Ray would start both again
without end. So the actor keeps a pool of one worker, and what fails is tried again alone, as on one machine.
"""

from collections import Counter, deque
from collections.abc import Callable, Sequence

from lichang.batch.pool import Pool, WorkerError
from lichang.batch.run import Limits, cut
from lichang.batch.worker import Analyzer, Done
from lichang.records import Provenance
from lichang.store.rows import Failure, Prepared, Waiting


class Desk:
    """Takes documents and gives back all of them, prepared or failed for good."""

    def __init__(self, load: Callable[[], Analyzer], provenance: Provenance, limits: Limits) -> None:
        self._pool = Pool(load, 1, limits.batch_seconds)
        self._provenance = provenance
        self._limits = limits

    def analyze(self, documents: Sequence[Waiting]) -> Done:
        """Each of the documents in one of the two, in no order. Raises WorkerError as `Pool.outcomes` does."""
        by_key = {one.key: one for one in documents}
        tries = Counter[int]()
        prepared: list[Prepared] = []
        failures: list[Failure] = []
        queue = deque(cut(documents, self._limits))
        while queue or not self._pool.is_idle:
            while queue and self._pool.has_room:
                self._pool.submit(queue.popleft())
            for done in self._pool.outcomes():
                self._check()
                prepared += done.prepared
                for failure in done.failures:
                    tries[failure.document] += 1
                    if tries[failure.document] < self._limits.max_tries:
                        queue.append([by_key[failure.document]])  # alone, so that it takes no other with it
                    else:
                        failures.append(failure)
        return Done(prepared, failures)

    def _check(self) -> None:
        if self._pool.provenance not in (None, self._provenance):
            raise WorkerError(
                f"this node loaded {self._pool.provenance}, the run announced {self._provenance}; "
                "install the same lichang and the same models on every node"
            )
