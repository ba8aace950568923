"""A teacher's sight, distilled: AlexNet's statistics are read as what stronger eyes see of the same picture.

A ridge regression from the statistics of every guise of a photograph, grey, faded or cropped, to the
principal components of what the teacher sees of it as it is. Being linear it melts into fc6: the graph
stays an AlexNet, and the teacher stays at home.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from export.model import Head

Floats = NDArray[np.float32]

PARTS = 4
"""Parts that are read through lenses ground without them, so that heads train on sights no better than new
photographs have."""


@dataclass(frozen=True, slots=True)
class Lens:
    """Statistics less `mean` by `std`, [S] each, times `weight` [S, D] are the teacher's sight."""

    mean: Tensor
    std: Tensor
    weight: Tensor


def lessons(taught: NDArray[np.float16], count: int) -> Floats:
    """The first principal components of what the teacher sees, standardised: float32 [n, at most count]."""
    seen = taught.astype(np.float32)
    seen = (seen - seen.mean(axis=0)) / (seen.std(axis=0) + 1e-3 * seen.std()) / np.sqrt(seen.shape[1])
    values, axes = np.linalg.eigh(seen @ seen.T)
    chosen = np.argsort(values)[::-1][:count]
    return np.asarray(axes[:, chosen] * np.sqrt(np.maximum(values[chosen], 0)), np.float32)


def grind(
    statistics: NDArray[np.float16],
    group: NDArray[np.int64],
    taught: NDArray[np.float16],
    mean: Tensor,
    std: Tensor,
    count: int,
    penalty: float,
) -> tuple[Lens, Floats]:
    """The lens for training photographs, and what is seen of each through a lens ground without its group.

    `statistics` [n, views, S], `taught` [n, T], `group` [n]; the second is float32 [n, views, D].
    """
    wanted = lessons(taught, count)
    root = np.float32(np.sqrt(len(mean)))
    inputs = (statistics.astype(np.float32) - mean.numpy()) / (std.numpy() * root)
    seen = np.zeros((*statistics.shape[:2], wanted.shape[1]), np.float32)
    part = np.unique(group, return_inverse=True)[1] % PARTS
    for number in range(PARTS):
        held = part == number
        seen[held] = inputs[held] @ _ridge(inputs[~held], wanted[~held], penalty)
    weight = torch.from_numpy(_ridge(inputs, wanted, penalty) / root)
    return Lens(mean, std, weight), seen


def _ridge(inputs: Floats, wanted: Floats, penalty: float) -> Floats:
    """Weights [S, D] of the ridge regression from all views [n, views, S] to the same wanted rows [n, D]."""
    flat = inputs.reshape(-1, inputs.shape[2])
    inner = (flat @ flat.T).astype(np.float64)
    inner[np.diag_indices(len(inner))] += penalty
    dual = np.linalg.solve(inner, np.repeat(wanted, inputs.shape[1], axis=0))
    return np.asarray(flat.T @ dual.astype(np.float32))


def through(lens: Lens, head: Head) -> Head:
    """The same answers straight from the statistics: the lens becomes part of fc6."""
    first = head.fc6.weight / head.std
    one = Head(lens.mean, lens.std, head.fc6.out_features, head.fc7.out_features)
    with torch.no_grad():
        one.fc6.weight.copy_(first @ lens.weight.T)
        one.fc6.bias.copy_(head.fc6.bias - first @ head.mean)
    one.fc7 = head.fc7
    one.eval()
    return one
