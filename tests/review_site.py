"""A review page for tests: a store with a few articles, served on a free port by a thread."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import uvicorn

from lichang.copies import fingerprint
from lichang.records import Article, Record
from lichang.review.app import create_app
from lichang.store.entry import register
from lichang.store.lease import new_run
from lichang.store.open import Store
from lichang.store.results import note_provenance, write
from lichang.store.rows import prepare

TOKEN = "a-token-for-tests"
HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


def enter(store: Store, pairs: Sequence[tuple[Article, Record]]) -> list[int]:
    """Enter articles with their records; the keys of their documents."""
    with new_run(store) as run, store.write() as connection:
        articles = [article for article, _ in pairs]
        found = register(connection, run, "tests", articles, [fingerprint(one.text) for one in articles])[0]
        keys = {one.article.id: one.key for one in found}
        made_by = note_provenance(connection, pairs[0][1].provenance)
        write(connection, [prepare(keys[article.id], record) for article, record in pairs], made_by)
    return [keys[article.id] for article in articles]


@dataclass(frozen=True)
class Site:
    """A served page."""

    url: str
    store: Store

    def client(self, reviewer: str = "安娜", **headers: str) -> httpx.Client:
        """A client that has the token."""
        known = {"authorization": f"Bearer {TOKEN}", "x-reviewer": quote(reviewer)}
        return httpx.Client(base_url=self.url, headers={**known, **headers}, timeout=30)

    def decide(self, reviewer: str = "安娜", **decision: Any) -> httpx.Response:
        """Post one decision."""
        with self.client(reviewer) as client:
            return client.post("/api/decisions", json=decision)


@contextmanager
def served(store: Store, **options: Any) -> Iterator[Site]:
    """The page over a store while the block lasts."""
    server = uvicorn.Server(
        uvicorn.Config(create_app(store, token=TOKEN, **options), port=0, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Site(f"http://127.0.0.1:{port}", store)
    finally:
        server.should_exit = True
        thread.join()
