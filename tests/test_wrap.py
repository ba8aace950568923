"""The contract around graphs of other people, whatever their types, names and shapes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from geotag import predict
from geotag.errors import Exit
from geotag.models import shelf
from tests import guests
from tests.guests import KINDS, Guest, add, refused


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOTAG_MODELS", str(tmp_path / "mine"))
    return tmp_path / "mine"


def undeclared(content: bytes) -> bytes:
    made = onnx.load_from_string(content)
    for value in (*made.graph.input, *made.graph.output):
        value.type.tensor_type.ClearField("shape")
    return bytes(made.SerializeToString())


@pytest.mark.parametrize("kind", KINDS)
def test_shapes_that_nobody_states(tmp_path: Path, kind: str) -> None:
    guest = KINDS[kind]()
    add(Guest(undeclared(guest.content), guest.described, guest.truth, guest.files).saved(tmp_path / "it"))


def test_shapes_that_nobody_states_and_are_wrong(tmp_path: Path) -> None:
    guest = guests.planet()
    guest.files["cells.csv"] += b"40,1,2\r\n"
    other = Guest(undeclared(guest.content), guest.described, guest.truth, guest.files)
    assert "not as " in refused(tmp_path, other, Exit.NO_MODEL)


def test_a_batch_of_one_that_is_only_stated(tmp_path: Path) -> None:
    guest = guests.osv5m()
    made = onnx.load_from_string(guest.content)
    for value in (*made.graph.input, *made.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = 1
    add(Guest(bytes(made.SerializeToString()), guest.described, guest.truth, {}).saved(tmp_path / "it"))


def test_a_batch_of_one_that_is_meant(tmp_path: Path) -> None:
    guest = guests.osv5m()
    made = onnx.load_from_string(guest.content)
    made.graph.node[1].CopyFrom(helper.make_node("Reshape", ["pooled", "one"], ["flat"]))
    made.graph.initializer.append(helper.make_tensor("one", int(TensorProto.INT64), [2], [1, 12]))
    other = Guest(bytes(made.SerializeToString()), guest.described, guest.truth, {})
    assert "its batch axis has to be free" in refused(tmp_path, other, Exit.NO_MODEL)


def test_answers_that_mix_pictures(tmp_path: Path) -> None:
    guest = guests.osv5m()
    mixing = guests.made(
        [
            helper.make_node("GlobalAveragePool", ["pixels"], ["seen"]),
            helper.make_node("Flatten", ["seen"], ["flat"]),
            helper.make_node("ReduceMean", ["flat"], ["mean"], axes=[0]),
            helper.make_node("Sub", ["flat", "mean"], ["off"]),
            helper.make_node("Slice", ["off", "from", "to", "axis"], ["gps"]),
        ],
        {"pixels": [0, 3, 24, 24]},
        {"gps": [0, 2]},
        {"from": np.array([0]), "to": np.array([2]), "axis": np.array([1])},
    )
    other = Guest(mixing, guest.described, guest.truth, {})
    assert "answers depend on the pictures beside" in refused(
        tmp_path, other, Exit.NO_MODEL, output={"unit": "degrees"}, input={"range": [0, 50]}
    )


def test_a_radius_of_the_model_s_own(tmp_path: Path) -> None:
    guest = guests.osv5m()
    made = onnx.load_from_string(guest.content)
    made.graph.node.append(helper.make_node("ReduceL2", ["gps"], ["far"], axes=[1], keepdims=1))
    made.graph.node.append(helper.make_node("Mul", ["far", "many"], ["sigma"]))
    made.graph.initializer.append(helper.make_tensor("many", guests.FLOAT, [], [1000.0]))
    made.graph.output.append(helper.make_tensor_value_info("sigma", guests.FLOAT, ["n", 1]))
    own = Guest(bytes(made.SerializeToString()), guest.described, guest.truth, {})
    output = {"name": "gps", "radius_output": "sigma", "radius_km": None}
    add(own.saved(tmp_path / "it", output=output))
    model = predict.load(shelf.find("guest"), device="cpu", threads=1)
    (found,) = model.predict(np.full((1, 28, 28, 3), 90, np.uint8))
    where = guest.truth(np.full((1, 28, 28, 3), 90, np.uint8))[0]
    assert found is not None
    assert found.error_km == pytest.approx(1000 * np.linalg.norm(np.radians(where)), rel=1e-4)


def test_longitudes_go_round(tmp_path: Path) -> None:
    guest = guests.osv5m()
    made = onnx.load_from_string(guest.content)
    wide = helper.make_tensor("half", guests.FLOAT, [2], [1.5, 20.0])
    made.graph.initializer[1].CopyFrom(wide)
    add(Guest(bytes(made.SerializeToString()), guest.described, guest.truth, {}).saved(tmp_path / "it"))
    model = predict.load(shelf.find("guest"), device="cpu", threads=1)
    pixels = np.random.default_rng(2).integers(0, 256, (6, 28, 28, 3), dtype=np.uint8)
    wanted = guest.truth(pixels)[0][:, 1] * 20.0 / np.pi
    assert np.abs(wanted).max() > 200
    for found, lon in zip(model.predict(pixels), wanted, strict=True):
        assert found is not None
        assert found.location.lon == pytest.approx((lon + 180) % 360 - 180, abs=1e-2)


@pytest.mark.parametrize("kind", [TensorProto.UINT8, TensorProto.DOUBLE])
def test_inputs_of_other_types(tmp_path: Path, kind: int) -> None:
    guest = guests.planet()
    made = onnx.load_from_string(guest.content)
    made.graph.input[0].type.tensor_type.elem_type = kind
    made.graph.node[0].input[0] = "y"
    made.graph.node.insert(0, helper.make_node("Cast", ["x"], ["y"], to=int(TensorProto.FLOAT)))
    other = Guest(bytes(made.SerializeToString()), guest.described, guest.truth, guest.files)
    if kind == TensorProto.UINT8:
        assert "takes bytes: range is [0, 255]" in refused(tmp_path, other, Exit.NO_MODEL)
    add(other.saved(tmp_path / "it", input={"range": [0, 255]}))


def test_names_that_are_the_contract_s_and_graphs_in_graphs(tmp_path: Path) -> None:
    """A guest may call things what it likes, and read its weights from within an If."""
    then = helper.make_graph(
        [helper.make_node("MatMul", ["image", "cells"], ["inside"])],
        "then",
        [],
        [helper.make_tensor_value_info("inside", guests.FLOAT, ["n", 2])],
    )
    other = helper.make_graph(
        [helper.make_node("Mul", ["image_2", "zero"], ["outside"])],
        "else",
        [],
        [helper.make_tensor_value_info("outside", guests.FLOAT, ["n", 2])],
    )
    steps = [
        helper.make_node("GlobalAveragePool", ["coordinates"], ["seen"]),
        helper.make_node("Flatten", ["seen"], ["image"]),
        helper.make_node("Slice", ["image", "from", "to", "axis"], ["image_2"]),
        helper.make_node("If", ["yes"], ["error_km"], then_branch=then, else_branch=other),
    ]
    turn = guests.weights(3, 2, seed=8)
    content = guests.made(
        steps,
        {"coordinates": [0, 3, 24, 24]},
        {"error_km": [0, 2]},
        {
            "cells": turn,
            "zero": np.array(0, np.float32),
            "yes": np.array(True),
            "from": np.array([0]),
            "to": np.array([2]),
            "axis": np.array([1]),
        },
    )
    described = {**guests.osv5m().described, "output": {"gives": "coordinates", "unit": "degrees"}}
    described["output"] |= {"first": "longitude", "radius_km": 10}
    add(Guest(content, described, None, {}).saved(tmp_path / "it"))
    model = predict.load(shelf.find("guest"), device="cpu", threads=1)
    pixels = np.random.default_rng(2).integers(0, 256, (2, 28, 28, 3), dtype=np.uint8)
    x = ((pixels[:, 2:26, 2:26] / 255 - guests.MEAN) / guests.STD).mean(axis=(1, 2)) @ turn
    for found, (lon, lat) in zip(model.predict(pixels), x, strict=True):
        assert found is not None
        assert (found.location.lat, found.location.lon) == pytest.approx((lat, lon), abs=1e-4)


def test_old_operators(tmp_path: Path) -> None:
    guest = guests.planet()
    made = onnx.load_from_string(guest.content)
    made.opset_import[0].version = 9
    other = Guest(bytes(made.SerializeToString()), guest.described, guest.truth, guest.files)
    assert "operators are of set 9; convert it to 11" in refused(tmp_path, other, Exit.NO_MODEL)


def test_without_the_package_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    said = refused(tmp_path, guests.planet())
    assert "pip install 'geovision-geotag[wrap]'" in said


def test_only_who_wraps_reads_the_package(tiny: str) -> None:
    program = (
        "import sys\nfrom geotag import predict\nfrom geotag.models import adopt\n"
        f"predict.load({tiny!r}, device='cpu', threads=1)\nprint('onnx' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_vectors_of_a_wrapped_encoder_can_be_compared(tmp_path: Path) -> None:
    add(guests.clip().saved(tmp_path / "it"))
    model = predict.load(shelf.find("guest"), device="cpu", threads=1)
    assert model.dimensions == guests.SIZE
    pixels = np.random.default_rng(1).integers(0, 256, (2, guests.SIDE, guests.SIDE, 3), dtype=np.uint8)
    assert np.linalg.norm(model.embed(pixels), axis=1) == pytest.approx([1, 1])
