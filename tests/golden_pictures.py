"""Pictures made by arithmetic alone, the same everywhere: what the golden file of the model is about."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

HEIGHT, WIDTH = 227, 227


def pictures(height: int = HEIGHT, width: int = WIDTH) -> Pixels:
    """Eight scenes of a sort, uint8 [8, height, width, 3]: sky over ground, stripes, rings, blocks, noise."""
    y, x = np.mgrid[0:height, 0:width] / np.array([height, width])[:, None, None]
    noise = _noise(height, width)
    grey = np.full((height, width), 0.5)
    scenes = [
        np.stack([0.4 + 0.2 * y, 0.6 - 0.1 * y, 1 - 0.6 * y], -1),
        np.stack([np.where(y < 0.4, 0.5, 0.8), np.where(y < 0.4, 0.7, 0.6), np.where(y < 0.4, 0.9, 0.3)], -1),
        np.stack([0.2 + 0.2 * noise, 0.4 + 0.4 * noise, 0.1 + 0.2 * noise], -1),
        np.stack([(np.floor(x * 12) % 2) * 0.8, (np.floor(y * 9) % 2) * 0.7, grey], -1),
        np.stack([np.sin(40 * np.hypot(x - 0.5, y - 0.5)) / 2 + 0.5] * 3, -1),
        np.stack([noise] * 3, -1),
        np.stack([0.9 - 0.5 * (y > 0.6), 0.9 - 0.4 * (y > 0.6), 0.95 - 0.7 * (y > 0.6)], -1)
        - 0.2 * noise[..., None],
        np.stack([grey, grey, grey], -1),
    ]
    return np.clip(np.round(np.stack(scenes) * 255), 0, 255).astype(np.uint8)


def _noise(height: int, width: int) -> NDArray[np.float64]:
    """Evenly spread values from 0 to 1 by a hash of the position, which no version of NumPy changes."""
    y, x = np.mgrid[0:height, 0:width].astype(np.uint64)
    value = (y * np.uint64(374761393) + x * np.uint64(668265263)) & np.uint64(0xFFFFFFFF)
    value = ((value ^ (value >> np.uint64(13))) * np.uint64(1274126177)) & np.uint64(0xFFFFFFFF)
    low = (value ^ (value >> np.uint64(16))) & np.uint64(0xFFFF)
    return np.asarray(low.astype(np.float64) / 65535)
