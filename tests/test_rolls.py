"""A run over folders with positions in them: neighbours are asked, heeded, and asked again on changes."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import piexif
import pytest
from PIL import Image

from geotag import geo, read
from geotag.metadata import capture, patch
from tests.archives import Ran, fill, picture, placed, run, snapshot

ALONE: dict[str, Any] = {"evidence": ("neighbours",), "max_error_km": 50}
EXIF, FIRST, GPS = piexif.ExifIFD, piexif.ImageIFD, piexif.GPSIFD


def taken(
    minute: int, place: tuple[float, float] | None = None, model: str = "K1", zone: str = "", colour: int = 0
) -> bytes:
    """A JPEG with a capture time, a camera's name and, where given, a position north and east."""
    stamp = f"2021:06:07 {10 + minute // 60:02d}:{minute % 60:02d}:00"
    inner = {EXIF.DateTimeOriginal: stamp, EXIF.SubSecTimeOriginal: "25"}
    if zone:
        inner[EXIF.OffsetTimeOriginal] = zone
    tags: dict[str, Any] = {"0th": {FIRST.Make: "Maker", FIRST.Model: model}, "Exif": inner}
    if place is not None:
        lat, lon = (((round(value * 1_000_000), 1_000_000),) for value in place)
        tags["GPS"] = {
            GPS.GPSLatitudeRef: b"N",
            GPS.GPSLatitude: (*lat, (0, 1), (0, 1)),
            GPS.GPSLongitudeRef: b"E",
            GPS.GPSLongitude: (*lon, (0, 1), (0, 1)),
        }
    out = io.BytesIO()
    with Image.open(io.BytesIO(picture(colour))) as image:
        image.save(out, "JPEG", exif=piexif.dump(tags))
    return out.getvalue()


def roll(folder: Path, fixes: tuple[int, ...] = (0, 6), count: int = 10) -> Path:
    """A walk north, a photograph every five minutes, some with a position."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        place = (48 + 0.002 * number, 2.25) if number in fixes else None
        (folder / f"IMG_{number:04d}.jpg").write_bytes(taken(5 * number, place, colour=number))
    return folder


def off_km(ran: Ran, name: str, number: float) -> float:
    row = ran.rows[name]
    lat, lon = float(row["latitude"]), float(row["longitude"])
    return float(geo.distance_km(lat, lon, 48 + 0.002 * number, 2.25))


def test_a_roll_is_located_between_its_positions(tmp_path: Path) -> None:
    archive = roll(tmp_path / "photos")
    ran = run(archive, "none", **ALONE)
    assert ran.rows["IMG_0000.jpg"]["source"] == "camera"
    for number in (1, 2, 3, 4, 5):
        row = ran.rows[f"IMG_{number:04d}.jpg"]
        assert (row["status"], row["source"]) == ("located", "neighbours")
        assert off_km(ran, f"IMG_{number:04d}.jpg", number) < 0.05
        assert float(row["error_km"]) < 2
    assert "10 min after IMG_0000.jpg (position in the file)" in ran.rows["IMG_0002.jpg"]["evidence"]
    assert float(ran.rows["IMG_0009.jpg"]["error_km"]) > float(ran.rows["IMG_0005.jpg"]["error_km"])


def test_a_second_run_reads_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = roll(tmp_path / "photos")
    run(archive, "none", **ALONE)

    def refuse(*_: object) -> read.Glance:
        raise AssertionError("a finished folder is not read")

    monkeypatch.setattr(read, "glance", refuse)
    assert not run(archive, "none", **ALONE).ears.fresh


def test_a_position_added_later_has_the_folder_decided_again(tmp_path: Path) -> None:
    archive = roll(tmp_path / "photos", fixes=(0,))
    roll(tmp_path / "photos" / "other")
    before = run(archive, "none", **ALONE)
    assert off_km(before, "IMG_0004.jpg", 4) > 0.5
    (archive / "IMG_0008.jpg").write_bytes(taken(40, (48.016, 2.25), colour=8))
    after = run(archive, "none", **ALONE)
    assert set(after.ears.fresh) == {f"IMG_{number:04d}.jpg" for number in range(1, 10)}
    assert off_km(after, "IMG_0004.jpg", 4) < 0.05
    assert len(after.rows) == len(before.rows) == 20
    assert not run(archive, "none", **ALONE).ears.fresh


def test_pictures_are_not_predicted_again_when_neighbours_change(tmp_path: Path, tiny: str) -> None:
    archive = roll(tmp_path / "photos", fixes=(0,))
    assert run(archive, tiny).summary.predicted == 9
    (archive / "IMG_0008.jpg").write_bytes(taken(40, (48.016, 2.25), colour=8))
    ran = run(archive, tiny, jobs=1)
    assert ran.summary.predicted == 0
    assert set(ran.ears.fresh) == {f"IMG_{number:04d}.jpg" for number in range(1, 10)}
    assert ran.rows["IMG_0004.jpg"]["source"] == "fused"
    assert off_km(ran, "IMG_0004.jpg", 4) < 1


def test_neighbours_can_be_left_out(tmp_path: Path, tiny: str) -> None:
    archive = roll(tmp_path / "photos")
    ran = run(archive, tiny, evidence=("picture",))
    assert ran.rows["IMG_0001.jpg"]["source"] == "model"
    ran = run(archive, tiny, evidence=("picture", "neighbours"))
    assert ran.summary.predicted == 0
    assert ran.rows["IMG_0001.jpg"]["source"] == "fused"


def test_our_own_guesses_are_no_positions(tmp_path: Path) -> None:
    archive = roll(tmp_path / "photos")
    before = snapshot(archive)
    first = run(archive, "none", write_exif=True, **ALONE)
    assert first.rows["IMG_0001.jpg"]["written"] == "exif"
    assert snapshot(archive)["IMG_0000.jpg"] == before["IMG_0000.jpg"], "a camera's position is not moved"
    seen = read.glance(str(archive), "IMG_0001.jpg", None)
    assert seen.position is not None
    assert seen.position.machine == "geotag neighbours"
    assert not run(archive, "none", write_exif=True, **ALONE).ears.fresh
    again = run(archive, "none", output=str(tmp_path / "again"), redo=True, **ALONE)
    assert again.rows["IMG_0002.jpg"]["evidence"] == first.rows["IMG_0002.jpg"]["evidence"]


def test_what_is_written_moves_with_a_new_position(tmp_path: Path) -> None:
    archive = roll(tmp_path / "photos", fixes=(0,))
    run(archive, "none", write_exif=True, **ALONE)
    before = snapshot(archive)["IMG_0004.jpg"]
    (archive / "IMG_0008.jpg").write_bytes(taken(40, (48.016, 2.25), colour=8))
    ran = run(archive, "none", write_exif=True, **ALONE)
    assert ran.rows["IMG_0004.jpg"]["written"] == "exif"
    assert snapshot(archive)["IMG_0004.jpg"] != before
    assert not run(archive, "none", write_exif=True, **ALONE).ears.fresh


def test_a_position_in_a_sidecar_counts(tmp_path: Path) -> None:
    archive = roll(tmp_path / "photos", fixes=(0,), count=5)
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" '
        'exif:GPSLatitude="48,0.48N" exif:GPSLongitude="2,15.0E"/></rdf:RDF></x:xmpmeta>'
    )
    (archive / "IMG_0004.jpg.xmp").write_text(packet, encoding="utf-8")
    ran = run(archive, "none", **ALONE)
    assert ran.rows["IMG_0004.jpg"]["source"] == "camera"
    assert "IMG_0004.jpg (position in its sidecar)" in ran.rows["IMG_0002.jpg"]["evidence"]


def test_folders_inside_are_rolls_of_their_own(tmp_path: Path) -> None:
    archive = roll(tmp_path / "photos", count=7)
    fill(archive, ["IMG_0003/a.jpg", "IMG_0003/b/c.jpg", "zz/d.jpg"])
    ran = run(archive, "none", **ALONE)
    for path in ("IMG_0003/a.jpg", "IMG_0003/b/c.jpg", "zz/d.jpg"):
        assert ran.rows[path]["status"] == "unsure"
    assert "neither words nor neighbours" in ran.rows["zz/d.jpg"]["message"]
    assert off_km(ran, "IMG_0005.jpg", 5) < 0.05
    (archive / "IMG_0006.jpg").write_bytes(taken(30, (48.1, 2.25), colour=6))
    again = run(archive, "none", **ALONE)
    assert set(again.ears.fresh) == {f"IMG_{number:04d}.jpg" for number in range(1, 7)}
    # Those that went by as finished before their folder was read are heard of twice.
    apart = {"IMG_0000.jpg", "IMG_0003/a.jpg", "IMG_0003/b/c.jpg", "zz/d.jpg"}
    assert set(again.ears.known) - again.ears.fresh.keys() == apart


def test_scans_go_by_their_numbers(tmp_path: Path) -> None:
    archive = fill(tmp_path / "photos", [f"roll12_{number:03d}.tif" for number in (2, 3, 4)])
    (archive / "roll12_001.jpg").write_bytes(placed(1))
    (archive / "roll12_005.jpg").write_bytes(placed(5))
    ran = run(archive, "none", **ALONE)
    assert ran.rows["roll12_003.tif"]["source"] == "neighbours"
    assert "2 shots after roll12_001.jpg" in ran.rows["roll12_003.tif"]["evidence"]


def test_names_that_are_no_text_come_to_rest(tmp_path: Path) -> None:
    archive = roll(tmp_path / "photos", count=2)
    os.rename(archive / "IMG_0000.jpg", os.fsencode(archive) + b"/IMG_caf\xe9_0.jpg")
    first = run(archive, "none", **ALONE)
    assert "caf\\xe9" in first.rows["IMG_0001.jpg"]["evidence"]
    (archive / "more.jpg").write_bytes(picture(7))
    assert set(run(archive, "none", **ALONE).ears.fresh) == {"more.jpg"}


def test_only_the_head_of_a_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.jpg"
    path.write_bytes(taken(5, (48.5, 2.5)) + bytes(1 << 24))
    got = []

    def counted(file: Any, page: int) -> Any:
        class Counted:
            def seek(self, *place: int) -> int:
                return int(file.seek(*place))

            def read(self, size: int) -> bytes:
                got.append(size)
                return bytes(file.read(size))

        return pages(Counted(), page)  # type: ignore[arg-type]

    pages = patch.Pages
    monkeypatch.setattr(read, "Pages", counted)
    seen = read.glance(str(tmp_path), "large.jpg", None)
    assert seen.position is not None
    assert 0 < sum(got) < 1 << 17


def test_what_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"\xff\xd8\xff\xe1\0")
    for name in ("bad.jpg", "missing.jpg"):
        assert read.glance(str(tmp_path), name, None) == read.Glance(None, False, capture.Capture())


def test_times_zones_and_cameras_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(taken(5, zone="+05:30"))
    found = read.glance(str(tmp_path), "a.jpg", None).capture
    assert found.camera == "Maker K1"
    assert found.offset == 5.5 * 3600
    assert found.when == pytest.approx(1623060300.25)
    (tmp_path / "b.jpg").write_bytes(taken(5, zone="-04:00"))
    assert read.glance(str(tmp_path), "b.jpg", None).capture.offset == -4 * 3600


@pytest.mark.parametrize(
    "stamp", ["0000:00:00 00:00:00", "    :  :     :  :  ", "2021:13:41 10:00:00", "soon"]
)
def test_times_that_are_none(tmp_path: Path, stamp: str) -> None:
    out = io.BytesIO()
    with Image.open(io.BytesIO(picture(1))) as image:
        image.save(out, "JPEG", exif=piexif.dump({"Exif": {EXIF.DateTimeOriginal: stamp}}))
    (tmp_path / "a.jpg").write_bytes(out.getvalue())
    assert read.glance(str(tmp_path), "a.jpg", None).capture.when is None
