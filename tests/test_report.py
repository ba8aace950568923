"""The map: what stands in the file, and what a browser makes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from geotag.cli import main
from geotag.renderings import report
from geotag.review import shown
from geotag.types import Record
from tests.archives import fill, placed, run
from tests.maps import HOSTILE, RECORDS, drawn, pictured, watched

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


class Elements(HTMLParser):
    """The elements of a page with their attributes and texts, as a browser would split them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.found:
            tag, attributes, text = self.found[-1]
            self.found[-1] = tag, attributes, text + data


def test_the_page_holds_every_photo_and_only_our_own_scripts(tmp_path: Path) -> None:
    text = drawn(tmp_path, RECORDS, HOSTILE).read_text(encoding="utf-8")
    found = Elements(text).found
    scripts = [(attributes, body) for tag, attributes, body in found if tag == "script"]
    assert [attributes.get("id") for attributes, _ in scripts] == ["world", "photos", None, None, None]
    assert not any("src" in attributes for attributes, _ in scripts)
    assert {tag for tag, _, _ in found} & {"img", "iframe", "link", "object", "base"} == set()
    given = json.loads(scripts[1][1])
    assert given["archive"] == "0f"
    at = given["columns"].index("shown")
    assert [row[at] for row in given["rows"]] == [shown(item) for item in RECORDS]
    assert [row[0] for row in given["rows"]] == [item.photo.path for item in RECORDS]
    assert given["rows"][0][:2] == [HOSTILE, "located"]
    assert next(row for row in given["rows"] if row[1] == "failed")[2:5] == [None, None, None]


def test_the_policy_allows_what_is_there_by_its_hash_and_nothing_else(tmp_path: Path) -> None:
    found = Elements(drawn(tmp_path, RECORDS).read_text(encoding="utf-8")).found
    policy = next(
        str(attributes["content"])
        for tag, attributes, _ in found
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert "unsafe" not in policy
    assert rules["script-src"].count("'sha256-") == 3
    assert rules["style-src"].count("'sha256-") == 1


def test_no_asset_names_a_file_or_a_host_to_load(tmp_path: Path) -> None:
    text = drawn(tmp_path, RECORDS).read_text(encoding="utf-8")
    assert "sourceMappingURL" not in text
    assert re.findall(r"url\((?!#)", text) == []


def test_large_archives_have_no_thumbnails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "MOST_PICTURES", len(RECORDS) - 1)
    asked: list[int] = []

    def seen(some: list[Record]) -> list[bytes | None]:
        asked.append(len(some))
        return [None] * len(some)

    page = report.render(lambda: iter(RECORDS), seen, str(tmp_path), report.Origin("", "0f"))
    assert asked == []
    assert json.loads(rows_of(Path(page)))["bare"] == "too many for thumbnails"


def rows_of(page: Path) -> str:
    text = page.read_text(encoding="utf-8")
    return text.split('id="photos">')[1].split("</script>")[0]


def test_a_run_draws_the_map_and_report_draws_it_again(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", ["a.jpg", "b/c.png"])
    (archive / "d.jpg").write_bytes(placed(7))
    (archive / "e.jpg").write_bytes(b"\xff\xd8\xffno picture")
    output = tmp_path / "archive.geotag"
    run(archive, tiny, map=True)
    given = json.loads(rows_of(output / report.NAME))
    whole = len(given["columns"])
    assert [(row[0], len(row)) for row in given["rows"]] == [
        ("a.jpg", whole),
        ("b/c.png", whole),
        ("d.jpg", whole),
        ("e.jpg", whole - 1),
    ]
    before = (output / report.NAME).read_bytes()
    (output / report.NAME).unlink()
    done = CliRunner().invoke(main, ["report", str(output), "--map"])
    assert (done.exit_code, "map.html" in done.stderr) == (0, True)
    assert (output / report.NAME).read_bytes() == before


def test_a_run_without_map_says_that_the_old_one_is_old(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", ["a.jpg"])
    assert not (Path(run(archive, tiny).summary.output) / report.NAME).exists()
    run(archive, tiny, map=True)
    assert not [note for note in run(archive, tiny).ears.notes if report.NAME in note]
    fill(archive, ["b.jpg"])
    assert [note for note in run(archive, tiny).ears.notes if report.NAME in note]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The map of RECORDS, with a thumbnail each, in the browser."""
    with watched(browser, pictured(tmp_path)) as page:
        yield page


def test_clusters_open(opened: Page) -> None:
    opened.locator(".cluster", has_text="3").click()
    opened.locator(".cluster", has_text="2").click()
    opened.locator(".leaflet-marker-pane .pin").nth(2).wait_for(state="attached")


def test_filters_filter_and_lists_list(opened: Page) -> None:
    assert opened.locator("#count").inner_text() == "8 of 8 photos"
    opened.locator("input[name=status][value=located]").uncheck()
    opened.locator("#count", has_text="4 of 8 photos").wait_for()
    opened.locator("#reset").click()
    opened.locator("#count", has_text="8 of 8 photos").wait_for()
    opened.locator("#lists button", has_text="Failed").click()
    assert opened.locator("#list li").all_inner_texts() == ["roll 1/005.jpg\nfailed: truncated picture"]
    opened.locator("#words").fill("paris")
    opened.locator("#count", has_text="1 of 8 photos").wait_for()
    opened.locator("#words").fill("")
    opened.locator("#least").fill("500")
    opened.locator("#count", has_text="3 of 8 photos").wait_for()
    opened.locator("#reset").click()
    opened.locator("#folder").select_option("roll 1")
    opened.locator("#count", has_text="3 of 8 photos").wait_for()


CIRCLES = """() => {
    let polygons = 0;
    World.map.eachLayer(layer => { polygons += layer instanceof L.Polygon; });
    return polygons - 3;
}"""
"""Polygons on the map besides the three copies of the world."""


def test_keys_walk_through_the_photos_and_a_name_is_only_read(opened: Page) -> None:
    opened.keyboard.press("j")
    opened.wait_for_selector("#photo:not([hidden])")
    assert opened.locator("#photo h2").inner_text() == HOSTILE
    assert HOSTILE in opened.locator("#photo dl").inner_text()
    assert opened.title() == "St. Ives"
    assert opened.evaluate(CIRCLES) > 0
    opened.keyboard.press("Escape")
    assert opened.locator("#photo").is_hidden()
    opened.keyboard.press("?")
    assert "Accepted answers become a person's" in opened.locator("#about").inner_text()
    opened.keyboard.press("/")
    assert opened.evaluate("document.activeElement.id") == "words"


def test_a_circle_is_one_of_the_sphere(opened: Page) -> None:
    """Points of the outline lie as far away as the radius says, across the antimeridian and round a pole."""
    for lat, lon, km in ((67.0, 179.9, 800.0), (80.0, 10.0, 3000.0), (0.0, 0.0, 15000.0)):
        off = opened.evaluate(
            """([lat, lon, km]) => World.circle({lat, lon, km}).outline
                .filter(point => Math.abs(point[0]) < 85)
                .map(point => L.CRS.Earth.distance(L.latLng(lat, lon), L.latLng(point)) / 1000 / km)""",
            [lat, lon, km],
        )
        assert off
        assert all(abs(share - 1) < 0.002 for share in off)


def test_it_can_be_read_on_a_phone(opened: Page) -> None:
    opened.set_viewport_size({"width": 390, "height": 780})
    opened.locator("#panel").click()
    assert opened.locator("#side").is_hidden()
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390
    opened.locator("#panel").click()
    assert opened.locator("#side").is_visible()


def test_a_circle_round_the_far_side_fills_the_whole_view(opened: Page) -> None:
    covered = opened.evaluate(
        """() => {
            const group = L.featureGroup().addTo(World.map);
            World.map.setView([51, -115], 1, {animate: false});
            World.drawCircle({lat: 38, lon: 77, km: 14500}, {}, group);
            const filled = group.getBounds(), view = World.map.getBounds();
            return [filled.getWest() < view.getWest(), filled.getEast() > view.getEast()];
        }"""
    )
    assert covered == [True, True]
