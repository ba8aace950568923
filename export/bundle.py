"""A trained model on disk: its parts in one file that loads safely, and eyes out of any model file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from safetensors.torch import load_file

from export.connected import Ensemble, Head, Network, Readout, Recall
from export.model import LAYERS, Atlas, Eyes, GeoVision
from export.radius import Curve

_MEAN, _STD = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])


@dataclass(frozen=True, slots=True)
class Bundle:
    """Eyes, head, atlas, radius curves, and the card: how it was trained and what it reached.

    `radius` holds a curve for each kind of file, "float32" and "int8".
    """

    eyes: Eyes
    head: Network
    atlas: Atlas
    radius: dict[str, Curve]
    card: dict[str, Any]

    def model(self, kind: str) -> GeoVision:
        """The whole model with the radius of one kind of file, ready to run."""
        corners = torch.from_numpy(self.radius[kind].at), torch.from_numpy(self.radius[kind].km)
        model = GeoVision(self.eyes, self.head, self.atlas, *corners)
        model.eval()
        return model

    def save(self, path: Path) -> None:
        """Write everything to one file."""
        state = {
            "eyes": self.eyes.state_dict(),
            "head": self.head.state_dict(),
            "places": torch.from_numpy(self.atlas.places),
            "answers": torch.from_numpy(self.atlas.answers),
            "scale": [self.atlas.unit_km, self.atlas.power],
            "radius": {
                kind: torch.from_numpy(np.stack([one.at, one.km])) for kind, one in self.radius.items()
            },
            "card": json.dumps(self.card),
        }
        part = path.with_suffix(".part")
        torch.save(state, part)
        part.replace(path)


def load(path: Path) -> Bundle:
    """Read what `save` wrote; raises SystemExit with a sentence when the file is missing."""
    if not path.is_file():
        raise SystemExit(f"{path} is missing; python -m export.train makes it")
    state = torch.load(path, weights_only=True)
    values = state["head"]
    head = _empty_head(values)
    head.load_state_dict(values)
    atlas = Atlas(state["places"].numpy(), state["answers"].numpy(), *state["scale"])
    radius = {kind: Curve(*corners.numpy()) for kind, corners in state["radius"].items()}
    return Bundle(Eyes.of(state["eyes"]), head.eval(), atlas, radius, json.loads(state["card"]))


def _empty_head(values: dict[str, torch.Tensor]) -> Network:
    """A head of the kind and size that weights are for."""
    members: dict[str, dict[str, torch.Tensor]] = {}
    for name, value in values.items():
        if name.startswith("members."):
            _, number, own = name.split(".", 2)
            members.setdefault(number, {})[own] = value
    return Ensemble([_empty_member(own) for own in members.values()]) if members else _empty_member(values)


def _empty_member(values: dict[str, torch.Tensor]) -> Head | Readout:
    """A head by itself, alone or in an ensemble."""
    standards, hidden = (values["mean"], values["std"]), len(values["fc6.bias"])
    if "known" in values:
        return Recall(*standards, values["known"], values["spread"], values["prior"])
    if "prior" in values:
        return Readout(*standards, hidden, values["prior"])
    return Head(*standards, hidden, len(values["fc7.bias"]))


def load_eyes(path: Path) -> Eyes:
    """AlexNet's convolutions from a model.pt, a model in ONNX, or .safetensors (RGB in [0, 1] normalised).

    Raises SystemExit with a sentence when the file is missing or has none.
    """
    if not path.is_file():
        raise SystemExit(f"{path} is missing; --init takes a model, or the pretrained convolutions")
    if path.suffix == ".pt":
        return load(path).eyes
    state = _from_onnx(path) if path.suffix == ".onnx" else _for_pixels(load_file(path))
    try:
        return Eyes.of(state)
    except RuntimeError as error:
        raise SystemExit(f"{path} has not the convolutions of AlexNet: {error}") from error


def _for_pixels(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Weights for RGB in [0, 1] less ImageNet's mean by its deviation, made to take plain pixels instead."""
    kernel, bias = state["features.0.weight"].float(), state["features.0.bias"].float()
    scaled = kernel / _STD.view(1, 3, 1, 1)
    moved = bias - (scaled * _MEAN.view(1, 3, 1, 1)).sum(dim=(1, 2, 3))
    return {**state, "features.0.weight": scaled / 255, "features.0.bias": moved}


def _from_onnx(path: Path) -> dict[str, torch.Tensor]:
    """The convolutions' weights in a float or QDQ model file, by their names in the graph."""
    graph = onnx.load(path).graph
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] in tensors:
            values, scale, zero = (tensors[name].astype(np.float32) for name in node.input[:3])
            scale, zero = (part.reshape(-1, *[1] * (values.ndim - 1)) for part in (scale, zero))
            tensors[node.output[0]] = (values - zero) * scale
    # The order of a graph's nodes is that of the computation: the first convolution is the first layer.
    layers: list[list[onnx.NodeProto]] = []
    for node in graph.node:
        if node.op_type == "Conv":
            # AlexNet has no kernels of one pixel: those are the second factor of the convolution before them.
            if layers and tensors[node.input[1]].shape[2] == 1:
                layers[-1].append(node)
            else:
                layers.append([node])
    state = {}
    for number, parts in zip(LAYERS, layers, strict=False):
        for part, node in enumerate(parts):
            name = f"features.{number}.{part}" if len(parts) > 1 else f"features.{number}"
            kernel = tensors[node.input[1]]
            state[f"{name}.weight"] = torch.from_numpy(kernel.copy())
            if part == len(parts) - 1:
                # Optimisers drop a bias that is zero everywhere.
                bias = tensors[node.input[2]] if len(node.input) > 2 else np.zeros(len(kernel), np.float32)
                state[f"{name}.bias"] = torch.from_numpy(bias.reshape(-1).copy())
    return state
