"""An archive that was renamed, moved or mounted elsewhere since: found again, or asked for in a sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geotag.cli import main
from geotag.errors import Exit
from tests.archives import fill, run, snapshot
from tests.buckets import Bucket, go
from tests.reviewing import review

NAMES = ("a.jpg", "b/b.tif", "e.bmp")


def geotag(*words: object, code: Exit = Exit.OK) -> Result:
    result = CliRunner().invoke(main, [*map(str, words)])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def old(tmp_path: Path) -> dict[str, bytes]:
    return snapshot(fill(tmp_path / "here" / "archive", NAMES))


@pytest.fixture
def here(tmp_path: Path, tiny: str, old: dict[str, bytes]) -> Path:
    """A folder with an archive that a run has written into, and that run's output beside it."""
    run(tmp_path / "here" / "archive", tiny, write_exif=True)
    return tmp_path / "here"


def test_both_have_moved_together(here: Path, tmp_path: Path, old: dict[str, bytes]) -> None:
    there = here.rename(tmp_path / "there")
    said = geotag("verify", there / "archive.geotag").stderr.splitlines()
    assert said == [
        f"the archive is at {there / 'archive'} now; it was at {here / 'archive'}",
        "3 files checked, 0 differ",
    ]
    again = there.rename(tmp_path / "elsewhere")
    assert "3 writes taken back" in geotag("undo", again / "archive.geotag").stderr
    assert snapshot(again / "archive") == old
    assert geotag("undo", again / "archive.geotag").stderr == "0 writes taken back\n"


@pytest.mark.parametrize("command", ["undo", "verify", "apply"])
def test_a_renamed_archive_is_asked_for_and_named(here: Path, old: dict[str, bytes], command: str) -> None:
    output, words = here / "archive.geotag", ["--all"] if command == "apply" else []
    renamed = (here / "archive").rename(here / "pictures")
    written = snapshot(renamed)
    said = geotag(command, output, *words, code=Exit.USAGE).stderr
    assert said == (
        f"geotag: {output}: its archive is no longer at {here / 'archive'}; mount or restore it, or name "
        "where it is now with --archive DIR\n"
    )
    wrong = geotag(command, output, *words, "--archive", here, code=Exit.USAGE).stderr
    assert f"--archive {here}: none of the photos of {output} is there" in wrong
    assert snapshot(renamed) == written
    said = geotag(command, output, *words, "--archive", renamed).stderr
    assert f"the archive is at {renamed} now" in said
    assert snapshot(renamed) == (old if command == "undo" else written)
    assert geotag("verify", output).stderr.endswith("differ\n"), "from now on it is known"


def test_an_empty_place_is_not_taken_for_the_archive(here: Path, old: dict[str, bytes]) -> None:
    """A disk that is not mounted leaves an empty folder: what was written there is not gone."""
    away = (here / "archive").rename(here / "on a disk")
    (here / "archive").mkdir()
    said = geotag("undo", here / "archive.geotag", code=Exit.USAGE).stderr
    assert f"none of its photos is at {here / 'archive'}; mount or restore it" in said
    (here / "archive").rmdir()
    away.rename(here / "archive")
    assert "3 writes taken back" in geotag("undo", here / "archive.geotag").stderr
    assert snapshot(here / "archive") == old


def test_of_two_copies_one_has_to_be_named(here: Path, tmp_path: Path, old: dict[str, bytes]) -> None:
    copy = Path(shutil.copytree(here, tmp_path / "copy"))
    written = snapshot(here / "archive")
    said = geotag("undo", copy / "archive.geotag", code=Exit.USAGE).stderr
    assert f"its photos are at {here / 'archive'} and at {copy / 'archive'}; say with --archive DIR" in said
    geotag("undo", copy / "archive.geotag", "--archive", copy / "archive")
    assert snapshot(copy / "archive") == old
    assert snapshot(here / "archive") == written
    assert "3 writes taken back" in geotag("undo", here / "archive.geotag").stderr


def test_two_names_of_one_archive_are_one(here: Path, tmp_path: Path) -> None:
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "archive").symlink_to(here / "archive")
    output = Path(shutil.copytree(here / "archive.geotag", tmp_path / "link" / "archive.geotag"))
    assert geotag("verify", output).stderr == "3 files checked, 0 differ\n"


def test_decisions_reach_photos_that_have_moved(here: Path, tmp_path: Path) -> None:
    there = here.rename(tmp_path / "there")
    applied = review(there / "archive.geotag", {"a.jpg": "reject"})
    assert (applied.refused, applied.taken_back) == ((), 1)


def test_the_map_shows_photos_that_have_moved(here: Path, tmp_path: Path) -> None:
    there = here.rename(tmp_path / "there")
    geotag("report", there / "archive.geotag", "--map")
    assert "data:image/webp" in (there / "archive.geotag" / "map.html").read_text(encoding="utf-8")
    shutil.rmtree(there / "archive")
    assert "3 photos" in geotag("report", there / "archive.geotag").stderr


def test_a_bucket_does_not_move(bucketed: Bucket, tmp_path: Path, tiny: str) -> None:
    output = go(bucketed, tmp_path, tiny).summary.output
    said = geotag("verify", output, "--archive", tmp_path, code=Exit.USAGE).stderr
    assert "/old photos is no folder that could move" in said
    assert geotag("verify", output).stderr == "0 files checked, 0 differ\n"
