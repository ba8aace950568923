"""run(): the stages together, with what they tell whoever watches."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from geotag import pipeline
from geotag.decode import views
from geotag.errors import UsageError
from geotag.flows import locator
from geotag.types import Recipe, Settings, Status, Written
from tests.archives import Ears, fill, picture, placed, run, snapshot

NAMES = ("a.jpg", "b/b.tif", "b/c.png", "d.webp", "e.bmp")


def test_the_default_output_lies_beside_the_archive(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    assert run(archive, tiny).summary.output == str(tmp_path / "archive.geotag")
    assert sorted(os.listdir(tmp_path)) == ["archive", "archive.geotag"]
    left = {".lock", "journal.sqlite", "manifest.csv", "manifest.geojson"}
    assert set(os.listdir(tmp_path / "archive.geotag")) == left


@pytest.mark.parametrize("output", ["archive", "archive/out", "archive/b/../deep/out", "link/out"])
def test_an_output_inside_the_archive_is_a_mistake(tmp_path: Path, tiny: str, output: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    (tmp_path / "link").symlink_to(archive)
    with pytest.raises(UsageError, match="lies inside the archive; choose a folder outside it with --output"):
        run(archive, tiny, output=str(tmp_path / output))
    assert set(snapshot(archive)) == set(NAMES)


def test_an_archive_inside_the_output_is_fine(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "out" / "archive", NAMES)
    assert set(run(archive, tiny, output=str(tmp_path / "out")).rows) == set(NAMES)


def test_exactly_one_record_for_every_photo_whatever_happened(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", [f"{number:02}.jpg" for number in range(23)])
    (archive / "05.jpg").write_bytes(placed())
    (archive / "11.jpg").write_bytes(b"")
    (archive / "17.jpg").write_bytes(picture()[:100])
    ran = run(archive, tiny, batch_size=4, write_exif=True)
    assert list(ran.ears.fresh) == [f"{number:02}.jpg" for number in range(23)], "in scan order"
    assert ran.summary.statuses == {Status.LOCATED: 20, Status.KEPT: 1, Status.FAILED: 2}
    assert ran.summary.written == {Written.EXIF: 20, Written.NONE: 3}
    assert (ran.summary.predicted, ran.summary.failed) == (20, 2)


@pytest.mark.parametrize(("batch", "jobs"), [(1, 1), (3, 4), (64, 2)])
def test_answers_do_not_depend_on_batches_and_threads(
    tmp_path: Path, tiny: str, batch: int, jobs: int
) -> None:
    archive = fill(tmp_path / "archive", [f"{number:02}.png" for number in range(10)])
    expected = run(archive, tiny, output=str(tmp_path / "one")).rows
    found = run(archive, tiny, output=str(tmp_path / "two"), batch_size=batch, jobs=jobs).rows
    assert found == expected


def test_memory_is_bounded_by_windows(tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decoding never runs further ahead of the model than a few windows."""
    archive = fill(tmp_path / "archive", [f"{number:02}.jpg" for number in range(60)])
    gate, waiting, most = threading.Lock(), [0], [0]
    predict = locator.Locator.predict

    def counting(source: bytes, recipes: tuple[Recipe, ...]) -> object:
        pixels = views(source, recipes)
        with gate:
            waiting[0] += 1
            most[0] = max(most[0], waiting[0])
        return pixels

    def predicting(self: locator.Locator, window: list[Any]) -> object:
        with gate:
            waiting[0] -= len(window)
        return predict(self, window)

    monkeypatch.setattr("geotag.flows.locator.views", counting)
    monkeypatch.setattr(locator.Locator, "predict", predicting)
    run(archive, tiny, batch_size=4)
    assert waiting == [0]
    assert most[0] <= 4 * (pipeline.WINDOWS_AHEAD + 2)


def test_an_observer_hears_the_total_and_every_photo(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    totals: list[int] = []
    counted = threading.Event()

    class Counting(Ears):
        def total(self, photos: int) -> None:
            totals.append(photos)
            counted.set()

    ears = Counting()
    pipeline.run(Settings((str(archive),), model=(tiny,)), ears)
    assert counted.wait(10)
    assert totals == [5]
    assert set(ears.fresh) == set(NAMES)
    assert any("model tiny 1 on cpu" in note for note in ears.notes)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"jobs": 1}, "1 threads, batches of 16"),
        ({"jobs": 6}, "6 threads, batches of 48"),
        ({"jobs": 6, "batch_size": 5}, "6 threads, batches of 5"),
    ],
)
def test_a_batch_is_large_enough_for_all_threads_and_said(
    tmp_path: Path, tiny: str, chosen: dict[str, int], said: str
) -> None:
    archive, ears = fill(tmp_path / "archive", NAMES), Ears()
    pipeline.run(Settings((str(archive),), model=(tiny,), device="cpu", **chosen), ears)  # type: ignore[arg-type]
    assert any(note.endswith(said) for note in ears.notes)


def test_an_error_in_the_middle_leaves_no_threads_and_whole_files(
    tmp_path: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = fill(tmp_path / "archive", [f"{number:02}.jpg" for number in range(30)])
    before = set(threading.enumerate())
    calls: list[None] = []
    predict = locator.Locator.predict

    def failing(self: locator.Locator, window: object) -> object:
        calls.append(None)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return predict(self, window)  # type: ignore[arg-type]

    with monkeypatch.context() as broken:
        broken.setattr(locator.Locator, "predict", failing)
        with pytest.raises(KeyboardInterrupt):
            run(archive, tiny, batch_size=3, write_exif=True)
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
        assert not thread.is_alive(), thread.name
    ran = run(archive, tiny, batch_size=3, write_exif=True)
    assert 30 - 12 <= ran.summary.predicted < 30
    assert ran.summary.written == {Written.EXIF: 30}


def test_failures_elsewhere_do_not_count_for_this_run(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", NAMES)
    (archive / "bad").mkdir()
    (archive / "bad/empty.jpg").write_bytes(b"")
    assert run(archive, tiny).summary.failed == 1
    ran = run(archive, tiny, exclude=("bad",))
    assert ran.summary.failed == 0
    assert ran.rows["bad/empty.jpg"]["status"] == "failed"


def test_a_dry_run_copes_with_every_name(tmp_path: Path, tiny: str) -> None:
    name = os.fsdecode(b"caf\xe9\n.bmp")
    archive = fill(tmp_path / "archive", [name])
    ran = run(archive, tiny, write_exif=True, dry_run=True)
    (record,) = ran.ears.fresh.values()
    assert record.message.endswith(f"archive/{name}.xmp")
    assert list(ran.rows) == ["caf\\xe9\n.bmp"]
    (archive / (name + ".xmp")).write_bytes(b"<broken")
    (row,) = run(archive, tiny, write_exif=True).rows.values()
    assert row["status"] == "failed"


def test_what_a_model_said_outlives_a_run_that_does_not_ask_it(tmp_path: Path, tiny: str) -> None:
    """It is neither asked again nor named where it had no say."""
    archive = fill(tmp_path / "archive", ["Berlin/a.jpg"])
    (archive / "Berlin" / "placed.jpg").write_bytes(placed())
    first = run(archive, tiny, max_error_km=20100)
    assert (first.summary.predicted, first.rows["Berlin/a.jpg"]["model"][:6]) == (1, "tiny 1")
    for evidence in (("words",), ("words", "neighbours")):
        row = run(archive, tiny, evidence=evidence, max_error_km=20100).rows["Berlin/a.jpg"]
        assert (row["status"], row["model"]) == ("located", "")
    again = run(archive, tiny, max_error_km=20100)
    assert (again.summary.predicted, again.rows["Berlin/a.jpg"]) == (0, first.rows["Berlin/a.jpg"])
    written = run(archive, tiny, evidence=evidence, max_error_km=20100, only_sidecar=True)
    assert written.summary.predicted == 0
    packet = (archive / "Berlin" / "a.jpg.xmp").read_text(encoding="utf-8")
    assert "geotag words and neighbours<" in packet


def test_a_run_that_asks_for_words_as_well_predicts_nothing_again(tmp_path: Path, tiny: str) -> None:
    archive = fill(tmp_path / "archive", ["Berlin/a.jpg"])
    assert run(archive, tiny, evidence=("picture",)).summary.predicted == 1
    both = run(archive, tiny)
    assert both.summary.predicted == 0
    assert both.rows["Berlin/a.jpg"]["source"] == "fused"
