"""The policy of writing: into files, beside them, or not at all; backups, dry runs, positions that stand."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from geotag import metadata
from geotag.errors import UsageError
from geotag.files import sidecars
from geotag.flows import upkeep
from geotag.metadata import xmp
from tests.archives import CAMERA, fill, picture, placed, run, snapshot

NAMES = ("a.jpg", "b/b.tif", "b/c.png", "d.webp", "e.bmp")
IN_FILES = {"a.jpg", "b/b.tif", "b/c.png", "d.webp"}
DIGIKAM = b"""<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
   <dc:subject><rdf:Bag><rdf:li>harbour</rdf:li></rdf:Bag></dc:subject>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end='w'?>
"""
PLACED_XMP = DIGIKAM.replace(
    b"   <dc:subject>",
    b'   <exif:GPSLatitude xmlns:exif="http://ns.adobe.com/exif/1.0/">10,30.5N</exif:GPSLatitude>\n'
    b'   <exif:GPSLongitude xmlns:exif="http://ns.adobe.com/exif/1.0/">20,15.25E</exif:GPSLongitude>\n'
    b"   <dc:subject>",
)


def machine(path: Path) -> str | None:
    position = metadata.read(path.read_bytes())
    return position.machine if position else None


def test_without_an_option_nothing_is_touched(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    before = {path: os.stat(archive / path) for path in NAMES}
    ran = run(archive, tiny)
    assert {path: os.stat(archive / path).st_ctime_ns for path in NAMES} == {
        path: found.st_ctime_ns for path, found in before.items()
    }
    assert set(snapshot(archive)) == set(NAMES)
    assert {(row["status"], row["written"]) for row in ran.rows.values()} == {("located", "none")}


def test_write_exif_embeds_where_it_can_and_puts_a_sidecar_where_not(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    ran = run(archive, tiny, write_exif=True)
    assert {path for path in NAMES if machine(archive / path) == "geotag tiny 1"} == IN_FILES
    assert {path for path, row in ran.rows.items() if row["written"] == "exif"} == IN_FILES
    assert ran.rows["e.bmp"]["written"] == "sidecar"
    assert "not into the file" in ran.rows["e.bmp"]["message"]
    position = xmp.read((archive / "e.bmp.xmp").read_bytes())
    assert position is not None
    row = ran.rows["e.bmp"]
    assert (position.location.lat, position.location.lon) == pytest.approx(
        (float(row["latitude"]), float(row["longitude"])), abs=1e-6
    )


@pytest.mark.parametrize("chosen", [{"sidecar": True}, {"only_sidecar": True, "write_exif": True}])
def test_sidecars_alone_leave_images_untouched(tmp_path: Path, tiny: str, chosen: dict[str, bool]) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    old = snapshot(archive)
    ran = run(archive, tiny, **chosen)
    new = snapshot(archive)
    assert new.keys() - old.keys() == {f"{name}.xmp" for name in NAMES}
    assert {path: new[path] for path in old} == old
    assert {row["written"] for row in ran.rows.values()} == {"sidecar"}


def test_a_sidecar_of_others_is_merged_and_undone(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", ["a.jpg"])
    (archive / "a.jpg.xmp").write_bytes(DIGIKAM)
    ran = run(archive, tiny, sidecar=True)
    merged = (archive / "a.jpg.xmp").read_bytes()
    assert b"<rdf:li>harbour</rdf:li>" in merged
    assert b"requires verification" in merged
    found = xmp.read(merged)
    assert found is not None
    assert found.machine == "geotag tiny 1"
    upkeep.take_back(ran.summary.output, ())
    assert (archive / "a.jpg.xmp").read_bytes() == DIGIKAM


@pytest.mark.parametrize("name", ["a.jpg.xmp", "a.xmp"])
def test_a_position_in_a_sidecar_is_kept(tmp_path: Path, tiny: str, name: str) -> None:
    archive = fill(tmp_path / "archive", ["a.jpg"])
    (archive / name).write_bytes(PLACED_XMP)
    old = snapshot(archive)
    ran = run(archive, tiny, write_exif=True)
    assert ran.rows["a.jpg"]["status"] == "kept"
    assert float(ran.rows["a.jpg"]["latitude"]) == pytest.approx(10 + 30.5 / 60, abs=1e-6)
    assert ran.summary.predicted == 0
    assert snapshot(archive) == old


def test_a_position_put_into_a_sidecar_later_is_kept_too(tmp_path: Path, tiny: str) -> None:
    """The photo itself has not changed since it was predicted, but somebody has placed it."""
    archive = fill(tmp_path / "archive", ["a.jpg", "b.jpg"])
    run(archive, tiny)
    (archive / "a.jpg.xmp").write_bytes(PLACED_XMP)
    for chosen in ({"sidecar": True}, {"write_exif": True}):
        ran = run(archive, tiny, **chosen)
        assert ran.rows["a.jpg"]["status"] == "kept", ran.rows["a.jpg"]
        assert (archive / "a.jpg.xmp").read_bytes() == PLACED_XMP
        assert ran.rows["b.jpg"]["status"] == "located"
        assert ran.summary.failed == 0


def test_a_broken_sidecar_is_left_alone_and_said(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", ["a.jpg", "b.jpg"])
    (archive / "a.jpg.xmp").write_bytes(DIGIKAM[:200])
    ran = run(archive, tiny, sidecar=True)
    assert (archive / "a.jpg.xmp").read_bytes() == DIGIKAM[:200]
    assert ran.rows["a.jpg"]["status"] == "failed"
    assert "a.jpg.xmp" in ran.rows["a.jpg"]["message"]
    assert ran.rows["b.jpg"]["written"] == "sidecar"
    assert ran.summary.failed == 1


def test_a_sidecar_dir_mirrors_the_archive(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    old = snapshot(archive)
    elsewhere = tmp_path / "elsewhere"
    ran = run(archive, tiny, sidecar=True, sidecar_dir=str(elsewhere))
    assert snapshot(archive) == old
    assert set(snapshot(elsewhere)) == {*(f"{name}.xmp" for name in NAMES), sidecars.OWNER}
    again = run(archive, tiny, sidecar=True, sidecar_dir=str(elsewhere))
    assert not again.ears.fresh
    assert upkeep.take_back(ran.summary.output, ()).troubles == ()
    assert set(snapshot(elsewhere)) == {sidecars.OWNER}


def test_adobe_style_gives_way_where_two_images_would_share_one(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", ["a.jpg", "a.tif", "b.jpg", "b.c.jpg"])
    ran = run(archive, tiny, sidecar=True, sidecar_style="adobe")
    made = {path for path in snapshot(archive) if path.endswith(".xmp")}
    assert made == {"a.jpg.xmp", "a.tif.xmp", "b.xmp", "b.c.xmp"}
    assert "a.xmp would belong to several images" in ran.rows["a.tif"]["message"]
    assert ran.rows["b.jpg"]["message"] == ""


def test_a_camera_position_stands_until_replacing_is_asked_for(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", ["b.jpg"])
    (archive / "a.jpg").write_bytes(placed())
    for chosen in ({"write_exif": True}, {"sidecar": True}, {"only_sidecar": True, "redo": True}):
        row = run(archive, tiny, **chosen).rows["a.jpg"]
        assert (row["status"], row["source"], row["written"]) == ("kept", "camera", "none")
        assert (float(row["latitude"]), float(row["longitude"])) == CAMERA
        assert (archive / "a.jpg").read_bytes() == placed()
        assert not (archive / "a.jpg.xmp").exists()


def test_replace_gps_overwrites_and_undo_brings_the_position_back(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", [])
    (archive / "a.jpg").write_bytes(placed())
    ran = run(archive, tiny, write_exif=True, replace_gps=True)
    assert ran.rows["a.jpg"]["status"] == "located"
    assert machine(archive / "a.jpg") == "geotag tiny 1"
    again = run(archive, tiny, write_exif=True)
    assert again.summary.predicted == 0
    assert machine(archive / "a.jpg") == "geotag tiny 1"
    assert upkeep.take_back(ran.summary.output, ()).troubles == ()
    assert (archive / "a.jpg").read_bytes() == placed()
    assert run(archive, tiny, write_exif=True).rows["a.jpg"]["status"] == "kept"
    assert (archive / "a.jpg").read_bytes() == placed()


def test_after_undoing_a_replacement_the_manifest_has_the_camera_position(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", [])
    (archive / "a.jpg").write_bytes(placed())
    ran = run(archive, tiny, write_exif=True, replace_gps=True)
    upkeep.take_back(ran.summary.output, ())
    row = run(archive, tiny).rows["a.jpg"]
    assert (row["status"], row["source"]) == ("kept", "camera")
    assert (float(row["latitude"]), float(row["longitude"])) == CAMERA


def test_our_own_answer_is_recognised_without_a_journal_and_renewed(
    tmp_path: Path, tiny: str, other: str
) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    first = run(archive, tiny, write_exif=True)
    written = snapshot(archive)
    shutil.rmtree(first.summary.output)
    second = run(archive, tiny, write_exif=True)
    assert {path: snapshot(archive)[path] for path in IN_FILES} == {path: written[path] for path in IN_FILES}
    assert {row["status"] for row in second.rows.values()} == {"located"}
    third = run(archive, other, write_exif=True)
    assert {machine(archive / path) for path in IN_FILES} == {"geotag other 1"}
    assert {row["status"] for row in third.rows.values()} == {"located"}
    assert third.rows["a.jpg"]["latitude"] != second.rows["a.jpg"]["latitude"]


def test_a_backup_is_made_once_and_can_be_restored(tmp_path: Path, tiny: str, other: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    (archive / "e.bmp.xmp").write_bytes(DIGIKAM)
    os.utime(archive / "a.jpg", ns=(10**18, 10**18))
    old, backup = snapshot(archive), tmp_path / "backup"
    run(archive, tiny, write_exif=True, backup=str(backup))
    assert snapshot(backup) == {path: old[path] for path in (*IN_FILES, "e.bmp.xmp")}
    assert os.stat(backup / "a.jpg").st_mtime_ns == 10**18
    run(archive, other, write_exif=True, backup=str(backup))
    assert machine(archive / "a.jpg") == "geotag other 1"
    assert snapshot(backup) == {path: old[path] for path in (*IN_FILES, "e.bmp.xmp")}


def test_a_backup_of_another_file_does_not_count_as_one_of_this(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", ["a.jpg", "b.jpg"])
    backup = fill(tmp_path / "backup", ["a.jpg"], start=77)
    old = snapshot(archive)
    ran = run(archive, tiny, write_exif=True, backup=str(backup))
    assert (archive / "a.jpg").read_bytes() == old["a.jpg"]
    assert ran.rows["a.jpg"]["status"] == "failed"
    assert "--backup" in ran.rows["a.jpg"]["message"]
    assert (backup / "b.jpg").read_bytes() == old["b.jpg"]


def test_backups_inside_the_archive_are_refused(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", ["a.jpg"])
    with pytest.raises(UsageError, match="--backup"):
        run(archive, tiny, write_exif=True, backup=str(archive / "backup"))


def test_a_dry_run_touches_nothing_and_lists_what_the_real_run_writes(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", (*NAMES, "f.jpg", "g.jpg", "h.bmp"))
    (archive / "kept.jpg").write_bytes(placed())
    (archive / "broken.jpg").write_bytes(picture()[:150])
    (archive / "h.bmp.xmp").write_bytes(DIGIKAM[:200])
    os.chmod(archive / "f.jpg", 0o444)
    os.link(archive / "g.jpg", tmp_path / "another name")
    old = snapshot(archive)
    chosen = {"write_exif": True, "backup": str(tmp_path / "backup")}
    dry = run(archive, tiny, dry_run=True, **chosen)
    assert snapshot(archive) == old
    assert not (tmp_path / "backup").exists()
    listed = {
        path: record.message.rpartition("dry run: would go into ")[2]
        for path, record in dry.ears.fresh.items()
        if "dry run" in record.message
    }
    real = run(archive, tiny, **chosen)
    assert real.summary.predicted == 0
    new = snapshot(archive)
    written = {
        path: "the file" if row["written"] == "exif" else str(archive / f"{path}.xmp")
        for path, row in real.rows.items()
        if row["written"] != "none"
    }
    assert listed == written
    changed = {path for path in new if new[path] != old.get(path)}
    assert changed == {
        path if where == "the file" else os.path.relpath(where, archive) for path, where in written.items()
    }
    assert {path: row["status"] for path, row in dry.rows.items()} == {
        path: row["status"] for path, row in real.rows.items()
    }


def test_unsure_answers_are_in_the_manifest_only(tmp_path: Path, unsure: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    old = snapshot(archive)
    ran = run(archive, unsure, write_exif=True)
    assert snapshot(archive) == old
    assert {(row["status"], row["written"]) for row in ran.rows.values()} == {("unsure", "none")}
    assert all(row["latitude"] and float(row["error_km"]) == 5000 for row in ran.rows.values())
    ran = run(archive, unsure, write_exif=True, max_error_km=20100.0)
    assert ran.summary.predicted == 0
    assert {row["written"] for row in ran.rows.values()} == {"exif", "sidecar"}
