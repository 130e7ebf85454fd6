"""The run on a cluster, as a plan of Ray Data: read, tell copies apart, analyse, write.

The plan has three passes over articles that stay in the cluster's memory, or on its disks where that is
full. The process that starts it sees ids, dates and signatures only (about 500 bytes an article) and counts.
Ray makes again what a lost node held; where a result is kept, doing it twice leaves it once (see `parquet`
and `postgresql`).
"""

import logging
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from lichang.batch.pool import WorkerError
from lichang.batch.run import Limits, OnProgress, Pipeline, Report, take_over
from lichang.cluster import postgresql
from lichang.cluster.near import groups, link, settle
from lichang.cluster.parquet import ParquetAnalyst, ParquetSink
from lichang.cluster.postgresql import StoreAnalyst, StoreSink
from lichang.cluster.rows import ARTICLE_ROW, COPY_ROW, rejections_of, rows_of_file
from lichang.cluster.sources import File, find_files
from lichang.copies import BANDS
from lichang.errors import LichangError
from lichang.ingest import Fields
from lichang.records import Rejection
from lichang.store.lease import new_run
from lichang.store.open import Store, open_store

_BLOCK = 4 << 20  # bytes of articles that are one task's; what a lost node costs again
_MOST = 512  # articles that an actor gets at a time, and that a file of records holds
_TURNS = 4  # that each actor gets at least, so that all end at about the same time
_READERS = 200  # tasks that the files are spread over
_NARROW = ["order", "key", "content", "minhash", "path", "rejection"]

Orders = npt.NDArray[np.int64]


def ingest(
    sources: Iterable[str],
    where: str,
    pipeline: Pipeline,
    *,
    address: str | None = None,
    fields: Fields | None = None,
    limits: Limits | None = None,
    on_progress: OnProgress = lambda report: None,
) -> Report:
    """Bring a folder of Parquet files, or a store on PostgreSQL, up to date with the sources and the pipeline.

    `where` is a path or an address that all nodes see. Raises SourceError for a source that is not there and
    LichangError where there is no Ray, no cluster or no such place.
    """
    files = list(find_files(sources))
    run = _Run(pipeline, fields or Fields(), limits or Limits(), on_progress)
    if where.startswith("postgresql"):
        with closing(open_store(where)) as store, new_run(store) as number, connected(address):
            run.into_store(files, store, where, number)
    elif "://" not in where and where.endswith((".db", ".sqlite")):
        raise LichangError(
            f"{where}: many machines cannot write to one SQLite file; name a folder, an address such as "
            "s3://bucket/records, or postgresql+psycopg://… with --store"
        )
    else:
        where = where if "://" in where else os.path.abspath(where)  # actors have folders of their own
        with connected(address):
            run.into_files(files, ParquetSink(where, pipeline.provenance()))
    return run.report


@contextmanager
def connected(address: str | None) -> Iterator[None]:
    """Use the cluster at the address, or one that is started here and ends with the block.

    lichang has to be installed on every node. Raises LichangError where there is no Ray or no cluster.
    """
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # it logs errors that are none to the terminal
    try:
        import ray
        from ray.data import DataContext
        from ray.data.context import ShuffleStrategy
    except ImportError as error:
        raise LichangError("--engine ray needs Ray; pip install 'lichang[ray]'") from error
    ours = not ray.is_initialized()
    if ours:
        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
        except ConnectionError as error:
            raise LichangError(f"{address}: there is no Ray cluster: {error}") from error
    logging.getLogger("ray.data").setLevel(logging.ERROR)  # its plans and durations are not the user's
    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.target_max_block_size = _BLOCK
    # By tasks, which Ray does again elsewhere; the actors of a hash shuffle take what they hold with them.
    context.shuffle_strategy = ShuffleStrategy.SORT_SHUFFLE_PULL_BASED
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"ray\.")  # advice on plans that the user did not write
            yield
    finally:
        if ours:
            ray.shutdown()


@dataclass
class _Run:
    """What a run knows of itself."""

    pipeline: Pipeline
    fields: Fields
    limits: Limits
    on_progress: OnProgress
    report: Report = field(default_factory=Report)
    rejections: list[tuple[str, Rejection]] = field(default_factory=list)  # each with the path of its file

    def into_files(self, files: list[File | Rejection], sink: ParquetSink) -> None:
        articles = _read(self._files(files), self.fields)
        table = self._look_over(articles, sink.known())
        earlier = _from_items(sink.earlier(), sink.rows_of_earlier)
        copies = _find_copies(articles, table, earlier)
        sink.keep_copies(copies)
        self._count(table, copies)
        todo = _without(table["order"].to_numpy(), copies)
        for path, failed in self._analyze(articles, todo, ParquetAnalyst, sink):
            self.rejections.append((path, failed))
        sink.keep_rejections(rejection for _, rejection in self.rejections)

    def into_store(self, files: list[File | Rejection], store: Store, where: str, number: int) -> None:
        take_over(store, number, self.pipeline, self.report)
        sink = StoreSink(where, number, self.pipeline.provenance())
        new = [file for file in self._files(files) if not postgresql.unchanged(store, file, self.fields)]
        self.report.unchanged = sum(isinstance(file, File) for file in files) - len(new)
        self._finish_earlier(store, sink)
        articles = _read(new, self.fields)
        table = self._look_over(articles, postgresql.known(store))
        copies = _find_copies(articles, table, None)
        self._count(table, copies)
        orders = table["order"].to_numpy()
        # First what is no copy of anything read; the store then finds what each copy is one of.
        for part in (_without(orders, copies), np.sort(copies["order"].to_numpy())):
            for _ in self._analyze(articles, part, StoreAnalyst, sink):
                pass
        postgresql.keep_rejections(store, new, self.rejections)
        postgresql.note_read(store, new, self.fields)

    def _files(self, found: list[File | Rejection]) -> list[File]:
        self.rejections += [(one.where, one) for one in found if isinstance(one, Rejection)]
        return [one for one in found if isinstance(one, File)]

    def _look_over(self, articles: Any, known: Orders) -> pa.Table:
        """Orders and signatures of what is new, each article once; what was turned away is counted.

        Where one id stands in the sources with several contents, the last one is the article's newest revision.
        """
        tables = [_narrow_schema().empty_table()]
        for table in _tables(articles.select_columns(_NARROW)):
            turned_away = table.filter(pa.compute.is_valid(table["rejection"]))
            self.rejections += zip(turned_away["path"].to_pylist(), rejections_of(turned_away), strict=True)
            tables.append(table.select(_narrow_schema().names).filter(pa.compute.is_null(table["rejection"])))
        found = pa.concat_tables(tables)
        self.report.rejected.update(rejection.reason for _, rejection in self.rejections)
        self.report.articles = len(found)
        found = found.filter(pa.array(~np.isin(found["content"].to_numpy(), known)))
        return found.take(_newest(found))

    def _count(self, table: pa.Table, copies: pa.Table) -> None:
        self.report.copies = len(copies)
        self.report.entered = len(table) - len(copies)
        self.on_progress(self.report)

    def _finish_earlier(self, store: Store, sink: StoreSink) -> None:
        """Analyse what earlier runs left undone, whether or not their files are still there."""
        import ray

        pages = list(postgresql.left(store, sink.run))
        if pages:
            orders = np.sort(np.concatenate([page["order"].to_numpy() for page in pages]))
            for _ in self._analyze(ray.data.from_arrow(pages), orders, StoreAnalyst, sink):
                pass

    def _analyze(
        self, articles: Any, orders: Orders, analyst: type, sink: ParquetSink | StoreSink
    ) -> Iterator[tuple[str, Rejection]]:
        """Have actors analyse the articles of these orders, which are sorted; yield what they gave up."""
        import ray
        from ray.data import ActorPoolStrategy

        if not len(orders):
            return  # nothing to do: no pipeline is loaded
        # By date and outlet, so that a file of records is not a handful.
        todo = articles.map_batches(_only, fn_args=(ray.put(orders),), batch_format="pyarrow").sort(
            ["date", "outlet", "order"]
        )
        a_turn = min(_MOST, -(-len(orders) // (_TURNS * self.limits.workers)))
        results = todo.repartition(target_num_rows_per_block=a_turn).map_batches(
            analyst,
            fn_constructor_args=(sink, self.pipeline.load, self.limits),
            batch_size=None,
            batch_format="pyarrow",
            compute=ActorPoolStrategy(size=self.limits.workers),
            # An actor that held a whole processor would keep Ray from making again what a lost node had.
            num_cpus=0,
        )
        for table in _tables(results):
            for problem in filter(None, table["problem"].to_pylist()):
                raise WorkerError(problem)
            self.report.analyzed += sum(table["analyzed"].to_pylist())
            for packed in table["rejections"].to_pylist():
                failed = msgspec.msgpack.decode(packed, type=list[Rejection])
                self.report.quarantined.update(one.reason for one in failed)
                yield from ((one.where, one) for one in failed)
            self.on_progress(self.report)


def _narrow_schema() -> pa.Schema:
    return pa.schema([ARTICLE_ROW.field(name) for name in ("order", "key", "content", "minhash")])


def _read(files: list[File], fields: Fields) -> Any:
    """A dataset of `ARTICLE_ROW`: all that the files hold, in the memory of the cluster."""
    return _from_items(
        list(enumerate(files)), lambda item: rows_of_file(item[0], File(*item[1]), fields)
    ).materialize()


def _from_items(items: list[Any], rows: Callable[[Any], Iterable[pa.Table] | pa.Table]) -> Any:
    """A dataset of the rows that a function makes of each item, on whatever node."""
    import ray

    packed = [{"item": msgspec.msgpack.encode(item)} for item in items]

    def make(batch: pa.Table) -> Iterator[pa.Table]:
        yield ARTICLE_ROW.empty_table()
        for item in batch["item"].to_pylist():
            made = rows(msgspec.msgpack.decode(item))
            yield from [made] if isinstance(made, pa.Table) else made

    if not packed:
        return ray.data.from_arrow(ARTICLE_ROW.empty_table())
    found = ray.data.from_items(packed, override_num_blocks=min(len(packed), _READERS))
    return found.map_batches(make, batch_format="pyarrow", batch_size=None)


def _find_copies(articles: Any, table: pa.Table, earlier: Any) -> pa.Table:
    """The copies among new articles, and of earlier ones: rows of `COPY_ROW`."""
    import ray

    narrow = (
        [table, *(found.select(table.column_names) for found in _tables(earlier))] if earlier else [table]
    )
    links = _find_links(pa.concat_tables(narrow))
    members, firsts = groups(links)
    if not len(members):
        return COPY_ROW.empty_table()
    both = articles.union(earlier) if earlier else articles
    grouped = both.map_batches(_with_group, fn_args=(ray.put((members, firsts)),), batch_format="pyarrow")
    settled = grouped.groupby("group").map_groups(settle, batch_format="pyarrow")
    return pa.concat_tables([COPY_ROW.empty_table(), *_tables(settled)])


def _find_links(table: pa.Table) -> npt.NDArray[np.int64]:
    """What may be copies of one another, a task a band."""
    import ray

    if not len(table):
        return np.empty((0, 2), np.int64)
    minhashes = np.frombuffer(b"".join(table["minhash"].to_pylist()), "<u4").reshape(len(table), -1)
    signatures = ray.put((table["order"].to_numpy(), minhashes))  # a node fetches it once, for all its tasks

    def find(batch: pa.Table) -> pa.Table:
        links = np.concatenate([link(number, *ray.get(signatures)) for number in batch["id"].to_pylist()])
        return pa.table({"first": links[:, 0], "second": links[:, 1]})

    bands: Any = ray.data.range(BANDS, override_num_blocks=BANDS)
    found = bands.map_batches(find, batch_format="pyarrow")
    pairs = [np.stack([t["first"].to_numpy(), t["second"].to_numpy()], axis=1) for t in _tables(found)]
    return np.concatenate([np.empty((0, 2), np.int64), *pairs])


def _tables(dataset: Any) -> Iterator[pa.Table]:
    for table in dataset.iter_batches(batch_size=None, batch_format="pyarrow"):
        if len(table):
            yield table


def _newest(table: pa.Table) -> pa.Array:
    """The places of the last revision of each article, and of the first row that has it."""
    orders, keys, contents = (table[name].to_numpy() for name in ("order", "key", "content"))
    by_order = np.argsort(orders)
    _, first = np.unique(contents[by_order], return_index=True)
    once = by_order[np.sort(first)]
    _, last = np.unique(keys[once][::-1], return_index=True)
    return pa.array(once[::-1][last])


def _without(orders: Orders, copies: pa.Table) -> Orders:
    return np.setdiff1d(orders, copies["order"].to_numpy())


def _only(batch: pa.Table, wanted: Any) -> pa.Table:
    """The rows whose orders are among those that Ray holds under a reference."""
    import ray

    return batch.filter(pa.array(np.isin(batch["order"].to_numpy(), ray.get(wanted))))


def _with_group(batch: pa.Table, grouped: Any) -> pa.Table:
    """The rows that are in a group, with the group's name; the reference is to what `groups` gave."""
    import ray

    members, firsts = ray.get(grouped)
    batch = batch.filter(pa.array(np.isin(batch["order"].to_numpy(), members)))
    return batch.append_column("group", pa.array(firsts[np.searchsorted(members, batch["order"].to_numpy())]))
