"""How fast the review page answers, over 10,000 articles and 100,000 claims, beside a running ingest.

    python benchmarks/review.py [ARTICLES]

Inbox (plain, filtered, searched, sorted, deep pages), articles and decisions, one request after another;
milliseconds at the median and at the 95th percentile. Records are those of the tests' fake pipeline over
generated articles, the first ten claims of each. Then ten reviewers decide at once for a minute: no decision
may be lost or doubled.
"""

import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
from msgspec.structs import replace

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from sqlalchemy import func, select

import fake_pipeline
from generated import article as generated
from ingest import command
from lichang.records import Article, Record
from lichang.store.open import open_store
from lichang.store.schema import claims, documents, events, records
from review_site import enter

BATCH = 200
CLAIMS = 10  # an article
MINUTE = 60
CODE = "from lichang.cli_review import review; review()"


def fill(where: str, count: int) -> None:
    """A store of that many articles."""
    provenance = fake_pipeline.load().provenance
    with closing(open_store(where)) as store:
        for first in range(0, count, BATCH):
            numbers = range(first, min(count, first + BATCH))
            articles = [Article(**generated(number, copies=0)) for number in numbers]
            found = [fake_pipeline.fake_record(one, provenance) for one in articles]
            kept = [with_subjects(replace(one, claims=one.claims[:CLAIMS])) for one in found]
            enter(store, list(zip(articles, kept, strict=True)))


def with_subjects(record: Record) -> Record:
    """The record with figures that measure something, a few hundred things in all, so that some contradict."""
    owner = {figure: claim.id for claim in record.claims for figure in claim.figures}
    figures = [
        replace(one, of=f"第{int(one.low or 0) % 300}号产品出货量", unit="张", claim=owner.get(one.id))
        for one in record.figures
    ]
    return replace(record, figures=tuple(figures))


@contextmanager
def served(where: str) -> Iterator[httpx.Client]:
    """The page in a process of its own."""
    command_ = [sys.executable, "-c", CODE, "--store", where, "--no-browser"]
    process = subprocess.Popen(command_, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    link = httpx.URL(process.stderr.readline().strip())
    headers = {"authorization": f"Bearer {link.params['token']}"}
    with httpx.Client(base_url=f"http://{link.host}:{link.port}", headers=headers, timeout=120) as client:
        yield client
    process.terminate()
    process.wait()


def measure(name: str, ask: Callable[[int], httpx.Response], rounds: int = 30) -> float:
    """Print the median and 95th percentile of a request in milliseconds; returns the latter."""
    times = []
    for number in range(rounds):
        start = time.perf_counter()
        answer = ask(number)
        times.append(1000 * (time.perf_counter() - start))
        answer.raise_for_status()
    slow = statistics.quantiles(times, n=20)[-1]
    print(f"{name:28} {statistics.median(times):7.0f} ms median {slow:7.0f} ms p95", flush=True)
    return slow


def measure_pages(client: httpx.Client, keys: list[int], places: list[tuple[int, str]]) -> None:
    words = ("出口管制", "芯片", "H20", "依赖", "算力 中国", "英伟达")
    client.get("/")  # the first look for figures in conflict is not what is measured
    measure("inbox", lambda _: client.get("/"))
    measure("inbox, further counts", lambda _: client.get("/facets"))
    measure("inbox, a camp", lambda n: client.get("/", params={"camp": ("dependency", "containment")[n % 2]}))
    measure("inbox, all statuses", lambda _: client.get("/", params={"status": "any", "order": "newest"}))
    measure("inbox, searched", lambda n: client.get("/", params={"text": words[n % len(words)]}))
    measure(
        "inbox, searched by outlet",
        lambda n: client.get("/", params={"text": words[n % 6], "outlet": "财新"}),
    )
    measure("inbox, in conflict", lambda _: client.get("/", params={"conflict": "1"}))
    measure("inbox, page 50", lambda n: client.get("/", params={"page": str(50 + n)}))
    measure("inbox, articles", lambda n: client.get("/", params={"view": "articles", "page": str(n % 9)}))
    measure("article", lambda _: client.get(f"/articles/{random.choice(keys)}"))
    measure("decision, on disk", lambda n: client.post("/api/decisions", json=decision(*places[n])))


def decision(record: int, item: str) -> dict[str, object]:
    return {"record": record, "item": item, "field": "verdict", "value": "accept", "after": 0}


def ten_reviewers(client: httpx.Client, places: list[tuple[int, str]]) -> None:
    """Ten reviewers go through the same claims for a minute, each in an order of his own."""
    until = time.monotonic() + MINUTE
    answers: Counter[int] = Counter()
    won: Counter[tuple[int, str]] = Counter()

    def work(seed: int) -> None:
        with httpx.Client(base_url=client.base_url, headers=client.headers, timeout=120) as own:
            for place in random.Random(seed).sample(places, len(places)):
                if time.monotonic() > until:
                    return
                name = {"x-reviewer": f"reviewer{seed}"}
                status = own.post("/api/decisions", json=decision(*place), headers=name).status_code
                answers[status] += 1
                won[place] += status == 201

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"ten reviewers: {dict(answers)}; most saved on one claim: {max(won.values())}", flush=True)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory(prefix="lichang-bench-") as name:
        folder = Path(name)
        where = str(folder / "lichang.db")
        fill(where, count)
        with closing(open_store(where)) as store, store.read() as connection:
            keys = list(connection.scalars(select(documents.c.key)))
            places = [
                (record, item)
                for record, item in connection.execute(
                    select(records.c.key, claims.c.id)
                    .join(records, records.c.document == claims.c.document)
                    .order_by(claims.c.key.desc())
                    .limit(1000)
                )
            ]
            total = connection.scalar(select(func.count()).select_from(claims))
        print(f"{len(keys)} articles, {total} claims")
        with served(where) as client:
            print("quiet")
            measure_pages(client, keys, places)
            more = folder / "more.jsonl"
            lines = [json.dumps({**generated(n, copies=0), "id": f"m{n}"}) for n in range(count, 2 * count)]
            more.write_text("\n".join(lines), "utf-8")
            running = subprocess.Popen(command(folder, more, "lichang.db", 1, quick=True))
            time.sleep(3)
            print("beside a running ingest")
            measure_pages(client, keys, places[100:])
            print(f"the ingest {'still runs' if running.poll() is None else 'has ended'}")
            running.terminate()
            running.wait()
            ten_reviewers(client, places[200:])
        with closing(open_store(where)) as store, store.read() as connection:
            kept = connection.scalar(select(func.count()).select_from(events))
            print(f"decisions in the store: {kept}")


if __name__ == "__main__":
    main()
