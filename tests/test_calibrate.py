"""The radius of a collection: measured on its own located photos, kept beside the model, named in rows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from geotag.errors import ModelError, UsageError
from geotag.flows import calibrate
from geotag.models import calibrations, onnxfile, shelf
from geotag.types import Calibration
from tests import archives, models


@pytest.fixture
def own(tiny: str, tmp_path: Path) -> str:
    """A model in a folder of its own, which calibration may write to."""
    folder = tmp_path / "model"
    folder.mkdir()
    return shutil.copy(tiny, str(folder / "tiny.onnx"))


def located(folder: Path, photos: int) -> Path:
    folder.mkdir()
    for index in range(photos):
        (folder / f"{index:02}.jpg").write_bytes(archives.placed(index))
    return folder


def test_conformal_covers_new_draws() -> None:
    rng = np.random.default_rng(0)
    inside = [
        rng.exponential() <= calibrate.conformal(list(rng.exponential(size=30)), 0.8) for _ in range(4000)
    ]
    assert 0.79 < np.mean(inside) < 0.86


def test_conformal_is_exact_on_a_ladder() -> None:
    assert calibrate.conformal([float(step) for step in range(1, 10)], 0.8) == 8
    assert calibrate.conformal([3.0, 1.0], 0.8) == 3


def test_too_few_photos(own: str, tmp_path: Path) -> None:
    archive = located(tmp_path / "archive", 3)
    with pytest.raises(UsageError, match=r"3 photos have a position .* at least 20"):
        calibrate.calibrate((str(archive),), shelf.gather([own], "cpu"), 1)


def test_kept_and_used(own: str, tmp_path: Path) -> None:
    archive = located(tmp_path / "archive", 25)
    kept = calibrate.calibrate((str(archive),), shelf.gather([own], "cpu"), 2)
    assert kept.photos == 25
    sha256 = onnxfile.digest(own)
    assert calibrations.find([own], sha256, str(archive)) == kept
    assert calibrations.find([own], sha256, str(archive / "box")) == kept
    assert calibrations.find([own], sha256, str(tmp_path)) is None
    (archive / "new.jpg").write_bytes(archives.picture(200))
    ran = archives.run(archive, own, max_error_km=20100, evidence=("picture",))
    row = ran.rows["new.jpg"]
    assert float(row["error_km"]) == pytest.approx(min(100 * kept.factor, 20015.1), abs=0.1)
    assert f"calibrated on 25 photos of {archive}" in row["evidence"]


def test_new_measure_takes_the_place_of_the_old(own: str, tmp_path: Path) -> None:
    archive = located(tmp_path / "archive", 20)
    model = shelf.gather([own], "cpu")
    calibrate.calibrate((str(archive),), model, 1)
    (archive / "20.jpg").write_bytes(archives.placed(20))
    calibrate.calibrate((str(archive),), model, 1)
    assert [entry["photos"] for entry in json.loads(Path(own[:-5] + ".calibrations.json").read_text())] == [
        21
    ]


def test_innermost_collection_counts(own: str) -> None:
    of = {"model": "1f2e"}
    entries = [
        of | {"base": "/a", "photos": 50, "factor": 1.0},
        of | {"base": "/a/b", "photos": 60, "factor": 2.0},
    ]
    Path(own[:-5] + ".calibrations.json").write_text(json.dumps(entries))
    assert calibrations.find([own], "1f2e", "/a/b/c") == Calibration("/a/b", 60, 2.0)
    assert calibrations.find([own], "1f2e", "/a/bc") == Calibration("/a", 50, 1.0)


def test_damaged_file_is_named(own: str) -> None:
    Path(own[:-5] + ".calibrations.json").write_text("{")
    with pytest.raises(ModelError, match=r"calibrations\.json: cannot be read .* calibrate again"):
        calibrations.find([own], "1f2e", "/a")


def test_another_file_of_that_name_is_not_calibrated(own: str, tmp_path: Path) -> None:
    """A newer model in the old one's place has its own radius, and the run says so."""
    archive = located(tmp_path / "archive", 20)
    calibrate.calibrate((str(archive),), shelf.gather([own], "cpu"), 1)
    models.saved(Path(own), models.model(turn=0.5))
    (archive / "new.jpg").write_bytes(archives.picture(200))
    ran = archives.run(archive, own, evidence=("picture",))
    assert "calibrated" not in ran.rows["new.jpg"]["evidence"]
    said = f"measured with another file of the model's name; `geotag calibrate {archive}`"
    assert said in ran.ears.warnings[0]
    calibrate.calibrate((str(archive),), shelf.gather([own], "cpu"), 1)
    again = archives.run(archive, own, evidence=("picture",))
    assert "calibrated on 20 photos" in again.rows["new.jpg"]["evidence"]
    assert again.ears.warnings == []
