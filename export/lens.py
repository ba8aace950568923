"""A teacher's sight, distilled: AlexNet's statistics are read as what stronger eyes see of the same picture.

A ridge regression from the statistics of every guise of a photograph, grey, faded or cropped, to the
principal components of what the teacher sees of it as it is; places are read from that. Both are linear: they
are fc6 and fc7 of an AlexNet, and the teacher stays at home.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from export.connected import Readout

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
    views, root = statistics.shape[1], np.float32(np.sqrt(len(mean)))
    wanted = np.repeat(lessons(taught, count), views, axis=0)
    inputs = ((statistics.astype(np.float32) - mean.numpy()) / (std.numpy() * root)).reshape(len(wanted), -1)
    alike = inputs @ inputs.T
    part = np.repeat(np.unique(group, return_inverse=True)[1] % PARTS, views)
    seen = np.zeros_like(wanted)
    for number in range(PARTS):
        held = part == number
        seen[held] = alike[np.ix_(held, ~held)] @ _dual(alike[np.ix_(~held, ~held)], wanted[~held], penalty)
    weight = torch.from_numpy(inputs.T @ _dual(alike, wanted, penalty) / root)
    return Lens(mean, std, weight), seen.reshape(len(statistics), views, -1)


def _dual(alike: Floats, wanted: Floats, penalty: float) -> Floats:
    """Ridge regression in its dual form: how much each training row counts, [n, D]."""
    return np.asarray(
        np.linalg.solve(alike + np.float32(penalty) * np.eye(len(alike), dtype=np.float32), wanted)
    )


def read_places(
    lens: Lens, seen: Floats, share: NDArray[np.float64], target: Tensor, prior: Tensor, ridge: float
) -> Readout:
    """The head that reads places from what is seen of training photographs, float32 [n, views, D].

    Ridge regression, weighted by `share` [n], from the sight to soft targets [n, K] beyond the prior [K].
    """
    views = seen.shape[1]
    votes = np.repeat(share / share.mean() / views, views)
    flat = seen.reshape(len(votes), -1).astype(np.float64)
    mean, spread = np.average(flat, axis=0, weights=votes), flat.std(axis=0)
    away = flat - mean
    # At this scale, a mean square of 1, the penalty means the same whatever the teacher.
    scale = np.sqrt(len(share) / (votes @ (away * away).sum(axis=1)))
    away *= scale
    beyond = np.repeat((target - prior).double().numpy(), views, axis=0)
    weighted = away.T * votes
    weight = np.linalg.solve(weighted @ away + ridge * np.eye(away.shape[1]), weighted @ beyond)
    head = Readout(lens.mean, lens.std, away.shape[1], prior)
    with torch.no_grad():
        head.fc6.weight.copy_((lens.weight / torch.from_numpy(spread)).T)
        head.fc6.bias.copy_(torch.from_numpy(-mean / spread))
        head.fc7.weight.copy_(torch.from_numpy((weight * (scale * spread)[:, None]).T) / prior[:, None])
    head.eval()
    return head
