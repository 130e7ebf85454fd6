"""The store on SQLite and PostgreSQL: what goes in comes out, once, and what is decided stays."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, func, select, text

from fake_pipeline import FakeAnalyzer, fake_record, unlike
from gold_texts import train_texts
from lichang.copies import fingerprint
from lichang.records import Article, Rejection
from lichang.store import events as decisions
from lichang.store.checks import check_search
from lichang.store.documents import InputState, copies_of, end_input, known_input, reject
from lichang.store.entry import register
from lichang.store.lease import adopt, is_alive, new_run
from lichang.store.ledger import (
    charge,
    count_states,
    has_stale,
    reopen_quarantined,
    reopen_stale,
    troubles,
    waiting,
    waiting_again,
)
from lichang.store.listing import Filter, count_by, count_claims, list_claims
from lichang.store.open import HEAD, Store, StoreError, open_store
from lichang.store.results import note_provenance, read_record, read_records, write
from lichang.store.revisions import revisions
from lichang.store.rows import Failure, Waiting, prepare
from lichang.store.schema import bands, claim_texts, documents, metadata, new_bands, records
from lichang.store.search import matching
from lichang.store.words import fold, index_words, term_words


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()


def article(number: int, says: str = "依赖加深，封锁无效。", **fields: str) -> Article:
    return Article(id=f"a{number}", text=f"{unlike(number)}。{says}", **fields)  # type: ignore[arg-type]


def enter(store: Store, run: int, *articles: Article, path: str = "inbox/one.jsonl") -> list[Waiting]:
    with store.write() as connection:
        return register(connection, run, path, articles, [fingerprint(one.text) for one in articles])[0]


def analyze(store: Store, found: list[Waiting], version: str = "1") -> None:
    fake = FakeAnalyzer(version)
    prepared = [prepare(one.key, fake_record(one.article, fake.provenance)) for one in found]
    with store.write() as connection:
        write(connection, prepared, note_provenance(connection, fake.provenance))


def fill(store: Store, *articles: Article, version: str = "1") -> None:
    with new_run(store) as run:
        analyze(store, enter(store, run, *articles), version)


def keys_of(store: Store, query: str) -> set[str]:
    with store.read() as connection:
        found = matching(query, sqlite=store.sqlite)
        return set(connection.scalars(select(documents.c.id).where(documents.c.key.in_(found))))


# Tables


def test_the_migrations_make_what_the_code_expects(store: Store) -> None:
    with store.read() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    ours = [d for d in differences if "passages_fts" not in str(d) and "vector" not in str(d)]
    assert ours == []


def test_head_is_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "pipeline/lichang/store/migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_an_older_store_is_brought_up_to_date_with_its_claims(store: Store, store_url: str) -> None:
    fill(store, article(1, "依赖加深，早就说了。"), article(2, "封锁无效，早就说了。"))
    config = Config()
    config.set_main_option("script_location", "pipeline/lichang/store/migrations")
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    store.close()
    again = open_store(store_url)
    with again.read() as connection:
        assert count_claims(connection, Filter(text="早就")) == 2
        assert [row.camp for row in list_claims(connection, Filter(text="依赖"))] == ["dependency"]
    again.close()


def test_claims_without_their_text_are_noticed(store: Store) -> None:
    fill(store, article(1))
    assert check_search(store) == "1 texts indexed"
    with store.write() as connection:
        connection.execute(delete(claim_texts))
    with pytest.raises(StoreError, match="1 claims cannot be searched"):
        check_search(store)


def test_a_store_of_a_newer_version_is_refused(store: Store, store_url: str) -> None:
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer lichang"):
        open_store(store_url)


@pytest.mark.parametrize(
    ("where", "complaint"),
    [
        ("{tmp}/none/lichang.db", "the folder .* does not exist"),
        ("{tmp}/text.db", "not a database"),
        ("mysql://anna@db/lichang", "mysql: not a store"),
        ("postgresql://lichang@127.0.0.1:1/none", "cannot open this store"),
    ],
)
def test_what_cannot_be_opened_is_named(tmp_path: Path, where: str, complaint: str) -> None:
    (tmp_path / "text.db").write_text("This is a text and no database at all, to be sure of it.\n" * 30)
    with pytest.raises(StoreError, match=complaint):
        open_store(where.format(tmp=tmp_path))


def test_a_missing_store_is_not_made_by_a_reader(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such store"):
        open_store(str(tmp_path / "lichang.db"), create=False)
    assert list(tmp_path.iterdir()) == []


# What came in


def test_an_article_is_entered_once(store: Store) -> None:
    with new_run(store) as run:
        assert [one.article for one in enter(store, run, article(1), article(1))] == [article(1)]
        assert enter(store, run, article(1)) == []


def test_other_content_is_a_revision_and_takes_the_lists_over(store: Store) -> None:
    fill(store, article(1, "封锁无效，早就说了。"))
    fill(store, article(1, "依赖加深，早就说了。"))
    with store.read() as connection:
        assert [claim.camp for claim in list_claims(connection, Filter())] == ["dependency"]
        revisions = select(documents.c.revision, records.c.current).join(
            records, records.c.document == documents.c.key
        )
        assert set(map(tuple, connection.execute(revisions))) == {(1, False), (2, True)}
        assert count_states(connection)["analyze"] == {"done": 1, "skipped": 1}
    assert keys_of(store, "封锁") == set()


def test_revisions_tell_which_claims_changed(store: Store) -> None:
    fill(store, article(1, "封锁无效，早就说了。天气很好，宜出行。"))
    fill(store, article(1, "依赖加深，早就说了。天气很好，宜出行。"))
    with store.read() as connection:
        first, second = revisions(connection, "a1")
        assert (first.number, len(first.new), first.gone) == (1, 2, ())
        assert [said.text for said in second.gone] == ["封锁无效，早就说了。"]
        assert [said.text for said in second.new] == ["依赖加深，早就说了。"]
        assert list(revisions(connection, "none")) == []


def test_an_overtaken_revision_that_ends_last_stays_unlisted(store: Store) -> None:
    with new_run(store) as run:
        older = enter(store, run, article(1, "封锁无效，早就说了。"))
        analyze(store, enter(store, run, article(1, "依赖加深，早就说了。")))
        analyze(store, older)
    with store.read() as connection:
        assert [claim.camp for claim in list_claims(connection, Filter())] == ["dependency"]
        assert len(list(read_records(connection))) == 1
        assert count_states(connection)["analyze"] == {"done": 1, "skipped": 1}


def test_inputs_are_remembered(store: Store) -> None:
    with store.write() as connection:
        for size in (1, 2):
            end_input(connection, "inbox/a.txt", InputState(size, 10**18, "hash", "reader"))
    with store.read() as connection:
        assert known_input(connection, "inbox/a.txt") == InputState(2, 10**18, "hash", "reader")
        assert known_input(connection, "inbox/b.txt") is None


def test_copies_are_found_in_the_store_and_in_the_same_chunk(store: Store) -> None:
    with new_run(store) as run:
        enter(store, run, article(1), Article(id="again", text=f"{unlike(1)}！依赖加深！封锁无效"))
        near = Article(
            id="near",
            text=f"【转载】{unlike(1)}。依賴加深，封鎖無效。",
            source="财新",
            published="2025-12-10",
        )
        assert enter(store, run, near, article(2)) != []
    with store.read() as connection:
        again, nearly = copies_of(connection, "a1")
        assert (again.id, nearly.id) == ("again", "near")
        assert (nearly.outlet, nearly.published, nearly.path) == ("财新", "2025-12-10", "inbox/one.jsonl")
        assert copies_of(connection, "a2") == []
        assert count_states(connection)["analyze"] == {"pending": 2, "skipped": 2}


def test_copies_are_found_before_and_after_the_bands_of_new_ones_have_settled(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lichang.store.compare.SETTLED", 4)
    with new_run(store) as run:
        for number in range(1, 7):
            enter(store, run, article(number))
        for number in (1, 6):  # settled with the first four; still new
            enter(
                store,
                run,
                Article(id=f"near{number}", text=f"【转载】{unlike(number)}。依賴加深，封鎖無效。"),
            )
    with store.read() as connection:
        assert [copies_of(connection, f"a{number}")[0].id for number in (1, 6)] == ["near1", "near6"]
        settled, new = (
            connection.scalar(select(func.count(func.distinct(table.c.document))))
            for table in (bands, new_bands)
        )
        assert (settled, new) == (4, 2)


def test_a_revision_is_no_copy_of_itself(store: Store) -> None:
    with new_run(store) as run:
        assert len(enter(store, run, article(1), article(1, "依赖加深，封锁有效。"))) == 2


# Records


def test_records_come_back_as_they_were(store: Store) -> None:
    texts = [Article(id=str(n), text=t, published="2025-12-10") for n, t in enumerate(train_texts()[:20])]
    fill(store, *texts)
    fake = FakeAnalyzer()
    expected = [fake_record(one, fake.provenance) for one in texts]
    with store.read() as connection:
        assert list(read_records(connection)) == expected
        assert read_record(connection, "7") == expected[7]
        assert read_record(connection, "none") is None


def test_writing_a_record_again_changes_nothing(store: Store) -> None:
    with new_run(store) as run:
        found = enter(store, run, article(1), article(2))
        analyze(store, found)
        analyze(store, found)
    with store.read() as connection:
        assert len(list(read_records(connection))) == 2
        assert count_claims(connection, Filter()) == 2


def test_a_record_and_its_ledger_line_come_together_or_not_at_all(store: Store) -> None:
    fake = FakeAnalyzer()
    with new_run(store) as run:
        found = enter(store, run, article(1))
        prepared = [prepare(found[0].key, fake_record(article(1), fake.provenance))]
        with store.engine.connect() as connection:  # what a kill leaves: no commit
            write(connection, prepared, note_provenance(connection, fake.provenance))
            connection.rollback()
        with store.read() as connection:
            assert list(read_records(connection)) == []
            assert waiting(connection, run, after=0, limit=9) == found


# The ledger


def test_tries_end_in_quarantine_and_can_be_given_back(store: Store) -> None:
    with new_run(store) as run:
        (one,) = enter(store, run, article(1))
        failure = Failure(one.key, "crash", "the worker died")
        for again in (1, 1, 0):
            with store.write() as connection:
                charge(connection, [failure], max_tries=3)
                assert len(waiting_again(connection, [one.key])) == again
        with store.read() as connection:
            assert waiting(connection, run, after=0, limit=9) == []
            assert [(t.reason, t.count) for t in troubles(connection)] == [("crash", 1)]
        with store.write() as connection:
            assert reopen_quarantined(connection, run) == 1
        with store.read() as connection:
            assert waiting(connection, run, after=0, limit=9) == [one]
            assert troubles(connection) == []


def test_rejections_are_troubles_too(store: Store) -> None:
    turned_away = [Rejection(id=None, where=f"a.jsonl:{n}", reason="no-text", detail="…") for n in range(3)]
    with store.write() as connection:
        reject(connection, "a.jsonl", turned_away)
    with store.read() as connection:
        assert [(t.where, t.reason, t.count) for t in troubles(connection)] == [("read", "no-text", 3)]


def test_only_what_another_tagger_made_is_stale(store: Store) -> None:
    fill(store, article(1), version="1")
    fill(store, article(2), version="2")
    with new_run(store) as run:
        with store.write() as connection:
            two = note_provenance(connection, FakeAnalyzer("2").provenance)
            assert has_stale(connection, two)
            assert reopen_stale(connection, run, two) == 1
        with store.read() as connection:
            again = waiting(connection, run, after=0, limit=9)
        assert [one.article.id for one in again] == ["a1"]
        analyze(store, again, "2")
    with store.read() as connection:
        assert not has_stale(connection, two)
        assert {record.provenance.tagger for record in read_records(connection)} == {"fake@2"}
        assert connection.scalar(text("SELECT count(*) FROM records")) == 2


def test_a_dead_run_is_taken_over_and_a_live_one_is_not(store: Store, store_url: str) -> None:
    other = open_store(store_url)
    with new_run(other) as live:
        enter(other, live, article(1))
        with new_run(store) as run:
            assert is_alive(store, live)
            assert adopt(store, run) == 0
    other.close()
    with new_run(store) as run:
        assert not is_alive(store, live)
        assert adopt(store, run) == 1
        with store.read() as connection:
            assert [one.article.id for one in waiting(connection, run, after=0, limit=9)] == ["a1"]


def test_a_killed_run_that_had_nothing_left_to_do_leaves_no_file_for_good(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "[news].db"))
    killed = tmp_path / "[news].db-run-7"
    killed.touch()
    with new_run(store) as live:
        with new_run(store):
            assert is_alive(store, live)
        assert not killed.exists()
    store.close()
    assert not list(tmp_path.glob("*-run-*"))


# Search


def test_two_character_words_are_found(store: Store) -> None:
    fill(
        store,
        article(1, "发展中国家的人工智能。"),
        article(2, "對華晶片出口管制，輝達稱Ｈ２００將斷供。"),
        article(3, "供应链断了，管制出口。"),
    )
    assert keys_of(store, "国家") == keys_of(store, "中国") == keys_of(store, "智能") == {"a1"}
    assert keys_of(store, "断供") == {"a2"}  # not in the dictionary; 3 has both characters apart
    assert keys_of(store, "出口管制") == {"a2"}
    assert keys_of(store, "出口 管制") == {"a2", "a3"}
    assert keys_of(store, "輝達 h200") == {"a2"}
    assert keys_of(store, "H20") == set()
    assert keys_of(store, "管制，辉达") == {"a2"}
    assert keys_of(store, '"') == keys_of(store, "' OR 1=1 --") == set()
    assert keys_of(store, "") == {"a1", "a2", "a3"}


@settings(deadline=None, max_examples=200)  # the first example loads the dictionary
@given(data=st.data())
def test_every_piece_of_a_text_has_its_words_in_the_index(data: st.DataObject) -> None:
    folded = fold(data.draw(st.sampled_from(train_texts())))
    start = data.draw(st.integers(0, len(folded) - 1))
    piece = folded[start : start + data.draw(st.integers(1, 8))]
    if not piece[0].isascii() and not piece[-1].isascii():  # letters and digits match as whole runs
        assert set(term_words(piece)) <= set(index_words(folded).split())


# Lists


def test_claims_are_listed_by_every_filter(store: Store) -> None:
    fill(
        store,
        article(1, "黄仁勋认为，依赖会加深。", source="财新", published="2025-12-01"),
        article(2, "封锁无效，谁都知道。", source="观察者", published="2025-12-10T08:00:00+08:00"),
        article(3, "天气很好，宜出行。"),
    )
    cases = {
        Filter(): 3,
        Filter(camp="dependency"): 1,
        Filter(attitude="for"): 2,
        Filter(holder="黄仁勋"): 1,
        Filter(holder=""): 2,
        Filter(outlet="财新"): 1,
        Filter(since="2025-12-02"): 1,
        Filter(until="2025-12-10"): 2,
        Filter(until="2025-12-09"): 1,
        Filter(kind="opinion", status="open"): 3,
        Filter(text="无效"): 1,
        Filter(text="无效", camp="dependency"): 0,
        Filter(article="a3"): 1,
    }
    with store.read() as connection:
        for wanted, count in cases.items():
            assert count_claims(connection, wanted) == count == len(list_claims(connection, wanted)), wanted
        assert count_by(connection, "camp", Filter()) == [
            ("containment", 1),
            ("dependency", 1),
            ("neither", 1),
        ]
        assert list_claims(connection, Filter(holder="黄仁勋"))[0].text == "黄仁勋认为，依赖会加深。"
        pages = [list_claims(connection, Filter(), offset=n, limit=1) for n in range(4)]
        assert [[claim.article for claim in page] for page in pages] == [["a2"], ["a1"], ["a3"], []]
        oldest = list_claims(connection, Filter(), order="oldest")
        assert [claim.article for claim in oldest] == ["a3", "a1", "a2"]


# Decisions


def decide(connection: Connection, record: int, field: str, value: str, after: int) -> decisions.Event:
    item = "" if field == "comment" else "c0"
    return decisions.append(
        connection, record=record, item=item, reviewer="安娜", field=field, value=value, after=after
    )


def test_a_decision_is_appended_and_moves_the_status(store: Store) -> None:
    fill(store, article(1))
    with store.write() as connection:
        key = decisions.record_key(connection, "a1")
        assert key is not None
        first = decide(connection, key, "verdict", "accept", 0)
        with pytest.raises(decisions.Conflict, match="somebody else"):
            decide(connection, key, "verdict", "reject", 0)
        second = decide(connection, key, "camp", "neither", first.id)
        with pytest.raises(StoreError, match="'maybe' is not one of"):
            decide(connection, key, "verdict", "maybe", second.id)
    with store.read() as connection:
        assert decisions.history(connection, key) == [first, second]
        assert decisions.history(connection, key, "c1") == []
        assert count_by(connection, "status", Filter()) == [("corrected", 1)]


def test_a_judged_record_outlives_its_successor(store: Store) -> None:
    fill(store, article(1), version="1")
    with store.write() as connection:
        key = decisions.record_key(connection, "a1")
        assert key is not None
        decide(connection, key, "comment", "好", 0)
    with new_run(store) as run:
        with store.write() as connection:
            reopen_stale(connection, run, note_provenance(connection, FakeAnalyzer("2").provenance))
        with store.read() as connection:
            again = waiting(connection, run, after=0, limit=9)
        analyze(store, again, "2")
    with store.read() as connection:
        assert [event.value for event in decisions.history(connection, key)] == ["好"]
        assert decisions.record_key(connection, "a1") != key


# Two writers and a reader


def test_two_writers_and_a_reader_do_not_lock_each_other_out(store_url: str) -> None:
    """The short form of `benchmarks/ingest.py locks`, which lasts a minute."""
    open_store(store_url).close()
    failures: list[Exception] = []

    def keep_writing(which: int) -> None:
        store = open_store(store_url)
        try:
            for number in range(20):
                fill(store, article(100 * which + number))
        except Exception as error:
            failures.append(error)
        finally:
            store.close()

    writers = [threading.Thread(target=keep_writing, args=(which,)) for which in (0, 1)]
    for writer in writers:
        writer.start()
    reader = open_store(store_url)
    while any(writer.is_alive() for writer in writers):
        with reader.read() as connection:
            assert len(list(read_records(connection))) == count_claims(connection, Filter())
        time.sleep(0.02)  # leaves the interpreter to the writers
    assert failures == []
    with reader.read() as connection:
        assert (
            len({record.id for record in read_records(connection)})
            == count_claims(connection, Filter())
            == 40
        )
    reader.close()


def test_an_interrupted_sqlite_store_is_sound(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "lichang.db"))
    fill(store, article(1))
    store.close()
    with sqlite3.connect(tmp_path / "lichang.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
