"""The review page in Chromium, by keyboard alone: every action of an analyst, on a whole article."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from fake_pipeline import FakeAnalyzer, fake_record
from lichang.records import Article, Record
from lichang.review.decisions import load
from lichang.store.events import record_key
from lichang.store.judged import Judged
from lichang.store.open import open_store
from review_page import accessible, chromium, current, needs_chromium, picture, press, saved, signed_in
from review_site import HOSTILE, Site, enter, served

RECORD = msgspec.json.decode(
    (Path(__file__).parent / "golden" / "sb-03.record.json").read_bytes(), type=Record
)
RARE = "😀𠮷野家说，封锁无效👩‍👩‍👧共30张。𪚥𠀀依赖，加深到5倍。"
pytestmark = needs_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A whole article as the pipeline reads it, one of rare characters and a hostile one."""
    article = Article(
        id=RECORD.id, title=RECORD.title, source=RECORD.source, published=RECORD.published, text=RECORD.text
    )
    provenance = FakeAnalyzer().provenance
    rare = Article(id="rare", title="𠮷😀", text=RARE, published="2025-12-01", source="界面")
    hostile = Article(
        id="h", title=HOSTILE, source=HOSTILE, text=f"{HOSTILE}说，封锁，依赖。", url="javascript:alert(1)"
    )
    store = open_store(str(tmp_path / "lichang.db"), durable=True)
    enter(store, [
        (article, RECORD),
        (rare, fake_record(rare, provenance)),
        (hostile, fake_record(hostile, provenance)),
    ])  # fmt: skip
    with served(store) as found:
        yield found
    store.close()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1360, "height": 860})
    yield from signed_in(context, site)


@pytest.fixture
def state(site: Site) -> Callable[..., Judged]:
    """The present state of an article in the store."""

    def read(article: str) -> Judged:
        with site.store.read() as connection:
            key = record_key(connection, article)
            assert key is not None
            return load(connection, key)

    return read


def open_article(page: Page, site: Site, document: int, item: str = "") -> None:
    page.goto(f"{site.url}/articles/{document}" + (f"#{item}" if item else ""))
    expect(page.locator(".item[aria-current]")).to_have_count(1)


def test_from_the_inbox_to_a_verdict_by_key(page: Page, site: Site, state: Callable[..., Judged]) -> None:
    picture(page, "inbox")
    accessible(page)
    page.goto(f"{site.url}/?outlet={RECORD.source}")
    press(page, "j", "j", "k", "Enter")
    page.wait_for_url("**/articles/1#*")
    expect(page.locator(".item[aria-current]")).to_have_count(1)
    picture(page, "article")
    accessible(page)
    first = current(page)
    press(page, "a")
    saved(page)
    assert current(page) != first  # on to the next open one
    second = current(page)
    press(page, "x")
    saved(page)
    claims = {one.claim.id: one.status for one in state("sb-03").claims}
    assert (claims[first], claims[second]) == ("accepted", "rejected")
    press(page, "u")
    saved(page)
    assert {one.claim.id: one.status for one in state("sb-03").claims}[second] == "open"


def test_each_field_has_a_key(page: Page, site: Site, state: Callable[..., Judged]) -> None:
    open_article(page, site, 1)
    item = current(page)
    for key in ("2", "5", "9"):
        press(page, key)
        saved(page)
    press(page, "h")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("莫兰")
    press(page, "Enter")
    saved(page)
    press(page, "m")
    page.keyboard.type("核对过录音")
    page.locator("#ask-form button:not([type])").press("Enter")
    saved(page)
    expect(page.locator(f"#{item} .note")).to_contain_text("核对过录音")
    one = next(one for one in state("sb-03").claims if one.claim.id == item)
    assert (one.claim.camp, one.claim.attitude, one.claim.kind) == ("containment", "against", "prediction")
    assert (one.claim.holder, one.status) == ("莫兰", "corrected")
    assert one.was is not None
    assert one.was.holder != "莫兰"


def test_a_span_is_mended_by_arrow_keys(page: Page, site: Site, state: Callable[..., Judged]) -> None:
    # Rare characters are two UTF-16 units each: the end moves by one of them at a time.
    open_article(page, site, 2, "c0")
    press(page, "s", "Shift+ArrowRight", "ArrowLeft", "ArrowLeft", "Enter")
    saved(page)
    claim = state("rare").claims[0].claim
    assert RARE[claim.start : claim.end] == "𠮷野家说，封锁无效👩‍👩‍👧共30"


def test_a_span_is_mended_by_selecting(page: Page, site: Site, state: Callable[..., Judged]) -> None:
    open_article(page, site, 2, "c1")
    page.evaluate(
        """async () => {
            const { selectSpan, selectedSpan } = await import("/static/offsets.js");
            const text = document.getElementById("text");
            selectSpan(text, 21, 25);
            if (JSON.stringify(selectedSpan(text)) !== '{"start":21,"end":25}') throw new Error("offsets");
        }"""
    )
    press(page, "s")
    saved(page)
    claim = state("rare").claims[1].claim
    assert (claim.start, claim.end) == (21, 25)


def test_offsets_agree_with_python_everywhere(page: Page, site: Site) -> None:
    """Every span of a text of rare characters, there and back, and the same words on both sides."""
    open_article(page, site, 2)
    wrong = page.evaluate(
        """async (points) => {
            const { selectSpan, selectedSpan } = await import("/static/offsets.js");
            const text = document.getElementById("text");
            const wrong = [];
            for (let start = 0; start < points.length; start++)
                for (let end = start + 1; end <= points.length; end++) {
                    selectSpan(text, start, end);
                    const back = selectedSpan(text);
                    const words = getSelection().getRangeAt(0).toString();
                    if (back?.start !== start || back?.end !== end || words !== points.slice(start, end).join(""))
                        wrong.push([start, end, back, words]);
                }
            return wrong;
        }""",
        list(RARE),
    )
    assert wrong == []


def test_a_figure_is_mended_and_a_missed_one_added(
    page: Page, site: Site, state: Callable[..., Judged]
) -> None:
    open_article(page, site, 1)
    press(page, ".")
    while not current(page).startswith("f"):
        press(page, ".")
    item = current(page)
    press(page, "v")
    page.locator("#ask [name=low]").fill("1,200")
    page.locator("#ask [name=high]").fill("")
    page.locator("#ask [name=low]").press("Enter")
    saved(page)
    figure = next(one for one in state("sb-03").figures if one.figure.id == item)
    assert (figure.figure.low, figure.figure.high, figure.status) == (1200, 1200, "corrected")
    press(page, "=", "ArrowRight", "Enter")
    saved(page)
    expect(page.locator("#ask")).to_be_visible()
    press(page, "Escape")
    added = [one for one in state("sb-03").figures if one.was is None]
    assert [len(one.figure.text) for one in added] == [2]


def test_a_missed_claim_is_added(page: Page, site: Site, state: Callable[..., Judged]) -> None:
    open_article(page, site, 1)
    press(page, "+", "ArrowDown", "Enter")
    saved(page)
    assert current(page) == "ac0"
    press(page, "1")
    saved(page)
    added = next(one for one in state("sb-03").claims if one.claim.id == "ac0")
    assert (added.claim.camp, added.claim.attitude) == ("dependency", "for")


def test_either_side_scrolls_the_other(page: Page, site: Site) -> None:
    open_article(page, site, 1)
    page.locator(".claim-card").last.click()
    expect(page.locator(".piece.on").first).to_be_in_viewport()
    page.evaluate("document.querySelector('.paper').scrollTop = 0")
    page.locator(".piece[data-claims=c0]").first.click()
    assert current(page) in ("c0", page.locator(".piece[data-claims=c0]").first.get_attribute("data-figure"))
    expect(page.locator(".item[aria-current]")).to_be_in_viewport()


def test_the_one_who_comes_second_sees_what_the_first_did(page: Page, site: Site) -> None:
    open_article(page, site, 2, "c0")
    record = int(page.locator("#work").get_attribute("data-record") or 0)
    site.decide("伯特", record=record, item="c0", field="verdict", value="reject", after=0)
    press(page, "a")
    expect(page.locator("#status.bad")).to_contain_text("别人")
    expect(page.locator(".card.rejected #c0")).to_be_visible()
    expect(page.locator("#c0 .history")).to_contain_text("1")


def test_bulk_by_key_with_preview_and_undo(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?camp=containment")
    before = page.locator(".list-head b").inner_text()
    press(page, "b")
    page.keyboard.press("Space")
    page.locator("#bulk-form input:checked").press("Enter")
    expect(page.locator("#bulk-preview")).to_contain_text(before)
    expect(page.locator("#bulk-apply")).to_be_focused()
    picture(page, "bulk")
    press(page, "Enter")
    expect(page.locator(".list-head b")).to_have_text("0")
    press(page, "u")
    expect(page.locator(".list-head b")).to_have_text(before)
    press(page, "b")
    accessible(page)


def test_filters_are_in_the_address_and_can_be_saved(page: Page, site: Site) -> None:
    press(page, "/")
    page.keyboard.type("封锁")
    press(page, "Enter")
    page.wait_for_url("**/?text=*")
    expect(page.locator(".row .main").first).to_contain_text("封锁")
    press(page, "w")
    page.keyboard.type("我的筛选")
    press(page, "Enter")
    expect(page.get_by_role("link", name="我的筛选")).to_be_visible()
    address = page.url
    page.goto(site.url)
    page.get_by_role("link", name="我的筛选").press("Enter")
    page.wait_for_url(address)


def test_the_key_map_lists_the_keys(page: Page, site: Site) -> None:
    open_article(page, site, 1)
    press(page, "?")
    expect(page.locator("#keymap")).to_be_visible()
    shown = page.locator("#keymap dt").all_inner_texts()
    assert {"a", "x", "1", "5", "9", "h", "s", "m", "u", "j", "k", "+", "=", "[", "]", "?"} <= set(shown)
    picture(page, "keys")
    accessible(page)
    press(page, "Escape")
    expect(page.locator("#keymap")).to_be_hidden()


def test_next_and_previous_article_follow_the_worklist(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?view=articles")
    places = page.locator(".row .main").evaluate_all("rows => rows.map((row) => row.getAttribute('href'))")
    press(page, "j", "Enter")
    page.wait_for_url(f"**{places[0]}*")
    press(page, "]")
    page.wait_for_url(f"**{places[1]}*")
    press(page, "[")
    page.wait_for_url(f"**{places[0]}*")


def test_blind_second_review_and_settling_by_key(
    page: Page, site: Site, state: Callable[..., Judged]
) -> None:
    with site.store.read() as connection:
        record = record_key(connection, "rare")
    site.decide("伯特", record=record, item="c0", field="verdict", value="accept", after=0)
    page.goto(f"{site.url}/second")
    picture(page, "second")
    accessible(page)
    press(page, "1", "4", "8", "Enter")
    expect(page.locator(".empty")).to_be_visible()
    page.goto(f"{site.url}/agreement")
    expect(page.locator(".pair-card")).to_have_count(1)
    picture(page, "agreement")
    accessible(page)
    press(page, "2")
    expect(page.locator(".pair-card")).to_have_count(0)
    assert state("rare").claims[0].claim.camp == "dependency"


def test_the_overview_draws_its_plots(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/overview")
    expect(page.locator(".vega[data-drawn]")).to_have_count(5)
    picture(page, "overview")
    accessible(page)


def test_the_exported_overview_needs_nothing_else(page: Page, site: Site, tmp_path: Path) -> None:
    with site.client() as client:
        (tmp_path / "overview.html").write_bytes(client.get("/overview.html").content)
    asked: list[str] = []
    alone = page.context.new_page()  # the signed-in page may still be asking for its icon
    alone.on("request", lambda request: asked.append(request.url))
    alone.goto((tmp_path / "overview.html").as_uri())
    expect(alone.locator(".vega[data-drawn]")).to_have_count(5)
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_hostile_text_never_runs(page: Page, site: Site, tmp_path: Path) -> None:
    """In whatever an article, a reviewer or a filter says; in the exported file too, which has no policy."""
    with site.store.read() as connection:
        record = record_key(connection, "h")
    with site.client(HOSTILE[:60]) as client:
        client.put("/api/filters", json={"name": HOSTILE[:40], "address": "/?text=" + HOSTILE})
        said = {"record": record, "item": "c0", "field": "comment", "value": HOSTILE, "after": 0}
        after = client.post("/api/decisions", json=said).json()["id"]
        client.post("/api/decisions", json={**said, "field": "holder", "after": after})
        (tmp_path / "overview.html").write_bytes(client.get("/overview.html").content)
    paths = ("/articles/3", "/", "/?text=" + HOSTILE, "/?holder=" + HOSTILE, "/second", "/overview")
    exported = (tmp_path / "overview.html").as_uri()
    for address in (*(site.url + path for path in paths), exported):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert page.title() != "owned"
        assert page.locator("img").count() == 0


@pytest.mark.parametrize("path", ["/", "/articles/1"])
def test_what_has_the_focus_is_seen(page: Page, site: Site, path: str) -> None:
    page.goto(site.url + path)
    page.wait_for_load_state("networkidle")
    for _ in range(30):
        press(page, "Tab")
        shown = page.evaluate(
            """() => {
                const style = getComputedStyle(document.activeElement);
                return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
            }"""
        )
        assert shown, page.evaluate("document.activeElement.outerHTML")


@pytest.mark.parametrize(
    "path", ["/", "/articles/1", "/overview", "/agreement", "/?lang=en", "/articles/1?lang=en"]
)
def test_narrow_screens_do_not_scroll_sideways(browser: Browser, site: Site, path: str) -> None:
    pages = signed_in(browser.new_context(viewport={"width": 360, "height": 740}), site)
    page = next(pages)
    page.goto(site.url + path)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    picture(page, "narrow" + re.sub("[^a-z0-9]+", "-", path))
    accessible(page)
    assert next(pages, None) is None


def test_english_and_a_reviewers_name(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?lang=en")
    expect(page.locator("nav")).to_contain_text("Inbox")
    page.locator("#who").fill("安娜")
    page.locator("#who").press("Enter")
    expect(page.locator("#who")).to_have_value("安娜")
    expect(page.locator("nav")).to_contain_text("Inbox")
    open_article(page, site, 2, "c0")
    press(page, "a")
    saved(page)
    expect(page.locator("#c0 .history")).to_have_count(1)
    with site.client() as client:
        assert [event["reviewer"] for event in client.get("/api/articles/2/history").json()] == ["安娜"]
