"""GoogLeNet as a teacher that stays at home: what stronger eyes see of the photographs.

The network of Szegedy et al. 2015 ("Going Deeper with Convolutions", table 1) up to its last inception, with
the weights of a .safetensors file that names its layers conv1, conv2r, conv2 and inc.3a to inc.5b, the
reductions ending in r.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional

from export import views
from export.index import Index
from export.model import Norm, pooled

Weights = dict[str, Tensor]

_MEAN = torch.tensor([123.0, 117.0, 104.0])
"""Means of red, green and blue that the weights were trained without."""


def load(path: Path) -> Weights:
    """Weights by layer; raises SystemExit with a sentence when the file is missing or of another network."""
    if not path.is_file():
        raise SystemExit(f"{path} is missing; --teacher takes GoogLeNet's weights")
    weights = {name: value.float() for name, value in load_file(path).items()}
    if "inc.5b.b5.weight" not in weights:
        raise SystemExit(f"{path} has not the layers of GoogLeNet")
    return weights


def see(weights: Weights, image: Tensor) -> Tensor:
    """What the teacher sees of pixels [n, height, width, 3] from 0 to 255, red first: float32 [n, TAUGHT].

    Mean, maximum and spread of every channel behind inceptions 4e and 5b, their square roots, as of our eyes.
    """
    # The weights were trained on blue first.
    maps = (image.float() - _MEAN).flip(3).permute(0, 3, 1, 2)
    norm = Norm()
    maps = norm(_pool(_layer(weights, "conv1", maps, stride=2)))
    maps = _pool(norm(_layer(weights, "conv2", _layer(weights, "conv2r", maps))))
    seen = []
    for block in ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"):
        if block in ("4a", "5a"):
            maps = _pool(maps)
        maps = _inception(weights, f"inc.{block}.", maps)
        if block in ("4e", "5b"):
            seen += [*pooled(maps), maps.amax(dim=(2, 3))]
    return torch.sqrt(torch.cat(seen, dim=1))


def _layer(weights: Weights, name: str, maps: Tensor, stride: int = 1) -> Tensor:
    kernel = weights[f"{name}.weight"]
    around = kernel.shape[2] // 2
    return functional.relu(functional.conv2d(maps, kernel, weights[f"{name}.bias"], stride, around))


def _pool(maps: Tensor) -> Tensor:
    return functional.max_pool2d(maps, 3, 2, ceil_mode=True)


def _inception(weights: Weights, name: str, maps: Tensor) -> Tensor:
    wider = _layer(weights, name + "b3", _layer(weights, name + "b3r", maps))
    widest = _layer(weights, name + "b5", _layer(weights, name + "b5r", maps))
    pooled = _layer(weights, name + "bp", functional.max_pool2d(maps, 3, 1, 1))
    return torch.cat([_layer(weights, name + "b1", maps), wider, widest, pooled], dim=1)


def statistics(index: Index, weights: Weights, cache: Path) -> NDArray[np.float16]:
    """What the teacher sees of all photographs as they are: float16 [n, TAUGHT], kept in `cache`."""
    digest = hashlib.sha256(index.fingerprint().encode())
    for name in sorted(weights):
        digest.update(weights[name].numpy().tobytes())
    file = cache / f"teacher-{digest.hexdigest()[:16]}.npy"
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with torch.no_grad():
            seen = [see(weights, torch.from_numpy(batch)).half() for batch in views.pixels(index, 0, 0)]
        half = file.with_suffix(".part.npy")
        np.save(half, torch.cat(seen).numpy())
        half.replace(file)
    return np.asarray(np.load(file))
