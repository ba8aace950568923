"""From a run to its map, from decisions in a browser to a file, and from that file into the photos."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from geotag import metadata
from geotag.cli import main
from geotag.errors import Exit
from geotag.renderings import report
from tests.archives import fill, placed, rows, run, snapshot
from tests.maps import opened, watched
from tests.reviewers import choose, name, press, progress, saved

if TYPE_CHECKING:
    from playwright.sync_api import Browser

GRACE = '=Grace "\'" <b>Höpper</b>'
ACCEPTED, CORRECTED, REJECTED, LEFT, CAMERA = "a/=1.jpg", "a/2 é.jpg", "=3.png", "a/4.jpg", "a/5.jpg"


@pytest.mark.parametrize(
    ("button", "suffix", "planned"), [("#save", "json", True), ("#save-csv", "csv", False)]
)
def test_what_is_decided_in_the_map_is_written_into_the_photos(
    tmp_path: Path, tiny: str, browser: Browser, button: str, suffix: str, planned: bool
) -> None:
    archive = fill(tmp_path / "archive", [ACCEPTED, CORRECTED, REJECTED, LEFT])
    (archive / CAMERA).write_bytes(placed())
    before = snapshot(archive)
    done = run(archive, tiny, write_exif=True, map=True, plan=planned, evidence=("picture",))
    output, ran = Path(done.summary.output), snapshot(archive)
    with watched(browser, output / report.NAME) as page:
        name(page, GRACE)
        page.locator("#onward").uncheck()
        choose(page, ACCEPTED)
        press(page, "a")
        choose(page, CORRECTED)
        press(page, "c")
        page.locator("#position").fill("51.5, -0.12")
        page.locator("#radius").fill("0.2")
        press(page, "Enter")
        choose(page, REJECTED)
        press(page, "r")
        progress(page, "3 of 4 reviewed")
        file = tmp_path / f"decisions.{suffix}"
        file.write_text(saved(page, button), encoding="utf-8")
    applied = CliRunner().invoke(main, ["apply", str(output), str(file)])
    assert applied.exit_code == Exit.OK, applied.stderr
    # The manifest puts ' before what a spreadsheet would run.
    now = {path.removeprefix("'"): row for path, row in rows(output).items()}
    assert {
        path: (row["status"], row["source"], row["reviewer"].removeprefix("'")) for path, row in now.items()
    } == {
        ACCEPTED: ("verified", "model", GRACE),
        CORRECTED: ("verified", "person", GRACE),
        REJECTED: ("rejected", "", GRACE),
        LEFT: ("located", "model", ""),
        CAMERA: ("kept", "camera", ""),
    }
    after = snapshot(archive)
    assert after[REJECTED] == before[REJECTED]
    assert (after[LEFT], after[CAMERA]) == (ran[LEFT], before[CAMERA])
    accepted, corrected = metadata.read(after[ACCEPTED]), metadata.read(after[CORRECTED])
    assert accepted is not None
    assert corrected is not None
    assert (accepted.reviewer, corrected.reviewer) == (GRACE, GRACE)
    assert accepted.location.lat == pytest.approx(float(done.rows[ACCEPTED]["latitude"]), abs=1e-5)
    assert (corrected.location.lat, corrected.location.lon) == pytest.approx((51.5, -0.12), abs=1e-5)


def test_the_map_drawn_anew_says_who_reviewed_and_when(tmp_path: Path, tiny: str, browser: Browser) -> None:
    """The browser's own decisions are done with; what was reviewed can be thought over."""
    archive = fill(tmp_path / "archive", [ACCEPTED, REJECTED, LEFT])
    output = Path(run(archive, tiny, write_exif=True, map=True).summary.output)
    path = output / report.NAME
    with watched(browser, path) as page:
        name(page, GRACE)
        choose(page, ACCEPTED)
        press(page, "a")
        choose(page, REJECTED)
        press(page, "r")
        file = tmp_path / "decisions.json"
        file.write_text(saved(page), encoding="utf-8")
        assert CliRunner().invoke(main, ["apply", str(output), str(file)]).exit_code == Exit.OK
        assert CliRunner().invoke(main, ["report", str(output), "--map"]).exit_code == Exit.OK
        opened(page, path)
        progress(page, "2 of 3 reviewed")
        for photo, verdict, choices in ((ACCEPTED, "accepted", 2), (REJECTED, "rejected", 1)):
            choose(page, photo)
            said = page.locator("#photo .verdict").inner_text()
            assert said.startswith(f"{verdict} by {GRACE}, 20")
            assert page.locator("#photo .choices button").count() == choices
        page.locator("#state").select_option("accepted")
        page.locator("#count", has_text="1 of 3 photos").wait_for()
        press(page, "Escape")
        page.locator("#reset").click()
        page.locator("#count", has_text="3 of 3 photos").wait_for()
        page.locator("#next").click()
        assert page.locator("#photo h2").inner_text() == LEFT
        choose(page, ACCEPTED)
        press(page, "r")
        file.write_text(saved(page), encoding="utf-8")
    assert CliRunner().invoke(main, ["apply", str(output), str(file)]).exit_code == Exit.OK
    assert rows(output)[ACCEPTED]["status"] == "rejected"
