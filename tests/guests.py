"""Imitations of models that other people publish, small, with random weights, and the same in NumPy.

They have the shapes of three: the baseline of OpenStreetView-5M (Astruc et al. 2024; radians), PlaNet (Weyand
et al. 2016; a classifier over cells) and CLIP (Radford et al. 2021; an image encoder beside a text encoder),
whose vectors are compared with a gallery of places.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from click.testing import CliRunner
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from geotag import geo
from geotag.cli import main
from geotag.decode import decode
from geotag.errors import Exit
from geotag.models import modelfolder
from tests.pictures import photograph

if TYPE_CHECKING:
    from geotag.types import Pixels

SIDE = 24
CELLS, SIZE = 40, 16
MEAN, STD = (0.48, 0.46, 0.41), (0.27, 0.26, 0.28)
FLOAT = int(TensorProto.FLOAT)

Floats = NDArray[np.float64]
Tables = dict[str, dict[str, Any]]


def weights(*shape: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, 1, shape).astype(np.float32)


def places() -> Floats:
    """Where the cells lie: latitude and longitude in degrees, to 4 decimals."""
    rng = np.random.default_rng(5)
    return np.stack([rng.uniform(-60, 70, CELLS), rng.uniform(-180, 180, CELLS)], axis=1).round(4)


@dataclass(frozen=True)
class Guest:
    """A model file with its description and what lies beside it; `truth` is the same model in NumPy: uint8
    [n, height, width, 3] as `decode` gives it to coordinates [n, 2], km [n] and, if it has any, cells [n, K].
    """

    content: bytes
    described: Tables
    truth: Any
    files: dict[str, bytes]

    def saved(self, folder: Path, **changed: dict[str, Any]) -> tuple[str, str]:
        """Write it all into a folder; the paths of the model and of the description.

        `changed` are tables with keys that differ from what is right; None leaves a key out.
        """
        folder.mkdir(exist_ok=True, parents=True)
        for name, content in {"model.onnx": self.content, **self.files}.items():
            (folder / name).write_bytes(content)
        tables = {
            name: self.described.get(name, {}) | changed.get(name, {}) for name in self.described | changed
        }
        (folder / "model.toml").write_text(toml(tables), encoding="utf-8")
        return str(folder / "model.onnx"), str(folder / "model.toml")


def toml(tables: Tables) -> str:
    lines = []
    for name, table in tables.items():
        lines.append(f"[{name}]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in table.items() if value is not None]
    return "\n".join(lines) + "\n"


def model_table(name: str, licence: str = "MIT") -> dict[str, Any]:
    return {"name": name, "version": "1", "licence": licence, "sources": "made up for a test"}


def osv5m() -> Guest:
    """Radians from pictures as CLIP takes them: 24 pixels out of a shorter side of 28; any golden picture."""
    turn = weights(3 * 4, 2, seed=1) * np.float32(0.6)
    steps = [
        helper.make_node("AveragePool", ["pixels"], ["pooled"], kernel_shape=[12, 12], strides=[12, 12]),
        helper.make_node("Flatten", ["pooled"], ["flat"], axis=1),
        helper.make_node("MatMul", ["flat", "turn"], ["turned"]),
        helper.make_node("Tanh", ["turned"], ["bent"]),
        helper.make_node("Mul", ["bent", "half"], ["gps"]),
    ]
    content = made(
        steps,
        {"pixels": [0, 3, SIDE, SIDE]},
        {"gps": [0, 2]},
        {"turn": turn, "half": np.array([np.pi / 2, np.pi], np.float32)},
    )

    def truth(pixels: Pixels) -> tuple[Floats, Floats, None]:
        x = (pixels[:, 2:26, 2:26].astype(np.float64) / 255 - MEAN) / STD
        pooled = (
            x.reshape(len(x), 2, 12, 2, 12, 3).mean(axis=(2, 4)).transpose(0, 3, 1, 2).reshape(len(x), 12)
        )
        radians = np.tanh(pooled @ turn.astype(np.float64)) * [np.pi / 2, np.pi]
        return np.degrees(radians), np.full(len(x), 3000.0), None

    picture = {"layout": "NCHW", "height": SIDE, "width": SIDE, "mean": list(MEAN), "std": list(STD)}
    described = {
        "model": model_table("osv5m-like", "CC BY-SA 4.0"),
        "input": {**picture, "resize": "shorter", "shorter_side": 28},
        "output": {"gives": "coordinates", "unit": "radians", "first": "latitude", "radius_km": 3000},
    }
    return Guest(content, described, truth, {})


def planet() -> Guest:
    """Logits over cells from pictures from -1 to 1, blue first, colours last."""
    judge = weights(3, CELLS, seed=2) * np.float32(4)
    steps = [
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=[1, 2], keepdims=0),
        helper.make_node("MatMul", ["mean", "judge"], ["logits"]),
    ]
    content = made(steps, {"x": [0, SIDE, 32, 3]}, {"logits": [0, CELLS]}, {"judge": judge}, opset=13)

    def truth(pixels: Pixels) -> tuple[Floats, Floats, Floats]:
        mean = (pixels[..., ::-1] / 127.5 - 1).mean(axis=(1, 2))
        return answer(softmax(mean @ judge.astype(np.float64) / 0.5), 750.0)

    table = "class,lat_mean,lon_mean\r\n" + "".join(
        f"{number},{lat},{lon}\r\n" for number, (lat, lon) in enumerate(places())
    )
    described = {
        "model": model_table("planet-like"),
        "input": {
            "layout": "NHWC",
            "height": SIDE,
            "width": 32,
            "channels": "BGR",
            "range": [-1, 1],
            "resize": "squash",
        },
        "output": {"gives": "cells", "activation": "logits", "temperature": 0.5, "radius_km": 750},
        "places": {"file": "cells.csv", "latitude": "lat_mean", "longitude": "lon_mean"},
    }
    return Guest(content, described, truth, {"cells.csv": table.encode()})


def clip() -> Guest:
    """Vectors of pictures beside those of texts, in half precision, and a gallery of places."""
    look, words = weights(3 * 4, SIZE, seed=3), weights(7, SIZE, seed=4)
    gallery = weights(CELLS, SIZE, seed=6)
    steps = [
        helper.make_node(
            "AveragePool", ["pixel_values"], ["pooled"], kernel_shape=[12, 12], strides=[12, 12]
        ),
        helper.make_node("Flatten", ["pooled"], ["flat"], axis=1),
        helper.make_node("MatMul", ["flat", "look"], ["image_embeds"]),
        helper.make_node("Cast", ["input_ids"], ["ids"], to=TensorProto.FLOAT16),
        helper.make_node("MatMul", ["ids", "words"], ["text_embeds"]),
        helper.make_node("Transpose", ["text_embeds"], ["turned"], perm=[1, 0]),
        helper.make_node("MatMul", ["image_embeds", "turned"], ["logits_per_image"]),
    ]
    half = int(TensorProto.FLOAT16)
    content = made(
        steps,
        {"input_ids": [0, 7], "pixel_values": [0, 3, SIDE, SIDE]},
        {"logits_per_image": [0, 0], "image_embeds": [0, SIZE], "text_embeds": [0, SIZE]},
        {"look": look.astype(np.float16), "words": words.astype(np.float16)},
        kinds={
            "input_ids": int(TensorProto.INT64),
            "pixel_values": half,
            **dict.fromkeys(("logits_per_image", "image_embeds", "text_embeds"), half),
        },
    )

    def truth(pixels: Pixels) -> tuple[Floats, Floats, Floats]:
        x = (pixels.astype(np.float64) / 255 - MEAN) / STD
        pooled = (
            x.reshape(len(x), 2, 12, 2, 12, 3).mean(axis=(2, 4)).transpose(0, 3, 1, 2).reshape(len(x), 12)
        )
        seen = pooled @ look.astype(np.float16).astype(np.float64)
        seen /= np.linalg.norm(seen, axis=1, keepdims=True)
        known = gallery / np.linalg.norm(gallery, axis=1, keepdims=True)
        return answer(softmax(seen @ known.T / 0.05), 200.0)

    picture = {"layout": "NCHW", "height": SIDE, "width": SIDE, "mean": list(MEAN), "std": list(STD)}
    described = {
        "model": model_table("clip-like"),
        "input": {"name": "pixel_values", **picture, "resize": "shorter"},
        "output": {"gives": "embedding", "name": "image_embeds", "temperature": 0.05, "radius_km": 200},
        "places": {"file": "places.npy", "gallery": "gallery.npy"},
    }
    return Guest(content, described, truth, {"places.npy": npy(places()), "gallery.npy": npy(gallery)})


def made(
    steps: list[onnx.NodeProto],
    inputs: dict[str, list[int]],
    outputs: dict[str, list[int]],
    constants: dict[str, NDArray[Any]],
    opset: int = 17,
    kinds: dict[str, int] | None = None,
) -> bytes:
    """A model file; 0 stands for a free axis."""

    def stated(shapes: dict[str, list[int]]) -> list[onnx.ValueInfoProto]:
        return [
            helper.make_tensor_value_info(
                name, (kinds or {}).get(name, FLOAT), [axis or f"axis{at}" for at, axis in enumerate(shape)]
            )
            for name, shape in shapes.items()
        ]

    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(steps, "guest", stated(inputs), stated(outputs), tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def answer(cells: Floats, least_km: float) -> tuple[Floats, Floats, Floats]:
    """The likeliest place, and the radius around it that holds 80 %, or the least one."""
    where, radii = [], []
    for row in cells:
        best = places()[int(row.argmax())]
        off = geo.distance_km(*best, *places().T)
        order = np.argsort(off)
        enough = int(np.searchsorted(np.cumsum(row[order]), 0.8))
        where.append(best)
        radii.append(max(least_km, float(off[order][min(enough, len(order) - 1)])))
    return np.array(where), np.array(radii), cells


def npy(array: NDArray[Any]) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def golden(folder: Path, guest: Guest, recipe: Any) -> dict[str, Any]:
    """A picture beside a description, and its table: where the model has to put it."""
    photograph(90, 60).save(folder / "golden.png")
    ((lat, lon),) = guest.truth(decode(str(folder / "golden.png"), recipe)[np.newaxis])[0]
    return {"image": "golden.png", "latitude": float(lat), "longitude": float(lon)}


def add(paths: tuple[str, str], *words: str, code: Exit = Exit.OK) -> str:
    """Add a model with its description as `guest`; what was said on stderr."""
    model, described = paths
    result = CliRunner().invoke(
        main, ["models", "add", model, "--describe", described, "--name", "guest", *words]
    )
    assert result.exit_code == code, result.output
    return result.stderr


def refused(tmp_path: Path, guest: Guest, code: Exit = Exit.USAGE, **changed: Any) -> str:
    """Add a model that has to be refused, in one sentence, and not be kept; what was said."""
    said = add(guest.saved(tmp_path / "it", **changed), code=code)
    assert "guest" not in modelfolder.names()
    assert said.count("geotag: ") == 1
    return said


KINDS = {"osv5m": osv5m, "planet": planet, "clip": clip}
