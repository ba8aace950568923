"""GeoVision: AlexNet's convolutions and pooling, two fully connected layers, coordinates out.

The eyes look at a picture of any size: behind the last three convolutions the map is pooled to its mean and
spread, so that any size will do. The head turns these statistics into probabilities over places,
and the answer is the point with the least expected distance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from export.connected import Network
from geotag.geo import distance_km
from geotag.types import Recipe

RECIPE = Recipe("squash", 227, 227)
"""How the tool must shape a picture: whole, for a crop of a banner loses most of it."""

_CHANNELS = (96, 256, 384, 384, 256)
LAYERS = (0, 4, 8, 10, 12)
"""Numbers of the five convolutions among the layers, as in the files of weights."""

STATISTICS = 2 * sum(_CHANNELS[2:])
"""How many numbers the eyes give for one picture."""


def accelerator() -> torch.device:
    """Where to compute: a GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _pool() -> nn.Module:
    return nn.MaxPool2d(3, 2, ceil_mode=True)


FADED = 0.03
"""How much doubt a picture adds per unit of `fading`."""

_SCALE = 0.25
"""Doubt rises by 1 - 1/e over this part of the region's scale: GeoScore's 1,493 km for the world."""

_LUMA = torch.tensor([0.299, 0.587, 0.114])
"""Weights of grey: ITU-R BT.601, 2.5.1."""


def fading(image: Tensor) -> Tensor:
    """How little colour and contrast pixels [n, height, width, 3] from 0 to 255 have: float32 [n].

    It grows by about 0.7 where colour or contrast is halved. Colour is what brightness does not explain, so
    that a sepia print has none.
    """
    # Colours first: a runtime repeats a long row of pixels faster than three colours.
    some = image[:, ::4, ::4].permute(0, 3, 1, 2).float()
    away = some - some.mean(dim=(2, 3), keepdim=True)
    bright = (away * _LUMA.to(away.device)[:, None, None]).sum(dim=1, keepdim=True)
    contrast = (bright * bright).mean(dim=(1, 2, 3))
    slope = (away * bright).mean(dim=(2, 3), keepdim=True) / (contrast[:, None, None, None] + 1e-3)
    # What is left, squared, and no difference of squares: of a grey picture that would leave rounding only.
    rest = away - bright * slope
    colour = (rest * rest).mean(dim=(2, 3)).sum(dim=1)
    return -torch.log(torch.sqrt(colour) + 2) - torch.log(torch.sqrt(contrast) + 8)


def doubt(places: Tensor, cost: Tensor, power: float) -> Tensor:
    """What an answer is expected to lose, 0 to 1, as GeoScore counts at the region's scale: [n].

    Probabilities `places` [n, K]; `cost` [n, K] of the answer where each place is the true one, and its power
    (see Atlas).
    """
    # Not from directions: in float32 they cannot tell places of one town apart, and its radii would be noise.
    away = cost ** (1 / power)
    return 1 - (places * torch.exp(-away / _SCALE)).sum(dim=1)


class Norm(nn.Module):  # type: ignore[misc]
    """Local response normalisation over 5 channels, alpha 1e-4, beta 3/4, k 1 (Krizhevsky et al. 2012, 3.3).

    The power of 3/4 is taken as two square roots, which a CPU does several times faster.
    """

    def forward(self, maps: Tensor) -> Tensor:
        count = maps.shape[1]
        near = torch.ones(count, count).tril(2).triu(-2).to(maps.device) * (1e-4 / 5)
        # A product with channels last: in ONNX Runtime an average over channels costs several times as much.
        root = torch.sqrt(1 + (maps * maps).permute(0, 2, 3, 1) @ near).permute(0, 3, 1, 2)
        return maps / (root * torch.sqrt(root))


def pooled(maps: Tensor) -> list[Tensor]:
    """Mean and standard deviation of each channel: two tensors [batch, channels]."""
    mean = maps.mean(dim=(2, 3))
    square = (maps * maps).mean(dim=(2, 3))
    return [mean, torch.sqrt(torch.clamp(square - mean * mean, min=1e-6))]


def _convolution(
    inputs: int,
    outputs: int,
    size: int,
    kernels: int | None,
    stride: int = 1,
    padding: int = 0,
    groups: int = 1,
) -> nn.Module:
    """A convolution, or with `kernels` its two factors: so many kernels of its size, then 1x1."""
    if kernels is None:
        return nn.Conv2d(inputs, outputs, size, stride, padding, groups=groups)
    few = nn.Conv2d(inputs, kernels, size, stride, padding, groups=groups, bias=False)
    return nn.Sequential(few, nn.Conv2d(kernels, outputs, 1, groups=groups))


class Eyes(nn.Module):  # type: ignore[misc]
    """Convolutions of AlexNet (Krizhevsky et al. 2012) in its CaffeNet variant, which pools before it norms.

    Takes uint8 or float pixels [batch, height, width, 3] from 0 to 255, at least 67 on a side; gives float32
    [batch, STATISTICS]. Layers are numbered as in the files of weights; the first convolution takes plain
    pixels: the usual normalisation is part of its weights, which costs nothing and is exact without padding.
    `kernels` says, by a layer's number, how many kernels a factorised convolution has (see slim.py).
    """

    def __init__(self, kernels: Mapping[int, int] | None = None) -> None:
        super().__init__()
        first, second, third, fourth, fifth = _CHANNELS
        few = dict(kernels or {}).get
        self.features = nn.Sequential(
            *(_convolution(3, first, 11, few(0), stride=4), nn.ReLU(), _pool(), Norm()),
            *(_convolution(first, second, 5, few(4), padding=2, groups=2), nn.ReLU(), _pool(), Norm()),
            *(_convolution(second, third, 3, few(8), padding=1), nn.ReLU()),
            *(_convolution(third, fourth, 3, few(10), padding=1, groups=2), nn.ReLU()),
            *(_convolution(fourth, fifth, 3, few(12), padding=1, groups=2), nn.ReLU()),
        )

    @classmethod
    def of(cls, state: Mapping[str, Tensor]) -> Eyes:
        """Eyes with these weights, each convolution whole or factorised as they are, ready to look.

        Raises RuntimeError when they are not AlexNet's.
        """
        few = {number: state.get(f"features.{number}.0.weight") for number in LAYERS}
        eyes = cls({number: len(weight) for number, weight in few.items() if weight is not None})
        eyes.load_state_dict({name: value.float() for name, value in state.items()})
        eyes.eval()
        return eyes

    def forward(self, image: Tensor) -> Tensor:
        maps = image.permute(0, 3, 1, 2).float()
        seen = []
        for number, layer in enumerate(self.features):
            maps = layer(maps)
            # What the first two layers see besides says nothing of a place that the others do not.
            if number > LAYERS[2] and isinstance(layer, nn.ReLU):
                seen += pooled(maps)
        # The root evens out what fires rarely and strongly; statistics of rectified maps are never negative.
        return torch.sqrt(torch.cat(seen, dim=1))


@dataclass(frozen=True, slots=True)
class Atlas:
    """Places that probabilities are about, float64 [K, 2], and points to answer with, [G, 2], in degrees.

    `unit_km` is the scale of the region: how far off its best constant guess is on average. `power` says how
    much worse twice the distance is: with 1 the answer has the least expected distance, below 1 it forgives
    the lost cases and cares more for being near.
    """

    places: NDArray[np.float64]
    answers: NDArray[np.float64]
    unit_km: float
    power: float

    def cost(self) -> NDArray[np.float32]:
        """Cost [K, G] of answering a point when a place is true: distance in units to the power."""
        km = distance_km(*self.places.T[:, :, None], *self.answers.T)
        return np.asarray((km / self.unit_km) ** self.power, np.float32)


class GeoVision(nn.Module):  # type: ignore[misc]
    """The whole model by the contract: pixels in, coordinates, radius, probabilities and embedding out.

    `radius_at` and `radius_km` are the corners of the calibrated curve from doubt, with what fading adds to
    it, to radius in km.
    """

    def __init__(self, eyes: Eyes, head: Network, atlas: Atlas, radius_at: Tensor, radius_km: Tensor) -> None:
        super().__init__()
        self.eyes, self.head = eyes, head
        self.register_buffer("cost", torch.from_numpy(atlas.cost()))
        self.register_buffer("answers", torch.from_numpy(atlas.answers.astype(np.float32)))
        self.power = atlas.power
        self.register_buffer("radius_at", radius_at.float())
        self.register_buffer("radius_km", radius_km.float())

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        statistics = self.eyes(image)
        embedding = self.head.embedding(statistics)
        places = functional.softmax(self.head.scores(embedding), dim=1)
        best = torch.argmin(places @ self.cost, dim=1)
        lost = doubt(places, torch.index_select(self.cost, 1, best).T, self.power)
        doubted = lost + FADED * fading(image)
        unit = functional.normalize(self.head.sight(embedding), dim=1)
        return self.answers[best], self._radius(doubted), places, unit

    def _radius(self, doubted: Tensor) -> Tensor:
        """The piecewise linear curve through its corners, flat outside."""
        step = (doubted[:, None] - self.radius_at[:-1]) / (self.radius_at[1:] - self.radius_at[:-1])
        rise = self.radius_km[1:] - self.radius_km[:-1]
        return self.radius_km[0] + (torch.clamp(step, 0, 1) * rise).sum(dim=1)
