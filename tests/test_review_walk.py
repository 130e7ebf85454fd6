"""An analyst's day by keyboard alone: on the sample as the pipeline reads it, and on 10,000 articles.

Nothing here clicks or fills: keys are pressed, as the page offers them or Tab reaches them.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from lichang.cli import main
from lichang.records import BALANCES
from lichang.store.open import Store, open_store
from lichang.store.schema import claims, events
from many_articles import CLAIMS, fill
from review_page import accessible, chromium, current, needs_chromium, picture, press, reach, saved, signed_in
from review_site import Site, served

pytestmark = needs_chromium
MANY = 10_000
WORD = {"sample": "芯片", "many": "依赖"}  # to search for


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module", params=["sample", "many"])
def shelf(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Store]]:
    """The name of a store, and the store."""
    where = str(tmp_path_factory.mktemp(request.param) / "lichang.db")
    if request.param == "sample":
        sample: Path = request.getfixturevalue("sample")
        ran = CliRunner().invoke(main, ["ingest", str(sample), "--store", where])
        assert ran.exit_code == 0, ran.output
    store = open_store(where, durable=True)
    if request.param == "many":
        fill(store, MANY)
    yield request.param, store
    store.close()


@pytest.fixture(scope="module")
def site(shelf: tuple[str, Store]) -> Iterator[Site]:
    with served(shelf[1]) as found:
        yield found


@pytest.fixture
def name(shelf: tuple[str, Store]) -> str:
    return shelf[0]


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1360, "height": 860}, accept_downloads=True)
    yield from signed_in(context, site)


def settled(page: Page) -> None:
    """Wait until the list and the counts that come after it are there."""
    expect(page.locator(".htmx-request")).to_have_count(0)
    expect(page.locator("#inbox [hx-trigger=load]")).to_have_count(0)


def total(page: Page) -> int:
    settled(page)
    return number(page.locator(".list-head b").inner_text())


def number(text: str) -> int:
    return int(text.replace(",", ""))


def choose(page: Page, address_has: str) -> int:
    """Go to the filters and down to the first one that leads to such an address; the count beside it."""
    settled(page)
    press(page, "f")
    for _ in range(80):
        link = page.evaluate("document.activeElement.getAttribute('href') ?? ''")
        if address_has in unquote(link):
            break
        press(page, "ArrowDown")
    else:
        raise AssertionError(f"no filter leads to {address_has}")
    count = page.evaluate("document.activeElement.querySelector('.count')?.textContent ?? '0'")
    press(page, "Enter")
    page.wait_for_url(lambda url: unquote(url).endswith(unquote(link)))
    return number(count)


def filters_in(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


def clear(page: Page) -> None:
    settled(page)
    page.evaluate("document.activeElement.blur()")
    press(page, "c")
    page.wait_for_url(lambda url: url.endswith("/"))
    settled(page)


def type_into(page: Page, selector: str, text: str) -> None:
    reach(page, selector)
    overwrite(page, text)
    press(page, "Enter")


def overwrite(page: Page, text: str) -> None:
    """Type the text in place of all that the field holds."""
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def test_every_filter_gives_what_its_count_says(page: Page, name: str) -> None:
    everything = total(page)
    assert everything == (MANY * CLAIMS if name == "many" else everything)
    picture(page, f"{name}-inbox")
    accessible(page)
    for facet in ("camp=", "attitude=", "kind=", "holder=", "outlet=", "since=", "conflict="):
        if facet == "conflict=" and name == "sample":
            continue  # one article does not contradict itself
        count = choose(page, facet)
        assert 0 < total(page) == count <= everything, facet
        clear(page)
    choose(page, "status=any")
    assert total(page) >= everything
    clear(page)
    assert total(page) == everything


def test_filters_add_up_are_saved_and_dropped(page: Page, name: str) -> None:
    everything = total(page)
    press(page, "/")
    page.keyboard.type(WORD[name])
    press(page, "Enter")
    page.wait_for_url("**/?text=*")
    searched = total(page)
    assert 0 < searched < everything
    expect(page.locator(".row .main").first).to_contain_text(WORD[name])
    picture(page, f"{name}-searched")
    if name == "many":
        assert searched == MANY  # one claim in every article, the oldest too
        assert choose(page, "outlet=财新") == total(page) == -(-MANY // 6)
    type_into(page, "#since", "2025")
    page.wait_for_url("**since=2025*")
    reach(page, "select[name=order]")
    press(page, "ArrowDown")
    page.wait_for_url("**order=newest*")
    settled(page)
    narrowed, address = total(page), page.url
    page.evaluate("document.activeElement.blur()")
    press(page, "w")
    page.keyboard.type("我的筛选")
    press(page, "Enter")
    saved(page)
    clear(page)
    reach(page, "#saved a")
    press(page, "Enter")
    page.wait_for_url(lambda url: filters_in(url) == filters_in(address))
    assert total(page) == narrowed
    reach(page, "#saved .drop")
    press(page, "Enter")
    saved(page)
    expect(page.locator("#saved a")).to_have_count(0)
    reach(page, "#language")
    press(page, "Enter")
    expect(page.locator("nav")).to_contain_text("Inbox")
    assert total(page) == narrowed
    picture(page, f"{name}-inbox-english")
    accessible(page)
    reach(page, "#language")
    press(page, "Enter")
    expect(page.locator("nav")).to_contain_text("待审")


def test_pages_and_articles_are_walked_through(page: Page, name: str) -> None:
    if name == "many":
        first = page.locator(".row .main").first.inner_text()
        press(page, "]")
        page.wait_for_url("**page=1*")
        settled(page)
        assert page.locator(".row .main").first.inner_text() != first
        press(page, "[")
        expect(page.locator(".row .main").first).to_have_text(first)
    reach(page, ".views a[href*='view=articles']")
    press(page, "Enter")
    page.wait_for_url("**view=articles*")
    settled(page)
    picture(page, f"{name}-inbox-articles")
    press(page, "j", "Enter")
    page.wait_for_url("**/articles/*")
    expect(page.locator(".item[aria-current]")).to_have_count(1)
    before = page.url.partition("#")[0]
    press(page, "]")  # the next one of the list, or back to it after the last
    page.wait_for_url(lambda url: url.partition("#")[0] != before)
    press(page, *(["["] if name == "many" else ["j", "Enter"]))
    page.wait_for_url(f"{before}*")


def open_first(page: Page) -> str:
    """Open the first claim of the worklist; its id."""
    settled(page)
    press(page, "j", "Enter")
    page.wait_for_url("**/articles/*#*")
    expect(page.locator(".item[aria-current]")).to_have_count(1)
    return current(page)


def go_to(page: Page, item: str) -> None:
    count = page.locator(".claim-card").count()
    press(page, *["k"] * count)
    for _ in range(count):
        if current(page) == item:
            return
        press(page, "j")
    raise AssertionError(f"j does not lead to {item}")


def decide(page: Page, *keys: str) -> None:
    for key in keys:
        press(page, key)
        saved(page)


def test_a_claim_is_decided_on_in_every_way(page: Page, name: str) -> None:
    item = open_first(page)
    card = page.locator(f".card:has(#{item})")
    picture(page, f"{name}-article")
    accessible(page)
    decide(page, "a")
    expect(page.locator(".card.accepted")).to_have_count(1)
    decide(page, "u", "x", "u")
    expect(page.locator(".card.accepted, .card.rejected")).to_have_count(0)
    go_to(page, item)  # a verdict leads on to the next open claim
    for key, camp in (("3", "neither"), ("1", "dependency"), ("2", "containment")):
        decide(page, key)
        assert camp in (card.get_attribute("class") or "")
    for key in "4567890":
        decide(page, key)
        expect(card.locator(f"[data-key='{key}']").first).to_have_attribute("aria-pressed", "true")
    press(page, "h")
    overwrite(page, "某部")
    press(page, "Enter")
    saved(page)
    expect(card.locator(".who-says")).to_have_text("某部")
    press(page, "m")
    page.keyboard.type("与录音核对过")
    press(page, "Tab", "Enter")
    saved(page)
    expect(card.locator(".note").first).to_contain_text("与录音核对过")
    before = card.locator(".says").first.inner_text()
    press(page, "s", "Shift+ArrowRight", "ArrowLeft", "Enter")
    saved(page)
    assert card.locator(".says").first.inner_text() == before[1:-1]
    reach(page, f"#{item} ~ .history summary, #{item} .history summary")
    press(page, "Enter")
    picture(page, f"{name}-article-decided")
    for _ in range(13):  # three camps, seven kinds and attitudes, the holder, the comment, the span
        decide(page, "u")
    expect(card).to_have_class("card " + (card.get_attribute("class") or "").split()[1] + " open")


def is_number(reading: str) -> bool:
    """Whether a figure is read as a number (1,234), not as a date (2025-12) or a duration (P3Y)."""
    return not re.match(r"P|\d{4}(?!\d)", reading)


def test_figures_are_mended_and_what_was_missed_is_added(page: Page, name: str, site: Site) -> None:
    open_first(page)
    for _ in range(60):
        figure = page.locator(f"#{current(page)}")
        if current(page).startswith("f") and is_number(figure.locator(".read").inner_text()):
            break
        press(page, ".")
    press(page, "v", "Tab", "Tab")
    overwrite(page, "1234")
    press(page, "Tab")
    overwrite(page, "1234")
    press(page, "Enter")
    saved(page)
    expect(figure.locator(".read")).to_contain_text("1,234")
    decide(page, "u", "a", "u")
    press(page, ",")
    before = claims_in(site.store)
    press(page, "+", "ArrowDown", "Enter")
    saved(page)
    assert current(page).startswith("ac")
    assert claims_in(site.store) == before + 1
    decide(page, "1")
    press(page, "=", "ArrowRight", "Enter")
    saved(page)
    expect(page.locator("#ask")).to_be_visible()
    press(page, "Escape")
    picture(page, f"{name}-added")
    decide(page, "u", "u", "u")
    assert claims_in(site.store) == before


def claims_in(store: Store) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(claims)) or 0


def test_what_was_added_is_in_the_list(page: Page, name: str) -> None:
    everything = total(page)
    open_first(page)
    press(page, "+", "ArrowDown", "Enter")
    saved(page)
    reach(page, "nav a[href='/']")
    press(page, "Enter")
    page.wait_for_url("**/")
    assert choose(page, "status=corrected") == total(page) == 1
    decide(page, "u")
    clear(page)
    assert total(page) == everything


def test_an_article_is_marked_as_done(page: Page) -> None:
    open_first(page)
    decide(page, "D")
    expect(page.locator("#whole")).to_have_class("item verdict accepted")
    reach(page, "[data-choice=balance]")
    chosen = page.locator("[data-choice=balance]").input_value()
    press(page, "End" if chosen == BALANCES[0] else "Home")
    saved(page)
    reach(page, "[data-choice=relevant]")
    press(page, "Space")
    saved(page)
    page.evaluate("document.activeElement.blur()")
    decide(page, "u", "u", "u")
    expect(page.locator("#whole")).to_have_class("item verdict open")


def test_many_are_decided_on_at_once(page: Page, name: str) -> None:
    if name == "many":
        choose(page, "outlet=财新")
        choose(page, "since=2025-01")
    choose(page, "camp=dependency")
    before = total(page)
    press(page, "b", "Space", "Enter")
    expect(page.locator("#bulk-preview")).to_contain_text(f"{before} ")
    expect(page.locator("#bulk-apply")).to_be_focused()
    picture(page, f"{name}-bulk")
    press(page, "Enter")
    expect(page.locator(".list-head b")).to_have_text("0")
    decide(page, "u")
    expect(page.locator(".list-head b")).to_have_text(str(before))


def test_a_second_reviewer_judges_blindly_and_they_settle(page: Page, name: str, site: Site) -> None:
    open_first(page)
    decide(page, "a")
    type_into(page, "#who", "伯特")
    page.wait_for_url("**/articles/*")
    reach(page, "nav a[href='/second']")
    press(page, "Enter")
    page.wait_for_url("**/second")
    picture(page, f"{name}-second")
    press(page, "1", "5", "9", "Enter")
    expect(page.locator(".empty")).to_be_visible()
    reach(page, "nav a[href='/agreement']")
    press(page, "Enter")
    page.wait_for_url("**/agreement")
    expect(page.locator(".pair-card")).to_have_count(1)
    picture(page, f"{name}-agreement")
    press(page, "2")
    expect(page.locator(".pair-card")).to_have_count(0)
    with site.store.read() as connection:
        settled_ = select(func.count()).select_from(events).where(events.c.field == "settled")
        assert connection.scalar(settled_) == 1


def test_the_overview_is_looked_at_and_taken_away(page: Page, name: str, tmp_path: Path) -> None:
    reach(page, "nav a[href='/overview']")
    press(page, "Enter")
    page.wait_for_url("**/overview")
    plots = page.locator(".vega").count()
    expect(page.locator(".vega[data-drawn]")).to_have_count(plots)
    assert plots >= 4
    picture(page, f"{name}-overview")
    accessible(page)
    press(page, "?")
    expect(page.locator("#keymap")).to_be_visible()
    press(page, "Escape")
    kept = {}
    for address in ("/overview.html", "/overview.png", "/api/corpus.zip"):
        reach(page, f"a[href='{address}']")
        with page.expect_download(timeout=60_000) as download:
            press(page, "Enter")
        kept[address] = tmp_path / address.rpartition("/")[2]
        download.value.save_as(kept[address])
    assert b"<script>" in kept["/overview.html"].read_bytes()
    assert kept["/overview.png"].read_bytes().startswith(b"\x89PNG")
    assert "corpus/train.jsonl" in zipfile.ZipFile(kept["/api/corpus.zip"]).namelist()
    picture_file = Path(__file__).parents[1] / "runs" / "review" / f"{name}-overview-export.png"
    picture_file.write_bytes(kept["/overview.png"].read_bytes())
