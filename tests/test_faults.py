"""Bad disks and meddling programs: each fault really provoked, each file old or new, the journal truthful."""

from __future__ import annotations

import errno
import os
import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from geotag.errors import OutputError
from geotag.files import atomic, sidecars
from geotag.flows import upkeep
from geotag.memory.journal import Journal
from geotag.memory.workplaces import Workplaces
from geotag.metadata import patch
from tests.archives import fill, picture, run, snapshot
from tests.disks import left_over, mounted, nobody, others_are_done, reachable

NAMES = ("a.jpg", "b/b.tif", "b/c.png", "d.webp", "e.bmp")
SIDECAR = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="image/bmp"/>
 </rdf:RDF>
</x:xmpmeta>
"""


def test_a_full_disk_under_the_archive(tmp_path: Path, tiny: str) -> None:
    with mounted(tmp_path / "archive", "-t", "tmpfs", "-o", "size=64k") as archive:
        fill(archive, ("a.jpg", "b.tif", "c.png"))
        old = snapshot(archive)
        room = os.statvfs(archive).f_bavail * os.statvfs(archive).f_frsize
        (archive / "ballast").write_bytes(bytes(room))
        ran = run(archive, tiny, write_exif=True)
        assert {row["status"] for row in ran.rows.values()} == {"failed"}
        assert all("no space left on device; make room" in row["message"] for row in ran.rows.values())
        assert {path: snapshot(archive)[path] for path in old} == old
        assert not left_over(archive)
        (archive / "ballast").unlink()
        again = run(archive, tiny, write_exif=True)
        assert others_are_done(again.rows)
        assert again.summary.predicted == 0


def test_a_full_disk_under_the_output(tmp_path: Path, tiny: str) -> None:
    """Whatever moment the room runs out: exit 5, whole files, and the same command goes on."""
    archive = fill(
        tmp_path / "archive", [f"{number:02}{suffix}" for number in range(10) for suffix in (".jpg", ".tif")]
    )
    old = snapshot(archive)
    ended = []
    for room in (0, 4, 12, 28, 60, 100, 140):
        with mounted(tmp_path / "output", "-t", "tmpfs", "-o", "size=400k") as output:
            (output / "ballast").write_bytes(bytes(400 * 1024 - room * 1024))
            said = ""
            try:
                run(archive, tiny, write_exif=True, output=str(output), batch_size=2)
            except OutputError as error:
                said = str(error)
            ended.append(said)
            assert not said or (str(output) in said and re.search("make room|choose another folder", said)), (
                said
            )
            assert not left_over(archive)
            (output / "ballast").unlink()
            ran = run(archive, tiny, write_exif=True, output=str(output))
            assert others_are_done(ran.rows)
            assert upkeep.take_back(str(output), ()).troubles == ()
            assert snapshot(archive) == old, room
    assert len(list(filter(None, ended))) >= 3, ended


def test_a_read_only_archive(tmp_path: Path, tiny: str) -> None:
    fill(tmp_path / "archive", NAMES)
    source = str(tmp_path / "archive")
    with mounted(tmp_path / "archive", "--bind", source=source):
        subprocess.run(["mount", "-o", "remount,ro,bind", source], check=True)
        archive = tmp_path / "archive"
        ran = run(archive, tiny, write_exif=True)
        assert {row["status"] for row in ran.rows.values()} == {"failed"}
        assert all("read-only file system; " in row["message"] for row in ran.rows.values())
        assert all("--sidecar-dir DIR" in row["message"] for row in ran.rows.values())
        ran = run(archive, tiny, write_exif=True, sidecar_dir=str(tmp_path / "sidecars"))
        assert {row["written"] for row in ran.rows.values()} == {"sidecar"}
        assert ran.summary.failed == ran.summary.predicted == 0
    assert set(snapshot(tmp_path / "sidecars")) == {sidecars.OWNER, *(f"{name}.xmp" for name in NAMES)}


@pytest.mark.parametrize("call", ["read", "write", "replace"])
def test_a_disk_error_in_the_middle(
    tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    old = snapshot(archive)

    def checked(path: object) -> object:
        if "b.tif" in str(path):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return path

    if call == "read":
        opened = atomic.opened
        monkeypatch.setattr(atomic, "opened", lambda path: opened(str(checked(path))))
    elif call == "replace":
        replace = os.replace
        monkeypatch.setattr(os, "replace", lambda old, new: replace(old, checked(new)))  # type: ignore[arg-type]
    else:
        copy = atomic.copy_attributes
        monkeypatch.setattr(atomic, "copy_attributes", lambda path, *rest: copy(str(checked(path)), *rest))
    ran = run(archive, tiny, write_exif=True)
    assert others_are_done(ran.rows, "b/b.tif")
    assert "input/output error" in ran.rows["b/b.tif"]["message"]
    assert snapshot(archive)["b/b.tif"] == old["b/b.tif"]
    assert not left_over(archive)
    monkeypatch.undo()
    assert upkeep.verify(ran.summary.output).troubles == ()
    assert others_are_done(run(archive, tiny, write_exif=True).rows)
    assert upkeep.take_back(ran.summary.output, ()).troubles == ()
    assert snapshot(archive) == old


def test_what_does_not_read_back_is_not_used(
    tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that drops a bit between writing and reading."""
    archive = fill(tmp_path / "archive", NAMES)
    old = snapshot(archive)
    copy = atomic.copy_attributes

    def flipping(source: str, target: int, found: os.stat_result) -> None:
        copy(source, target, found)
        if source.endswith("a.jpg"):
            os.pwrite(target, b"?", 400)

    monkeypatch.setattr(atomic, "copy_attributes", flipping)
    ran = run(archive, tiny, write_exif=True)
    assert others_are_done(ran.rows, "a.jpg")
    assert "does not read back the same" in ran.rows["a.jpg"]["message"]
    assert snapshot(archive)["a.jpg"] == old["a.jpg"]
    assert not left_over(archive)


def meddling(monkeypatch: pytest.MonkeyPatch, meddle: Callable[[], object]) -> None:
    """Have another program act after everything was prepared and before anything is replaced."""
    intend = Journal.intend

    def intending(journal: Journal, *args: object) -> object:
        changes = intend(journal, *args)  # type: ignore[arg-type]
        if changes:
            meddle()
        return changes

    monkeypatch.setattr(Journal, "intend", intending)


@pytest.mark.parametrize("how", ["same length", "longer", "another file", "same time"])
def test_a_file_that_another_program_changes_meanwhile(
    tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    path = archive / "a.jpg"
    new = picture(1) if how == "longer" else path.read_bytes()[:-2] + b"??"
    new = new + b"longer" if how == "longer" else new

    def meddle() -> None:
        found = path.stat()
        if how == "another file":
            (tmp_path / "theirs").write_bytes(new)
            os.replace(tmp_path / "theirs", path)
        else:
            path.write_bytes(new)
        if how == "same time":
            os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))

    meddling(monkeypatch, meddle)
    ran = run(archive, tiny, write_exif=True)
    assert path.read_bytes() == new
    assert others_are_done(ran.rows, "a.jpg")
    assert "changed by another program" in ran.rows["a.jpg"]["message"]
    assert not left_over(archive)
    monkeypatch.undo()
    assert upkeep.take_back(ran.summary.output, ()).troubles == ()
    assert path.read_bytes() == new


def test_a_sidecar_that_appears_meanwhile_is_not_clobbered(
    tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    meddling(monkeypatch, lambda: (archive / "e.bmp.xmp").write_bytes(b"theirs"))
    ran = run(archive, tiny, write_exif=True)
    assert (archive / "e.bmp.xmp").read_bytes() == b"theirs"
    assert others_are_done(ran.rows, "e.bmp")
    assert "appeared at this very moment" in ran.rows["e.bmp"]["message"]
    assert not left_over(archive)
    monkeypatch.undo()
    upkeep.take_back(ran.summary.output, ())
    assert (archive / "e.bmp.xmp").read_bytes() == b"theirs"


@pytest.mark.parametrize("moment", ["before writing", "before replacing"])
def test_a_folder_that_goes_away_in_the_middle(
    tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    archive = fill(tmp_path / "archive", NAMES)

    def vanish() -> None:
        if (archive / "b").exists():
            os.rename(archive / "b", tmp_path / "away")

    if moment == "before replacing":
        meddling(monkeypatch, vanish)
    else:
        remember = Workplaces.remember

        def remembering(workplaces: Workplaces, folders: Iterable[str]) -> None:
            remember(workplaces, folders)
            vanish()

        monkeypatch.setattr(Workplaces, "remember", remembering)
    ran = run(archive, tiny, write_exif=True)
    assert others_are_done(ran.rows, "b/b.tif", "b/c.png")
    assert "no such file" in ran.rows["b/b.tif"]["message"]
    monkeypatch.undo()
    os.rename(tmp_path / "away", archive / "b")
    again = run(archive, tiny, write_exif=True)
    assert others_are_done(again.rows)
    assert not left_over(archive)
    assert upkeep.take_back(ran.summary.output, ()).troubles == ()


def test_a_file_that_shrinks_while_it_is_read(
    tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    (archive / "b/b.tif").write_bytes(picture(1, "TIFF", (1200, 900)))
    monkeypatch.setattr(atomic, "_IN_MEMORY", 100)
    monkeypatch.setattr(patch, "_PAGE", 100)
    copy = atomic.copy_attributes

    def shrinking(source: str, target: int, found: os.stat_result) -> None:
        copy(source, target, found)
        if source.endswith("b.tif"):
            os.truncate(source, 10)

    monkeypatch.setattr(atomic, "copy_attributes", shrinking)
    ran = run(archive, tiny, write_exif=True)
    assert others_are_done(ran.rows, "b/b.tif")
    assert "became shorter" in ran.rows["b/b.tif"]["message"]
    assert not left_over(archive)


@pytest.mark.parametrize("path", ["a.jpg", "e.bmp.xmp"])
def test_a_file_that_changes_between_two_looks(
    tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """The edits were made for other bytes than those that are there when they are applied."""
    archive = fill(tmp_path / "archive", NAMES)
    (archive / "e.bmp.xmp").write_bytes(SIDECAR)
    prepare = atomic.prepare

    def late(target: str, *rest: object) -> atomic.Ready:
        if target.endswith(path):
            with open(target, "ab") as file:
                file.write(b"<!-- more -->")
        return prepare(target, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(atomic, "prepare", late)
    old = snapshot(archive)
    ran = run(archive, tiny, write_exif=True)
    assert snapshot(archive)[path] == old[path] + b"<!-- more -->"
    assert others_are_done(ran.rows, path.removesuffix(".xmp"))
    assert not left_over(archive)


def test_rights_lost_in_the_middle(tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in the folder can be replaced, nor the temporary files removed, until the rights are back."""
    archive = fill(tmp_path / "archive", NAMES)
    reachable(tmp_path, Path(tiny))
    old = snapshot(archive)
    meddling(monkeypatch, lambda: (archive / "b").chmod(0o555))
    with nobody():
        ran = run(archive, tiny, write_exif=True)
        assert others_are_done(ran.rows, "b/b.tif", "b/c.png")
        assert "permission denied" in ran.rows["b/b.tif"]["message"]
        monkeypatch.undo()
        run(archive, tiny)
        (archive / "b").chmod(0o755)
        assert len(left_over(archive)) == 2
        assert others_are_done(run(archive, tiny, write_exif=True).rows)
        assert not left_over(archive)
        assert upkeep.take_back(ran.summary.output, ()).troubles == ()
    assert snapshot(archive) == old
