"""Samples deeper than 8 bits, and floats, as bytes of the same brightness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from geotag.types import Pixels

_USUAL = (8, 10, 12, 14, 16)


def white(high: float) -> float:
    """White in the smallest usual bit depth that holds the value `high`; 0 where none does."""
    return next((2.0**bits - 1 for bits in _USUAL if high <= 2**bits - 1), 0.0)


def to_bytes(values: NDArray[Any], low: float, high: float) -> Pixels:
    """Values from `low` to `high` as 0 to 255; what lies outside becomes the nearer end, NaN becomes 0."""
    scaled = np.nan_to_num((values - low) * (255 / (high - low)), nan=0.0, posinf=255.0, neginf=0.0)
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


def grey_to_bytes(values: NDArray[Any], low: float, high: float, *, unit: bool) -> Pixels:
    """Grey values of a depth nobody stated as bytes: by the usual depth that holds them, or by their range.

    `low` and `high` are the extremes of the picture before it was made small; `unit` says that values of
    at most 1 are shares of white.
    """
    if not (np.isfinite(low) and np.isfinite(high)):
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    top = 1.0 if unit and low >= 0 and 0 < high <= 1 else white(high)
    return to_bytes(values, 0.0, top) if low >= 0 and top else to_bytes(values, low, max(high, low + 1e-12))
