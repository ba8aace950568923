"""Places read from how alike a picture is to the photographs known, where these are few.

With few photographs no single number that the eyes give says where; a photograph that resembles another in
most of them often does. Kernel ridge regression on a lens's sight is a radial basis network in closed form.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from export.connected import Recall
from export.lens import Floats, Lens

FEW = 4000
"""Photographs up to which this is the head of choice: it compares with each, and time grows with the cube."""

_SLIGHT = 1e-6
"""Against rounding: photographs as good as equal make the equations as good as singular."""


def own_sight(statistics: NDArray[np.float16], mean: Tensor, std: Tensor, most: int) -> tuple[Lens, Floats]:
    """A lens without a teacher: the principal components of the eyes' own sight, and what is seen through it.

    `statistics` [n, views, S], their `mean` and spread `std` [S]; at most so many components, of the
    photographs as they are. The second is float32 [n, views, D].
    """
    root = np.sqrt(len(mean))
    inputs = (statistics.astype(np.float32) - mean.numpy()) / (std.numpy() * np.float32(root))
    plain = np.ascontiguousarray(inputs[:, 0])
    values, axes = np.linalg.eigh((plain @ plain.T).astype(np.float64))
    chosen = np.flatnonzero(values > 1e-6 * values[-1])[::-1][:most]
    weight = plain.T @ (axes[:, chosen] / np.sqrt(values[chosen])).astype(np.float32)
    # As one table: a product with every photograph by itself would fetch the weights anew for each.
    seen = (inputs.reshape(-1, len(mean)) @ weight).reshape(*statistics.shape[:2], -1)
    return Lens(mean, std, torch.from_numpy(weight / np.float32(root))), seen


def read_likeness(
    lens: Lens, seen: Floats, share: NDArray[np.float64], target: Tensor, prior: Tensor, ridge: float
) -> Recall:
    """The head that reads places from how alike the sight of a picture is to that of photographs known.

    `seen` float32 [n, views, D]; `share` [n] are votes, `target` [n, K] soft targets, of which the head
    learns what they have beyond the `prior` [K]. All guises teach; known is a photograph's mean over them.
    """
    views = seen.shape[1]
    votes = np.repeat(share / share.mean() / views, views)
    flat = seen.reshape(len(votes), -1)
    mean, spread = np.average(flat, axis=0, weights=votes), flat.std(axis=0)
    white = torch.from_numpy(((seen - mean) / spread).astype(np.float32))
    width = torch.from_numpy(spread.astype(np.float32))
    head = Recall(lens.mean, lens.std, white.mean(dim=1), width, prior)
    with torch.no_grad():
        alike = head.alike(white.flatten(0, 1)).double().numpy()
        known = head.alike(white.mean(dim=1)).double().numpy()
        weighted = alike.T * votes
        beyond = np.repeat((target - prior).double().numpy(), views, axis=0)
        slight = _SLIGHT * np.eye(len(known))
        weight = np.linalg.solve(weighted @ alike + ridge * known + slight, weighted @ beyond)
        head.fc6.weight.copy_((lens.weight / width).T)
        head.fc6.bias.copy_(torch.from_numpy(-mean / spread))
        head.fc7.weight.copy_(torch.from_numpy(weight.T) / prior[:, None])
    head.eval()
    return head
