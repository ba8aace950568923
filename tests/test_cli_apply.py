"""`geotag apply` as people call it: what it says, and the codes it exits with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from geotag.cli import main
from geotag.renderings.report import NAME
from tests import reviewers
from tests.archives import fill, rows, run, snapshot
from tests.maps import watched
from tests.reviewing import ADA, decided, saved

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("a.jpg", "b.jpg", "c.jpg")


@pytest.fixture
def archive(tmp_path: Path, tiny: str) -> Path:
    """An archive with a plan to be carried out."""
    folder = fill(tmp_path / "archive", NAMES)
    run(folder, tiny, write_exif=True, plan=True)
    return folder


def geotag(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


def test_what_was_done_is_said(archive: Path) -> None:
    output = f"{archive}.geotag"
    choices = {"a.jpg": "accept", "b.jpg": (51.5, -0.12, 0.2), "c.jpg": "reject"}
    done = geotag("apply", output, saved(archive.parent / "d.json", decided(output, choices)))
    assert (done.exit_code, done.stdout) == (0, "")
    said = done.stderr.splitlines()
    assert "3 decisions applied: 1 accepted, 1 corrected, 1 rejected; 0 photos refused" in said
    assert "written: 2 into files, 0 into sidecars; taken back: 0" in said
    undone = geotag("undo", output)
    assert "2 writes, 3 decisions taken back" in undone.stderr


def test_what_was_refused_is_said_photo_by_photo(archive: Path) -> None:
    output = f"{archive}.geotag"
    file = saved(archive.parent / "d.json", decided(output, dict.fromkeys(NAMES, "accept")))
    (archive / "b.jpg").write_bytes(b"another")
    done = geotag("apply", output, file)
    assert done.exit_code == 3
    assert "refused: b.jpg: was changed since; run `geotag run` again" in done.stderr
    assert "2 decisions applied: 2 accepted" in done.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "nothing to apply: name a file of decisions, or write the whole plan with --all"),
        (["none.json"], "none.json: cannot be read"),
        (["broken.json"], "is no JSON"),
        (["half.json"], "decision 2"),
    ],
)
def test_a_mistake_is_one_sentence_and_nothing_is_written(archive: Path, args: list[str], said: str) -> None:
    output, old = f"{archive}.geotag", snapshot(archive)
    made = decided(output, {"a.jpg": "accept", "b.jpg": (51.5, 0, 1)})
    made["decisions"][1]["latitude"] = 95
    saved(archive.parent / "half.json", made)
    (archive.parent / "broken.json").write_text('{"geotag_decisions": 1, ')
    done = geotag("apply", output, *(archive.parent / name for name in args))
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert snapshot(archive) == old
    assert not any(row["reviewer"] for row in rows(Path(output)).values())


def test_another_archives_decisions_are_refused(archive: Path, tmp_path: Path, tiny: str) -> None:
    run(archive, tiny, output=str(tmp_path / "new"))
    file = saved(tmp_path / "d.json", decided(f"{archive}.geotag", {"a.jpg": "accept"}))
    done = geotag("apply", tmp_path / "new", file)
    assert done.exit_code == 2
    assert "made for another output folder" in done.stderr


def test_the_rest_of_the_plan_goes_where_the_options_say(archive: Path) -> None:
    done = geotag("apply", f"{archive}.geotag", "--all", "--only-sidecar")
    assert done.exit_code == 0
    assert "written: 0 into files, 3 into sidecars" in done.stderr
    assert (archive / "a.jpg.xmp").is_file()


@pytest.mark.parametrize("button", ["#save", "#save-csv"])
def test_what_the_map_saves_is_applied(archive: Path, browser: Browser, button: str) -> None:
    """From the plan by the browser's own file to the photograph."""
    output = Path(f"{archive}.geotag")
    with watched(browser, output / NAME) as page:
        reviewers.name(page, ADA)
        for path, key in (("a.jpg", "a"), ("c.jpg", "r")):
            reviewers.choose(page, path)
            reviewers.press(page, key)
        saved_by_map = reviewers.saved(page, button)
    (archive.parent / "saved").write_text(saved_by_map, encoding="utf-8", newline="")
    done = geotag("apply", output, archive.parent / "saved")
    assert done.exit_code == 0, done.stderr
    told = {path: (row["status"], row["reviewer"], row["written"]) for path, row in rows(output).items()}
    assert told == {
        "a.jpg": ("verified", ADA, "exif"),
        "b.jpg": ("located", "", "none"),
        "c.jpg": ("rejected", ADA, "none"),
    }
