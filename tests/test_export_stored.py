"""A store's records, filtered by its database, are those that the same filter finds in a file of them."""

from collections.abc import Iterator

import msgspec
import pytest

from fake_pipeline import FakeAnalyzer, fake_record, unlike
from lichang.copies import fingerprint
from lichang.export import Copy, Filter, select
from lichang.export.stored import read_entries
from lichang.records import Article
from lichang.store.entry import register
from lichang.store.lease import new_run
from lichang.store.open import Store, open_store
from lichang.store.results import note_provenance, write
from lichang.store.rows import prepare

ARTICLES = [
    Article(
        id=f"a{number}",
        text=f"{unlike(number)}。依赖加深。封锁无效！",
        source="某报" if number % 2 else "乙报",
        published=f"2025-12-{10 + number}",
    )
    for number in range(5)
]
COPY = msgspec.structs.replace(ARTICLES[1], id="copy", source="丙报", url="https://example.org/copy")


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    fake = FakeAnalyzer()
    with new_run(opened) as run, opened.write() as connection:
        prints = [fingerprint(article.text) for article in (*ARTICLES, COPY)]
        new, copies = register(connection, run, "in.jsonl", [*ARTICLES, COPY], prints)
        assert (len(new), copies) == (5, 1)
        rows = [prepare(one.key, fake_record(one.article, fake.provenance)) for one in new]
        write(connection, rows, note_provenance(connection, fake.provenance))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(),
        Filter(camp="containment"),
        Filter(camp="dependency", outlet="某报"),
        Filter(since="2025-12-12", until="2025-12-13"),
        Filter(holder=""),
        Filter(holder="黄仁勋"),
        Filter(text="封鎖"),
        Filter(article="a3"),
    ],
)
def test_filters_are_the_same_everywhere(store: Store, wanted: Filter) -> None:
    fake = FakeAnalyzer()
    records = [fake_record(article, fake.provenance) for article in ARTICLES]
    with store.read() as connection:
        found = list(read_entries(connection, wanted))
    assert [entry[:2] for entry in found] == [entry[:2] for entry in select(records, wanted)]


def test_copies_come_with_their_original(store: Store) -> None:
    with store.read() as connection:
        copies = {entry.record.id: entry.copies for entry in read_entries(connection)}
    assert copies.pop("a1") == (Copy("copy", "丙报", "2025-12-11", "https://example.org/copy"),)
    assert set(copies.values()) == {()}
