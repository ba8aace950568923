"""Tiny models by the contract, for tests: they answer from the mean colour of a picture, at once.

A model stands still on the Earth for a given picture, so that tests can tell files and runs apart.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 16
FLOAT = int(TensorProto.FLOAT)
META = {
    "geotag.contract": "1",
    "geotag.name": "tiny",
    "geotag.version": "1",
    "geotag.licence": "Apache-2.0",
    "geotag.resize": "squash",
    "geotag.crop": f"{SIDE}x{SIDE}",
}


def model(
    *,
    km: tuple[float, float] = (100.0, 0.0),
    turn: float = 1.0,
    meta: dict[str, str] | None = None,
    drop: str = "",
    shape: tuple[str | int, ...] = ("batch", SIDE, SIDE, 3),
    pixels: int = TensorProto.UINT8,
    names: tuple[str, str] = ("coordinates", "error_km"),
) -> bytes:
    """An ONNX file: latitude and longitude from the mean colour, scaled by `turn`.

    `km` is the radius of a black picture and what a wholly red one adds to it; `meta` overrides metadata,
    `drop` leaves one out; `shape`, `pixels` and `names` break the contract where a test wants that.
    """
    weights = np.array([[70, -30], [-90, 20], [10, 150]], np.float32) * np.float32(turn / 255)
    steps = [
        helper.make_node("Cast", ["image"], ["colour"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["colour", "sides"], ["mean"], keepdims=0),
        helper.make_node("MatMul", ["mean", "weights"], [names[0]]),
        helper.make_node("Gather", ["mean", "red"], ["redness"], axis=1),
        helper.make_node("Mul", ["redness", "slope"], ["more"]),
        helper.make_node("Add", ["more", "least"], [names[1]]),
    ]
    constants = {
        "sides": np.array([1, 2]),
        "weights": weights,
        "red": np.array(0),
        "slope": np.array(km[1] / 255, np.float32),
        "least": np.array(km[0], np.float32),
    }
    graph = helper.make_graph(
        steps,
        "tiny",
        [helper.make_tensor_value_info("image", pixels, shape)],
        [
            helper.make_tensor_value_info(names[0], TensorProto.FLOAT, [shape[0], 2]),
            helper.make_tensor_value_info(names[1], TensorProto.FLOAT, [shape[0]]),
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    stated = META | (meta or {})
    stated.pop(drop, None)
    helper.set_model_props(made, stated)
    onnx.checker.check_model(made)
    return bytes(made.SerializeToString())


def with_cells(content: bytes, places: list[list[float]], stated: str | None = None) -> bytes:
    """A model of `model` that also gives probabilities over three places, by a picture's red, green and blue.

    `stated` is what its metadata say of the places, by default the truth.
    """
    made = onnx.load_from_string(content)
    made.graph.node.append(helper.make_node("Div", ["mean", "hundred"], ["scores"]))
    made.graph.node.append(helper.make_node("Softmax", ["scores"], ["cells"], axis=1))
    made.graph.initializer.append(numpy_helper.from_array(np.array(100, np.float32), "hundred"))
    made.graph.output.append(helper.make_tensor_value_info("cells", FLOAT, ["batch", len(places)]))
    meta = {item.key: item.value for item in made.metadata_props}
    text = json.dumps(places) if stated is None else stated
    helper.set_model_props(made, meta | {"cell_coordinates": text})
    onnx.checker.check_model(made)
    return bytes(made.SerializeToString())


def with_embedding(content: bytes) -> bytes:
    """A model of `model` that also gives a vector of length one: the direction of the mean colour."""
    made = onnx.load_from_string(content)
    made.graph.node.append(helper.make_node("LpNormalization", ["mean"], ["embedding"], axis=1, p=2))
    made.graph.output.append(helper.make_tensor_value_info("embedding", FLOAT, ["batch", 3]))
    onnx.checker.check_model(made)
    return bytes(made.SerializeToString())


def saved(path: Path, content: bytes) -> str:
    """Write a model file and return its path, as `--model` takes it."""
    path.write_bytes(content)
    return str(path)
