"""Ray, on a real cluster of two local nodes: the same records as on one machine, though one is killed.

The slower half runs with `make eval`.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Timer
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from pyarrow import dataset, fs, parquet

import fake_pipeline
from fake_pipeline import FakeAnalyzer, unlike
from lichang.batch.pool import WorkerError
from lichang.batch.run import Limits, Pipeline, Report
from lichang.batch.run import ingest as ingest_here
from lichang.copies import BANDS, fingerprint
from lichang.errors import LichangError, SourceError
from lichang.ingest import Fields
from lichang.records import Record, Rejection
from lichang.store.documents import copies_of
from lichang.store.ledger import count_states, troubles
from lichang.store.open import open_store
from lichang.store.results import count_records, read_records

ray = pytest.importorskip("ray")
pytestmark = pytest.mark.filterwarnings("ignore")  # Ray leaves sockets open

from lichang.cluster.near import groups, link  # noqa: E402
from lichang.cluster.run import ingest  # noqa: E402
from lichang.cluster.sources import File, find_files, read_file  # noqa: E402

SMALL = 100 << 20  # bytes of object store a node
LIMITS = Limits(workers=2, max_tries=2)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    from ray.cluster_utils import Cluster

    os.environ["PYTHONPATH"] = str(Path(__file__).parent)  # for the fake pipeline
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    head = {"num_cpus": 1, "object_store_memory": SMALL, "include_dashboard": False}
    made = Cluster(initialize_head=True, head_node_args=head)
    ray.init(address=made.address, log_to_driver=False, logging_level=logging.ERROR)
    yield made
    ray.shutdown()
    made.shutdown()


def pipeline(version: str = "1", seconds: float = 0.0) -> Pipeline:
    load = partial(fake_pipeline.load, version, seconds)
    return Pipeline(load, lambda: FakeAnalyzer(version).provenance)


def says(number: int) -> dict[str, str]:
    text = f"{unlike(number)}：依赖加深，封锁无效。{unlike(-number)}，第{number}次。"
    return {
        "id": f"a-{number}",
        "text": text,
        "published": f"2025-12-{1 + number % 3:02}",
        "source": "财新/网",
    }


def repost(number: int) -> dict[str, str]:
    return {"id": f"r-{number}", "text": f"【转载】{says(number)['text']}", "source": "转载网"}


def write_jsonl(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def write_warc(path: Path, numbers: range) -> None:
    import io

    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    with path.open("wb") as file:
        writer = WARCWriter(file)
        for number in numbers:
            body = f"<html><body><article><p>{says(number)['text']}</p></article></body></html>".encode()
            head = StatusAndHeaders(
                "200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1"
            )
            address = f"http://news.example/{number}"
            record = writer.create_warc_record(
                address, "response", payload=io.BytesIO(body), http_headers=head
            )
            writer.write_record(record)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Two hundred articles in four files: JSON lines, Parquet and a crawl; twenty are reposts."""
    folder = tmp_path / "inbox"
    write_jsonl(folder / "a.jsonl", [says(n) for n in range(100)] + [repost(n) for n in range(0, 30, 3)])
    parquet.write_table(pa.Table.from_pylist([says(n) for n in range(300, 360)]), folder / "b.parquet")
    write_jsonl(folder / "c.jsonl", [repost(n) for n in range(300, 310)] + [{"id": "none"}])
    write_warc(folder / "d.warc.gz", range(500, 520))
    return folder


def here(inbox: Path, tmp_path: Path) -> tuple[dict[str, Record], dict[str, str]]:
    """The records and copies of one machine."""
    store = open_store(str(tmp_path / "here.db"))
    ingest_here([str(inbox)], store, pipeline(), limits=LIMITS)
    found = in_store(store)
    store.close()
    return found


def in_store(store: Any) -> tuple[dict[str, Record], dict[str, str]]:
    with store.read() as connection:
        records = list(read_records(connection))
        copies = {copy.id: record.id for record in records for copy in copies_of(connection, record.id)}
    assert len({record.id for record in records}) == len(records), "an article is in the store twice"
    return {record.id: record for record in records}, copies


def in_files(folder: Path) -> tuple[dict[str, Record], dict[str, str]]:
    rows = dataset.dataset(folder / "records", partitioning="hive").to_table().to_pylist()
    for row in rows:
        for unit in row["units"]:
            unit["scores"] = {camp: score for camp, score in unit["scores"].items() if score is not None}
    records = [msgspec.convert(row, Record) for row in rows]
    assert len({record.id for record in records}) == len(records), "an article is in the files twice"
    copies = dataset.dataset(folder / "copies", partitioning="hive").to_table().to_pylist()
    assert len({row["id"] for row in copies}) == len(copies)
    return {record.id: record for record in records}, {row["id"]: row["of"] for row in copies}


class Killer:
    """Removes a node once some articles are done."""

    def __init__(self, cluster: Any) -> None:
        self.cluster = cluster
        self.node = cluster.add_node(num_cpus=1, object_store_memory=SMALL)
        cluster.wait_for_nodes()
        self.at = 0

    def __call__(self, report: Report) -> None:
        if report.analyzed and not self.at:
            self.at = report.analyzed
            Timer(0, self.cluster.remove_node, (self.node, False)).start()


def test_a_node_is_killed_while_files_are_written(cluster: Any, inbox: Path, tmp_path: Path) -> None:
    kill = Killer(cluster)
    out = tmp_path / "out"
    report = ingest([str(inbox)], str(out), pipeline(seconds=0.02), limits=LIMITS, on_progress=kill)
    assert 0 < kill.at < 180
    assert in_files(out) == here(inbox, tmp_path)
    assert (report.articles, report.entered, report.copies, report.analyzed) == (200, 180, 20, 180)
    assert dict(report.rejected) == {"no-text": 1}
    (rejected,) = (out / "rejected.jsonl").read_text("utf-8").splitlines()
    assert msgspec.json.decode(rejected, type=Rejection).where == f"{inbox}/c.jsonl:11"
    assert list((out / "records").glob("*/date=2025-12-01/outlet=财新%2F网/*.parquet"))


@pytest.mark.eval
def test_a_node_is_killed_while_a_store_is_written(
    cluster: Any, inbox: Path, tmp_path: Path, postgres_url: str
) -> None:
    kill = Killer(cluster)
    report = ingest([str(inbox)], postgres_url, pipeline(seconds=0.02), limits=LIMITS, on_progress=kill)
    store = open_store(postgres_url)
    assert 0 < kill.at < 180
    assert in_store(store) == here(inbox, tmp_path)
    with store.read() as connection:
        assert count_states(connection)["analyze"] == {"done": 180, "skipped": 20}
        assert [trouble.reason for trouble in troubles(connection)] == ["no-text"]
    store.close()
    assert (report.entered, report.copies) == (180, 20)
    broken = Pipeline(fake_pipeline.broken_load, pipeline().provenance)
    again = ingest([str(inbox)], postgres_url, broken, limits=LIMITS)  # loads no pipeline
    assert (again.unchanged, again.articles, again.analyzed) == (4, 0, 0)


RUN = """
import sys
from test_cluster import LIMITS, ingest, pipeline
ingest([sys.argv[1]], sys.argv[2], pipeline(seconds=0.02), address=sys.argv[3], limits=LIMITS)
"""


@pytest.mark.eval
@pytest.mark.parametrize("sink", ["files", "store"])
def test_a_killed_run_goes_on_where_it_was(
    cluster: Any, inbox: Path, tmp_path: Path, sink: str, request: pytest.FixtureRequest
) -> None:
    where = str(tmp_path / "out") if sink == "files" else request.getfixturevalue("postgres_url")
    command = [sys.executable, "-c", RUN, str(inbox), where, cluster.address]
    process = subprocess.Popen(command, env=os.environ)
    store = open_store(where) if sink == "store" else None

    def done() -> int:
        if store is None:
            return len(list((tmp_path / "out" / "records").rglob("[!.]*.parquet")))
        with store.read() as connection:
            return count_records(connection)

    while not done():
        assert process.poll() is None, "the run ended before it could be killed"
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    report = ingest([str(inbox)], where, pipeline(), limits=LIMITS)
    assert 0 < report.analyzed < 180
    if store is None:
        assert in_files(tmp_path / "out") == here(inbox, tmp_path)
    else:
        assert in_store(store) == here(inbox, tmp_path)
        store.close()


@pytest.mark.eval
def test_later_runs_do_what_is_new(cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # where the actors are not
    out = "out"
    write_jsonl(tmp_path / "in" / "a.jsonl", [says(n) for n in range(10)])
    ingest([str(tmp_path / "in")], out, pipeline(), limits=LIMITS)
    broken = Pipeline(fake_pipeline.broken_load, pipeline().provenance)
    report = ingest([str(tmp_path / "in")], out, broken, limits=LIMITS)  # loads no pipeline
    assert (report.articles, report.entered, report.analyzed) == (10, 0, 0)
    write_jsonl(tmp_path / "later" / "b.jsonl", [repost(3), says(11)])
    report = ingest([str(tmp_path / "later")], out, pipeline(), limits=LIMITS)
    assert (report.entered, report.copies, report.analyzed) == (1, 1, 1)
    records, copies = in_files(tmp_path / "out")
    assert set(records) == {f"a-{n}" for n in [*range(10), 11]}
    assert copies == {"r-3": "a-3"}
    report = ingest([str(tmp_path / "in")], out, pipeline("2"), limits=LIMITS)  # what another tagger makes
    assert (report.entered, report.analyzed) == (10, 10)


@pytest.mark.eval
def test_the_last_revision_in_the_sources_is_the_articles(cluster: Any, tmp_path: Path) -> None:
    rows = [says(1), {**says(2), "id": "a-1"}, says(3)]
    for number, row in enumerate(rows):
        write_jsonl(tmp_path / "in" / f"{number}.jsonl", [row])
    ingest([str(tmp_path / "in")], str(tmp_path / "out"), pipeline(), limits=LIMITS)
    found = dataset.dataset(tmp_path / "out" / "records", partitioning="hive").to_table().to_pylist()
    assert {row["id"]: row["text"] for row in found} == {"a-1": says(2)["text"], "a-3": says(3)["text"]}


@pytest.mark.eval
def test_an_article_that_kills_its_process_is_given_up_alone(cluster: Any, tmp_path: Path) -> None:
    bad = {"id": "bad", "text": "这一篇会让进程崩溃〔崩〕，其余无恙。"}
    write_jsonl(tmp_path / "in" / "a.jsonl", [*(says(n) for n in range(20)), bad])
    report = ingest([str(tmp_path / "in")], str(tmp_path / "out"), pipeline(), limits=LIMITS)
    assert (report.analyzed, dict(report.quarantined)) == (20, {"crash": 1})
    rejected = msgspec.json.decode((tmp_path / "out" / "rejected.jsonl").read_bytes(), type=Rejection)
    assert (rejected.id, rejected.reason) == ("bad", "crash")


@pytest.mark.eval
def test_a_pipeline_that_cannot_be_loaded(cluster: Any, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in" / "a.jsonl", [says(1)])
    broken = Pipeline(fake_pipeline.broken_load, pipeline().provenance)
    with pytest.raises(WorkerError, match=r"models/linear is missing"):
        ingest([str(tmp_path / "in")], str(tmp_path / "out"), broken, limits=LIMITS)


def test_one_sqlite_file_is_no_place_for_many_machines(tmp_path: Path) -> None:
    with pytest.raises(LichangError, match="name a folder"):
        ingest([str(tmp_path)], "lichang.db", pipeline())


@pytest.mark.eval
def test_the_command(cluster: Any, inbox: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lichang.cli", "ingest", str(inbox), "--engine", "ray"]
    command += ["--address", cluster.address, "--workers", "2", "--store", str(tmp_path / "out")]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "180 analysed, 180 new, 20 copies" in ended.stderr
    assert f"{tmp_path}/out/rejected.jsonl says which and why" in ended.stderr
    assert len(in_files(tmp_path / "out")[0]) == 180


def test_any_filesystem_that_pyarrow_knows(inbox: Path) -> None:
    """One in memory stands for S3: the files are read by pyarrow's own calls alone."""
    from fsspec.implementations.memory import MemoryFileSystem

    memory = fs.PyFileSystem(fs.FSSpecHandler(MemoryFileSystem()))
    fs.copy_files(str(inbox), "bucket", destination_filesystem=memory)
    files = [found for found in find_files([str(inbox)]) if isinstance(found, File)]
    for file in files:
        elsewhere = file._replace(path=f"bucket/{Path(file.path).name}")
        assert list(read_file(elsewhere, Fields(), memory)) == list(read_file(file, Fields()))
    assert [file.stem for file in files] == ["a", "b", "c", "d"]


def test_files_are_listed_with_what_is_none(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in" / "a.jsonl", [])
    for name in ("b.docx", ".hidden.jsonl"):
        (tmp_path / "in" / name).touch()
    file, rejection = find_files([(tmp_path / "in").as_uri()])
    assert isinstance(file, File)
    assert (file.where, file.stem) == (f"{tmp_path}/in/a.jsonl", "a")
    assert isinstance(rejection, Rejection)
    assert rejection.reason == "unsupported"
    for source in ("nowhere", "gopher://a/b"):
        with pytest.raises(SourceError, match=r"no such file|no filesystem"):
            list(find_files([source]))


def test_links_find_what_an_index_finds() -> None:
    texts = [says(n)["text"] for n in range(60)] + [repost(n)["text"] for n in (3, 3, 50)]
    minhashes = np.array([np.frombuffer(fingerprint(text).minhash, "<u4") for text in texts])
    links = np.concatenate([link(number, np.arange(len(texts)), minhashes) for number in range(BANDS)])
    members, firsts = groups(links)
    found = dict(zip(members.tolist(), firsts.tolist(), strict=True))
    assert {60: 3, 61: 3, 62: 50}.items() <= found.items()
