"""Taking back what was written, and checking it: byte for byte, or not at all and said so."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from geotag.errors import OutputError, UsageError
from geotag.files.proof import inverse
from geotag.flows import upkeep
from geotag.metadata.patch import apply
from geotag.types import Splice
from tests.archives import fill, rows, run, snapshot

NAMES = ("a.jpg", "b/b.tif", "b/c.png", "b/sub/d.webp", "e.bmp")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return fill(tmp_path / "archive", NAMES)


def test_everything_comes_back(archive: Path, tiny: str) -> None:
    old = snapshot(archive)
    output = run(archive, tiny, write_exif=True).summary.output
    assert upkeep.take_back(output, ()) == upkeep.Outcome(5, ())
    assert snapshot(archive) == old
    assert {(row["written"], row["message"]) for row in rows(Path(output)).values()} == {
        ("none", "taken back")
    }


def test_a_second_time_there_is_nothing_to_do(archive: Path, tiny: str) -> None:
    output = run(archive, tiny, write_exif=True).summary.output
    upkeep.take_back(output, ())
    assert upkeep.take_back(output, ()) == upkeep.Outcome(0, ())


def test_a_run_after_undoing_writes_again_without_predicting(archive: Path, tiny: str) -> None:
    output = run(archive, tiny, write_exif=True).summary.output
    written = {path: content for path, content in snapshot(archive).items() if not path.endswith(".xmp")}
    upkeep.take_back(output, ())
    again = run(archive, tiny, write_exif=True)
    assert again.summary.predicted == 0
    assert snapshot(archive).items() >= written.items()


def test_runs_come_back_one_by_one(archive: Path, tiny: str) -> None:
    old = snapshot(archive)
    output = run(archive, tiny, write_exif=True).summary.output
    first = snapshot(archive)
    fill(archive, ["new.jpg"], 9)
    new = snapshot(archive)["new.jpg"]
    run(archive, tiny, write_exif=True)
    assert upkeep.take_back(output, (), last=True) == upkeep.Outcome(1, ())
    assert snapshot(archive) == {**first, "new.jpg": new}
    assert rows(Path(output))["a.jpg"]["written"] == "exif"
    assert upkeep.take_back(output, (), last=True) == upkeep.Outcome(5, ())
    assert snapshot(archive) == {**old, "new.jpg": new}


def test_under_the_latest_answer_the_earlier_one_comes_back(archive: Path, tiny: str, other: str) -> None:
    old = snapshot(archive)
    output = run(archive, tiny, write_exif=True).summary.output
    first = snapshot(archive)
    run(archive, other, write_exif=True)
    assert snapshot(archive) != first
    assert upkeep.take_back(output, (), last=True).troubles == ()
    assert snapshot(archive) == first
    row = rows(Path(output))["a.jpg"]
    assert (row["written"], row["message"]) == (
        "exif",
        "an earlier guess of ours is still there; geotag undo takes it back",
    )
    assert upkeep.take_back(output, (), last=True).troubles == ()
    assert snapshot(archive) == old
    assert rows(Path(output))["a.jpg"]["written"] == "none"


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (("b/c.png",), {"b/c.png"}),
        (("b",), {"b/b.tif", "b/c.png", "b/sub/d.webp"}),
        (("a.jpg", "b/sub"), {"a.jpg", "b/sub/d.webp"}),
        (("e.bmp",), {"e.bmp.xmp"}),
    ],
)
@pytest.mark.parametrize("form", ["as in the manifest", "absolute", "relative"])
def test_only_what_was_named_comes_back(
    archive: Path,
    tiny: str,
    monkeypatch: pytest.MonkeyPatch,
    chosen: tuple[str, ...],
    expected: set[str],
    form: str,
) -> None:
    old = snapshot(archive)
    output = run(archive, tiny, write_exif=True).summary.output
    written = snapshot(archive)
    paths = chosen
    if form == "absolute":
        paths = tuple(str(archive / path) for path in chosen)
    elif form == "relative":
        monkeypatch.chdir(archive / "b/sub")
        paths = tuple(os.path.relpath(archive / path) for path in chosen)
    assert upkeep.take_back(output, paths) == upkeep.Outcome(len(expected), ())
    now = snapshot(archive)
    assert {path for path in written if now.get(path) != written[path]} == expected
    assert all(now.get(path) == old.get(path) for path in expected)


def test_a_dot_is_the_folder_one_is_in(archive: Path, tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    output = run(archive, tiny, write_exif=True).summary.output
    written = snapshot(archive)
    monkeypatch.chdir(archive / "b/sub")
    assert upkeep.take_back(output, (".",)) == upkeep.Outcome(1, ())
    assert {path for path, content in snapshot(archive).items() if content != written[path]} == {
        "b/sub/d.webp"
    }


def test_names_that_are_no_utf8_can_be_given_as_in_the_manifest(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", [os.fsdecode(b"caf\xe9.jpg"), "b.jpg"])
    old = snapshot(archive)
    output = run(archive, tiny, write_exif=True).summary.output
    (shown,) = (path for path in rows(Path(output)) if path.startswith("caf"))
    assert upkeep.take_back(output, (shown,)) == upkeep.Outcome(1, ())
    name = os.fsdecode(b"caf\xe9.jpg")
    assert snapshot(archive)[name] == old[name]


def test_a_path_that_was_never_written_is_a_mistake(archive: Path, tiny: str) -> None:
    output = run(archive, tiny, write_exif=True).summary.output
    with pytest.raises(UsageError, match=r"nowhere\.jpg: nothing was written there"):
        upkeep.take_back(output, ("nowhere.jpg",))


def test_a_folder_without_a_journal_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"no journal\.sqlite here; name the output folder"):
        upkeep.take_back(str(tmp_path), ())


@pytest.mark.parametrize("name", ["a.jpg", "e.bmp.xmp"])
def test_what_someone_else_changed_since_is_left_alone(archive: Path, tiny: str, name: str) -> None:
    output = run(archive, tiny, write_exif=True).summary.output
    with open(archive / name, "ab") as file:
        file.write(b"\n<!-- a remark -->")
    changed = (archive / name).read_bytes()
    done, troubles = 4, upkeep.take_back(output, ())
    assert troubles.done == done
    (said,) = troubles.troubles
    assert said == f"{archive / name}: changed by someone else since; left as it is"
    assert (archive / name).read_bytes() == changed


def test_a_file_that_is_gone_is_said_and_stops_nothing(archive: Path, tiny: str) -> None:
    output = run(archive, tiny, write_exif=True).summary.output
    (archive / "a.jpg").unlink()
    (archive / "e.bmp.xmp").unlink()
    outcome = upkeep.take_back(output, ())
    assert outcome == upkeep.Outcome(4, (f"{archive}/a.jpg: no longer there; nothing to take back",))


def test_a_file_with_a_second_name_by_now_is_left_alone(archive: Path, tiny: str) -> None:
    """A backup made of hard links must not be parted from its original."""
    output = run(archive, tiny, write_exif=True).summary.output
    shutil.copytree(archive, archive.parent / "snapshot", copy_function=os.link)
    written = snapshot(archive)
    outcome = upkeep.take_back(output, ("a.jpg",))
    assert outcome.done == 0
    assert "hard links" in outcome.troubles[0]
    assert snapshot(archive) == written
    assert os.stat(archive / "a.jpg").st_nlink == 2


def test_attributes_survive_writing_and_undoing(archive: Path, tiny: str) -> None:
    path = archive / "a.jpg"
    path.chmod(0o640)
    os.utime(path, ns=(1_111_111_111_123_456_789, 1_000_000_000_987_654_321))
    os.setxattr(path, "user.geotag.test", b"a remark")
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)
    before = os.stat(path)
    output = run(archive, tiny, write_exif=True).summary.output
    for step in ("written", "undone"):
        now = os.stat(path)
        assert os.getxattr(path, "user.geotag.test") == b"a remark", step
        assert (now.st_mode, now.st_uid, now.st_gid) == (before.st_mode, before.st_uid, before.st_gid), step
        assert now.st_mtime_ns == before.st_mtime_ns, step
        if step == "written":
            assert now.st_size > before.st_size
            upkeep.take_back(output, ())
    assert os.stat(path).st_size == before.st_size


def test_verify_passes_untouched_files(archive: Path, tiny: str) -> None:
    output = run(archive, tiny, write_exif=True).summary.output
    assert upkeep.verify(output) == upkeep.Outcome(5, ())


@pytest.mark.parametrize("name", ["a.jpg", "b/b.tif", "b/c.png", "b/sub/d.webp"])
def test_verify_finds_a_flipped_byte_of_the_picture(archive: Path, tiny: str, name: str) -> None:
    output = run(archive, tiny, write_exif=True).summary.output
    content = bytearray((archive / name).read_bytes())
    before, by = {
        ".jpg": (b"\xff\xda", 12),
        ".tif": (b"II*\0", 400),
        ".png": (b"IDAT", 8),
        ".webp": (b"VP8", 20),
    }[os.path.splitext(name)[1]]
    at = content.rindex(before) + by
    content[at] ^= 1
    (archive / name).write_bytes(content)
    outcome = upkeep.verify(output)
    assert outcome.done == 5
    assert outcome.troubles == (
        f"{archive / name}: the picture itself is no longer the same; restore a backup",
    )


def test_verify_finds_a_lost_file_and_a_changed_sidecar(archive: Path, tiny: str) -> None:
    output = run(archive, tiny, write_exif=True).summary.output
    (archive / "a.jpg").unlink()
    (archive / "e.bmp.xmp").write_bytes(b"")
    said = "\n".join(upkeep.verify(output).troubles)
    assert "a.jpg: No such file" in said
    assert "e.bmp.xmp: the sidecar was changed since" in said


def test_verify_lets_captions_of_other_programs_pass(archive: Path, tiny: str) -> None:
    if not shutil.which("exiftool"):
        pytest.skip("needs exiftool")
    output = run(archive, tiny, write_exif=True).summary.output
    written = snapshot(archive)
    names = ["a.jpg", "b/b.tif", "b/c.png", "b/sub/d.webp"]
    subprocess.run(
        ["exiftool", "-q", "-overwrite_original", "-ImageDescription=Harbour", *names],
        cwd=archive,
        check=True,
        timeout=60,
    )
    assert all(snapshot(archive)[name] != written[name] for name in names)
    assert upkeep.verify(output) == upkeep.Outcome(5, ())


def test_the_inverse_of_a_patch_gives_the_old_bytes() -> None:
    data = bytes(range(256))
    patch = (Splice(0, 0, b"new head"), Splice(10, 4, b""), Splice(20, 3, b"xyz"), Splice(256, 0, b"tail"))
    assert apply(apply(data, patch), inverse(data, patch)) == data


def test_a_path_that_names_nothing_is_said_beside_others(archive: Path, tiny: str) -> None:
    output = run(archive, tiny, write_exif=True).summary.output
    outcome = upkeep.take_back(output, ("a.jpg", "b", "b/c.png", "nowhere"))
    said = f"nowhere: nothing was written there by the runs in {output}"
    assert outcome == upkeep.Outcome(4, (said,))
