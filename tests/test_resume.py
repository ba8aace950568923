"""The same command again: nothing is done twice, nothing is forgotten, what changed is done anew."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from geotag import predict
from geotag.decode import views
from geotag.errors import OutputError
from geotag.files import sidecars
from geotag.flows import upkeep
from geotag.memory.journal import Journal
from tests import models
from tests.archives import Ran, fill, picture, rows, run, snapshot

NAMES = ("a.jpg", "b/b.tif", "b/c.png", "d.webp", "e.bmp")


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of pictures decoded so far, and of models loaded: [pictures, models]."""
    counts = [0, 0]

    def counting(number: int, function: Callable[..., object]) -> Callable[..., object]:
        def called(*args: object, **named: object) -> object:
            counts[number] += 1
            return function(*args, **named)

        return called

    monkeypatch.setattr("geotag.flows.locator.views", counting(0, views))
    monkeypatch.setattr(predict, "load", counting(1, predict.load))
    return counts


def fresh(ran: Ran) -> set[str]:
    return set(ran.ears.fresh)


@pytest.mark.parametrize("chosen", [{}, {"write_exif": True}, {"sidecar": True}])
def test_a_finished_archive_costs_nothing(
    tmp_path: Path, tiny: str, decoded: list[int], chosen: dict[str, bool]
) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    first = run(archive, tiny, **chosen)
    assert decoded == [5, 1]
    state = {path: os.stat(archive / path) for path in snapshot(archive)}
    manifest = (Path(first.summary.output) / "manifest.csv").stat()
    second = run(archive, tiny, **chosen)
    assert decoded == [5, 1]
    assert second.summary.predicted == 0
    assert not second.ears.fresh
    assert set(second.ears.known) == set(NAMES)
    assert second.rows == first.rows
    assert second.summary.statuses == first.summary.statuses
    assert {path: os.stat(archive / path).st_ctime_ns for path in state} == {
        path: found.st_ctime_ns for path, found in state.items()
    }
    assert (Path(first.summary.output) / "manifest.csv").stat().st_mtime_ns == manifest.st_mtime_ns


def test_changed_and_new_files_are_done_and_no_others(tmp_path: Path, tiny: str, decoded: list[int]) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    old = run(archive, tiny, write_exif=True).rows
    (archive / "a.jpg").write_bytes(picture(99))
    (archive / "b/new.jpg").write_bytes(picture(98))
    os.utime(archive / "b/b.tif", ns=(1, 1))
    ran = run(archive, tiny, write_exif=True)
    assert fresh(ran) == {"a.jpg", "b/new.jpg", "b/b.tif"}
    assert decoded[0] == 8
    assert ran.rows["a.jpg"]["latitude"] != old["a.jpg"]["latitude"]
    assert {row["written"] for path, row in ran.rows.items() if path != "e.bmp"} == {"exif"}
    assert not fresh(run(archive, tiny, write_exif=True))


@pytest.mark.parametrize(
    "chosen", [{"sidecar": True}, {"write_exif": True}, {"write_exif": True, "only_sidecar": True}]
)
def test_writing_later_works_from_the_journal(
    tmp_path: Path, tiny: str, decoded: list[int], chosen: dict[str, bool]
) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    run(archive, tiny)
    ran = run(archive, tiny, **chosen)
    assert decoded == [5, 1]
    assert fresh(ran) == set(NAMES)
    assert "none" not in {row["written"] for row in ran.rows.values()}


def test_another_radius_works_from_the_journal(tmp_path: Path, unsure: str, decoded: list[int]) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    assert {row["status"] for row in run(archive, unsure).rows.values()} == {"unsure"}
    wide = run(archive, unsure, write_exif=True, max_error_km=6000.0)
    assert {row["status"] for row in wide.rows.values()} == {"located"}
    narrow = run(archive, unsure, max_error_km=100.0)
    assert {(row["status"], row["written"] == "none") for row in narrow.rows.values()} == {("located", False)}
    assert decoded == [5, 1]


def test_redo_predicts_everything_again(tmp_path: Path, tiny: str, decoded: list[int]) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    first = run(archive, tiny, write_exif=True)
    written = snapshot(archive)
    ran = run(archive, tiny, write_exif=True, redo=True)
    assert decoded == [10, 2]
    assert fresh(ran) == set(NAMES)
    assert {path: row["written"] for path, row in ran.rows.items()} == {
        path: row["written"] for path, row in first.rows.items()
    }
    assert {path: snapshot(archive)[path] for path in NAMES} == {path: written[path] for path in NAMES}
    assert upkeep.take_back(ran.summary.output, ()).troubles == ()
    assert set(snapshot(archive)) == set(NAMES)


def test_another_model_predicts_again_and_renews_what_was_written(
    tmp_path: Path, tiny: str, other: str
) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    old = snapshot(archive)
    first = run(archive, tiny, write_exif=True)
    ran = run(archive, other, write_exif=True)
    assert ran.summary.predicted == 5
    assert all(row["model"].startswith("other 1 sha256:") for row in ran.rows.values())
    assert all(ran.rows[path]["latitude"] != first.rows[path]["latitude"] for path in NAMES)
    assert upkeep.verify(ran.summary.output).troubles == ()
    assert upkeep.take_back(ran.summary.output, ()).troubles == ()
    assert snapshot(archive) == old


def test_an_earlier_guess_that_a_less_sure_model_leaves_in_a_file_is_said(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    run(archive, tiny, write_exif=True)
    written = snapshot(archive)
    timid = models.saved(tmp_path / "timid.onnx", models.model(km=(5000.0, 0.0), turn=0.5))
    for _ in range(2):
        ran = run(archive, timid, write_exif=True)
        assert snapshot(archive) == written
        assert {row["status"] for row in ran.rows.values()} == {"unsure"}
        assert "none" not in {row["written"] for row in ran.rows.values()}
        said = [row["message"] for row in ran.rows.values()]
        assert all(text.count("an earlier guess of ours is still there") == 1 for text in said)


def test_vanished_photos_leave_the_manifest_and_come_back(
    tmp_path: Path, tiny: str, decoded: list[int]
) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    first = run(archive, tiny)
    os.rename(archive / "b", tmp_path / "away")
    ran = run(archive, tiny)
    assert set(ran.rows) == {"a.jpg", "d.webp", "e.bmp"}
    assert sum(ran.summary.statuses.values()) == 3
    os.rename(tmp_path / "away", archive / "b")
    ran = run(archive, tiny)
    assert ran.rows == first.rows
    assert decoded[0] == 5


def test_an_archive_that_is_not_mounted_loses_nothing(tmp_path: Path, tiny: str, decoded: list[int]) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    run(archive, tiny, write_exif=True)
    os.rename(archive, tmp_path / "disk")
    archive.mkdir()
    assert run(archive, tiny, write_exif=True).rows == {}
    archive.rmdir()
    os.rename(tmp_path / "disk", archive)
    ran = run(archive, tiny, write_exif=True)
    assert set(ran.rows) == set(NAMES)
    assert decoded[0] == 5
    assert upkeep.take_back(ran.summary.output, ()).done == 5


def test_failures_are_tried_again(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    whole = (archive / "a.jpg").read_bytes()
    (archive / "a.jpg").write_bytes(whole[:200])
    stamp = os.stat(archive / "a.jpg").st_mtime_ns
    first = run(archive, tiny, write_exif=True)
    assert first.rows["a.jpg"]["status"] == "failed"
    assert first.summary.failed == 1
    again = run(archive, tiny, write_exif=True)
    assert fresh(again) == {"a.jpg"}
    (archive / "a.jpg").write_bytes(whole)
    os.utime(archive / "a.jpg", ns=(stamp, stamp))
    mended = run(archive, tiny, write_exif=True)
    assert mended.rows["a.jpg"]["written"] == "exif"
    assert mended.summary.failed == 0


def test_a_moved_archive_goes_on_and_can_be_undone(tmp_path: Path, tiny: str, decoded: list[int]) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    old = snapshot(archive)
    run(archive, tiny, write_exif=True)
    moved = tmp_path / "new disk" / "archive"
    moved.parent.mkdir()
    os.rename(archive, moved)
    os.rename(tmp_path / "archive.geotag", tmp_path / "new disk" / "archive.geotag")
    ran = run(moved, tiny, write_exif=True)
    assert decoded[0] == 5
    assert not ran.ears.fresh
    assert upkeep.verify(ran.summary.output).troubles == ()
    assert upkeep.take_back(ran.summary.output, ()).troubles == ()
    assert snapshot(moved) == old


def test_an_output_folder_belongs_to_one_archive(tmp_path: Path, tiny: str) -> None:
    run(fill(tmp_path / "one", ["a.jpg"]), tiny, output=str(tmp_path / "output"))
    with pytest.raises(OutputError, match=r"belongs to .*one; choose another folder with --output"):
        run(fill(tmp_path / "two", ["a.jpg"]), tiny, output=str(tmp_path / "output"))


def test_include_and_exclude_lose_no_other_rows(tmp_path: Path, tiny: str, decoded: list[int]) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    first = run(archive, tiny)
    for chosen in (
        {"include": ("*.jpg",)},
        {"exclude": ("b",)},
        {"include": ("b/*",), "exclude": ("*.png",)},
    ):
        ran = run(archive, tiny, **chosen)
        assert ran.rows == first.rows, chosen
    assert decoded[0] == 5
    shutil.rmtree(first.summary.output)
    ran = run(archive, tiny, include=("b/*",), exclude=("*.png",))
    assert set(ran.rows) == {"b/b.tif"}


def test_one_file_of_a_known_archive(tmp_path: Path, tiny: str, decoded: list[int]) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    first = run(archive, tiny)
    ran = run(archive / "a.jpg", tiny, write_exif=True)
    assert decoded[0] == 5
    assert set(ran.rows) == set(NAMES)
    assert [path for path, row in ran.rows.items() if row["written"] == "exif"] == ["a.jpg"]
    assert ran.summary.output == first.summary.output


@pytest.mark.parametrize("command", ["run", "undo", "verify"])
def test_a_kill_between_replacing_and_settling(
    tmp_path: Path, tiny: str, decoded: list[int], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    old = snapshot(archive)
    with monkeypatch.context() as broken:

        def dead(*_: object) -> None:
            raise KeyboardInterrupt

        broken.setattr(Journal, "settle", dead)
        with pytest.raises(KeyboardInterrupt):
            run(archive, tiny, write_exif=True)
    written = snapshot(archive)
    assert written != old
    output = str(tmp_path / "archive.geotag")
    if command == "verify":
        assert upkeep.verify(output) == upkeep.Outcome(5, ())
    if command == "run":
        ran = run(archive, tiny, write_exif=True)
        assert decoded[0] == 5
        # What has a sidecar is offered to the codec once more, since nobody remembers that it was refused.
        assert set(ran.ears.fresh) <= {"e.bmp"}
        assert {row["written"] for row in ran.rows.values()} == {"exif", "sidecar"}
        assert snapshot(archive) == written
    assert upkeep.take_back(output, ()) == upkeep.Outcome(5, ())
    assert snapshot(archive) == old
    assert {row["written"] for row in rows(Path(output)).values()} == {"none"}


def test_a_photo_that_vanished_after_a_kill_stops_nothing(
    tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    chosen: dict[str, object] = {"sidecar": True, "sidecar_dir": str(tmp_path / "sidecars")}
    with monkeypatch.context() as broken:

        def dead(*_: object) -> None:
            raise KeyboardInterrupt

        broken.setattr(Journal, "settle", dead)
        with pytest.raises(KeyboardInterrupt):
            run(archive, tiny, **chosen)
    (archive / "a.jpg").unlink()
    ran = run(archive, tiny, **chosen)
    assert set(ran.rows) == set(NAMES) - {"a.jpg"}
    assert upkeep.take_back(ran.summary.output, ()).troubles == ()
    assert set(snapshot(tmp_path / "sidecars")) == {sidecars.OWNER}


def test_a_sidecar_does_not_keep_a_position_out_of_the_file(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", ["a.jpg", "b.bmp"])
    run(archive, tiny, only_sidecar=True)
    ran = run(archive, tiny, write_exif=True)
    assert ran.summary.predicted == 0
    assert {path: row["written"] for path, row in ran.rows.items()} == {"a.jpg": "exif", "b.bmp": "sidecar"}
    assert not run(archive, tiny, write_exif=True).ears.fresh, "then all is done"


def test_words_alone_need_no_model(tmp_path: Path) -> None:
    archive = fill(tmp_path / "archive", ["Wien/a.jpg", "b.jpg"])
    ran = run(archive, "no such model", evidence=("words",), max_error_km=50)
    assert ran.rows["Wien/a.jpg"]["country"] == "AT"
    assert ran.rows["Wien/a.jpg"]["source"] == "text"
    assert ran.rows["b.jpg"]["status"] == "unsure"
    assert not run(archive, "no such model", evidence=("words",), max_error_km=50).ears.fresh


def test_a_dry_run_leaves_no_remarks(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", ["a.jpg"])
    assert "dry run" in run(archive, tiny, write_exif=True, dry_run=True).ears.fresh["a.jpg"].message
    assert run(archive, tiny).rows["a.jpg"]["message"] == ""
