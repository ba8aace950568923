"""Walking archives: every image file once, in path order, round no circle."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from geotag.errors import UsageError
from geotag.scan import Scan, open_archive
from tests.disks import nobody, reachable


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return folder


def scanned(
    *roots: Path, output: str = "", include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()
) -> list[str]:
    scan = Scan(open_archive(tuple(map(str, roots))), include, exclude, output)
    paths = list(scan.paths())
    assert {photo.path for photo in scan.photos()} <= set(paths)
    return paths


def test_path_order_is_that_of_bytes(tmp_path: Path) -> None:
    names = ["a/b.jpg", "a.jpg", "a b.jpg", "a-b/c.jpg", "A.jpg", "a/b/c.jpg", "ä.jpg", "a0.jpg", "b/a.jpg"]
    touch(tmp_path, *names)
    assert scanned(tmp_path) == sorted(names, key=os.fsencode)


def test_only_image_files_that_are_not_hidden(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "a.JPG",
        "b.TiFf",
        "c.nef",
        "d.txt",
        "e",
        ".f.jpg",
        ".g/h.jpg",
        "i.jpg.xmp",
        "j.jpg~",
        "k/.l/m.jpg",
    )
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    scan = Scan(open_archive((str(tmp_path),)))
    assert [photo.path for photo in scan.photos()] == ["a.JPG", "b.TiFf", "c.nef"]


def test_size_and_time_are_those_of_the_file(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    os.utime(tmp_path / "a.jpg", ns=(5, 123_456_789_012_345_678))
    (photo,) = Scan(open_archive((str(tmp_path),))).photos()
    assert (photo.size, photo.mtime_ns) == (1, 123_456_789_012_345_678)


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (("*.jpg",), (), ["a.jpg", "b/c.jpg"]),
        (("b/*",), (), ["b/c.jpg", "b/d.tif"]),
        (("c.jpg",), (), ["b/c.jpg"]),
        ((), ("b",), ["a.jpg", "e.png"]),
        ((), ("*.tif", "*.png"), ["a.jpg", "b/c.jpg"]),
        (("*.jpg", "*.png"), ("a*",), ["b/c.jpg", "e.png"]),
        (("*.gif",), (), []),
    ],
)
def test_globs(
    tmp_path: Path, include: tuple[str, ...], exclude: tuple[str, ...], expected: list[str]
) -> None:
    touch(tmp_path, "a.jpg", "b/c.jpg", "b/d.tif", "e.png")
    assert scanned(tmp_path, include=include, exclude=exclude) == expected


def test_its_own_output_is_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "out/map.png", "z/b.jpg")
    (tmp_path / "z" / "again").symlink_to(tmp_path / "out", target_is_directory=True)
    assert scanned(tmp_path, output=str(tmp_path / "out")) == ["a.jpg", "z/b.jpg"]


def test_links_to_what_is_met_anyway_are_passed_over(tmp_path: Path) -> None:
    archive = touch(tmp_path / "archive", "a.jpg", "b/c.jpg")
    (archive / "b/a.jpg").symlink_to("../a.jpg")
    (archive / "d").symlink_to("b", target_is_directory=True)
    (archive / "up").symlink_to("..", target_is_directory=True)
    assert [path for path in scanned(archive) if not path.startswith("up/")] == ["a.jpg", "b/c.jpg"]


def test_links_to_what_is_not_met_otherwise_are_followed(tmp_path: Path) -> None:
    """A store of objects without names of pictures, as some archives keep it, inside or hidden."""
    archive = touch(tmp_path / "archive", "store/0123abcd", ".objects/ab.jpg")
    outside = touch(tmp_path / "outside", "deep/c.jpg", "d.jpg")
    (archive / "a.jpg").symlink_to("store/0123abcd")
    (archive / "b.jpg").symlink_to(".objects/ab.jpg")
    (archive / "c").symlink_to(outside / "deep", target_is_directory=True)
    (archive / "d.jpg").symlink_to(outside / "d.jpg")
    assert scanned(archive) == ["a.jpg", "b.jpg", "c/c.jpg", "d.jpg"]


def test_what_several_links_lead_to_is_met_once(tmp_path: Path) -> None:
    archive = touch(tmp_path / "archive", "z.jpg")
    outside = touch(tmp_path / "outside", "o.jpg", "deep/p.jpg")
    for name in ("a.jpg", "b.jpg"):
        (archive / name).symlink_to(outside / "o.jpg")
    for name in ("c", "d"):
        (archive / name).symlink_to(outside / "deep", target_is_directory=True)
    assert scanned(archive) == ["a.jpg", "c/p.jpg", "z.jpg"]


def test_loops_end(tmp_path: Path) -> None:
    archive = touch(tmp_path / "archive", "a.jpg", "b/c.jpg")
    outside = touch(tmp_path / "outside", "o.jpg")
    (archive / "b/self").symlink_to("self")
    (archive / "b/round.jpg").symlink_to("about.jpg")
    (archive / "b/about.jpg").symlink_to("round.jpg")
    (archive / "out").symlink_to(outside, target_is_directory=True)
    (outside / "in").symlink_to(archive, target_is_directory=True)
    (outside / "self").symlink_to(outside, target_is_directory=True)
    assert scanned(archive) == ["a.jpg", "b/c.jpg", "out/o.jpg"]


def test_several_roots_are_relative_to_what_they_share(tmp_path: Path) -> None:
    touch(tmp_path, "one/a.jpg", "one-b/b.jpg", "two/deep/c.jpg", "d.jpg", "not asked.jpg")
    roots = [tmp_path / name for name in ("two", "one", "d.jpg", "one-b", "two/deep", "two/deep/c.jpg")]
    assert scanned(*roots) == ["d.jpg", "one-b/b.jpg", "one/a.jpg", "two/deep/c.jpg"]
    assert scanned(tmp_path / "d.jpg") == ["d.jpg"]


def test_a_missing_root_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere: no such folder or file; check the spelling"):
        open_archive((str(tmp_path), str(tmp_path / "nowhere")))


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path) -> None:
    touch(tmp_path, "a/b.jpg", "c.jpg")
    (tmp_path / "a").chmod(0)
    reachable(tmp_path)
    told: list[str] = []
    scan = Scan(open_archive((str(tmp_path),)), unreadable=lambda path, error: told.append(path))
    with nobody():
        assert list(scan.paths()) == ["c.jpg"]
    assert told == [str(tmp_path / "a")]


def test_a_file_that_vanishes_in_between_is_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    photos = Scan(open_archive((str(tmp_path),))).photos()
    assert next(photos).path == "a.jpg"
    (tmp_path / "b.jpg").unlink()
    assert [photo.path for photo in photos] == ["c.jpg"]
