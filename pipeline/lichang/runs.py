"""A run over many articles: in this process or in several, in order, no article lost."""

import os
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from lichang.errors import LichangError
from lichang.records import Article, Record, Rejection

if TYPE_CHECKING:
    from lichang.analysis import Analyzer

MOST_ARTICLES, MOST_CHARACTERS = 64, 64_000  # of a batch: seconds until its lines come out, whoever tags
BATCHES_AHEAD = 2  # a worker has its next batch at hand when it has done one; more would only fill memory

Found = Article | Rejection

_encode = msgspec.json.Encoder().encode
_analyzer: "Analyzer | None" = None  # of a worker process; loaded once


class Outcome(NamedTuple):
    """A record or rejection as its line of JSON, with what the parent process needs to count it."""

    json: bytes  # without its line end
    reason: str | None  # why it was rejected; None: it is a record
    relevant: bool


@dataclass
class Tally:
    """What has become of the inputs so far."""

    records: int = 0
    relevant: int = 0
    reasons: Counter[str] = field(default_factory=Counter)  # of rejections

    @property
    def rejected(self) -> int:
        """How many inputs were turned away."""
        return self.reasons.total()

    def count(self, outcome: Outcome) -> None:
        """Add one outcome."""
        if outcome.reason:
            self.reasons[outcome.reason] += 1
        else:
            self.records += 1
            self.relevant += outcome.relevant


def analyze_all(found: Iterable[Found], *, tagger: str, workers: int = 1) -> Iterator[Outcome]:
    """One outcome for every input, in order.

    Raises ModelError if the tagger cannot be loaded, and LichangError if a worker process dies.
    """
    if workers == 1:
        from lichang.analysis import load

        analyzer = load(tagger)
        for batch in _batches(found):
            yield from _analyze(analyzer, batch)
    else:
        yield from _analyze_in_processes(found, tagger, workers)


def _analyze_in_processes(found: Iterable[Found], tagger: str, workers: int) -> Iterator[Outcome]:
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    ahead: deque[Future[list[Outcome]]] = deque()
    # Forking would copy the locks of libraries' threads, so that a child may wait for ever.
    with ProcessPoolExecutor(workers, get_context("spawn"), _load_worker, (tagger,)) as pool:
        try:
            batches = _batches(found)
            for batch in batches:
                ahead.append(pool.submit(_work, batch))
                if len(ahead) >= workers * BATCHES_AHEAD:
                    yield from ahead.popleft().result()
            while ahead:
                yield from ahead.popleft().result()
        except BrokenProcessPool as error:
            raise LichangError(
                "a worker process died, perhaps for want of memory; what is written is whole. "
                "Run again with fewer --workers, or use `lichang ingest`, which resumes"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _load_worker(tagger: str) -> None:
    import signal

    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a core a worker; before numpy is imported
    from lichang.analysis import load

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    global _analyzer  # noqa: PLW0603  a pool's initializer has no other way to leave something behind
    _analyzer = load(tagger)


def _work(batch: list[Found]) -> list[Outcome]:
    assert _analyzer is not None
    return _analyze(_analyzer, batch)


def _analyze(analyzer: "Analyzer", batch: list[Found]) -> list[Outcome]:
    articles = [one for one in batch if isinstance(one, Article)]
    try:
        records: Iterator[Found | Record] = iter(list(analyzer.pipe(articles, batch_size=len(batch))))
    except Exception:
        records = (_analyze_alone(analyzer, article) for article in articles)
    return [_outcome(next(records) if isinstance(one, Article) else one) for one in batch]


def _analyze_alone(analyzer: "Analyzer", article: Article) -> Record | Rejection:
    """The article's record; where it makes the pipeline fail, it is turned away and the others are not."""
    try:
        return next(analyzer.pipe([article]))
    except Exception as error:
        return Rejection(
            id=article.id,
            where=article.id,
            reason="failed",
            detail=f"lichang failed on it ({type(error).__name__}: {error}); please report it with the text",
        )


def _outcome(result: Found | Record) -> Outcome:
    if isinstance(result, Rejection):
        return Outcome(_encode(result), result.reason, False)
    assert isinstance(result, Record)
    return Outcome(_encode(result), None, result.relevant)


def _batches(found: Iterable[Found]) -> Iterator[list[Found]]:
    """Lists of inputs, short where articles are long."""
    stream = iter(found)
    while batch := list(islice(stream, 1)):
        characters = 0
        for one in batch:  # grows while it is walked
            characters += len(one.text) if isinstance(one, Article) else 0
            if len(batch) < MOST_ARTICLES and characters < MOST_CHARACTERS:
                batch.extend(islice(stream, 1))
        yield batch
