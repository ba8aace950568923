"""Decisions made in the map, in a browser: how they are kept, saved to files and read back."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import maps
from tests.maps import HOSTILE, RECORDS, opened, watched
from tests.reviewers import ADA, PARIS, SHOWN, UNSURE, choose, decisions, load, name, press, progress, saved

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def test_decisions_outlive_the_tab_and_meet_in_two(page: Page, tmp_path: Path) -> None:
    choose(page, PARIS)
    press(page, "a")
    progress(page, "1 of 6 reviewed")
    second = opened(page.context.new_page(), tmp_path / "map.html")
    progress(second, "1 of 6 reviewed")
    assert second.locator("#reviewer").text_content() == ADA
    choose(second, UNSURE)
    press(second, "r")
    progress(page, "2 of 6 reviewed")
    other = maps.drawn(tmp_path, RECORDS, archive="f0")
    progress(opened(page.context.new_page(), other), "0 of 6 reviewed")


def test_a_page_with_unsaved_decisions_asks_before_it_closes(page: Page) -> None:
    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    choose(page, PARIS)
    press(page, "a")
    progress(page, "1 of 6 reviewed")
    with page.expect_event("dialog"):
        page.close(run_before_unload=True)
    assert asked == ["beforeunload"]
    saved(page)
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    assert asked == ["beforeunload"]


def test_a_browser_that_keeps_nothing_is_said(browser: Browser, tmp_path: Path) -> None:
    path = maps.pictured(tmp_path)
    with watched(browser, path) as page:
        assert page.locator("#unkept").is_hidden()
        page.context.add_init_script(
            "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no'); }})"
        )
        opened(page, path)
        assert page.locator("#unkept").is_visible()
        name(page)
        choose(page, PARIS)
        press(page, "a")
        progress(page, "1 of 6 reviewed")
        assert list(decisions(page)) == [PARIS]


def test_files_are_read_back(browser: Browser, tmp_path: Path) -> None:
    """JSON and CSV, into a page that knows nothing: the same decisions come out again."""
    path = maps.pictured(tmp_path)
    with watched(browser, path) as page:
        name(page, "=Ada")
        for photo, keys in ((HOSTILE, "r"), (PARIS, "a"), (UNSURE, "c\n")):
            page.locator("#list button").nth(list(SHOWN).index(photo)).click()
            press(page, *("Enter" if key == "\n" else key for key in keys))
        progress(page, "3 of 6 reviewed")
        text, table = saved(page), saved(page, "#save-csv")
    rows = list(csv.DictReader(table.splitlines()))
    assert list(rows[0]) == "path shown decision latitude longitude error_km when reviewer archive".split()
    assert [(row["path"], row["reviewer"], row["archive"]) for row in rows] == [
        (photo, "'=Ada", "0f") for photo in (HOSTILE, PARIS, UNSURE)
    ]
    spreadsheet = table.replace(",", ";")
    for content, suffix in ((text, "json"), (table, "csv"), (spreadsheet, "csv")):
        with watched(browser, path) as page:
            assert load(page, content, suffix) == f"3 decisions loaded from x.{suffix}"
            progress(page, "3 of 6 reviewed")
            assert saved(page) == text


def test_of_two_decisions_about_a_photo_the_later_one_stays(page: Page) -> None:
    choose(page, PARIS)
    press(page, "a")
    file = json.loads(saved(page))
    for when, told in (("2001-01-01T00:00:00Z", "1 older"), ("2999-01-01T00:00:00Z", "1 decisions loaded")):
        file["decisions"][0] |= {"decision": "reject", "when": when}
        assert told in load(page, json.dumps(file))
    assert decisions(page)[PARIS]["decision"] == "reject"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no file of decisions"),
        ("path,shown\r\n1,2", "no file of decisions"),
        ("{", "was not loaded"),
        ('{"geotag_decisions": 2, "decisions": []}', "no file of decisions"),
        ('{"geotag_decisions": 1, "archive": "ff", "reviewer": "Ada", "decisions": []}', "another archive"),
        ('{"geotag_decisions": 1, "archive": "0f", "reviewer": " ", "decisions": []}', "who decided"),
        (
            '{"geotag_decisions": 1, "archive": "0f", "reviewer": "Ada", "decisions": [{"path": "a"}]}',
            "not whole",
        ),
    ],
)
def test_files_that_are_none_of_ours_are_refused(page: Page, text: str, reason: str) -> None:
    assert reason in load(page, text)
    progress(page, "0 of 6 reviewed")


def test_another_person_s_decisions_are_not_mixed_in(page: Page) -> None:
    choose(page, PARIS)
    press(page, "a")
    file = json.loads(saved(page)) | {"reviewer": "Bob"}
    assert "decisions of Bob" in load(page, json.dumps(file))
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#forget").click()
    progress(page, "0 of 6 reviewed")
    load(page, json.dumps(file))
    assert page.locator("#reviewer").text_content() == "Bob"


def test_a_decision_about_an_answer_that_changed_is_shown_and_can_be_repeated(
    page: Page, tmp_path: Path
) -> None:
    choose(page, PARIS)
    press(page, "a")
    progress(page, "1 of 6 reviewed")
    changed = [replace(item, error_km=13.0) if item.photo.path == PARIS else item for item in RECORDS]
    opened(page, maps.drawn(tmp_path, changed))
    progress(page, "0 of 6 reviewed")
    choose(page, PARIS)
    assert "the answer has changed" in page.locator("#photo .verdict").inner_text()
    page.locator("#photo .verdict button").click()
    progress(page, "1 of 6 reviewed")
    assert decisions(page)[PARIS]["shown"] != SHOWN[PARIS]
