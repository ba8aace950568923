"""A vision transformer by the contract, of any size, with random weights: what a strong model costs.

LARGE has the size of ViT-L/14 (Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", table 1), as CLIP
and GeoCLIP use it: 300 million weights. It answers nonsense, at the right price.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

PATCH = 14


@dataclass(frozen=True)
class Size:
    """Blocks, numbers that stand for a patch, heads of attention, and the picture's side in pixels."""

    layers: int
    width: int
    heads: int
    side: int


LARGE = Size(24, 1024, 16, 224)
TINY = Size(2, 32, 2, 28)


@dataclass
class _Graph:
    """A graph as it grows; `kind` is the NumPy type of its numbers."""

    kind: type[np.floating]
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def op(self, operator: str, *inputs: str, output: str = "", **attributes: object) -> str:
        output = output or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, value: NDArray[np.generic]) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def number(self, value: float) -> str:
        return self.constant(np.array(value, self.kind))

    def weights(self, *shape: int) -> str:
        """Random weights that keep the size of what they are multiplied with."""
        drawn = self.rng.standard_normal(shape, np.float32) / np.float32(np.sqrt(shape[-2]))
        return self.constant(drawn.astype(self.kind))

    def linear(self, value: str, inputs: int, outputs: int) -> str:
        bias = self.constant(np.zeros(outputs, self.kind))
        return self.op("Add", self.op("MatMul", value, self.weights(inputs, outputs)), bias)

    def norm(self, value: str, width: int) -> str:
        scale, shift = self.constant(np.ones(width, self.kind)), self.constant(np.zeros(width, self.kind))
        return self.op("LayerNormalization", value, scale, shift, axis=-1)

    def attention(self, value: str, size: Size) -> str:
        each = size.width // size.heads
        apart = self.constant(np.array([0, -1, size.heads, each]))
        heads = [self.op("Reshape", self.linear(value, size.width, size.width), apart) for _ in range(3)]
        query, what = (self.op("Transpose", head, perm=[0, 2, 1, 3]) for head in heads[::2])
        key = self.op("Transpose", heads[1], perm=[0, 2, 3, 1])
        scores = self.op("Mul", self.op("MatMul", query, key), self.number(each**-0.5))
        seen = self.op("MatMul", self.op("Softmax", scores, axis=-1), what)
        back = self.constant(np.array([0, -1, size.width]))
        joined = self.op("Reshape", self.op("Transpose", seen, perm=[0, 2, 1, 3]), back)
        return self.linear(joined, size.width, size.width)

    def thought(self, value: str, width: int) -> str:
        """Two layers with a GELU, in CLIP's quick form, between them."""
        wide = self.linear(value, width, 4 * width)
        gate = self.op("Sigmoid", self.op("Mul", wide, self.number(1.702)))
        return self.linear(self.op("Mul", wide, gate), 4 * width, width)


def transformer(path: Path, size: Size = LARGE, *, half: bool = False) -> str:
    """Write a model file of a size, in float32 or in half precision; returns its path."""
    graph = _Graph(np.float16 if half else np.float32)
    to = TensorProto.FLOAT16 if half else TensorProto.FLOAT
    pixels = graph.op("Mul", graph.op("Cast", "image", to=to), graph.number(1 / 255))
    planes = graph.op("Transpose", pixels, perm=[0, 3, 1, 2])
    kernel = graph.rng.standard_normal((size.width, 3, PATCH, PATCH), np.float32) / np.float32(25)
    patches = graph.op("Conv", planes, graph.constant(kernel.astype(graph.kind)), strides=[PATCH, PATCH])
    flat = graph.op("Reshape", patches, graph.constant(np.array([0, size.width, -1])))
    value = graph.op("Transpose", flat, perm=[0, 2, 1])
    for _ in range(size.layers):
        value = graph.op("Add", value, graph.attention(graph.norm(value, size.width), size))
        value = graph.op("Add", value, graph.thought(graph.norm(value, size.width), size.width))
    mean = graph.op("ReduceMean", graph.norm(value, size.width), graph.constant(np.array([1])), keepdims=0)
    squeezed = graph.op("Tanh", graph.linear(mean, size.width, 3))
    plain = graph.op("Cast", squeezed, to=TensorProto.FLOAT)
    ranges = graph.constant(np.array([90, 180, 1000], np.float32))
    scaled = graph.op("Mul", plain, ranges)
    graph.op("Gather", scaled, graph.constant(np.array([0, 1])), output="coordinates", axis=1)
    doubt = graph.op("Gather", scaled, graph.constant(np.array(2)), axis=1)
    graph.op("Add", doubt, graph.constant(np.array(3000, np.float32)), output="error_km")
    made = helper.make_graph(
        graph.nodes,
        "transformer",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", size.side, size.side, 3])],
        [
            helper.make_tensor_value_info("coordinates", TensorProto.FLOAT, ["batch", 2]),
            helper.make_tensor_value_info("error_km", TensorProto.FLOAT, ["batch"]),
        ],
        graph.constants,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    stated = {"contract": "1", "name": "transformer", "version": "half" if half else "float"}
    stated |= {"licence": "Apache-2.0", "resize": "squash", "crop": f"{size.side}x{size.side}"}
    helper.set_model_props(model, {f"geotag.{key}": text for key, text in stated.items()})
    onnx.save(model, path)
    return str(path)
