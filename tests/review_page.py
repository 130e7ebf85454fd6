"""The review page in Chromium for tests: opened, walked by keyboard, looked at."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from review_site import TOKEN, Site

ROOT = Path(__file__).parents[1]
CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
# Refusals that a test asks for, and counts that were still being loaded when a test went on to another page.
EXPECTED = re.compile("409|422|^htmx:(afterRequest|sendAbort)")
MOST_TABS = 400
PATIENCE = 60_000  # milliseconds; a machine that is busy with other things draws pages slowly
expect.set_options(timeout=PATIENCE / 3)
needs_chromium = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="needs Chromium (Debian: apt-get install chromium)"
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--headless=new", "--no-sandbox", "--disable-gpu"]
        )
        yield found
        found.close()


def signed_in(context: BrowserContext, site: Site) -> Iterator[Page]:
    """A page that fails its test when a script fails or the policy stops something."""
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "console",
        lambda message: (
            troubles.append(f"{message.text} {message.location}") if message.type == "error" else None
        ),
    )
    page.set_default_timeout(PATIENCE)
    page.goto(f"{site.url}/?token={TOKEN}")
    yield page
    context.close()
    assert [t for t in troubles if not EXPECTED.search(t)] == []


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def saved(page: Page) -> None:
    """Wait for the page to say that a decision is on disk and to show it; then clear the line."""
    expect(page.locator("#status.good")).to_be_visible()
    expect(page.locator("#main[aria-busy]")).to_have_count(0)
    page.evaluate("document.getElementById('status').className = ''")


def current(page: Page) -> str:
    found = page.locator(".item[aria-current]").get_attribute("id")
    assert found
    return found


def picture(page: Page, name: str) -> None:
    """Keep a screenshot in runs/review, or in the folder that LICHANG_SCREENSHOTS names; look at them."""
    folder = Path(os.environ.get("LICHANG_SCREENSHOTS") or ROOT / "runs" / "review")
    folder.mkdir(parents=True, exist_ok=True)
    # Hiding the caret would put a style attribute on every field, which the policy stops.
    page.screenshot(path=str(folder / f"{name}.png"), caret="initial")


def accessible(page: Page) -> None:
    """No violation that axe-core calls serious, contrast included."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    grave = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert grave == [], json.dumps([[v["id"], v["nodes"][0]["html"]] for v in grave], ensure_ascii=False)


def reach(page: Page, selector: str) -> None:
    """Press Tab until the first such element has the focus, as somebody without a mouse would."""
    wanted = page.locator(selector).first
    expect(wanted).to_be_visible()
    for _ in range(MOST_TABS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by Tab")
