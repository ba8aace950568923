"""Two models together: run, inspect, evaluate, calibrate."""

from __future__ import annotations

import json
import re
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from click.testing import CliRunner, Result

from geotag import decode, metadata
from geotag.cli import main
from geotag.errors import UsageError
from geotag.memory.journal import Journal
from geotag.metadata import xmp
from geotag.models import shelf
from geotag.pixels import readers
from geotag.types import Recipe
from tests import archives, models

PLACES = [[48.9, 2.3], [-12.0, -77.0], [35.7, 139.7]]


@pytest.fixture(name="pair")
def two_models(tmp_path: Path) -> tuple[str, str]:
    """Two models with distributions, of different shapes of input and different opinions."""
    one = models.with_cells(models.model(km=(900.0, 0.0), meta={"geotag.name": "one"}), PLACES)
    wide = {"geotag.name": "wide", "geotag.crop": "24x40", "geotag.resize": "shorter"}
    other = models.model(km=(400.0, 0.0), turn=0.5, meta=wide, shape=("batch", 24, 40, 3))
    return (
        models.saved(tmp_path / "one.onnx", one),
        models.saved(tmp_path / "wide.onnx", models.with_cells(other, PLACES[::-1])),
    )


@pytest.fixture(name="archive")
def some_photos(tmp_path: Path) -> Path:
    """Two photographs without a position."""
    folder = tmp_path / "archive"
    folder.mkdir()
    for number in range(2):
        (folder / f"{number}.jpg").write_bytes(archives.picture(number))
    return folder


def geotag(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_both_are_named_wherever_the_answer_goes(archive: Path, pair: tuple[str, str]) -> None:
    ran = archives.run(
        archive, pair, max_error_km=20100, write_exif=True, sidecar=True, evidence=("picture",)
    )
    titles = sorted(
        ("one 1", "wide 1"), key=lambda title: shelf.load(pair[title[0] == "w"], "cpu").card.sha256
    )
    row = ran.rows["0.jpg"]
    assert row["model"].startswith(" + ".join(titles) + " sha256:")
    assert row["model"].count("+") == 2
    weights = re.fullmatch(r"picture \((.*) 1\) ([\d.]+); picture \((.*) 1\) ([\d.]+)", row["evidence"])
    assert weights is not None
    assert {weights[1], weights[3]} == {"one", "wide"}
    assert float(row["error_km"]) == pytest.approx((900 * 400) ** 0.5, abs=0.1)
    position = metadata.read((archive / "0.jpg").read_bytes())
    assert position is not None
    assert position.machine is not None
    assert " + ".join(titles) in position.machine
    with Journal(ran.summary.output, create=False) as journal:
        record = journal.record("0.jpg")
    assert record is not None
    assert record.prediction is not None
    assert [voice.model for voice in record.prediction.voices] == titles
    assert all(len(voice.regions) == 3 for voice in record.prediction.voices)
    assert record == ran.ears.fresh["0.jpg"]


def test_sidecars_name_both(archive: Path, pair: tuple[str, str]) -> None:
    archives.run(archive, pair, max_error_km=20100, only_sidecar=True)
    found = xmp.read((archive / "0.jpg.xmp").read_bytes())
    assert found is not None
    assert found.machine is not None
    assert "one 1" in found.machine
    assert "wide 1" in found.machine


def test_another_pair_predicts_again_and_the_same_one_does_not(archive: Path, pair: tuple[str, str]) -> None:
    assert archives.run(archive, pair).summary.predicted == 2
    assert archives.run(archive, pair[::-1]).summary.predicted == 0
    assert archives.run(archive, pair[0]).summary.predicted == 2
    assert archives.run(archive, pair).summary.predicted == 2
    assert archives.run(archive, pair[1]).summary.predicted == 2


def test_another_policy_decides_from_what_both_said(archive: Path, pair: tuple[str, str]) -> None:
    before = archives.run(archive, pair, max_error_km=20100, evidence=("picture",))
    after = archives.run(archive, pair, max_error_km=1, evidence=("picture",))
    assert after.summary.predicted == 0
    assert after.rows["0.jpg"]["status"] == "unsure"
    assert after.rows["0.jpg"]["evidence"] == before.rows["0.jpg"]["evidence"]


def test_the_same_file_twice_is_refused(archive: Path, pair: tuple[str, str], tmp_path: Path) -> None:
    copy = models.saved(tmp_path / "copy.onnx", Path(pair[0]).read_bytes())
    with pytest.raises(UsageError, match=r"copy\.onnx: the same file as .*one\.onnx"):
        archives.run(archive, (pair[0], copy))
    ended = geotag("run", str(archive), "--model", pair[0], "--model", copy)
    assert ended.exit_code == 2
    assert not (tmp_path / "archive.geotag").exists()


def test_each_photo_is_decoded_once_for_both(archive: Path, pair: tuple[str, str]) -> None:
    with mock.patch.object(readers, "opened", wraps=readers.opened) as opened:
        archives.run(archive, pair)
    assert opened.call_count == 2


def test_views_are_those_of_each_recipe_alone(tmp_path: Path) -> None:
    data = archives.picture(3)
    recipes = Recipe("squash", 16, 16), Recipe("shorter", 24, 40), Recipe("pad", 9, 30, "bicubic")
    together = decode.views(data, recipes)
    for view, recipe in zip(together, recipes, strict=True):
        alone = decode.decode(data, recipe)
        assert view.shape == alone.shape == (recipe.height, recipe.width, 3)
        assert np.abs(view.astype(int) - alone).max() <= 8


def test_words_and_both_pictures_speak(tmp_path: Path, pair: tuple[str, str]) -> None:
    folder = tmp_path / "Paris"
    folder.mkdir()
    (folder / "Eiffel Tower, Paris.jpg").write_bytes(archives.picture(1))
    row = archives.run(folder, pair).rows["Eiffel Tower, Paris.jpg"]
    assert row["source"] == "fused"
    assert "picture (one 1) " in row["evidence"]
    assert "picture (wide 1) " in row["evidence"]


def test_inspect_tells_of_each_and_of_both(archive: Path, pair: tuple[str, str]) -> None:
    named = ("--model", pair[0], "--model", pair[1])
    said = geotag("inspect", str(archive / "0.jpg"), *named).stdout
    assert re.search(r"^  one 1: .* within 900 km$", said, re.M)
    assert re.search(r"^  wide 1: .* within 400 km$", said, re.M)
    assert re.search(r"^  pooled:   .* within 600 km in 8 of 10 such cases$", said, re.M)
    (found,) = json.loads(geotag("inspect", str(archive / "0.jpg"), *named, "--json").stdout)
    assert {item["model"]: item["error_km"] for item in found["models"]} == {"one 1": 900, "wide 1": 400}
    drawn = geotag("inspect", str(archive / "0.jpg"), *named, "--explain", "x.png")
    assert drawn.exit_code == 2


def test_evaluate_scores_both_and_each(tmp_path: Path, pair: tuple[str, str]) -> None:
    folder = tmp_path / "placed"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.jpg").write_bytes(archives.placed(number))
    named = ("--model", pair[0], "--model", pair[1])
    found = json.loads(geotag("evaluate", str(folder), *named, "--json").stdout)
    pooled, *alone, constant = found["per_cell"]
    assert sorted(alone) == ["one 1", "wide 1"]
    assert {*pooled.split(" + ")} == {"one 1", "wide 1"}
    assert constant == "constant guess"
    better = max(alone, key=lambda name: found["per_cell"][name]["geoscore"])
    assert found["compared"] == [pooled, better]


def test_a_pair_has_a_calibration_of_its_own(tmp_path: Path, pair: tuple[str, str]) -> None:
    folder = tmp_path / "placed"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number}.jpg").write_bytes(archives.placed(number))
    done = geotag("calibrate", str(folder), "--model", pair[0], "--model", pair[1])
    assert done.exit_code == 0, done.output
    assert len(list(tmp_path.glob("*+*.calibrations.json"))) == 1
    (folder / "new.jpg").write_bytes(archives.picture(1))
    together = archives.run(folder, pair, evidence=("picture",)).rows["new.jpg"]["evidence"]
    assert "calibrated on 20 photos" in together
    assert "picture (one 1) " in together
    alone = archives.run(folder, pair[0], evidence=("picture",)).rows["new.jpg"]["evidence"]
    assert "calibrated" not in alone
