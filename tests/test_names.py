"""Odd names, links and clocks: every image file once, and everything can be taken back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from geotag.files import atomic
from geotag.flows import upkeep
from geotag.memory.journal import Journal
from tests.archives import fill, rows, run, snapshot
from tests.disks import left_over, others_are_done

NAMES = ("a.jpg", "b/b.tif", "b/c.png", "d.webp", "e.bmp")


def test_odd_names(tmp_path: Path, tiny: str) -> None:
    names = [
        "two\nlines.jpg",
        "carriage\rreturn.jpg",
        "tab\there.png",
        os.fsdecode(b"latin\xe9.jpg"),
        os.fsdecode(b"\xff\xfe.tif"),
        "-rf.jpg",
        "=1+1.jpg",
        '\'quoted "twice".jpg',
        "back\\slash.jpg",
        "é" * 125 + ".jpg",
        "x" * 251 + ".jpg",
        "x" * 251 + ".png",
        "[red]markup[/red].jpg",
        "\x1b[31mescape.jpg",
    ]
    archive = fill(tmp_path / "archive", names)
    old = snapshot(archive)
    ran = run(archive, tiny, write_exif=True, backup=str(tmp_path / "backup"))
    assert len(ran.rows) == len(names)
    assert {row["written"] for row in ran.rows.values()} == {"exif"}
    assert all(snapshot(archive)[name] != old[name] for name in names)
    assert snapshot(tmp_path / "backup") == old
    again = run(archive, tiny, write_exif=True)
    assert not again.ears.fresh
    assert upkeep.take_back(ran.summary.output, ()).troubles == ()
    assert snapshot(archive) == old


def test_a_name_too_long_for_a_sidecar_is_said(tmp_path: Path, tiny: str) -> None:
    name = "x" * 251 + ".bmp"
    archive = fill(tmp_path / "archive", [*NAMES, name])
    ran = run(archive, tiny, write_exif=True)
    assert others_are_done(ran.rows, name)
    assert "name is too long for a sidecar" in ran.rows[name]["message"]


def test_hard_links_get_sidecars(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    os.link(archive / "a.jpg", archive / "z.jpg")
    old = snapshot(archive)
    ran = run(archive, tiny, write_exif=True)
    for name in ("a.jpg", "z.jpg"):
        assert ran.rows[name]["written"] == "sidecar"
        assert "2 names (hard links)" in ran.rows[name]["message"]
        assert (archive / name).read_bytes() == old[name]
    assert os.stat(archive / "a.jpg").st_nlink == 2


def test_read_only_files_get_sidecars(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    (archive / "a.jpg").chmod(0o444)
    old = snapshot(archive)
    ran = run(archive, tiny, write_exif=True)
    assert ran.rows["a.jpg"]["written"] == "sidecar"
    assert "read-only" in ran.rows["a.jpg"]["message"]
    assert (archive / "a.jpg").read_bytes() == old["a.jpg"]


def test_links_into_and_out_of_the_archive(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    outside = fill(tmp_path / "outside", ["o.jpg", "deep/p.jpg"], start=50)
    (archive / "inside.jpg").symlink_to("a.jpg")
    (archive / "o link.jpg").symlink_to(outside / "o.jpg")
    (archive / "p link").symlink_to(outside / "deep", target_is_directory=True)
    (archive / "dead.jpg").symlink_to(outside / "nowhere.jpg")
    old, old_outside = snapshot(archive), snapshot(outside)
    ran = run(archive, tiny, write_exif=True)
    assert set(ran.rows) == {*NAMES, "o link.jpg", "p link/p.jpg", "dead.jpg"}
    assert others_are_done(ran.rows, "dead.jpg")
    assert "no such file" in ran.rows["dead.jpg"]["message"]
    assert (archive / "o link.jpg").is_symlink()
    assert snapshot(outside) != old_outside
    assert set(snapshot(outside)) == set(old_outside)
    assert not left_over(archive, outside)
    again = run(archive, tiny, write_exif=True)
    assert set(again.ears.fresh) == {"dead.jpg"}
    assert upkeep.take_back(ran.summary.output, ()).troubles == ()
    assert (snapshot(archive), snapshot(outside)) == (old, old_outside)


def test_loops_of_links_end(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    (archive / "b/up").symlink_to("..", target_is_directory=True)
    (archive / "b/far up").symlink_to(tmp_path, target_is_directory=True)
    (archive / "round.jpg").symlink_to("about.jpg")
    (archive / "about.jpg").symlink_to("round.jpg")
    (archive / "self").symlink_to("self")
    ran = run(archive, tiny, write_exif=True)
    assert {path for path in ran.rows if not path.startswith("b/far up")} == set(NAMES)
    assert others_are_done(ran.rows)


def test_a_clock_that_goes_backwards(tmp_path: Path, tiny: str) -> None:
    """Times of files may lie anywhere; a later run may be dated earlier than the one before."""
    archive = fill(tmp_path / "archive", NAMES)
    for name, seconds in zip(NAMES, (-(10**9), 0, 4 * 10**9, 2**33, 10**10), strict=True):
        os.utime(archive / name, ns=(seconds * 10**9, seconds * 10**9))
    stamps = {name: os.stat(archive / name).st_mtime_ns for name in NAMES}
    first = run(archive, tiny, write_exif=True)
    assert others_are_done(first.rows)
    assert {name: os.stat(archive / name).st_mtime_ns for name in NAMES} == stamps
    assert not run(archive, tiny, write_exif=True).ears.fresh
    os.utime(archive / "a.jpg", ns=(1, 1))
    again = run(archive, tiny, write_exif=True)
    assert set(again.ears.fresh) == {"a.jpg"}
    assert upkeep.take_back(first.summary.output, ()).troubles == ()


def test_temporary_files_of_a_killed_run_are_swept_and_those_of_others_stay(
    tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    hidden = fill(tmp_path / "archive/.annex", ["x"[:0] + "o.jpg"], start=60)
    (archive / "link.jpg").symlink_to(hidden / "o.jpg")
    stranger = archive / f"{atomic.PREFIX}0123456789ab-cdef01-0123456789ab.tmp"
    stranger.write_bytes(b"another journal's")
    with monkeypatch.context() as broken:

        def dead(*_: object) -> None:
            raise KeyboardInterrupt

        broken.setattr(atomic, "discard", lambda _: None)
        broken.setattr(Journal, "intend", dead)
        with pytest.raises(KeyboardInterrupt):
            run(archive, tiny, write_exif=True, sidecar_dir=str(tmp_path / "sidecars"))
    assert len(left_over(archive, tmp_path / "sidecars")) == 7
    run(archive / "a.jpg", tiny)
    assert left_over(archive, tmp_path / "sidecars") == [stranger.name]


def test_rows_are_truthful_about_half_done_work(tmp_path: Path, tiny: str) -> None:
    """A file that failed to be written keeps its guess in the manifest, and is written by the next run."""
    archive = fill(tmp_path / "archive", ["e.bmp", "f.bmp"])
    (archive / "e.bmp.xmp").write_bytes(b"<broken")
    ran = run(archive, tiny, sidecar=True)
    row = ran.rows["e.bmp"]
    assert (row["status"], row["written"]) == ("failed", "none")
    assert row["latitude"]
    (archive / "e.bmp.xmp").unlink()
    ran = run(archive, tiny, sidecar=True)
    assert ran.rows["e.bmp"]["written"] == "sidecar"
    assert rows(Path(ran.summary.output)) == ran.rows
