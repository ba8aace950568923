"""Six ways to turn what the eyes see into a place.

* `regressor`: two neurons, latitude and longitude, great-circle loss: GeoVision as published.
* `cells`: a class for each cell at three levels from coarse to fine that follow the data; a fine cell's
  score is the sum over its levels, so that neighbours share what is known of their region.
* `places`: soft targets, the truth spread over its surroundings, and the expected cost itself
  as part of the loss.
* `readout`: the same soft targets, read by ridge regression from a teacher's sight: two linear layers in
  closed form, no training loop.
* `likeness`: the same soft targets, read from how alike a picture is to each training photograph: a radial
  basis network in closed form, for the few photographs of a region.
* `ensemble`: heads of the above side by side, their opinions pooled (see `MEMBERS`).

The last five give scores over the same places and answer with the point of the least expected cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from export import loss
from export.connected import Head, Network
from export.model import Atlas, doubt
from export.sampling import centre, places
from geotag.geo import distance_km
from geotag.score import even_grid

Floats = NDArray[np.float64]

REACH = 0.08
"""How far the truth is spread over its surroundings as a soft target, in units of the region's scale."""

HEADS = ("regressor", "euclidean", "cells", "places", "readout", "likeness", "ensemble")

MEMBERS = ("readout", "places")
"""The heads of an ensemble; pictures are compared by what the first one sees. Why these: models/README.md."""

_LEVELS = (16, 120)
_GRID = 1500


@dataclass(frozen=True, slots=True)
class Answer:
    """Answers for n photographs: degrees [n] each, and the doubt [n] that orders them (see model.doubt)."""

    lat: Floats
    lon: Floats
    doubt: Floats


class Task(Protocol):
    """What a head learns: how many outputs it has, its loss and how its outputs are read."""

    outputs: int

    def start(self) -> Tensor:
        """Biases [outputs] that make an untrained head say what is known without looking."""

    def loss(self, outputs: Tensor, rows: NDArray[np.int64]) -> Tensor:
        """Loss [batch] of a head's outputs [batch, outputs] for training rows [batch]."""

    def answer(self, outputs: Tensor) -> Answer:
        """Read outputs [n, outputs] as answers."""


def build_atlas(lat: Floats, lon: Floats, share: Floats, most: int, unit_km: float, power: float) -> Atlas:
    """Places of a region from its photographs; answers are these places and, world-wide, an even grid."""
    regions = places(lat, lon, share, most, unit_km / 200)
    centres = np.array([centre(lat[rows], lon[rows], share[rows]) for rows in regions])
    # The middle of a region may be next to nobody, all its photographs nearer to others': it would have no
    # probability before looking, and nothing can be said beyond that.
    centres = centres[np.unique(distance_km(lat[:, None], lon[:, None], *centres.T).argmin(axis=1))]
    grid = np.stack(even_grid(_GRID), axis=1)
    away = distance_km(*grid.T[:, :, None], *centres.T).min(axis=1)
    return Atlas(centres, np.concatenate([centres, grid[away < unit_km / 3]]), unit_km, power)


def fold_levels(atlas: Atlas) -> list[NDArray[np.int64]]:
    """For each level, coarse to fine, the number of the cell that each place lies in: int64 [K] each."""
    lat, lon = atlas.places.T
    levels = []
    for most in _LEVELS:
        number = np.zeros(len(lat), np.int64)
        for cell, rows in enumerate(places(lat, lon, np.full(len(lat), 1 / len(lat)), most, 0.0)):
            number[rows] = cell
        levels.append(number)
    return [*levels, np.arange(len(lat))]


class Regressor:
    """Two neurons squeezed into the range of latitude and longitude, trained on the great-circle distance.

    With `euclidean` the loss is the distance in degrees as on a flat map, for comparison.
    """

    outputs = 2

    def __init__(self, lat: Floats, lon: Floats, share: Floats, euclidean: bool = False) -> None:
        self.truth = torch.tensor(np.stack([lat, lon], axis=1), dtype=torch.float32)
        self.euclidean = euclidean
        middle = torch.tensor(centre(lat, lon, share))
        self.middle = torch.atanh(middle / torch.tensor([90.0, 180.0])).float()

    def start(self) -> Tensor:
        return self.middle

    def loss(self, outputs: Tensor, rows: NDArray[np.int64]) -> Tensor:
        truth = self.truth[torch.from_numpy(rows)].to(outputs.device)
        guess = self.degrees(outputs)
        if self.euclidean:
            return loss.euclidean_degrees(guess, truth) / 60
        return loss.great_circle_km(loss.directions(guess), loss.directions(truth)) / 6000

    @staticmethod
    def degrees(outputs: Tensor) -> Tensor:
        """Outputs [n, 2] as latitude and longitude within their range."""
        return torch.tanh(outputs) * torch.tensor([90.0, 180.0], device=outputs.device)

    def answer(self, outputs: Tensor) -> Answer:
        lat, lon = self.degrees(outputs).double().numpy().T
        # Two neurons say where, not how sure: all photographs are equal.
        return Answer(lat, lon, np.zeros(len(lat)))


class Places:
    """Scores over places; with `levels` hard classes from coarse to fine, else soft targets."""

    def __init__(
        self, lat: Floats, lon: Floats, atlas: Atlas, share: Floats, expected: float, levels: bool
    ) -> None:
        self.atlas, self.expected = atlas, expected
        km = distance_km(lat[:, None], lon[:, None], *atlas.places.T)
        nearest = km.argmin(axis=1)
        votes = np.bincount(nearest, weights=share, minlength=km.shape[1])
        target = np.exp(-km / (REACH * atlas.unit_km)) * votes
        target = target / target.sum(axis=1, keepdims=True)
        self.prior = torch.tensor(share @ target / share.sum(), dtype=torch.float32)
        self.target = torch.tensor(target, dtype=torch.float32)
        self.away = torch.tensor(km / atlas.unit_km, dtype=torch.float32)
        self.cost = torch.from_numpy(atlas.cost())
        self.levels = [torch.from_numpy(level) for level in fold_levels(atlas)] if levels else []
        self.nearest = torch.from_numpy(nearest)
        self.outputs = sum(int(level.max()) + 1 for level in self.levels) or km.shape[1]

    def start(self) -> Tensor:
        prior = self.prior.log()
        if not self.levels:
            return prior
        return torch.cat([*(torch.zeros(int(level.max()) + 1) for level in self.levels[:-1]), prior])

    def logits(self, outputs: Tensor) -> Tensor:
        """Outputs as scores over places, [n, K]."""
        if not self.levels:
            return outputs
        parts = outputs.split([int(level.max()) + 1 for level in self.levels], dim=1)
        scores = parts[-1]
        for part, level in zip(parts[:-1], self.levels, strict=False):
            scores = scores + part[:, level.to(part.device)]
        return scores

    def loss(self, outputs: Tensor, rows: NDArray[np.int64]) -> Tensor:
        chosen = torch.from_numpy(rows)
        logits = self.logits(outputs)
        if not self.levels:
            target, away = (table[chosen].to(logits.device) for table in (self.target, self.away))
            return loss.cross_entropy(logits, target) + self.expected * loss.expected_cost(logits, away)
        logp = torch.log_softmax(logits, dim=1)
        value = torch.zeros(len(rows), device=logits.device)
        for level in self.levels:
            cells = torch.zeros(len(rows), int(level.max()) + 1, device=logits.device)
            probabilities = cells.index_add(1, level.to(logits.device), logp.exp())
            hit = probabilities[torch.arange(len(rows)), level[self.nearest[chosen]]]
            value = value - torch.log(hit + 1e-9) / len(self.levels)
        return value

    def answer(self, outputs: Tensor) -> Answer:
        probabilities = torch.softmax(self.logits(outputs), dim=1)
        best = torch.argmin(probabilities @ self.cost, dim=1)
        doubted = doubt(probabilities, self.cost[:, best].T, self.atlas.power)
        lat, lon = self.atlas.answers[best.numpy()].T
        return Answer(lat, lon, doubted.double().numpy())

    def plain(self, head: Network) -> Network:
        """The same head with its levels added up in fc7, so that its outputs are the scores over places."""
        if not self.levels or not isinstance(head, Head):
            return head
        flat = Head(head.mean, head.std, head.fc6.out_features, len(self.prior))
        flat.fc6 = head.fc6
        with torch.no_grad():
            flat.fc7.weight.copy_(self.logits(head.fc7.weight.T).T)
            flat.fc7.bias.copy_(self.logits(head.fc7.bias[None])[0])
        flat.eval()
        return flat
