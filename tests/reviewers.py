"""What a reviewer does in the map: names herself, chooses photos, presses keys, saves and loads files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geotag.review import shown
from tests.maps import RECORDS

if TYPE_CHECKING:
    from playwright.sync_api import Page

ADA = 'Ada <b>Lovelace</b>, "\'"'
SHOWN = {record.photo.path: shown(record) for record in RECORDS}
PLACED = "roll 1/007.jpg"
UNSURE = "roll 1/003.jpg"
PARIS = "roll 0/000.jpg"


def name(page: Page, reviewer: str = ADA) -> None:
    page.locator("#reviewing summary").click()
    page.locator("#rename").click()
    page.locator("#name").fill(reviewer)
    page.keyboard.press("Enter")
    page.locator("#who").wait_for(state="hidden")


def choose(page: Page, path: str) -> None:
    page.locator("#list button", has_text=path).click()
    page.locator("#photo h2", has_text=path).wait_for()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def progress(page: Page, text: str) -> None:
    page.locator("#reviewed", has_text=text).wait_for()


def saved(page: Page, button: str = "#save") -> str:
    """The text of the file that a button hands out."""
    with page.expect_download() as download:
        page.locator(button).click()
    return Path(download.value.path()).read_text(encoding="utf-8")


def decisions(page: Page) -> dict[str, Any]:
    """What is in the saved file, by path."""
    return {item["path"]: item for item in json.loads(saved(page))["decisions"]}


def load(page: Page, text: str, suffix: str = "json") -> str:
    """Load a file of decisions; returns what the page says of it."""
    page.locator("#told").evaluate("told => { told.textContent = ''; }")
    page.locator("#file").set_input_files(
        {"name": f"x.{suffix}", "mimeType": "text/plain", "buffer": text.encode()}
    )
    page.locator("#told:not(:empty)").wait_for()
    return page.locator("#told").inner_text()
