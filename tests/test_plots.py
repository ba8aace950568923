"""Plots and explanations: what is drawn, and from what."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from geotag import predict
from geotag.cli import main
from geotag.errors import Exit, OutputError, UsageError
from geotag.flows import explain, scoresheet
from geotag.renderings import plots
from geotag.types import Location, Region
from tests import models
from tests.archives import placed


def guesses(count: int = 60) -> plots.Guesses:
    rng = np.random.default_rng(0)
    lat, lon = rng.uniform(-60, 70, count), rng.uniform(-180, 180, count)
    off = rng.gamma(2, 1500, count)
    return plots.Guesses("tiny 1", lat, lon, lat, lon, rng.uniform(500, 9000, count), off)


def colours(path: str | Path) -> int:
    with Image.open(path) as image:
        return len(image.convert("RGB").getcolors(1 << 24) or [])


def test_four_plots_are_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="Matplotlib is not installed")
    paths = plots.evaluation(guesses(), str(tmp_path / "new" / "folder"))
    assert [Path(path).name for path in paths] == list(plots.NAMES)
    assert all(colours(path) > 10 for path in paths)


@pytest.mark.parametrize("count", [1, 3, 7])
def test_few_photos_do_not_break_them(tmp_path: Path, count: int) -> None:
    pytest.importorskip("matplotlib", reason="Matplotlib is not installed")
    assert len(plots.evaluation(guesses(count), str(tmp_path))) == 4


def test_a_model_s_name_is_no_mathematics(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="Matplotlib is not installed")
    assert len(plots.evaluation(replace(guesses(3), name=r"$\nothing{$"), str(tmp_path))) == 4


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="Matplotlib is not installed")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        plots.evaluation(guesses(), str(tmp_path / "file"))


def test_without_matplotlib_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("matplotlib", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=r"geotag\[plots\]"):
        plots.evaluation(guesses(), str(tmp_path))


def test_an_explanation_shows_picture_regions_and_answer(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="Matplotlib is not installed")
    picture = np.full((40, 60, 3), 200, np.uint8)
    heat = np.zeros((14, 14))
    heat[3, 4] = 1
    regions = [Region(Location(48, 2), 900, 0.5, 0.1), Region(Location(-77, 170), 3000, 0.2, 0.1)]
    path = plots.explanation(picture, heat, Location(48, 3), regions, "x", str(tmp_path / "e.png"))
    assert colours(path) > 50


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> predict.Model:
    """A model whose cells are likelier the redder, greener or bluer a picture is."""
    content = models.with_cells(models.model(), [[50.0, 0.0], [-30.0, 140.0], [10.0, -80.0]])
    path = models.saved(tmp_path_factory.mktemp("models") / "cells.onnx", content)
    return predict.load(path, device="cpu", threads=1)


def test_the_answer_rests_on_what_speaks_for_it(tmp_path: Path, model: predict.Model) -> None:
    """A grey picture with a red corner: the corner is why it is thought to lie where red ones lie."""
    pixels = np.full((112, 112, 3), 124, np.uint8)
    pixels[:32, :32] = (255, 0, 0)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    heat = explain.explain(str(tmp_path / "a.png"), model).heat
    assert heat[:4, :4].mean() > 0.5
    assert heat[7:, 7:].max() < 0.05


def test_models_without_cells_are_explained_by_the_point(tmp_path: Path, tiny: str) -> None:
    pixels = np.full((112, 112, 3), 124, np.uint8)
    pixels[:32, :32] = (255, 0, 0)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    heat = explain.explain(str(tmp_path / "a.png"), predict.load(tiny, device="cpu", threads=1)).heat
    assert heat[:4, :4].mean() > 0.5
    assert heat[7:, 7:].max() < 0.05


def test_the_commands_draw(tmp_path: Path, tiny: str, model: predict.Model) -> None:
    pytest.importorskip("matplotlib", reason="Matplotlib is not installed")
    archive = tmp_path / "archive"
    archive.mkdir()
    for number in range(22):
        (archive / f"{number}.jpg").write_bytes(placed(number))
    done = CliRunner().invoke(
        main, ["evaluate", str(archive), "--model", tiny, "--plots", str(tmp_path / "a"), "--json"]
    )
    assert done.exit_code == Exit.OK
    copy = tmp_path / "copy.onnx"
    copy.write_bytes(Path(tiny).read_bytes())
    done = CliRunner().invoke(
        main, ["calibrate", str(archive), "--model", str(copy), "--plots", str(tmp_path / "b")]
    )
    assert done.exit_code == Exit.OK
    for folder in ("a", "b"):
        assert {path.name for path in (tmp_path / folder).iterdir()} == {*plots.NAMES, scoresheet.NAME}
    assert "1-degree cells" in (tmp_path / "a" / scoresheet.NAME).read_text(encoding="utf-8")
    assert "is multiplied by" in (tmp_path / "b" / scoresheet.NAME).read_text(encoding="utf-8")
    photo, drawn = str(archive / "1.jpg"), tmp_path / "why.png"
    done = CliRunner().invoke(main, ["inspect", photo, "--model", model.card.path, "--explain", str(drawn)])
    assert (done.exit_code, colours(drawn) > 50) == (Exit.OK, True)
    done = CliRunner().invoke(main, ["inspect", photo, photo, "--explain", str(drawn)])
    assert (done.exit_code, "just one" in done.stderr) == (Exit.USAGE, True)
