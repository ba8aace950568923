"""Losses on the sphere, sound at the poles, the antimeridian and antipodes, beside a plain Euclidean one."""

from __future__ import annotations

import torch
from torch import Tensor

from geotag.geo import EARTH_RADIUS_KM


def directions(degrees: Tensor) -> Tensor:
    """Latitude and longitude in degrees, [n, 2], to unit vectors [n, 3]."""
    lat, lon = torch.deg2rad(degrees).unbind(dim=1)
    return torch.stack([lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()], dim=1)


def great_circle_km(first: Tensor, second: Tensor) -> Tensor:
    """Great-circle distance in km between vectors of any length but 0, [n, 3] each; shape [n].

    By the chord: |a - b| = 2 sin(angle / 2), the haversine without its latitudes. The angle is taken as
    2 atan2(|a - b|, |a + b|) (Kahan 2006, "How Futile are Mindless Assessments of Roundoff", section 12),
    whose gradient stays finite where that of an arcsine or arccosine does not: at 0 and half way round.
    """
    first = torch.nn.functional.normalize(first, dim=1)
    second = torch.nn.functional.normalize(second, dim=1)
    return 2 * EARTH_RADIUS_KM * torch.atan2(_length(first - second), _length(first + second))


def _length(vectors: Tensor) -> Tensor:
    # The root has no slope at 0; a millionth keeps it finite and is worth 6 m.
    return torch.sqrt((vectors * vectors).sum(dim=1) + 1e-12)


def euclidean_degrees(first: Tensor, second: Tensor) -> Tensor:
    """Distance in degrees as on a flat map, [n, 2] each; wrong by design at the antimeridian: a yardstick."""
    return _length(first - second)


def expected_cost(logits: Tensor, cost: Tensor) -> Tensor:
    """Mean cost of the truth under the probabilities over places: logits and costs [n, K]; shape [n]."""
    return (torch.softmax(logits, dim=1) * cost).sum(dim=1)


def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy against soft targets, both [n, K]; shape [n]."""
    return -(target * torch.log_softmax(logits, dim=1)).sum(dim=1)
