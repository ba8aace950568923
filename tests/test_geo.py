"""Sphere maths against known distances and against its own laws."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geotag.geo import EARTH_RADIUS_KM, HALF_TURN_KM, chord_km, degrees, distance_km, gap_km, unit_vectors
from geotag.types import Location

points = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def km(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(distance_km(*a, *b))


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        pytest.param((0, 0), (0, 0), 0, id="same point"),
        pytest.param((0, 0), (0, 90), HALF_TURN_KM / 2, id="quarter of the equator"),
        pytest.param((90, 0), (90, 123), 0, id="the pole has every longitude"),
        pytest.param((90, 0), (-90, 57), HALF_TURN_KM, id="pole to pole"),
        pytest.param((0, 179.5), (0, -179.5), math.radians(1) * EARTH_RADIUS_KM, id="over the antimeridian"),
        pytest.param((12, 180), (12, -180), 0, id="both names of the antimeridian"),
        pytest.param((10, 20), (-10, -160), HALF_TURN_KM, id="antipodes"),
        # Worked by the spherical law of cosines, another formula than the one under test.
        pytest.param(
            (48.8584, 2.2945),
            (40.6892, -74.0445),
            EARTH_RADIUS_KM
            * math.acos(
                math.sin(math.radians(48.8584)) * math.sin(math.radians(40.6892))
                + math.cos(math.radians(48.8584))
                * math.cos(math.radians(40.6892))
                * math.cos(math.radians(76.339))
            ),
            id="Eiffel Tower to Statue of Liberty",
        ),
    ],
)
def test_known_distances(a: tuple[float, float], b: tuple[float, float], wanted: float) -> None:
    assert km(a, b) == pytest.approx(wanted, abs=1e-3)


def test_a_metre_is_not_lost() -> None:
    metre = math.degrees(0.001 / EARTH_RADIUS_KM)
    assert km((52, 13), (52 + metre, 13)) == pytest.approx(0.001, rel=1e-6)


@given(points, points)
def test_distance_is_the_same_both_ways_and_never_too_long(
    a: tuple[float, float], b: tuple[float, float]
) -> None:
    there, back = km(a, b), km(b, a)
    assert there == pytest.approx(back, abs=1e-6)
    assert 0 <= there <= HALF_TURN_KM + 1e-9


@given(points, points, points)
def test_a_detour_is_never_shorter(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]
) -> None:
    assert km(a, c) <= km(a, b) + km(b, c) + 1e-3


@given(points, points)
def test_all_ways_to_measure_agree(a: tuple[float, float], b: tuple[float, float]) -> None:
    assert gap_km(Location(*a), Location(*b)) == pytest.approx(km(a, b), abs=1e-3)
    assert chord_km(unit_vectors(*a), unit_vectors(*b)) == pytest.approx(km(a, b), abs=1e-3)


def test_shapes_broadcast() -> None:
    found = distance_km(np.zeros((4, 1)), np.zeros((4, 1)), 0, np.arange(3.0))
    assert found.shape == (4, 3)
    assert found[2] == pytest.approx([0, 111.195, 222.390], abs=1e-3)


@given(points)
def test_vectors_and_degrees_are_inverse(point: tuple[float, float]) -> None:
    vector = unit_vectors(*point)
    assert np.linalg.norm(vector) == pytest.approx(1)
    for scale in (1, 1e-3, 1e6):
        lat, lon = degrees(vector * scale)
        assert km((float(lat), float(lon)), point) < 1e-3


def test_axes_of_the_vectors() -> None:
    found = unit_vectors([0, 0, 90], [0, 90, 0])
    assert found == pytest.approx(np.eye(3), abs=1e-15)


def test_vectors_of_any_shape() -> None:
    lat, lon = degrees(unit_vectors(np.full((2, 5), 10.0), np.full((2, 5), -20.0)))
    wanted: Any = np.full((2, 5), 10.0)
    assert lat == pytest.approx(wanted)
    assert lon == pytest.approx(-2 * wanted)
