"""What becomes of reviewed photos later: their files change, their neighbours ask, they lie in a bucket."""

from __future__ import annotations

from pathlib import Path

import pytest

import geotag
from geotag import metadata
from tests.archives import CAMERA, fill, picture, placed, rows, run, snapshot
from tests.buckets import Bucket, go
from tests.reviewing import ADA, decided, review, saved
from tests.test_rolls import ALONE, off_km, roll

LONDON = (51.5, -0.12, 0.2)


def captioned(content: bytes, words: str) -> bytes:
    """A JPEG to which another program has added a comment."""
    return content[:2] + b"\xff\xfe" + (len(words) + 2).to_bytes(2, "big") + words.encode() + content[2:]


@pytest.fixture
def reviewed(tmp_path: Path, tiny: str) -> Path:
    """An archive of photos that a person has accepted, corrected and rejected."""
    archive = fill(tmp_path / "archive", ("a.jpg", "b.jpg", "c.jpg"))
    run(archive, tiny, write_exif=True)
    review(tmp_path / "archive.geotag", {"a.jpg": "accept", "b.jpg": LONDON, "c.jpg": "reject"})
    return archive


def test_a_caption_changes_nothing_about_a_review(reviewed: Path, tiny: str) -> None:
    told = rows(Path(f"{reviewed}.geotag"))
    for path in reviewed.iterdir():
        path.write_bytes(captioned(path.read_bytes(), "a remark"))
    changed = snapshot(reviewed)
    ran = run(reviewed, tiny, write_exif=True)
    assert (ran.summary.predicted, ran.rows, snapshot(reviewed)) == (0, told, changed)


def test_another_picture_of_the_same_name_has_not_been_reviewed(reviewed: Path, tiny: str) -> None:
    for number, path in enumerate(sorted(reviewed.iterdir())):
        path.write_bytes(picture(20 + number))
    ran = run(reviewed, tiny, write_exif=True)
    assert ran.summary.predicted == 3
    assert {(row["status"], row["reviewer"]) for row in ran.rows.values()} == {("located", "")}
    assert run(reviewed, tiny, write_exif=True).rows == ran.rows


def test_a_file_that_cannot_be_read_today_is_the_reviewed_one_tomorrow(reviewed: Path, tiny: str) -> None:
    content, told = (reviewed / "b.jpg").read_bytes(), rows(Path(f"{reviewed}.geotag"))["b.jpg"]
    (reviewed / "b.jpg").write_bytes(b"")
    assert run(reviewed, tiny, write_exif=True).rows["b.jpg"]["status"] == "failed"
    (reviewed / "b.jpg").write_bytes(content)
    assert run(reviewed, tiny, write_exif=True).rows["b.jpg"] == told


@pytest.mark.parametrize("name", ["a.jpg", "b.jpg", "c.jpg"])
def test_a_position_that_a_person_puts_into_the_file_later_stands(
    reviewed: Path, tiny: str, name: str
) -> None:
    (reviewed / name).write_bytes(placed())
    row = run(reviewed, tiny, write_exif=True).rows[name]
    assert (row["status"], row["source"], row["reviewer"]) == ("kept", "camera", "")
    assert (float(row["latitude"]), float(row["longitude"])) == CAMERA


def test_what_another_program_took_away_is_written_again(reviewed: Path, tiny: str) -> None:
    (reviewed / "b.jpg").write_bytes(picture(1))
    row = run(reviewed, tiny, write_exif=True).rows["b.jpg"]
    found = metadata.read((reviewed / "b.jpg").read_bytes())
    assert (row["status"], row["written"]) == ("verified", "exif")
    assert found is not None
    assert found.reviewer == ADA


def test_a_corrected_photo_speaks_for_its_neighbours_and_a_rejected_one_never(
    tmp_path: Path, tiny: str
) -> None:
    archive, output = roll(tmp_path / "walk", fixes=(0,)), tmp_path / "walk.geotag"
    first = run(archive, tiny, **ALONE).rows["IMG_0005.jpg"]
    review(output, {"IMG_0006.jpg": (48 + 0.002 * 6, 2.25, 0.05)})
    ran = run(archive, tiny, **ALONE)
    assert "IMG_0006" in ran.rows["IMG_0005.jpg"]["evidence"]
    assert float(ran.rows["IMG_0005.jpg"]["error_km"]) < float(first["error_km"])
    assert off_km(ran, "IMG_0005.jpg", 5) < 0.2
    review(output, {"IMG_0006.jpg": "reject"})
    again = run(archive, tiny, **ALONE).rows
    assert (again["IMG_0006.jpg"]["status"], again["IMG_0005.jpg"]) == ("rejected", first)


def test_an_accepted_position_that_is_not_exact_does_not_speak_for_its_neighbours(
    tmp_path: Path, tiny: str
) -> None:
    archive = roll(tmp_path / "walk", fixes=())
    first = run(archive, tiny, write_exif=True).rows
    review(tmp_path / "walk.geotag", {"IMG_0006.jpg": "accept"})
    now = run(archive, tiny, write_exif=True).rows
    assert now["IMG_0006.jpg"]["status"] == "verified"
    assert {path: row for path, row in now.items() if path != "IMG_0006.jpg"} == {
        path: row for path, row in first.items() if path != "IMG_0006.jpg"
    }


def test_photos_in_a_bucket_are_reviewed_as_files_are(bucketed: Bucket, tmp_path: Path, tiny: str) -> None:
    """Decisions are applied to objects: verified, corrected, rejected, and refused where they changed."""
    old = bucketed.content()
    output = tmp_path / "out"
    go(bucketed, tmp_path, tiny, write_exif=True)
    choices = {"a.jpg": "accept", "b/b.tif": LONDON, "b/c.png": "reject", "e.bmp": "accept"}
    file = saved(tmp_path / "decisions.json", decided(output, choices))
    bucketed.put("old photos/a.jpg", picture(40))
    applied = geotag.apply(output, file)
    assert [path for path, _ in applied.refused] == ["a.jpg"]
    now = bucketed.content()
    assert now["old photos/b/c.png"] == old["old photos/b/c.png"]
    found = metadata.read(now["old photos/b/b.tif"])
    assert found is not None
    assert (found.machine, found.reviewer) == ("geotag person", ADA)
    assert b"verified by data custodian" in now["old photos/e.bmp.xmp"]
    assert rows(output)["b/b.tif"]["status"] == "verified"
