"""The batch run: nothing lost, nothing doubled, whatever dies."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

import fake_pipeline
from fake_pipeline import FakeAnalyzer, fake_record, unlike
from lichang.batch.pool import WorkerError
from lichang.batch.run import Limits, Pipeline, Report, ingest
from lichang.errors import SourceError
from lichang.records import Article, Record
from lichang.store.documents import copies_of
from lichang.store.ledger import count_states, troubles
from lichang.store.open import Store, open_store
from lichang.store.results import read_records

SMALL = Limits(workers=1, batch_characters=300)


def fake(version: str = "1", seconds_an_article: float = 0) -> Pipeline:
    load = partial(fake_pipeline.load, version, seconds_an_article)
    return Pipeline(load, lambda: FakeAnalyzer(version).provenance)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(str(tmp_path / "lichang.db"))
    yield opened
    opened.close()


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def says(number: int, what: str = "依赖加深，封锁无效。") -> str:
    return f"{unlike(number)}：{what}"


def write_jsonl(path: Path, numbers: range, says: Callable[[int], str] = says) -> None:
    rows = [{"id": f"{path.stem}-{n}", "text": says(n)} for n in numbers]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def run(store: Store, inbox: Path, pipeline: Pipeline | None = None, *, retry: bool = False) -> Report:
    return ingest([str(inbox)], store, pipeline or fake(), limits=SMALL, retry=retry)


def all_records(store: Store) -> dict[str, Record]:
    with store.read() as connection:
        found = list(read_records(connection))
    by_id = {record.id: record for record in found}
    assert len(by_id) == len(found), "an article is in the store twice"
    return by_id


def expected(number: int, name: str = "a", version: str = "1") -> Record:
    article = Article(id=f"{name}-{number}", text=says(number))
    return fake_record(article, FakeAnalyzer(version).provenance)


def test_every_article_gets_its_record(store_url: str, inbox: Path) -> None:
    write_jsonl(inbox / "a.jsonl", range(100))
    store = open_store(store_url)
    report = run(store, inbox)
    assert (report.entered, report.analyzed, report.has_trouble) == (100, 100, False)
    assert all_records(store) == {f"a-{n}": expected(n) for n in range(100)}
    assert run(store, inbox).unchanged == 1
    store.close()


def test_nothing_new_loads_no_pipeline(store: Store, inbox: Path) -> None:
    write_jsonl(inbox / "a.jsonl", range(10))
    run(store, inbox)
    broken = Pipeline(fake_pipeline.broken_load, fake().provenance)
    report = run(store, inbox, broken)
    assert (report.unchanged, report.articles, report.analyzed) == (1, 0, 0)


def test_only_what_is_new_is_analysed(store: Store, inbox: Path) -> None:
    write_jsonl(inbox / "a.jsonl", range(10))
    run(store, inbox)
    write_jsonl(inbox / "a.jsonl", range(12))
    write_jsonl(inbox / "b.jsonl", range(20, 23))
    report = run(store, inbox)
    assert (report.articles, report.entered, report.analyzed) == (15, 5, 5)
    assert len(all_records(store)) == 15


def test_a_file_with_a_new_date_alone_is_not_read_again(store: Store, inbox: Path) -> None:
    write_jsonl(inbox / "a.jsonl", range(10))
    run(store, inbox)
    os.utime(inbox / "a.jsonl", (1, 1))
    assert run(store, inbox).unchanged == 1


def test_files_of_one_name_are_two_articles(store: Store, tmp_path: Path) -> None:
    for folder, number in (("x", 1), ("y", 2)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "news.txt").write_text(says(number), "utf-8")
    sources = [str(tmp_path / "x"), str(tmp_path / "y")]
    for _ in range(2):
        ingest(sources, store, fake(), limits=SMALL)
    assert {record.text for record in all_records(store).values()} == {says(1), says(2)}
    (tmp_path / "y" / "news.txt").write_text(says(3), "utf-8")
    ingest(sources, store, fake(), limits=SMALL)
    assert {record.text for record in all_records(store).values()} == {says(1), says(3)}


def test_a_new_tagger_makes_all_records_again(store: Store, inbox: Path) -> None:
    write_jsonl(inbox / "a.jsonl", range(10))
    run(store, inbox)
    (inbox / "a.jsonl").unlink()
    write_jsonl(inbox / "b.jsonl", range(20, 21))
    report = run(store, inbox, fake("2"))
    assert (report.stale, report.analyzed) == (10, 11)
    assert {record.provenance.tagger for record in all_records(store).values()} == {"fake@2"}


def test_a_copy_is_entered_but_not_analysed(store: Store, inbox: Path) -> None:
    write_jsonl(inbox / "a.jsonl", range(10))
    (inbox / "b.txt").write_text(f"转载：{says(3)}", "utf-8")
    report = run(store, inbox)
    assert (report.articles, report.entered, report.copies, report.analyzed) == (11, 10, 1, 10)
    assert "b" not in all_records(store)
    with store.read() as connection:
        assert count_states(connection)["analyze"] == {"done": 10, "skipped": 1}
        assert [copy.id for copy in copies_of(connection, "a-3")] == ["b"]


def test_rejections_are_counted_once(store: Store, inbox: Path) -> None:
    (inbox / "a.jsonl").write_text('{"id": "1"}\n[]\n' + json.dumps({"id": "2", "text": says(2)}), "utf-8")
    (inbox / "b.exe").write_bytes(b"MZ")
    report = run(store, inbox)
    assert report.has_trouble
    assert sum(report.rejected.values()) == 3
    assert set(all_records(store)) == {"2"}
    assert not run(store, inbox).has_trouble
    with store.read() as connection:
        assert sum(trouble.count for trouble in troubles(connection)) == 3


@pytest.mark.parametrize(
    ("poison", "reason"), [("〔坏〕", "error"), ("〔崩〕", "crash"), ("〔卡〕", "timeout")]
)
def test_a_poisoned_article_is_quarantined_alone(store: Store, inbox: Path, poison: str, reason: str) -> None:
    write_jsonl(inbox / "a.jsonl", range(30), lambda n: says(n, poison if n == 7 else "依赖加深，封锁无效。"))
    limits = Limits(workers=2, batch_characters=300, batch_seconds=2, max_tries=2)
    report = ingest([str(inbox)], store, fake(), limits=limits)
    assert dict(report.quarantined) == {reason: 1}
    assert set(all_records(store)) == {f"a-{n}" for n in range(30) if n != 7}
    with store.read() as connection:
        (trouble,) = troubles(connection)
        assert (trouble.where, trouble.reason, trouble.count) == ("analyze", reason, 1)
        assert count_states(connection)["analyze"] == {"done": 29, "quarantined": 1}


def test_retry_gives_quarantined_articles_another_chance(store: Store, inbox: Path) -> None:
    write_jsonl(inbox / "a.jsonl", range(1), lambda n: says(n, "〔坏〕"))
    assert run(store, inbox).quarantined
    report = run(store, inbox)
    assert (report.retried, report.has_trouble) == (0, False)
    report = run(store, inbox, retry=True)
    assert (report.retried, dict(report.quarantined)) == (1, {"error": 1})


def test_a_pipeline_that_cannot_be_loaded_is_named(store: Store, inbox: Path) -> None:
    write_jsonl(inbox / "a.jsonl", range(10))
    with pytest.raises(WorkerError, match="models/linear is missing"):
        run(store, inbox, Pipeline(fake_pipeline.broken_load, fake().provenance))
    assert run(store, inbox).resumed == 10  # entered, and not lost


def test_another_pipeline_than_announced_is_refused(store: Store, inbox: Path) -> None:
    write_jsonl(inbox / "a.jsonl", range(1))
    with pytest.raises(WorkerError, match="was announced"):
        run(store, inbox, Pipeline(fake("1").load, fake("2").provenance))
    assert all_records(store) == {}


def test_a_missing_source_is_an_error_before_anything_happens(store: Store, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        ingest([str(tmp_path / "none")], store, fake())
    with store.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM runs")) == 0


RUN = """
import sys
from test_batch import SMALL, fake, ingest
from lichang.store.open import open_store
if __name__ == "__main__":
    ingest([sys.argv[1]], open_store(sys.argv[2]), fake(seconds_an_article=0.002), limits=SMALL)
"""


def test_kills_at_any_moment_lose_and_double_nothing(inbox: Path, tmp_path: Path) -> None:
    """The short form of `benchmarks/ingest.py kills`: 20 kills, 5,000 articles."""
    write_jsonl(inbox / "a.jsonl", range(150))
    write_jsonl(inbox / "b.jsonl", range(150, 200))
    script, where = tmp_path / "run.py", str(tmp_path / "lichang.db")
    script.write_text(RUN, "utf-8")
    command = [sys.executable, str(script), str(inbox), where]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    store = open_store(where)
    moments = random.Random(20251210)
    for records in (1, 70, 140):
        process = subprocess.Popen(command, env=environment, start_new_session=True)
        while len(all_records(store)) < records:
            assert process.poll() is None, "the run ended before it could be killed"
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 0.05))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run(command, env=environment, check=True)
    undisturbed = {f"a-{n}": expected(n) for n in range(150)}
    undisturbed |= {f"b-{n}": expected(n, "b") for n in range(150, 200)}
    assert all_records(store) == undisturbed
    with store.read() as connection:
        assert count_states(connection)["analyze"] == {"done": 200}
    store.close()
    assert not list(tmp_path.glob("lichang.db-run-*"))
