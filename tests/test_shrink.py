"""Averages over boxes are the same however a picture is cut, and leave nothing of it out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from geotag.pixels.shrink import Shrunk

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32, np.int16, np.float64])
def test_boxes_of_one_size_are_averaged(dtype: type) -> None:
    values: NDArray[Any] = RNG.integers(0, 200, (12, 20, 3)).astype(dtype)
    small = Shrunk(12, 20, 3, side=3)
    small.add(values, 0, 0)
    assert np.allclose(small.mean(), values.reshape(3, 4, 5, 4, 3).mean(axis=(1, 3)))


@pytest.mark.parametrize("height", [1, 7, 13, 40])
@pytest.mark.parametrize("width", [1, 11, 29, 40])
def test_however_a_picture_is_cut(height: int, width: int) -> None:
    picture = RNG.integers(0, 65536, (37, 53, 1)).astype(np.uint16)
    whole, cut = Shrunk(37, 53, 1, side=8), Shrunk(37, 53, 1, side=8)
    whole.add(picture, 0, 0)
    for top in range(0, 37, height):
        for left in range(0, 53, width):
            cut.add(picture[top : top + height, left : left + width], top, left)
    assert (cut.low, cut.high) == (picture.min(), picture.max())
    assert np.allclose(cut.mean(), whole.mean())


@pytest.mark.parametrize("size", [(37, 53), (8, 300), (16, 17), (1, 1)])
def test_boxes_cover_the_picture_and_nothing_else(size: tuple[int, int]) -> None:
    small = Shrunk(*size, 1, side=8)
    # A tile reaches beyond the edges, and what it holds there is no part of the picture.
    tile = np.full((size[0] + 5, size[1] + 5, 1), 255, np.uint8)
    tile[: size[0], : size[1]] = 100
    small.add(tile, 0, 0)
    mean = small.mean()
    assert (mean == 100).all()
    assert min(mean.shape[:2]) == (min(size) if min(size) < 16 else min(size) // (min(size) // 8))


def test_planes_come_one_by_one() -> None:
    small = Shrunk(16, 16, 3, side=8)
    for plane in range(3):
        small.add(np.full((16, 16, 1), 10 * plane, np.uint8), 0, 0, plane)
    assert (small.mean() == [0, 10, 20]).all()
