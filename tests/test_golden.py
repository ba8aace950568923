"""The shipped model says what its golden file says, through the API and the command line."""

import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from geotag import predict
from geotag.geo import distance_km
from tests.golden_pictures import pictures

MODEL = Path(__file__).parent.parent / "models" / "geovision.onnx"
GOLDEN = Path(__file__).with_name("golden_model.json")

pytestmark = pytest.mark.skipif(not MODEL.exists(), reason="models/geovision.onnx is not there")

# int8 kernels differ between processors by a step or two, and a place may then give way to its neighbour.
NEAR_KM, NEAR_RADIUS = 400.0, 0.1


def _golden() -> tuple[str, np.ndarray, np.ndarray]:
    value = json.loads(GOLDEN.read_text())
    return value["sha256"], np.array(value["coordinates"]), np.array(value["error_km"])


def test_the_golden_file_is_of_this_very_model() -> None:
    assert hashlib.sha256(MODEL.read_bytes()).hexdigest() == _golden()[0], (
        "another model: python -m export.to_onnx ... --golden tests/golden_model.json writes its answers"
    )


def test_the_model_says_what_it_said() -> None:
    _, coordinates, error_km = _golden()
    model = predict.load(str(MODEL), device="cpu", threads=1)
    recipe = model.card.recipe
    answers = model.predict(pictures(recipe.height, recipe.width))
    assert None not in answers
    found = np.array([[answer.location.lat, answer.location.lon] for answer in answers if answer])
    _near(found, np.array([answer.error_km for answer in answers if answer]), coordinates, error_km)


def test_the_answer_for_a_picture_does_not_hang_on_its_batch() -> None:
    model = predict.load(str(MODEL), device="cpu", threads=1)
    batch = pictures(model.card.recipe.height, model.card.recipe.width)
    for row, together in enumerate(model.predict(batch)):
        alone = model.predict(batch[row : row + 1])[0]
        assert together is not None
        assert alone is not None
        assert alone.location == together.location
        # Sums over pixels are rounded in an order that may change with the batch.
        assert alone.error_km == pytest.approx(together.error_km, rel=1e-5)


def test_the_command_line_says_it_too(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from geotag.cli import main

    archive = tmp_path / "archive"
    archive.mkdir()
    for number, picture in enumerate(pictures()):
        Image.fromarray(picture).save(archive / f"{number}.png")
    done = CliRunner().invoke(
        main,
        [
            "run",
            str(archive),
            "--max-error-km",
            "20100",
            "--output",
            str(tmp_path / "out"),
            "--model",
            str(MODEL),
        ],
    )
    assert done.exit_code == 0, done.output
    with (tmp_path / "out" / "manifest.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = np.array([[float(row["latitude"]), float(row["longitude"])] for row in rows])
    sha256, coordinates, error_km = _golden()
    _near(found, np.array([float(row["error_km"]) for row in rows]), coordinates, error_km)
    assert all(sha256[:12] in row["model"] for row in rows)


def _near(found: np.ndarray, radius: np.ndarray, coordinates: np.ndarray, error_km: np.ndarray) -> None:
    away = distance_km(*found.T, *coordinates.T)
    assert (away <= NEAR_KM).mean() >= 0.75, away
    assert np.median(np.abs(radius / error_km - 1)) <= NEAR_RADIUS
