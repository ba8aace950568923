"""Reviewing in the map, in a browser: photos are accepted, corrected, rejected, and all that taken back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests import maps
from tests.maps import HOSTILE, watched
from tests.reviewers import ADA, PARIS, PLACED, SHOWN, UNSURE, choose, decisions, press, progress, saved

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FIELDS = {"path", "shown", "decision", "when"}
PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
PIN = ".pin.chosen.movable"


def test_keys_decide_and_the_file_has_the_contract_s_fields(browser: Browser, tmp_path: Path) -> None:
    with watched(browser, maps.pictured(tmp_path)) as page:
        progress(page, "0 of 6 reviewed")
        press(page, "j", "a")
        page.locator("#name").fill(f"  {ADA} ")
        press(page, "Enter")
        progress(page, "1 of 6 reviewed")
        # On to the next that can be reviewed; then an unsure one, which cannot be accepted.
        assert page.locator("#photo h2").inner_text() == PARIS
        press(page, "r", "n", "a")
        assert "too unsure" in page.locator("#told").inner_text()
        press(page, "r", "p")
        progress(page, "3 of 6 reviewed")
        file = json.loads(saved(page))
        assert page.title() == "St. Ives"
        assert page.locator("#reviewer").text_content() == ADA
    assert (set(file), file["geotag_decisions"]) == (
        {"geotag_decisions", "archive", "reviewer", "decisions"},
        1,
    )
    assert (file["archive"], file["reviewer"]) == ("0f", ADA)
    assert [item["path"] for item in file["decisions"]] == [HOSTILE, PARIS, UNSURE]
    assert [item["decision"] for item in file["decisions"]] == ["accept", "reject", "reject"]
    assert all(set(item) == FIELDS for item in file["decisions"])
    assert all(item["shown"] == SHOWN[item["path"]] for item in file["decisions"])
    assert all(len(item["when"]) == 20 and item["when"].endswith("Z") for item in file["decisions"])


OFF = """([x, y]) => {
    const at = World.map.latLngToContainerPoint([Correction.draft.lat, Correction.draft.lon]);
    const map = World.map.getContainer().getBoundingClientRect();
    return Math.hypot(map.left + at.x - x, map.top + at.y - y);
}"""
"""How many pixels the corrected position is from a point of the screen."""


def test_a_pin_is_dragged_to_where_the_photo_belongs(page: Page) -> None:
    choose(page, PARIS)
    box = page.locator(PIN).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 40, steps=4)
    page.mouse.up()
    page.locator("#radius").fill("0.2")
    there = page.evaluate("Correction.draft")
    assert page.evaluate(OFF, [x + 60, y - 40]) < 3
    press(page, "Enter")
    progress(page, "1 of 6 reviewed")
    found = decisions(page)[PARIS]
    assert set(found) == FIELDS | {"latitude", "longitude", "error_km"}
    assert (found["decision"], found["error_km"]) == ("correct", 0.2)
    assert (found["latitude"], found["longitude"]) == (there["lat"], there["lon"])
    assert (found["latitude"], found["longitude"]) != (48.85, 2.35)


def test_the_keyboard_alone_corrects(page: Page) -> None:
    """Arrows move the pin and not the map; typed coordinates are taken; nonsense is not."""
    choose(page, PARIS)
    before = page.evaluate("World.map.getCenter().lng")
    press(page, "c", "ArrowLeft", "ArrowLeft", "Shift+ArrowUp")
    draft = page.evaluate("Correction.draft")
    assert (draft["lat"] > 48.85, draft["lon"] < 2.35) == (True, True)
    assert page.evaluate("World.map.getCenter().lng") == before
    press(page, "Escape")
    assert page.evaluate("Correction.draft") is None
    press(page, "c", "Tab")
    assert page.evaluate("document.activeElement.id") == "position"
    page.keyboard.type("51.5, -190")
    press(page, "Enter")
    assert page.evaluate("document.querySelector('#position').validationMessage") != ""
    progress(page, "0 of 6 reviewed")
    page.locator("#position").fill("51.5 -0.12")
    press(page, "Tab")
    page.keyboard.type("3")
    press(page, "Enter")
    progress(page, "1 of 6 reviewed")
    found = decisions(page)[PARIS]
    assert (found["latitude"], found["longitude"], found["error_km"]) == (51.5, -0.12, 3)


def test_a_photo_without_a_pin_is_placed_by_a_tap_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    with watched(browser, maps.pictured(tmp_path), **PHONE) as page:
        page.locator("#panel").tap()
        page.locator("#lists button", has_text="Unsure").tap()
        page.locator("#list button", has_text=PLACED).tap()
        page.locator("#panel").tap()
        page.locator("#map").tap(position={"x": 200, "y": 90})
        page.locator("#correction .main").tap()
        page.locator("#name").fill("Ada")
        page.locator("#naming .main").tap()
        progress(page, "1 of 6 reviewed")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.locator("#next").tap()
        page.locator("#photo button", has_text="Reject").tap()
        progress(page, "2 of 6 reviewed")
        found = decisions(page)
    assert set(found) == {PLACED, UNSURE}
    assert set(found[PLACED]) == FIELDS | {"latitude", "longitude", "error_km"}
    assert found[PLACED]["error_km"] > 0


def test_every_decision_can_be_taken_back(page: Page) -> None:
    choose(page, PARIS)
    press(page, "r")
    choose(page, PARIS)
    press(page, "a")
    progress(page, "1 of 6 reviewed")
    press(page, "u")
    page.locator("#photo .verdict", has_text="reject").wait_for()
    page.locator("#photo .verdict button").click()
    progress(page, "0 of 6 reviewed")
    press(page, "u")
    assert decisions(page)[PARIS]["decision"] == "reject"
    press(page, "u", "u", "u")
    progress(page, "0 of 6 reviewed")
    assert page.locator("#save").is_disabled()


def test_what_a_camera_said_or_nobody_knows_is_not_reviewed(page: Page) -> None:
    for path, reason in (("roll 0/006.jpg", "it stands"), ("roll 1/005.jpg", "no answer to review")):
        choose(page, path)
        assert reason in page.locator("#photo .verdict").inner_text()
        assert page.locator("#photo .choices").count() == 0
        assert page.locator(PIN).count() == 0
        press(page, "a", "c", "r")
        assert reason in page.locator("#told").inner_text()
    progress(page, "0 of 6 reviewed")


def test_the_state_of_the_review_is_a_filter_and_a_list(page: Page) -> None:
    choose(page, PARIS)
    press(page, "a")
    choose(page, UNSURE)
    press(page, "r")
    page.locator("#lists button", has_text="Not yet reviewed (4)").wait_for()
    page.locator("#state").select_option("rejected")
    page.locator("#count", has_text="1 of 8 photos").wait_for()
    assert page.locator("#list small").all_inner_texts() == ["rejected; unsure: 9,000 km"]
    page.locator("#state").select_option("not yet reviewed")
    page.locator("#count", has_text="4 of 8 photos").wait_for()
    page.locator("#state").select_option("accepted")
    page.locator(".pin.accepted").wait_for()


def test_the_photo_itself_is_a_link_away(page: Page) -> None:
    choose(page, PARIS)
    assert page.locator("#original").get_attribute("href") == "../photos/roll%200/000.jpg"
    page.locator("#list button").first.click()
    page.locator("#photo h2", has_text="document.title").wait_for()
    assert page.locator("#original").get_attribute("href") == (
        "../photos/%3C/script%3E%3Cscript%3Edocument.title%3D'owned'%3C/script%3E%3C!--%3Cscript%3E"
        "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E'%22%26.jpg"
    )
