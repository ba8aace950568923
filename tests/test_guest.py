"""Models of other people, wrapped by a description, answer as NumPy does; wrong descriptions are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from onnx import helper

from geotag import geo, predict
from geotag.cli import main
from geotag.decode import decode
from geotag.errors import Exit
from geotag.models import describe, modelfolder, onnxfile, shelf
from tests import archives, guests
from tests.guests import KINDS, Guest, add, refused
from tests.pictures import photograph, saved


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOTAG_MODELS", str(tmp_path / "mine"))
    return tmp_path / "mine"


@pytest.mark.parametrize("kind", KINDS)
def test_answers_are_those_of_numpy(tmp_path: Path, kind: str) -> None:
    guest = KINDS[kind]()
    add(guest.saved(tmp_path / "it"))
    model = predict.load(shelf.find("guest"), device="cpu", threads=1)
    recipe = model.card.recipe
    pixels = np.random.default_rng(9).integers(0, 256, (5, recipe.height, recipe.width, 3), dtype=np.uint8)
    pixels[2:] //= 8
    pixels[3, :, :, 1] += 200
    where, km, cells = guest.truth(pixels)
    answers = dict(
        zip(
            [output.name for output in model.session.get_outputs()],
            model.session.run(None, {"image": pixels}),
            strict=True,
        )
    )
    rough = kind == "clip"
    assert np.abs(answers["coordinates"] - where).max() < 1e-3
    assert answers["error_km"] == pytest.approx(km, rel=1e-3)
    if cells is not None:
        assert np.abs(answers["cells"] - cells).max() < (0.02 if rough else 1e-5)
    assert len({tuple(row) for row in where}) > 1
    assert set(answers) == {"coordinates", "error_km"} | ({"cells"} if kind != "osv5m" else set()) | (
        {"embedding"} if rough else set()
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_with_it(tmp_path: Path, kind: str) -> None:
    guest = KINDS[kind]()
    add(guest.saved(tmp_path / "it"))
    archive = archives.fill(tmp_path / "archive", [f"{number}.png" for number in range(6)])
    (archive / "wide.png").write_bytes(saved(photograph(90, 40), "PNG"))
    ran = archives.run(archive, "guest", evidence=("picture",), max_error_km=20100.0)
    card = predict.load(shelf.find("guest"), device="cpu", threads=1).card
    pixels = np.stack([decode(str(archive / name), card.recipe) for name in ran.rows])
    where, km, _ = guest.truth(pixels)
    for (path, row), (lat, lon), radius in zip(ran.rows.items(), where, km, strict=True):
        assert (row["status"], row["model"]) == ("located", card.identity)
        seen = ran.ears.fresh[path].prediction
        assert seen is not None
        assert (seen.location.lat, seen.location.lon) == pytest.approx((lat, lon), abs=1e-3)
        assert seen.error_km == pytest.approx(radius, rel=1e-3)
        assert float(row["error_km"]) > 0
        if kind == "osv5m":
            # Without a distribution the answer is the prediction, as exact as its radius deserves.
            apart = geo.distance_km(float(row["latitude"]), float(row["longitude"]), lat, lon)
            assert apart <= 0.01 * radius


@pytest.mark.parametrize("licence", ["CC BY-NC 4.0", "ask me", "MIT"])
def test_a_run_says_once_what_its_model_may_not_be_used_for(tmp_path: Path, licence: str) -> None:
    add(guests.planet().saved(tmp_path / "it", model={"licence": licence}), "--yes")
    archive = archives.fill(tmp_path / "archive", [f"{number}.png" for number in range(40)])
    warnings = archives.run(archive, "guest", evidence=("picture",)).ears.warnings
    assert sum(licence in warning for warning in warnings) == (licence != "MIT")


def test_the_card_says_what_it_is_made_from(tmp_path: Path, folder: Path) -> None:
    paths = guests.clip().saved(tmp_path / "it")
    add(paths)
    (card,) = json.loads(CliRunner().invoke(main, ["models", "show", "guest", "--json"]).stdout)
    assert (card["name"], card["version"], card["licence"]) == ("clip-like", "1", "MIT")
    assert card["training_data"] == "made up for a test"
    assert card["calibration"] == "none: a stated radius of at least 200 km"
    names = ["model.onnx", "places.npy", "gallery.npy"]
    made_from = [f"{name} sha256:{onnxfile.digest(str(tmp_path / 'it' / name))}" for name in names]
    assert card["origin"] == ", ".join(made_from)
    first = (folder / "guest.onnx").read_bytes()
    CliRunner().invoke(main, ["models", "remove", "guest"])
    add(paths)
    assert (folder / "guest.onnx").read_bytes() == first


def with_golden(tmp_path: Path, guest: Guest, **changed: Any) -> tuple[str, str]:
    recipe = describe.read(guest.saved(tmp_path / "it")[1]).picture.recipe
    golden = guests.golden(tmp_path / "it", guest, recipe)
    return guest.saved(tmp_path / "it", golden={**golden, **changed.pop("golden", {})}, **changed)


@pytest.mark.parametrize("kind", KINDS)
def test_a_golden_picture_that_agrees(tmp_path: Path, kind: str) -> None:
    assert "golden" not in add(with_golden(tmp_path, KINDS[kind]()))


def test_without_a_golden_picture_it_is_said(tmp_path: Path) -> None:
    assert "has no [golden] picture" in add(guests.planet().saved(tmp_path / "it"))


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("osv5m", {"golden": {"latitude": 80.5}}),
        ("osv5m", {"input": {"mean": [0, 0, 0]}}),
        ("osv5m", {"input": {"shorter_side": 24}}),
        ("osv5m", {"output": {"unit": "degrees"}}),
        ("planet", {"input": {"channels": "RGB"}}),
        ("planet", {"places": {"latitude": "lon_mean", "longitude": "lat_mean"}}),
    ],
)
def test_a_golden_picture_that_disagrees(tmp_path: Path, kind: str, changed: dict[str, Any]) -> None:
    paths = with_golden(tmp_path, KINDS[kind](), **changed)
    result = CliRunner().invoke(main, ["models", "add", paths[0], "--describe", paths[1]])
    assert result.exit_code in (Exit.NO_MODEL, Exit.USAGE), result.output
    if kind == "planet" and "places" in changed:
        assert "is not between -90 and 90 degrees; are the columns swapped" in result.stderr
    else:
        assert "golden.png is put at " in result.stderr
        assert " was expected, to within 1 km" in result.stderr
    assert "guest" not in modelfolder.names()


def test_a_golden_picture_that_is_none(tmp_path: Path) -> None:
    golden = {"image": "model.onnx", "latitude": 0, "longitude": 0}
    assert "the golden image cannot be read" in refused(tmp_path, guests.planet(), golden=golden)
    assert "no such file" in refused(tmp_path, guests.planet(), golden={**golden, "image": "gone.png"})


@pytest.mark.parametrize(
    ("kind", "changed", "said"),
    [
        ("osv5m", {"output": {"name": "GPS"}}, "[output] name 'GPS' is none of its outputs: 'gps'"),
        ("osv5m", {"input": {"name": "image"}}, "[input] name 'image' is none of its inputs: 'pixels'"),
        ("osv5m", {"input": {"layout": "NHWC"}}, "input 'pixels' takes [batch, 3, 24, 24]"),
        ("osv5m", {"input": {"height": 32, "shorter_side": 32}}, "[input] describes [batch, 3, 32, 24]"),
        (
            "planet",
            {"output": {"gives": "embedding", "activation": None}, "places": {"gallery": "g.npy"}},
            "gives [batch, 40], not",
        ),
        ("clip", {"output": {"name": None}}, "[output] name '' is none of its outputs: 'logits_per_image'"),
        (
            "clip",
            {"output": {"name": "logits_per_image"}},
            "depends on 2 inputs ('input_ids', 'pixel_values')",
        ),
    ],
)
def test_a_model_that_is_not_as_described(
    tmp_path: Path, kind: str, changed: dict[str, Any], said: str
) -> None:
    guest = KINDS[kind]()
    guest.files["g.npy"] = guests.npy(guests.weights(guests.CELLS, 7))
    message = refused(tmp_path, guest, Exit.NO_MODEL, **changed)
    assert said in message
    assert "model.onnx: not as " in message


def test_a_table_with_other_rows(tmp_path: Path) -> None:
    guest = guests.planet()
    guest.files["cells.csv"] += b"40,1,2\r\n"
    assert "output 'logits' gives [batch, 40], not [batch, 41]" in refused(tmp_path, guest, Exit.NO_MODEL)


@pytest.mark.parametrize(
    ("output", "input_", "said"),
    [
        ({"unit": "degrees"}, {}, None),
        ({}, {"range": [0, 255]}, None),
        ({"first": "longitude"}, {"range": [0, 255]}, "answers are not on the Earth, such as latitude"),
    ],
)
def test_ranges(tmp_path: Path, output: dict[str, Any], input_: dict[str, Any], said: str | None) -> None:
    paths = guests.osv5m().saved(tmp_path / "it", output=output, input=input_)
    if said is None:
        add(paths)
    else:
        assert said in add(paths, code=Exit.NO_MODEL)


def test_probabilities_that_are_logits_and_the_other_way(tmp_path: Path) -> None:
    guest = guests.planet()
    changed = {"activation": "probabilities", "temperature": None}
    assert "are they logits?" in refused(tmp_path, guest, Exit.NO_MODEL, output=changed)
    made = onnx.load_from_string(guest.content)
    made.graph.node[-1].output[0] = "scores"
    made.graph.node.append(helper.make_node("Softmax", ["scores"], ["logits"], axis=1))
    sure = Guest(bytes(made.SerializeToString()), guest.described, guest.truth, guest.files)
    assert 'is activation = "probabilities"?' in add(sure.saved(tmp_path / "it"))
    CliRunner().invoke(main, ["models", "remove", "guest"])
    assert "activation" not in add(sure.saved(tmp_path / "it", output=changed))


def test_the_guest_is_looked_at_before_anything_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("read")

    guest = guests.planet()
    made = onnx.load_from_string(guest.content)
    made.graph.node.append(helper.make_node("Hidden", ["x"], ["y"], domain="evil.example"))
    monkeypatch.setattr(onnx, "load", never)
    other = Guest(bytes(made.SerializeToString()), guest.described, guest.truth, guest.files)
    assert "custom operator 'Hidden'" in refused(tmp_path, other, Exit.NO_MODEL)
