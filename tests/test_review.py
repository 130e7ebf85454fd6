"""The review page without a browser: decisions, replay, layout, guard, API, export."""

import json
import os
import signal
import subprocess
import sys
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

import httpx
import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from sqlalchemy import select

from fake_pipeline import FakeAnalyzer, fake_record, unlike
from lichang.cli_review import review
from lichang.copies import fingerprint
from lichang.corpus import lay_out as lay_out_gold
from lichang.export.stored import read_entries
from lichang.records import Article, Record
from lichang.review.agreement import krippendorff_alpha
from lichang.review.corpus_export import corpus_row, read_reviewed
from lichang.review.decisions import DecisionError, add, check, decide, load, preview, undo
from lichang.review.disputes import find_disputes
from lichang.review.filters import Address, wanted_of
from lichang.review.language import _WORDS
from lichang.review.layout import lay_out
from lichang.review.queries import Wanted, count_wide, list_work, read_article
from lichang.review.security import is_allowed
from lichang.store.entry import register
from lichang.store.events import Conflict, Event, history, record_key
from lichang.store.judged import judge
from lichang.store.lease import new_run
from lichang.store.listing import Filter
from lichang.store.open import Store, open_store
from lichang.store.results import note_provenance, write
from lichang.store.rows import prepare
from lichang.store.schema import figures
from review_site import HOSTILE, Site, enter, served

PROVENANCE = FakeAnalyzer().provenance
TEXT = (
    "黄仁勋说，依赖加深，封锁无效😀。𠮷野家卖出30万张，价格涨了5倍。今天下雨。\n第二段，封锁要收紧，共12项。"
)


def article(number: int, text: str = TEXT, **fields: str) -> Article:
    known = {"title": f"题目{number}", "source": "界面", "published": "2025-12-10", **fields}
    padding = "。".join(unlike(number + 100 * n) for n in range(1, 8))  # else they were copies
    return Article(id=f"a{number}", text=f"{unlike(number)}。{text}\n{padding}。", **known)  # type: ignore[arg-type]


def pair(number: int, text: str = TEXT, **fields: str) -> tuple[Article, Record]:
    one = article(number, text, **fields)
    return one, fake_record(one, PROVENANCE)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url, durable=True)
    yield opened
    opened.close()


@pytest.fixture
def light(tmp_path: Path) -> Iterator[Store]:
    """A store on SQLite only, for what does not depend on the database."""
    opened = open_store(str(tmp_path / "lichang.db"), durable=True)
    yield opened
    opened.close()


@pytest.fixture
def site(light: Store) -> Iterator[Site]:
    enter(light, [pair(1), pair(2)])
    with served(light) as found:
        yield found


def key_of(store: Store, id_: str) -> int:
    with store.read() as connection:
        key = record_key(connection, id_)
    assert key is not None
    return key


def claim_status(store: Store, id_: str, item: str) -> str:
    with store.read() as connection:
        work = list_work(connection, Wanted(filter=Filter(article=id_)))
    return next(row.status for row in work.rows if row.id == item)


# Replay: decisions over the record


def test_a_record_nobody_judged_is_as_the_pipeline_wrote_it() -> None:
    _, record = pair(1)
    judged = judge(record, [])
    assert [one.claim for one in judged.claims] == list(record.claims)
    assert {one.status for one in (*judged.claims, *judged.figures)} == {"open"}


def test_the_pieces_join_back_to_the_text() -> None:
    _, record = pair(1)
    paragraphs = lay_out(judge(record, []))
    lines = ["".join(piece.text for stretch in p for piece in stretch.pieces) for p in paragraphs]
    assert "\n".join(lines) == record.text
    for piece in (piece for p in paragraphs for stretch in p for piece in stretch.pieces):
        assert record.text[piece.start : piece.start + len(piece.text)] == piece.text


def test_a_decision_changes_the_reading_and_not_the_record(store: Store) -> None:
    enter(store, [pair(1)])
    record = key_of(store, "a1")
    with store.write() as connection:
        first = decide(
            connection, record=record, item="c0", reviewer="安娜", field="camp", value="containment", after=0
        )
        decide(
            connection,
            record=record,
            item="c0",
            reviewer="安娜",
            field="holder",
            value="野家",
            after=first.id,
        )
    with store.read() as connection:
        judged = load(connection, record)
    one = judged.claims[0]
    assert (one.claim.camp, one.claim.holder, one.status) == ("containment", "野家", "corrected")
    assert one.was == judged.record.claims[0] == pair(1)[1].claims[0]
    assert claim_status(store, "a1", "c0") == "corrected"


def test_undo_goes_back_one_decision_at_a_time(store: Store) -> None:
    enter(store, [pair(1)])
    record = key_of(store, "a1")
    with store.write() as connection:
        first = decide(
            connection, record=record, item="c0", reviewer="安娜", field="verdict", value="accept", after=0
        )
        decide(
            connection,
            record=record,
            item="c0",
            reviewer="安娜",
            field="camp",
            value="neither",
            after=first.id,
        )
    for status in ("accepted", "open"):
        with store.write() as connection:
            assert len(undo(connection, "安娜")) == 1
        assert claim_status(store, "a1", "c0") == status
    with store.write() as connection:
        assert undo(connection, "安娜") == []
        assert len(history(connection, record)) == 4  # nothing is ever taken away


def test_what_somebody_else_built_on_is_not_undone(light: Store) -> None:
    enter(light, [pair(1)])
    record = key_of(light, "a1")
    with light.write() as connection:
        first = decide(
            connection, record=record, item="c0", reviewer="安娜", field="verdict", value="accept", after=0
        )
        decide(
            connection,
            record=record,
            item="c0",
            reviewer="伯特",
            field="verdict",
            value="reject",
            after=first.id,
        )
    with pytest.raises(Conflict), light.write() as connection:
        undo(connection, "安娜")


def test_what_was_missed_is_added_mended_and_undone(light: Store) -> None:
    enter(light, [pair(1)])
    record = key_of(light, "a1")
    text = pair(1)[1].text
    start = text.index("今天下雨")
    with light.write() as connection:
        item, event = add(
            connection, record=record, reviewer="安娜", what="claim", start=start, end=start + 4
        )
        decide(
            connection, record=record, item=item, reviewer="安娜", field="kind", value="fact", after=event.id
        )
        judged = load(connection, record)
    added = next(one for one in judged.claims if one.claim.id == item)
    assert (added.claim.kind, added.was, added.status) == ("fact", None, "corrected")
    assert any(stretch.tint and stretch.tint.claim == item for p in lay_out(judged) for stretch in p)
    with light.write() as connection:
        undo(connection, "安娜")
        undo(connection, "安娜")
        assert item not in {one.claim.id for one in load(connection, record).claims}


def test_a_moved_span_takes_its_tint_along() -> None:
    _, record = pair(1)
    claim = record.claims[0]
    moved = {"start": claim.start + 5, "end": claim.end - 2}
    event = Event(
        id=1, record=1, item=claim.id, after=0, reviewer="安娜", field="span", value=moved, batch=None, at=""
    )
    judged = judge(record, [event])
    tinted = [
        s
        for p in lay_out(judged)
        for s in p
        if s.tint and s.tint.camp != "neither" and s.tint.claim == claim.id
    ]
    assert (
        "".join(piece.text for s in tinted for piece in s.pieces)
        == record.text[moved["start"] : moved["end"]]
    )


@pytest.mark.parametrize(
    ("item", "field", "value"),
    [
        ("c0", "camp", "neutrl"),
        ("c0", "camp", ["dependency"]),
        ("c99", "camp", "neither"),
        ("c0", "figure", {"low": 1}),
        ("f0", "figure", {"low": 2, "high": 1}),
        ("f0", "figure", {"low": "1"}),
        ("f0", "figure", {"id": "f1"}),
        ("c0", "span", {"start": 5, "end": 5}),
        ("c0", "span", {"start": -1, "end": 5}),
        ("c0", "span", {"start": 0, "end": 10**9}),
        ("c0", "span", "0-5"),
        ("c0", "holder", "\ud800"),
        ("c0", "holder", "a\0b"),
        ("c0", "comment", " "),
        ("c1", "attitude", "for"),  # it has no camp
        ("c0", "second", {"camp": "neither", "attitude": "for", "kind": "fact"}),
        ("c0", "undo", 1),
        ("c0", "add", {}),
        ("", "camp", "neither"),
        ("", "relevant", "yes"),
    ],
)
def test_decisions_that_make_no_sense_are_refused(item: str, field: str, value: object) -> None:
    with pytest.raises(DecisionError):
        check(judge(pair(1)[1], []), item, field, value)


# The worklist


def test_counts_say_what_a_click_would_give(store: Store) -> None:
    enter(store, [pair(n) for n in range(3)])
    with store.read() as connection:
        everything = list_work(connection, Wanted(filter=Filter(status="open")))
        for camp, count in everything.facets["camp"]:
            assert list_work(connection, Wanted(filter=Filter(status="open", camp=camp))).total == count
        one_camp = list_work(connection, Wanted(filter=Filter(status="open", camp="containment")))
    assert one_camp.facets["camp"] == everything.facets["camp"]
    assert everything.total == 9


def test_the_text_is_searched_beside_other_filters(store: Store) -> None:
    enter(store, [pair(n) for n in range(3)])
    with store.read() as connection:
        found = list_work(connection, Wanted(filter=Filter(text="封鎖", camp="containment")))
        among = frozenset({found.rows[0].key})
        one = list_work(connection, Wanted(filter=Filter(text="封锁"), among=among))
        none = list_work(connection, Wanted(filter=Filter(text="查无此词")))
    assert (found.total, one.total, none.total) == (3, 1, 0)
    assert dict(found.facets["camp"]) == {"dependency": 3, "containment": 3}


def test_a_common_word_is_found_in_every_article(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where claims are too many to name, they are looked for anew by each statement, with the same outcome."""
    enter(store, [pair(n) for n in range(3)])
    wanted = Wanted(filter=Filter(text="封锁", outlet="界面", camp="containment"))
    with store.read() as connection:
        named = list_work(connection, wanted)
        monkeypatch.setattr("lichang.review.queries._MOST_NAMED", 1)
        looked_for = list_work(connection, wanted)
        chosen = preview(connection, wanted)
    assert looked_for == named
    assert named.total == chosen.count == 3


@pytest.mark.parametrize(("query", "count"), [("H20", 1), ("h200", 1), ("*", 1), ("[H20", 0), ("20", 0)])
def test_letters_and_digits_are_found_as_whole_runs(store: Store, query: str, count: int) -> None:
    enter(store, [pair(1, "他说，Ｈ２０可以卖。他又说，H200*不行。")])
    with store.read() as connection:
        assert list_work(connection, Wanted(filter=Filter(text=query))).total == count


def test_claims_of_a_camp_come_first(light: Store) -> None:
    enter(light, [pair(n) for n in range(3)])
    with light.read() as connection:
        rows = list_work(connection, Wanted(filter=Filter())).rows
        articles = list_work(connection, Wanted(filter=Filter(), articles=True)).rows
    assert [row.camp != "neither" for row in rows] == [True] * 6 + [False] * 3
    assert [(row.claims, row.containment, row.dependency) for row in articles] == [(3, 1, 1)] * 3


def test_figures_in_conflict_come_before_others(store: Store) -> None:
    enter(store, [pair(n) for n in range(3)])
    with store.read() as connection:
        plain = list_work(connection, Wanted(filter=Filter())).rows
        last = {plain[5].key, plain[8].key}  # of the claims of a camp, and of the others
        ranked = list_work(connection, Wanted(filter=Filter(), disputed=frozenset(last))).rows
        least = max(row.document for row in plain)
        key = frozenset({next(row.key for row in plain if row.document == least)})
        articles = list_work(connection, Wanted(filter=Filter(), articles=True, disputed=key)).rows
    keys = [row.key for row in plain]
    first, third = keys[5], keys[8]
    assert [row.key for row in ranked] == [first, *keys[:5], third, *keys[6:8]]
    assert articles[0].document == least


def measuring(number: int, count: int) -> tuple[Article, Record]:
    """An article that says how many were shipped."""
    one, record = pair(number, f"黄仁勋说，出货量为{count}万张。")
    figures = tuple(
        replace(f, of="H20出货量", unit="张", claim="c0") if f.low == count else f for f in record.figures
    )
    return one, replace(record, figures=figures)


def test_figures_in_conflict_are_shown_beside_one_another(store: Store) -> None:
    keys = enter(store, [measuring(1, 30), measuring(2, 90), pair(3)])
    with served(store) as site, site.client() as client:
        assert client.get("/api/claims", params={"conflict": "true"}).json()["total"] == 2
        for own, other, text in ((0, 1, "90"), (1, 0, "30")):
            page = client.get(f"/articles/{keys[own]}").text
            assert f'<a href="/articles/{keys[other]}#f0">{text} ({text} 张)</a>' in page
        assert "与此冲突" not in client.get(f"/articles/{keys[2]}").text


def test_a_rejected_figure_is_in_conflict_with_nothing(light: Store) -> None:
    enter(light, [measuring(1, 30), measuring(2, 90)])
    with light.write() as connection:
        assert len(find_disputes(connection).claims) == 2
        decide(
            connection, record=key_of(light, "a1"), item="f0", reviewer="安娜", field="verdict", value="reject",
            after=0,
        )  # fmt: skip
        assert find_disputes(connection).found == ()


def test_pages_go_through_all_groups_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(store, [pair(n) for n in range(4)])
    monkeypatch.setattr("lichang.review.queries.PAGE", 2)
    with store.read() as connection:
        whole = {
            row.key
            for page in range(6)
            for row in list_work(connection, Wanted(filter=Filter(), page=page)).rows
        }
        some = frozenset(sorted(whole)[::3])
        pages = [list_work(connection, Wanted(filter=Filter(), page=n, disputed=some)) for n in range(7)]
    found = [row.key for page in pages for row in page.rows]
    assert len(found) == len(set(found)) == len(whole) == 12
    assert [page.more for page in pages] == [True] * 5 + [False] * 2


def test_lists_show_claims_as_people_left_them(store: Store) -> None:
    enter(store, [pair(1), pair(2)])
    record = key_of(store, "a1")
    text = pair(1)[1].text
    start = text.index("今天下雨")

    def total(**fields: str) -> int:
        with store.read() as connection:
            return list_work(connection, Wanted(filter=Filter(**fields))).total

    with store.write() as connection:
        item, event = add(
            connection, record=record, reviewer="安娜", what="claim", start=start, end=start + 4
        )
        decide(
            connection, record=record, item=item, reviewer="安娜", field="camp", value="dependency",
            after=event.id,
        )  # fmt: skip
        decide(connection, record=record, item="c2", reviewer="安娜", field="holder", value="野家", after=0)
    assert (total(), total(camp="dependency"), total(status="corrected")) == (7, 3, 2)
    assert (total(text="今天下雨"), total(holder="野家"), total(outlet="界面")) == (1, 1, 7)
    with store.read() as connection:  # exports print what people left, and go by it
        entries = list(read_entries(connection, Filter(camp="dependency")))
        assert [len(entry.claims) for entry in entries] == [2, 1]
        [entry] = read_entries(connection, Filter(holder="野家"))
        assert [claim.holder for claim in entry.claims] == ["野家"]
        assert entry.claims[0] in entry.record.claims
        assert list(read_entries(connection, Filter(status="rejected"))) == []
    with store.write() as connection:
        decide(connection, record=record, item="c0", reviewer="乙", field="verdict", value="reject", after=0)
    with store.read() as connection:
        [entry] = read_entries(connection, Filter(status="rejected"))
        assert [claim.id for claim in entry.claims] == ["c0"]
        assert "c0" not in [claim.id for claim in entry.record.claims]
    with store.write() as connection:
        assert len(undo(connection, "乙")) == 1
    for _ in range(3):
        with store.write() as connection:
            assert len(undo(connection, "安娜")) == 1
    assert (total(), total(camp="dependency"), total(status="open"), total(holder="野家")) == (6, 2, 6, 0)
    assert total(text="今天下雨") == 0


def test_a_moved_span_is_searched_where_it_went(light: Store) -> None:
    enter(light, [pair(1)])
    record, start = key_of(light, "a1"), pair(1)[1].text.index("今天下雨")
    with light.write() as connection:
        decide(
            connection, record=record, item="c0", reviewer="安娜", field="span",
            value={"start": start, "end": start + 4}, after=0,
        )  # fmt: skip
        found = list_work(connection, Wanted(filter=Filter(text="今天下雨"))).rows
        assert [(row.id, row.text) for row in found] == [("c0", "今天下雨")]


def test_figures_are_listed_as_people_left_them(store: Store) -> None:
    enter(store, [pair(1)])
    record, text = key_of(store, "a1"), pair(1)[1].text

    def listed() -> dict[str, tuple[str, float | None]]:
        with store.read() as connection:
            rows = connection.execute(select(figures.c.id, figures.c.kind, figures.c.low))
            return {id_: (kind, low) for id_, kind, low in rows}

    before = listed()
    place = {"start": text.index("今天"), "end": text.index("今天") + 2}
    with store.write() as connection:
        item, event = add(connection, record=record, reviewer="安娜", what="figure", **place)
        decide(
            connection, record=record, item=item, reviewer="安娜", field="figure", value={"kind": "date"},
            after=event.id,
        )  # fmt: skip
        decide(
            connection, record=record, item="f0", reviewer="安娜", field="verdict", value="reject", after=0
        )
        decide(
            connection, record=record, item="f1", reviewer="安娜", field="figure", value={"low": 6, "high": 6},
            after=0,
        )  # fmt: skip
    after = listed()
    assert after.keys() == before.keys() - {"f0"} | {item}
    assert (after[item], after["f1"]) == (("date", None), (before["f1"][0], 6))
    for _ in range(4):
        with store.write() as connection:
            undo(connection, "安娜")
    assert listed() == before


def test_a_record_written_again_is_listed_as_it_was_judged(store: Store) -> None:
    """As after a change of the tagger that was taken back: the first one's record is the current one again."""
    pairs = [pair(1)]
    keys = enter(store, pairs)
    record = key_of(store, "a1")
    with store.write() as connection:
        decide(
            connection, record=record, item="c0", reviewer="安娜", field="verdict", value="accept", after=0
        )
        decide(connection, record=record, item="c1", reviewer="安娜", field="camp", value="neither", after=0)
    for version in ("2", "1"):
        provenance = FakeAnalyzer(version).provenance
        with store.write() as connection:
            made_by = note_provenance(connection, provenance)
            write(connection, [prepare(keys[0], fake_record(pairs[0][0], provenance))], made_by)
    assert key_of(store, "a1") == record
    assert (claim_status(store, "a1", "c0"), claim_status(store, "a1", "c1")) == ("accepted", "corrected")


def test_a_copy_and_a_revision_are_listed(light: Store) -> None:
    first = article(1)
    (key,) = enter(light, [(first, fake_record(first, PROVENANCE))])
    changed = article(1, text=TEXT + "\n又及，补一句。")
    enter(light, [(changed, fake_record(changed, PROVENANCE))])
    copy = replace(first, id="copy", source="转载网")
    with new_run(light) as run, light.write() as connection:
        register(connection, run, "tests", [copy], [fingerprint(copy.text)])
    with light.read() as connection:
        old = read_article(connection, key)
    assert old is not None
    assert [one.revision for one in old.revisions] == [1, 2]
    assert not old.is_current
    assert [(one.id, one.outlet) for one in old.copies] == [("copy", "转载网")]
    with served(light) as site, site.client() as client:
        page = client.get(f"/articles/{key}").text
    assert "转载 1" in page
    assert "<li>转载网" in page
    assert f'<a href="/articles/{key + 1}">#2</a>' in page
    assert "这不是当前版本" in page


def test_months_are_counted_and_lead_to_their_claims(store: Store) -> None:
    enter(store, [pair(1, published="2025-11-30"), pair(2), pair(3, published="2025-12-31T23:00:00+08:00")])
    with store.read() as connection:
        counts = count_wide(connection, wanted_of({}, frozenset()))
        assert counts["months"] == [("2025-12", 6), ("2025-11", 3)]
        address = Address({"camp": "containment"}).switched("months", "2025-12")
        assert address == "/?camp=containment&since=2025-12&until=2025-12"
        given = dict(parse_qsl(urlsplit(address).query))
        assert list_work(connection, wanted_of(given, frozenset())).total == 2
        assert count_wide(connection, wanted_of(given, frozenset()))["months"] == [
            ("2025-12", 2),
            ("2025-11", 1),
        ]
    assert Address(given).is_("months", "2025-12")
    assert Address(given).switched("months", "2025-12") == "/?camp=containment"


def test_saved_filters_belong_to_the_store(store: Store) -> None:
    with served(store) as site, site.client("安娜") as client:
        asked = {"name": " 我的 ", "address": "/?camp=dependency&page=3&evil=1&text=%E5%B0%81%E9%94%81"}
        (saved,) = client.put("/api/filters", json=asked).json()
        address = "/?camp=dependency&text=%E5%B0%81%E9%94%81"
        assert (saved["name"], saved["address"], saved["reviewer"]) == ("我的", address, "安娜")
        client.put("/api/filters", json={**asked, "address": ""})
    with served(store) as site, site.client("伯特") as client:  # on another port
        assert [one["address"] for one in client.get("/api/filters").json()] == ["/"]
        assert ">我的</a>" in client.get("/").text
        assert client.delete("/api/filters", params={"name": "我的"}).json() == []
        assert client.delete("/api/filters", params={"name": "我的"}).status_code == 404


# Second review


def test_alpha_is_that_of_krippendorffs_own_example() -> None:
    # Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", C: four observers, nominal data.
    units = [
        (1, 1, 1), (2, 2, 3, 2), (3, 3, 3, 3), (3, 3, 3, 3), (2, 2, 2, 2), (1, 2, 3, 4),
        (4, 4, 4, 4), (1, 1, 2, 1), (2, 2, 2, 2), (5, 5, 5), (1, 1), (3,),
    ]  # fmt: skip
    alpha = krippendorff_alpha(units)
    assert alpha == pytest.approx(0.743, abs=0.001)


def test_a_blind_second_review_shows_nothing_and_is_settled(site: Site) -> None:
    record = key_of(site.store, "a1")
    site.decide(record=record, item="c0", field="camp", value="dependency", after=0)
    with site.client("安娜") as anna, site.client("伯特") as bert:
        assert anna.get("/api/second").json() is None  # she has judged it
        blind = bert.get("/api/second").json()
        assert blind["item"] == "c0"
        assert "安娜" not in json.dumps(blind, ensure_ascii=False)
        assert not {"camp", "attitude", "kind", "events"} & blind.keys()
        second = {"camp": "containment", "attitude": "for", "kind": "opinion"}
        said = {"record": record, "item": "c0", "field": "second", "value": second, "after": blind["after"]}
        assert bert.post("/api/decisions", json=said).status_code == 201
        assert bert.get("/api/second").json() is None
        assert claim_status(site.store, "a1", "c0") == "corrected"
        found = anna.get("/api/agreement").json()
        assert found["judged_twice"] == 1
        (two,) = found["to_settle"]
        assert (two["first"]["camp"], two["second"]["camp"]) == ("dependency", "containment")
        take = {"record": record, "item": "c0", "take": "second", "after": two["after"]}
        assert anna.post("/api/settlements", json=take).status_code == 201
        assert anna.get("/api/agreement").json()["to_settle"] == []
        assert anna.get("/api/agreement").json()["judged_twice"] == 1
    with site.store.read() as connection:
        assert load(connection, record).claims[0].claim.camp == "containment"


# Bulk


def test_bulk_needs_its_preview_and_is_undone_in_one(site: Site) -> None:
    with site.client() as client:
        filters = {"camp": "containment"}
        seen = client.post("/api/bulk/preview", json=filters).json()
        order = {"filters": filters, "field": "verdict", "value": "accept", "stamp": seen["stamp"]}
        assert seen["count"] == 2
        assert client.post("/api/bulk", json={**order, "stamp": "0-0-0"}).status_code == 409
        assert client.post("/api/bulk", json=order).json()["count"] == 2
        assert client.get("/api/claims", params={"status": "accepted"}).json()["total"] == 2
        assert len(client.post("/api/undo").json()["undone"]) == 2
        assert client.get("/api/claims", params={"status": "accepted"}).json()["total"] == 0


def test_bulk_stops_when_somebody_decided_since_the_preview(site: Site) -> None:
    with site.client() as client:
        seen = client.post("/api/bulk/preview", json={}).json()
        site.decide(
            "伯特", record=key_of(site.store, "a2"), item="c1", field="comment", value="等等", after=0
        )
        order = {"filters": {}, "field": "verdict", "value": "accept", "stamp": seen["stamp"]}
        assert client.post("/api/bulk", json=order).status_code == 409


# Several at once


def test_the_second_of_two_decisions_is_shown_the_first(site: Site) -> None:
    record = key_of(site.store, "a1")
    assert (
        site.decide("安娜", record=record, item="c0", field="verdict", value="accept", after=0).status_code
        == 201
    )
    late = site.decide("伯特", record=record, item="c0", field="verdict", value="reject", after=0)
    assert late.status_code == 409
    assert claim_status(site.store, "a1", "c0") == "accepted"


def test_ten_reviewers_lose_and_double_nothing(site: Site) -> None:
    """Each tries all claims at once with the others; every claim is decided by exactly one."""
    places = [(key_of(site.store, f"a{n}"), f"c{m}") for n in (1, 2) for m in range(3)]
    answers: Counter[tuple[int, str, int]] = Counter()

    def work(number: int) -> None:
        with site.client(f"审{number}") as client:
            for record, item in places:
                decision = {"record": record, "item": item, "field": "verdict", "value": "accept", "after": 0}
                answers[record, item, client.post("/api/decisions", json=decision).status_code] += 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {(*place, 201): 1 for place in places} | {(*place, 409): 9 for place in places}
    with site.store.read() as connection:
        kept = [event for record in {record for record, _ in places} for event in history(connection, record)]
    assert sorted((event.record, event.item) for event in kept) == sorted(places)


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    where = str(tmp_path / "lichang.db")
    store = open_store(where)
    enter(store, [pair(1)])
    record = key_of(store, "a1")
    store.close()
    code = "from lichang.cli_review import review; review()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "--store", where, "--no-browser"], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    link = httpx.URL(process.stderr.readline().strip())
    headers = {"authorization": f"Bearer {link.params['token']}"}
    decision = {"record": record, "item": "c0", "field": "verdict", "value": "accept", "after": 0}
    answer = httpx.post(link.join("/api/decisions"), json=decision, headers=headers, timeout=30)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert answer.status_code == 201
    store = open_store(where)
    with store.read() as connection:
        assert [event.id for event in history(connection, record)] == [answer.json()["id"]]
    store.close()


# The guard


@pytest.mark.parametrize(
    "path", ["/", "/articles/1", "/api/claims", "/overview", "/api/openapi.json", "/api/corpus.zip"]
)
def test_nothing_is_shown_without_the_token(site: Site, path: str) -> None:
    assert httpx.get(site.url + path).status_code == 401
    assert httpx.get(site.url + path, headers={"authorization": "Bearer wrong"}).status_code == 401
    assert httpx.get(site.url + path, params={"token": "wrong"}).status_code == 401


def test_the_printed_link_trades_its_token_for_a_cookie(site: Site) -> None:
    with httpx.Client(base_url=site.url) as browser:
        answer = browser.get("/articles/1", params={"token": "a-token-for-tests", "lang": "en"})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/articles/1?lang=en"
        assert "HttpOnly" in answer.headers["set-cookie"]
        assert browser.get("/articles/1").status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "[::1", "a b", ""]
)
def test_other_host_names_are_refused(site: Site, host: str) -> None:
    with site.client() as client:
        assert client.get("/api/claims", headers={"host": host}).status_code in (400, 421)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_requests_of_other_sites_are_refused(site: Site, headers: dict[str, str]) -> None:
    with site.client() as client:
        assert client.post("/api/undo", headers=headers).status_code == 403
        assert client.post("/api/undo", headers={"origin": site.url}).status_code == 200


def test_address_literals_pass_only_where_all_addresses_are_served() -> None:
    assert is_allowed("192.0.2.1:80", frozenset({""}))
    assert not is_allowed("192.0.2.1:80", frozenset({"127.0.0.1"}))


def test_every_answer_carries_the_policy(site: Site) -> None:
    with site.client() as client:
        for path in ("/", "/articles/1", "/static/keys.js", "/nowhere", "/api/claims"):
            policy = client.get(path).headers["content-security-policy"]
            assert "script-src 'self'" in policy
            assert "unsafe" not in policy


def test_pages_hold_no_inline_script_or_style(site: Site) -> None:
    with site.client() as client:
        for path in ("/", "/articles/1", "/overview", "/second", "/agreement", "/login"):
            page = client.get(path).text
            assert " style=" not in page
            assert "onclick" not in page
            assert page.count("<script") == page.count("<script src=") + page.count(
                '<script type="module" src='
            )


def test_a_hostile_article_stays_text(light: Store) -> None:
    # A link of another scheme is no link; markup in any field is shown, not read.
    hostile = Article(
        id=HOSTILE, title=HOSTILE, source=HOSTILE, author=HOSTILE, url="javascript:alert(1)",
        text=f"{HOSTILE}说，依赖加深，共30张。", published="2025-12-10",
    )  # fmt: skip
    enter(light, [(hostile, fake_record(hostile, PROVENANCE))])
    with served(light) as site, site.client() as client:
        client.post("/api/decisions", json={
            "record": key_of(light, HOSTILE), "item": "c0", "field": "holder", "value": HOSTILE, "after": 0,
        })  # fmt: skip
        for path in ("/?status=any", "/articles/1", "/overview", "/overview.html", "/agreement"):
            page = client.get(path).text
            assert "<script>document" not in page
            assert "<img" not in page
            assert "javascript:" not in page


@pytest.mark.parametrize(
    "value", ["' OR 1=1 --", '"', "../../etc/passwd", "%00", "\x00", "a" * 5000, "😀", "* OR camp:"]
)
def test_filters_are_only_ever_compared(site: Site, value: str) -> None:
    with site.client() as client:
        for name in ("camp", "status", "holder", "outlet", "text", "since", "order", "page", "view"):
            answer = client.get("/", params={name: value})
            assert answer.status_code == 200, (name, value)
        assert client.get("/static/" + quote(value, safe="")).status_code in (400, 404)


def test_others_are_let_in_by_password_only(tmp_path: Path, light: Store) -> None:
    refused = CliRunner().invoke(review, ["--store", str(tmp_path / "lichang.db"), "--host", "0.0.0.0"])
    assert refused.exit_code == 2
    assert "--password-file" in refused.output
    with served(light, password="芝麻开门", hosts=("127.0.0.1",)) as site:
        assert httpx.post(site.url + "/login", data={"password": "芝麻"}).status_code == 401
        with httpx.Client(base_url=site.url) as browser:
            assert browser.post("/login", data={"password": "芝麻开门"}).status_code == 303
            assert browser.get("/").status_code == 200


# What goes out


def test_reviewed_articles_become_a_corpus(light: Store) -> None:
    enter(light, [pair(1), pair(2)])
    record = key_of(light, "a1")
    moved = {"start": pair(1)[1].claims[0].start + 2, "end": pair(1)[1].claims[0].end}
    with light.write() as connection:
        for item in ("c0", "c1", "c2"):
            decide(
                connection,
                record=record,
                item=item,
                reviewer="安娜",
                field="verdict",
                value="accept",
                after=0,
            )
        decide(connection, record=record, item="c1", reviewer="安娜", field="kind", value="fact",
               after=load(connection, record).claims[1].latest)  # fmt: skip
        decide(connection, record=record, item="c2", reviewer="安娜", field="verdict", value="reject",
               after=load(connection, record).claims[2].latest)  # fmt: skip
        decide(connection, record=record, item="c0", reviewer="安娜", field="span", value=moved,
               after=load(connection, record).claims[0].latest)  # fmt: skip
    with light.read() as connection:
        (row,) = read_reviewed(connection)  # a2 is not reviewed
    gold = lay_out_gold(row)
    assert gold.article.text == pair(1)[1].text
    kinds = [(unit.unit.start, unit.kind, unit.unit.camp) for unit in gold.units if unit.kind != "none"]
    assert kinds == [
        (moved["start"], "opinion", "dependency"),
        (pair(1)[1].claims[1].start, "fact", "neither"),
    ]


def test_the_corpus_joins_back_whatever_was_moved() -> None:
    _, record = pair(1)
    row = corpus_row(judge(record, []))
    assert lay_out_gold(row).article.text == record.text
    assert sum(len(unit["figures"]) for p in row["paragraphs"] for unit in p["units"]) == len(record.figures)


def test_the_export_is_a_corpus_that_training_takes(site: Site, tmp_path: Path) -> None:
    from lichang.corpus import read_corpus

    # A field that is empty in the first article and filled in a later one has to be read all the same.
    enter(site.store, [measuring(3, 30)])
    for name in ("a2", "a3"):
        site.decide(record=key_of(site.store, name), item="", field="verdict", value="accept", after=0)
    with site.client() as client:
        body = client.get("/api/corpus.zip").content
    zipfile.ZipFile(BytesIO(body)).extractall(tmp_path)
    assert [one.article.id for one in read_corpus(tmp_path / "corpus", "train")] == ["a2", "a3"]
    out = tmp_path / "out"
    where = site.store.path
    done = CliRunner().invoke(review, ["--store", str(where), "--export-corpus", str(out)])
    assert "wrote 2 articles" in done.output
    assert (out / "train.jsonl").read_bytes() == (tmp_path / "corpus" / "train.jsonl").read_bytes()
    card = (tmp_path / "corpus" / "README.md").read_text("utf-8")
    ours = (Path(__file__).parents[1] / "corpora" / "camps" / "README.md").read_text("utf-8")
    features = ours[ours.index("dataset_info:") : ours.index("---", 4)]
    assert features in card, "the same layout as our own corpora"


def test_the_overview_counts_camps_as_people_left_them(site: Site) -> None:
    with site.client() as client:
        before = client.get("/api/overview").json()
        site.decide(record=key_of(site.store, "a1"), item="c0", field="camp", value="neither", after=0)
        site.decide(record=key_of(site.store, "a2"), item="c0", field="verdict", value="reject", after=0)
        after = client.get("/api/overview").json()
    count = lambda found: {row["camp"]: row["count"] for row in found["months"]}  # noqa: E731
    assert (
        count(before) == {"dependency": 0, "containment": 4, "neither": 2} or sum(count(before).values()) == 6
    )
    assert sum(count(after).values()) == 5
    assert after["corrections"] == 2
    assert after["errors"][0]["became"] == "neither"


def test_the_overview_goes_out_as_one_file_and_as_a_picture(site: Site) -> None:
    with site.client() as client:
        page = client.get("/overview.html").text
        assert 'src="' not in page
        assert "@import" not in page
        assert client.get("/overview.png").content.startswith(b"\x89PNG")


def test_both_languages_say_everything(site: Site) -> None:
    assert all(chinese and english for chinese, english in _WORDS.values())
    with site.client() as client:
        assert ">Inbox<" in client.get("/", params={"lang": "en"}).text
        assert ">待审<" in client.get("/", params={"lang": "zh"}).text
