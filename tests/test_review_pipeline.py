"""The review page in Chromium on what the real pipeline made of the sample article."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import expect, sync_playwright

from lichang.cli import main
from lichang.review.decisions import load
from lichang.store.open import open_store
from review_site import TOKEN, served

CHROMIUM = Path("/usr/bin/chromium")
SAMPLE = Path(__file__).parents[1] / "pipeline" / "lichang" / "sample" / "article.md"
pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="needs Chromium (Debian: apt-get install chromium)"
)


def test_the_sample_is_ingested_opened_and_decided_on_by_key(tmp_path: Path) -> None:
    where = str(tmp_path / "lichang.db")
    ran = CliRunner().invoke(main, ["ingest", str(SAMPLE), "--store", where])
    assert ran.exit_code == 0, ran.output
    store = open_store(where, durable=True)
    with served(store) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--headless=new", "--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{site.url}/?token={TOKEN}")
        total = page.locator(".list-head b")
        before = int(total.inner_text())
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/articles/1#*")
        expect(page.locator(".item[aria-current]")).to_have_count(1)
        item = page.locator(".item[aria-current]").get_attribute("id")
        for key, status, left in (("a", "accepted", before - 1), ("u", "open", before)):
            page.keyboard.press(key)
            expect(page.locator("#status.good")).to_be_visible()
            expect(page.locator("#main[aria-busy]")).to_have_count(0)
            page.evaluate("document.getElementById('status').className = ''")
            with store.read() as connection:
                found = {one.claim.id: one.status for one in load(connection, 1).claims}
            assert found[item] == status
            second = context.new_page()
            second.goto(site.url)
            expect(second.locator(".list-head b")).to_have_text(str(left))
            second.close()
        browser.close()
    store.close()
