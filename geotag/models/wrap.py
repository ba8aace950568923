"""Puts the model contract around somebody else's graph: pixels before it, coordinates and radius behind it.

The only module that knows the package `onnx`, which comes with the extra `wrap`. Nodes are those that read
the same from operator set 11 on (ONNX, "Operator Schemas"), so that the graph in the middle stays as it is.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geotag import geo
from geotag.errors import ModelError, UsageError
from geotag.models import graphs
from geotag.models.describe import Cells, Description, Embedding, Picture, Point

if TYPE_CHECKING:
    import onnx

EARLIEST_OPSET = 11
MOST_WEIGHTS = 200_000
SHARE = 0.8
"""The radius of a distribution holds this much of it."""

_GUEST, _OURS = "guest/", "geotag/"
_EXTRA = "--describe needs the package onnx, which is not installed: pip install 'geovision-geotag[wrap]'"

Floats = NDArray[np.float64]


def wrap(
    path: str,
    described: Description,
    origin: str,
    places: Floats | None,
    gallery: NDArray[np.float32] | None,
) -> bytes:
    """A model file by the contract, around the model file at `path`, which `onnxfile` has let pass.

    `places` are degrees, [K, 2], and `gallery` unit vectors, [K, D], where the description has them; `origin`
    says what it was made from. The same things in give the same bytes out. Raises UsageError without the
    package, ModelError where the model is not as described.
    """
    try:
        import onnx
    except ImportError as error:
        raise UsageError(_EXTRA) from error
    from google.protobuf.message import DecodeError, EncodeError

    try:
        model = onnx.load(path, load_external_data=False)
    except (DecodeError, OSError) as error:
        raise ModelError(f"{path}: not a model that can be loaded: {str(error)[:200]}") from error
    try:
        _renew(model, path)
        _Wrapping(path, described, model.graph).around(places, gallery)
        _say(model, described, origin, places)
        return bytes(model.SerializeToString(deterministic=True))
    except (EncodeError, ValueError) as error:
        raise ModelError(
            f"{path}: cannot be wrapped: {str(error)[:200]}; with its tables it has to stay under 2 GiB"
        ) from error


def _renew(model: onnx.ModelProto, path: str) -> None:
    """Bring what a file says of its own format up to date; raise where its operators are too old."""
    opsets = [item.version for item in model.opset_import if item.domain in ("", "ai.onnx")]
    if not opsets or max(opsets) < EARLIEST_OPSET:
        raise ModelError(
            f"{path}: its operators are of set {max(opsets, default=0)}; convert it to {EARLIEST_OPSET} or "
            "later (onnx.version_converter), or export it anew"
        )
    if len(model.graph.initializer) > MOST_WEIGHTS:
        raise ModelError(f"{path}: has more than {MOST_WEIGHTS:,} weights by name, which no model has")
    # Before version 4 weights had to be inputs, too (ONNX IR, "Graphs").
    model.ir_version = max(model.ir_version, 8)
    for name in ("producer_name", "producer_version", "domain", "doc_string", "training_info"):
        model.ClearField(name)


def _say(model: onnx.ModelProto, described: Description, origin: str, places: Floats | None) -> None:
    """Replace what a model file says of itself by what the description says."""
    recipe, radius = described.picture.recipe, described.radius_km
    stated = {
        "contract": "1",
        "name": described.name,
        "version": described.version,
        "licence": described.licence,
        "resize": recipe.resize,
        "crop": f"{recipe.height}x{recipe.width}",
        "filter": recipe.filter,
        "training_data": described.sources,
        "calibration": "none: the radius is the model's own"
        if radius is None
        else f"none: a stated radius of at least {radius:g} km",
        "origin": origin,
    }
    meta = {f"geotag.{key}": value for key, value in stated.items()}
    if places is not None:
        meta["cell_coordinates"] = json.dumps(places.round(6).tolist(), separators=(",", ":"))
    del model.metadata_props[:]
    for key, value in meta.items():
        model.metadata_props.add(key=key, value=value)


class _Wrapping:
    """One model's graph, with the contract growing around it."""

    def __init__(self, path: str, described: Description, graph: onnx.GraphProto) -> None:
        self.path, self.described, self.graph = path, described, graph
        self.before: list[onnx.NodeProto] = []
        self.after: list[onnx.NodeProto] = []
        self.nodes = self.before
        self.constants: list[onnx.TensorProto] = []

    def around(self, places: Floats | None, gallery: NDArray[np.float32] | None) -> None:
        """Make the graph one by the contract."""
        from onnx import TensorProto, helper

        output, recipe = self.described.output, self.described.picture.recipe
        wanted = [self._output(output.name)]
        if isinstance(output, Point) and output.radius_output:
            wanted.append(self._output(output.radius_output))
        self._fits(wanted[0], 2 if isinstance(output, Point) else _width(output, places, gallery))
        graphs.prune(self.graph, {value.name for value in wanted})
        taken = self._input()
        graphs.rename(self.graph, _GUEST, graphs.batch(taken))
        self._pixels(taken)
        self.nodes = self.after
        shapes: dict[str, list[str | int]] = {"coordinates": ["batch", 2], "error_km": ["batch"]}
        if isinstance(output, Point):
            self._point([value.name for value in wanted], output)
        else:
            assert places is not None
            if gallery is not None:
                shapes["embedding"] = ["batch", gallery.shape[1]]
            shapes["cells"] = ["batch", len(places)]
            self._distribution(wanted[0].name, output, gallery)
            self._answer(places)
        nodes = [*self.before, *self.graph.node, *self.after]
        for field in ("node", "input", "output", "doc_string", "quantization_annotation"):
            self.graph.ClearField(field)
        self.graph.node.extend(nodes)
        self.graph.initializer.extend(self.constants)
        image = ["batch", recipe.height, recipe.width, 3]
        self.graph.input.append(helper.make_tensor_value_info("image", TensorProto.UINT8, image))
        self.graph.output.extend(
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()
        )

    def _output(self, name: str) -> onnx.ValueInfoProto:
        """An output by its name, or the only one."""
        outputs = {value.name: value for value in self.graph.output}
        if not name and len(outputs) == 1:
            return next(iter(outputs.values()))
        if name not in outputs:
            raise self._unfit(f"[output] name {name!a} is none of its outputs: {graphs.listed(outputs)}")
        return outputs[name]

    def _input(self) -> onnx.ValueInfoProto:
        """The one input that what is wanted depends on, a picture of the described shape."""
        weights = {tensor.name for tensor in self.graph.initializer}
        inputs = {value.name: value for value in self.graph.input if value.name not in weights}
        picture = self.described.picture
        if picture.name and picture.name not in inputs:
            raise self._unfit(f"[input] name {picture.name!a} is none of its inputs: {graphs.listed(inputs)}")
        if len(inputs) != 1:
            raise self._unfit(
                f"what it gives depends on {len(inputs)} inputs ({graphs.listed(inputs)}), not on a picture "
                "alone; export the part that looks at the picture"
            )
        (taken,) = inputs.values()
        sides = (picture.height, picture.width)
        wanted = (3, *sides) if picture.layout == "NCHW" else (*sides, 3)
        stated = graphs.axes(taken)
        if stated is not None and (
            len(stated) != 4 or any(a and a != b for a, b in zip(stated[1:], wanted, strict=True))
        ):
            raise self._unfit(
                f"input {taken.name!a} takes {graphs.shape(stated)}, and [input] describes "
                f"{graphs.shape([0, *wanted])} ({picture.layout})"
            )
        return taken

    def _fits(self, value: onnx.ValueInfoProto, width: int) -> None:
        """Raise where an output states another shape than [batch, width]."""
        stated = graphs.axes(value)
        if stated is not None and (len(stated) != 2 or stated[1] not in (0, width)):
            raise self._unfit(f"output {value.name!a} gives {graphs.shape(stated)}, not [batch, {width}]")

    def _unfit(self, what: str) -> ModelError:
        return ModelError(f"{self.path}: not as {self.described.path} says: {what}")

    def _pixels(self, taken: onnx.ValueInfoProto) -> None:
        """From `image`, uint8 [batch, height, width, 3], to what the model takes."""
        from onnx import TensorProto

        picture, kind = self.described.picture, taken.type.tensor_type.elem_type
        at = "image"
        if picture.shorter_side:
            top, left = ((picture.shorter_side - side) // 2 for side in (picture.height, picture.width))
            ends = [top + picture.height, left + picture.width]
            at = self._node("Slice", at, self._ints([top, left]), self._ints(ends), self._ints([1, 2]))
        if picture.channels == "BGR":
            at = self._node("Gather", at, self._ints([2, 1, 0]), axis=3)
        scale, shift = _scaling(picture)
        if kind != TensorProto.UINT8:
            at = self._node("Cast", at, to=TensorProto.FLOAT)
            at = self._node("Mul", at, self._floats(scale))
            at = self._node("Add", at, self._floats(shift))
        elif not (np.allclose(scale, 1) and np.allclose(shift, 0)):
            raise self._unfit("its input takes bytes: range is [0, 255], and it has no mean and std")
        if picture.layout == "NCHW":
            at = self._node("Transpose", at, perm=[0, 3, 1, 2])
        if kind in (TensorProto.FLOAT16, TensorProto.DOUBLE):
            at = self._node("Cast", at, to=kind)
        elif kind not in (TensorProto.UINT8, TensorProto.FLOAT):
            raise self._unfit(f"its input is of type {TensorProto.DataType.Name(kind)}, and no picture")
        self._node("Identity", at, gives=taken.name)

    def _point(self, names: list[str], output: Point) -> None:
        """`coordinates` and `error_km` from an output of coordinates."""
        pair = self._as_float(names[0])
        if output.unit == "radians":
            pair = self._node("Mul", pair, self._floats(180 / math.pi))
        order = (0, 1) if output.first == "latitude" else (1, 0)
        lat, lon = (self._node("Gather", pair, self._ints([column]), axis=1) for column in order)
        # Once round the Earth is the same place.
        turns = self._node("Add", lon, self._floats(180.0))
        turns = self._node("Floor", self._node("Div", turns, self._floats(360.0)))
        lon = self._node("Sub", lon, self._node("Mul", turns, self._floats(360.0)))
        self._node("Concat", lat, lon, axis=1, gives="coordinates")
        if len(names) == 2:
            self._node("Reshape", self._as_float(names[1]), self._ints([-1]), gives="error_km")
        else:
            batch = self._node("Gather", self._node("Shape", "coordinates"), self._ints([0]), axis=0)
            self._node("Expand", self._floats([self.described.radius_km or 0.0]), batch, gives="error_km")

    def _distribution(
        self, name: str, output: Cells | Embedding, gallery: NDArray[np.float32] | None
    ) -> None:
        """`cells`, and `embedding` where a gallery is compared with it."""
        at = self._as_float(name)
        if gallery is not None:
            ones = self._floats(np.ones((gallery.shape[1], 1)))
            length = self._node("Sqrt", self._node("MatMul", self._node("Mul", at, at), ones))
            length = self._node("Max", length, self._floats(1e-12))
            self._node("Div", at, length, gives="embedding")
            at = self._node("MatMul", "embedding", self._floats(gallery.T))
        if isinstance(output, Cells) and output.activation == "probabilities":
            self._node("Identity", at, gives="cells")
            return
        at = self._node("Div", at, self._floats(output.temperature))
        self._node("Softmax", at, axis=1, gives="cells")

    def _answer(self, places: Floats) -> None:
        """The likeliest place, and the radius around it that holds SHARE of `cells`, or the stated one."""
        from onnx import TensorProto

        best = self._node("ArgMax", "cells", axis=1, keepdims=0)
        self._node("Gather", self._floats(places), best, axis=0, gives="coordinates")
        vectors = geo.unit_vectors(*places.T)
        here = self._node("Gather", self._floats(vectors), best, axis=0)
        cosines = self._node("MatMul", here, self._floats(vectors.T))
        near, order = self._nodes("TopK", 2, cosines, self._ints([len(places)]), axis=1)
        mass = self._node("CumSum", self._node("GatherElements", "cells", order, axis=1), self._ints(1))
        less = self._node("Cast", self._node("Less", mass, self._floats(SHARE)), to=TensorProto.FLOAT)
        count = self._node("MatMul", less, self._floats(np.ones((len(places), 1))))
        count = self._node("Min", count, self._floats(len(places) - 1.0))
        last = self._node("GatherElements", near, self._node("Cast", count, to=TensorProto.INT64), axis=1)
        angle = self._node("Acos", self._node("Clip", last, self._floats(-1.0), self._floats(1.0)))
        km = self._node(
            "Reshape", self._node("Mul", angle, self._floats(geo.EARTH_RADIUS_KM)), self._ints([-1])
        )
        self._node("Max", km, self._floats(self.described.radius_km), gives="error_km")

    def _as_float(self, name: str) -> str:
        from onnx import TensorProto

        return self._node("Cast", name, to=TensorProto.FLOAT)

    def _node(self, kind: str, *inputs: str, gives: str = "", **attributes: Any) -> str:
        return self._nodes(kind, 1, *inputs, gives=gives, **attributes)[0]

    def _nodes(self, kind: str, count: int, *inputs: str, gives: str = "", **attributes: Any) -> list[str]:
        """Add a node; the names of what it gives."""
        from onnx import helper

        mark = f"{_OURS}{len(self.before) + len(self.after)}"
        outputs = [gives] if gives else [f"{mark}/{number}" for number in range(count)]
        self.nodes.append(helper.make_node(kind, inputs, outputs, name=mark, **attributes))
        return outputs

    def _floats(self, value: ArrayLike | None) -> str:
        return self._constant(np.asarray(value, np.float32))

    def _ints(self, value: ArrayLike) -> str:
        return self._constant(np.asarray(value, np.int64))

    def _constant(self, value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"{_OURS}constant/{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name


def _width(output: Cells | Embedding, places: Floats | None, gallery: NDArray[np.float32] | None) -> int:
    """How many numbers an output has to give for a picture."""
    assert places is not None
    return len(places) if isinstance(output, Cells) or gallery is None else gallery.shape[1]


def _scaling(picture: Picture) -> tuple[Floats, Floats]:
    """What a byte of each channel is multiplied by, and what is added then, [3] each."""
    low, high = picture.range
    mean, std = np.array(picture.mean), np.array(picture.std)
    return (high - low) / 255 / std, (low - mean) / std
