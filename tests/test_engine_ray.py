"""Ray, on a real cluster of two local nodes: the same records as on one machine, though one is killed."""

import json
import logging
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from sqlalchemy import func, select

import fake_pipeline
from fake_pipeline import FakeAnalyzer, fake_record, unlike
from lichang.batch.pool import WorkerError
from lichang.batch.run import Limits, Pipeline, ingest
from lichang.records import Article
from lichang.store.open import open_store
from lichang.store.results import read_records
from lichang.store.schema import ledger

ray = pytest.importorskip("ray")
pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.eval]  # Ray leaves sockets open

from lichang.engine_ray import open_ray_pool  # noqa: E402

SMALL = 100 << 20  # bytes of object store a node
LIMITS = Limits(workers=2, batch_characters=300)


@pytest.fixture
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


def write_articles(inbox: Path, count: int) -> list[Article]:
    articles = [Article(id=f"a-{n}", text=f"{unlike(n)}：依赖加深，封锁无效。") for n in range(count)]
    inbox.mkdir()
    rows = (json.dumps({"id": article.id, "text": article.text}) + "\n" for article in articles)
    (inbox / "a.jsonl").write_text("".join(rows), "utf-8")
    return articles


def pipeline(seconds: float = 0.0) -> Pipeline:
    return Pipeline(partial(fake_pipeline.load, "1", seconds), lambda: FakeAnalyzer().provenance)


def test_a_node_is_killed(cluster: Any, tmp_path: Path) -> None:
    articles = write_articles(tmp_path / "inbox", 400)
    second = cluster.add_node(num_cpus=1, object_store_memory=SMALL)
    cluster.wait_for_nodes()
    store = open_store(str(tmp_path / "lichang.db"))
    killed: list[int] = []

    def kill_in_the_middle(report: Any) -> None:
        if report.analyzed > 50 and not killed:
            killed.append(report.analyzed)
            Timer(0, cluster.remove_node, (second, False)).start()

    report = ingest(
        [str(tmp_path / "inbox")],
        store,
        pipeline(0.02),
        limits=LIMITS,
        engine=open_ray_pool,
        on_progress=kill_in_the_middle,
    )
    with store.read() as connection:
        found = list(read_records(connection))
        lost = connection.scalar(select(func.count()).where(ledger.c.tries > 0))
    store.close()
    assert killed
    assert lost  # articles that the dead node was at, and that were done again
    assert (report.analyzed, report.has_trouble) == (400, False)
    assert {r.id: r for r in found} == {a.id: fake_record(a, FakeAnalyzer().provenance) for a in articles}
    assert len(found) == 400


def test_an_article_that_kills_its_actor_is_quarantined_alone(cluster: Any, tmp_path: Path) -> None:
    write_articles(tmp_path / "inbox", 20)
    bad = json.dumps({"id": "bad", "text": "这一篇会让进程崩溃〔崩〕，其余无恙。"})
    (tmp_path / "inbox" / "b.jsonl").write_text(bad, "utf-8")
    store = open_store(str(tmp_path / "lichang.db"))
    report = ingest([str(tmp_path / "inbox")], store, pipeline(), limits=LIMITS, engine=open_ray_pool)
    store.close()
    assert (report.analyzed, dict(report.quarantined)) == (20, {"crash": 1})


def test_a_pipeline_that_cannot_be_loaded(cluster: Any, tmp_path: Path) -> None:
    write_articles(tmp_path / "inbox", 2)
    store = open_store(str(tmp_path / "lichang.db"))
    broken = Pipeline(fake_pipeline.broken_load, lambda: FakeAnalyzer().provenance)
    with pytest.raises(WorkerError, match=r"models/linear is missing"):
        ingest([str(tmp_path / "inbox")], store, broken, limits=LIMITS, engine=open_ray_pool)
    store.close()
