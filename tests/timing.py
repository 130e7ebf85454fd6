"""How long things take, for tests that compare one time with another; never against a clock on the wall."""

import time
from collections.abc import Callable


def cpu_seconds(work: Callable[[], object]) -> float:
    """The least processor time of three runs: what other programs do to the machine counts little."""
    times = []
    for _ in range(3):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)
