"""Deep samples come out as bright as they are, whatever their depth."""

from __future__ import annotations

import numpy as np
import pytest

from geotag.pixels.depth import grey_to_bytes, to_bytes, white


@pytest.mark.parametrize(
    ("high", "bits"), [(0, 8), (255, 8), (256, 10), (1023, 10), (4000, 12), (16383, 14), (65535, 16)]
)
def test_white_is_that_of_the_smallest_usual_depth(high: float, bits: int) -> None:
    assert white(high) == 2**bits - 1


def test_no_usual_depth_holds_more_than_sixteen_bits() -> None:
    assert white(65536) == 0


def test_the_ends_are_black_and_white_and_what_lies_beyond_is_cut() -> None:
    values = np.array([-5.0, 0.0, 60.0, 100.0, 300.0, np.nan, np.inf, -np.inf])
    assert to_bytes(values, 0, 100).tolist() == [0, 0, 153, 255, 255, 0, 255, 0]


@pytest.mark.parametrize(
    ("low", "high", "unit", "wanted"),
    [
        (0.0, 1.0, True, [0, 128, 255]),
        (0.0, 1.0, False, [0, 0, 1]),
        (0.0, 4095.0, True, [0, 128, 255]),
        (-10.0, 10.0, True, [0, 128, 255]),
        (0.0, 1e6, True, [0, 128, 255]),
        (7.0, 7.0, True, [7, 7, 7]),
    ],
)
def test_grey_of_unknown_depth(low: float, high: float, unit: bool, wanted: list[int]) -> None:
    values = np.array([low, (low + high) / 2, high])
    assert grey_to_bytes(values, low, high, unit=unit).tolist() == wanted
