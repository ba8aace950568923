"""Sphere maths: distances in km, unit vectors, the point that is nearest to many."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geotag.types import Location

Floats = NDArray[np.float64]

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth, R1 of the IUGG (Moritz 2000, Geodetic Reference System 1980)."""

HALF_TURN_KM = EARTH_RADIUS_KM * np.pi
"""The greatest distance there is between two points: half way round."""


KM_PER_DEGREE = HALF_TURN_KM / 180


def decimals(error_km: float) -> int:
    """Decimals of a degree, 0 to 6, that a radius in km deserves: rounding costs at most 1 % of it."""
    return min(6, max(0, math.ceil(math.log10(50 * KM_PER_DEGREE / error_km)))) if error_km > 0 else 6


def distance_km(lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> Floats:
    """Great-circle distance in km between points in degrees; shapes broadcast.

    The haversine is exact for near points and, clipped to 1, never leaves the domain of arcsin for
    antipodes (Sinnott 1984, "Virtues of the Haversine").
    """
    phi1, phi2 = np.radians(lat1, dtype=np.float64), np.radians(lat2, dtype=np.float64)
    half = np.radians(np.subtract(lon2, lon1, dtype=np.float64)) / 2
    haversine = np.sin((phi2 - phi1) / 2) ** 2 + np.cos(phi1) * np.cos(phi2) * np.sin(half) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(np.maximum(haversine, 0), 1))))


def gap_km(one: Location, other: Location) -> float:
    """Great-circle distance in km between two places: `distance_km` without the cost of arrays."""
    phi1, phi2 = math.radians(one.lat), math.radians(other.lat)
    half = math.radians(other.lon - one.lon) / 2
    haversine = math.sin((phi2 - phi1) / 2) ** 2 + math.cos(phi1) * math.cos(phi2) * math.sin(half) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, haversine)))


def chord_km(one: Floats, other: Floats) -> Floats:
    """Great-circle distances in km between unit vectors, shape [..., 3]; shapes broadcast."""
    square = np.square(one - other).sum(axis=-1)
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(np.sqrt(square) / 2, 1)))


def unit_vectors(lat: ArrayLike, lon: ArrayLike) -> Floats:
    """Points in degrees, shape [...], to unit vectors, shape [..., 3] (x through 0°N 0°E, z to the pole)."""
    phi, lam = np.radians(np.asarray(lat, np.float64)), np.radians(np.asarray(lon, np.float64))
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)


def degrees(vectors: ArrayLike) -> tuple[Floats, Floats]:
    """Vectors of any length, shape [..., 3], to latitude and longitude in degrees, shape [...]."""
    x, y, z = np.moveaxis(np.asarray(vectors, np.float64), -1, 0)
    return np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))
