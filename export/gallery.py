"""An image encoder that is compared with a gallery of places, as one graph by the model contract.

The gallery is embedded once and stored in the graph; a photograph costs its own encoding and one product.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from geotag.geo import EARTH_RADIUS_KM, HALF_TURN_KM, unit_vectors

INSIDE = 0.8
"""A radius holds the true place for so many photographs (the contract)."""

KNOWN = 0.84
"""GeoCLIP's authors find 84 % of Im2GPS3k's photographs within 2,500 km (arXiv:2309.16020, table 1): of the
rest we take the answer to know nothing."""

LEAST_KM = 25.0
"""No radius is smaller before it is calibrated: within 25 km they find a third, and a radius needs 80 %."""

_HALVINGS = 14
_CHUNK = 1000

Eyes = Callable[[Tensor], Tensor]


def embed(encoder: Callable[[Tensor], Tensor], places: Tensor) -> Tensor:
    """A gallery's features of unit length, [K, D], from degrees [K, 2]; a thousand places at a time."""
    with torch.no_grad():
        return torch.cat([functional.normalize(encoder(part), dim=1) for part in places.split(_CHUNK)])


class Gallery(nn.Module):  # type: ignore[misc]
    """Pixels to the contract's four outputs by comparison with places.

    `eyes` take normalised pixels [batch, 3, height, width] in the type `kind` and give features, `mlp` makes
    embeddings [batch, D] of them; `features` [K, D] of unit length belong to `places` [K, 2] in degrees, and
    `scale` is what a cosine is multiplied with. `mean` and `std` are the channels', of values from 0 to 1.
    """

    def __init__(
        self,
        eyes: nn.Module,
        mlp: nn.Module,
        features: Tensor,
        places: Tensor,
        scale: float,
        mean: list[float],
        std: list[float],
        kind: torch.dtype,
    ) -> None:
        super().__init__()
        self.eyes, self.mlp, self.scale, self.kind = eyes.to(kind), mlp, scale, kind
        self.register_buffer("features", features.T.contiguous())
        self.register_buffer("places", places)
        towards: NDArray[np.float32] = unit_vectors(*places.double().numpy().T).astype(np.float32)
        self.register_buffer("towards", torch.from_numpy(towards))
        self.register_buffer("mean", torch.tensor(mean).reshape(3, 1, 1))
        self.register_buffer("std", torch.tensor(std).reshape(3, 1, 1))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        pixels = (image.permute(0, 3, 1, 2).float() / 255 - self.mean) / self.std
        seen = self.eyes(pixels.to(self.kind)).float()
        embedding = functional.normalize(self.mlp(seen), dim=1)
        scores = self.scale * (embedding @ self.features)
        best = torch.argmax(scores, dim=1)
        cells = functional.softmax(scores, dim=1)
        return self.places[best], self._radius(cells, best), cells, embedding

    def _radius(self, cells: Tensor, best: Tensor) -> Tensor:
        """The radius in km about the likeliest place that holds INSIDE of all, if only KNOWN of it is true.

        Found by halving on a logarithmic scale, and rounded up.
        """
        cosine = self.towards[best] @ self.towards.T
        near = torch.full_like(cosine[:, 0], math.log(LEAST_KM))
        far = torch.full_like(near, math.log(HALF_TURN_KM))
        for _ in range(_HALVINGS):
            middle = (near + far) / 2
            edge = torch.cos(torch.exp(middle) / EARTH_RADIUS_KM)
            held = (cells * (cosine >= edge[:, None])).sum(dim=1)
            enough = held >= INSIDE / KNOWN
            near, far = torch.where(enough, near, middle), torch.where(enough, middle, far)
        return torch.exp(far)
