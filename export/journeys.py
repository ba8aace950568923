"""Made-up journeys with a camera, for judging what neighbours say: walks, drives, tours, drone flights.

Every journey is a true path in metres, photographs on it at irregular times, and what a folder of them would
know: a noisy position for some, wrong here and there, a time or a number for most.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geotag import geo
from geotag.evidence.strands import Shot
from geotag.types import Location

Floats = NDArray[np.float64]

_METRES = geo.KM_PER_DEGREE * 1000
_DAY = 86_400.0


@dataclass(frozen=True, slots=True, eq=False)
class Journey:
    """A folder as made up: `shots` in order of time, where and when they truly were taken (`lat`, `lon` in
    degrees, `at` in seconds), and which of them carry a sound position.
    """

    shots: tuple[Shot, ...]
    lat: Floats
    lon: Floats
    at: Floats
    sound: NDArray[np.bool_]


def walk(rng: np.random.Generator) -> Journey:
    """Some hours about a town by foot, with stops."""
    at = np.cumsum(rng.exponential(rng.uniform(60, 300), int(rng.integers(40, 150))))
    return _made(rng, at, *_wander(rng, at, speed=rng.uniform(0.9, 1.5), turn=0.02, rest=0.4), noise=6)


def drive(rng: np.random.Generator) -> Journey:
    """A day on the road: hundreds of kilometres, stops, a photograph every few minutes."""
    at = np.cumsum(rng.exponential(rng.uniform(120, 600), int(rng.integers(40, 120))))
    return _made(rng, at, *_wander(rng, at, speed=rng.uniform(8, 28), turn=0.002, rest=0.25), noise=8)


def tour(rng: np.random.Generator) -> Journey:
    """Days in some cities, walks in each, a flight from one to the next with no photograph taken."""
    times, lats, lons = [], [], []
    lat, lon, clock = rng.uniform(-50, 60), rng.uniform(-180, 180), 0.0
    for _ in range(int(rng.integers(3, 7))):
        for _ in range(int(rng.integers(1, 4))):
            at = np.cumsum(rng.exponential(rng.uniform(120, 500), int(rng.integers(8, 35))))
            north, east = _wander(rng, at, speed=1.1, turn=0.02, rest=0.4)
            start = rng.normal(0, 1500, 2)
            times.append(clock + at)
            lats.append(lat + (north + start[0]) / _METRES)
            lons.append(lon + (east + start[1]) / _METRES / math.cos(math.radians(lat)))
            clock += max(_DAY, at[-1] + _DAY / 3)
        away, heading = rng.uniform(300, 6000), rng.uniform(0, 2 * math.pi)
        clock += away / 700 * 3600 + rng.uniform(3, 12) * 3600
        lat = float(np.clip(lat + away / geo.KM_PER_DEGREE * math.cos(heading), -60, 68))
        lon += away / geo.KM_PER_DEGREE * math.sin(heading) / math.cos(math.radians(lat))
    return _folder(rng, np.concatenate(times), np.concatenate(lats), np.concatenate(lons), noise=8)


def numbered(rng: np.random.Generator) -> Journey:
    """A walk on film: numbers in the names of the scans, no times."""
    made = walk(rng)
    shots = tuple(
        replace(shot, name=f"roll12_{number:03d}.tif", when=None, camera="")
        for number, shot in enumerate(made.shots, 1)
    )
    return Journey(shots, made.lat, made.lon, np.arange(len(shots), dtype=np.float64), made.sound)


def timeless(rng: np.random.Generator) -> Journey:
    """A walk of which a quarter of the photographs, at random, lost their times and the camera's name."""
    made = walk(rng)
    lost = rng.random(len(made.shots)) < 0.25
    shots = (
        replace(shot, when=None, camera="") if gone else shot
        for shot, gone in zip(made.shots, lost, strict=True)
    )
    return replace(made, shots=tuple(shots))


def spoilt(rng: np.random.Generator) -> Journey:
    """A walk or a drive of which one position in ten is kilometres to thousands of kilometres off."""
    made = (walk if rng.random() < 0.5 else drive)(rng)
    shots, sound = list(made.shots), made.sound.copy()
    for index in np.flatnonzero(sound):
        place = shots[index].location
        if place is not None and rng.random() < 0.1:
            north, east = rng.normal(0, 10 ** rng.uniform(-1.5, 1.5), 2)
            lat, lon = _wrapped(np.array([place.lat + north]), np.array([place.lon + east]))
            shots[index] = replace(shots[index], location=Location(float(lat[0]), float(lon[0])))
            sound[index] = False
    return replace(made, shots=tuple(shots), sound=sound)


def two_cameras(rng: np.random.Generator) -> Journey:
    """A walk with a telephone that knows where it is and a camera that does not, whose clock may be off."""
    made = walk(rng)
    ahead = 3600.0 * (0 if rng.random() < 0.7 else int(rng.integers(-9, 10))) + rng.normal(0, 60)
    second = rng.random(len(made.shots)) < 0.5
    shots = (
        replace(shot, when=(shot.when or 0) + ahead, camera="other", location=None) if other else shot
        for shot, other in zip(made.shots, second, strict=True)
    )
    return replace(made, shots=tuple(shots), sound=made.sound & ~second)


def drone(rng: np.random.Generator) -> Journey:
    """An aerial sequence, a picture every two seconds on a curved path at 5 to 15 m/s; its satellites are
    lost for some stretches.
    """
    count = int(rng.integers(150, 500))
    at = np.arange(count) * 2.0 + rng.normal(0, 0.05, count)
    speed = rng.uniform(5, 15)
    phase, slow, bend = rng.uniform(0, 6), rng.uniform(60, 200), rng.uniform(0.3, 1.5)
    heading = phase + bend * np.sin(2 * math.pi * at / slow) + 0.002 * at * rng.normal()
    step = np.diff(at, prepend=at[0] - 2) * speed * (1 + 0.15 * np.sin(at / 37 + phase))
    north, east = np.cumsum(step * np.cos(heading)), np.cumsum(step * np.sin(heading))
    made = _made(rng, at, north, east, noise=1.5, share=1.0)
    lost = np.zeros(count, bool)
    for _ in range(int(rng.integers(1, 4))):
        begin, long = int(rng.integers(10, count - 70)), int(rng.integers(8, 50))
        lost[begin : begin + long] = True
    shots = (
        replace(shot, location=None) if gone else shot for shot, gone in zip(made.shots, lost, strict=True)
    )
    return replace(made, shots=tuple(shots), sound=made.sound & ~lost)


KINDS: dict[str, Callable[[np.random.Generator], Journey]] = {
    "walk": walk,
    "drive": drive,
    "tour with flights": tour,
    "numbers, no times": numbered,
    "a quarter without times": timeless,
    "a tenth of positions wrong": spoilt,
    "another camera's clock": two_cameras,
    "drone, stretches lost": drone,
}


def _wander(
    rng: np.random.Generator, at: Floats, *, speed: float, turn: float, rest: float
) -> tuple[Floats, Floats]:
    """Metres north and east at the times `at`: a heading that drifts and turns, with pauses."""
    tick = 5.0
    count = int(at[-1] / tick) + 2
    sharp = rng.random(count) < turn
    heading = np.cumsum(rng.normal(0, turn, count) + sharp * rng.uniform(-1.6, 1.6, count))
    resting = np.cumsum(rng.random(count) < 0.02) * 0.618 % 1 < rest
    pace = speed * tick * ~resting * rng.uniform(0.8, 1.2, count)
    clock = np.arange(count) * tick
    return (
        np.interp(at, clock, np.cumsum(pace * np.cos(heading))),
        np.interp(at, clock, np.cumsum(pace * np.sin(heading))),
    )


def _made(
    rng: np.random.Generator, at: Floats, north: Floats, east: Floats, *, noise: float, share: float = 0.2
) -> Journey:
    lat = rng.uniform(-60, 68)
    lon = rng.uniform(-180, 180)
    wide = _METRES * math.cos(math.radians(lat))
    return _folder(rng, at, lat + north / _METRES, lon + east / wide, noise=noise, share=share)


def _folder(
    rng: np.random.Generator, at: Floats, lat: Floats, lon: Floats, *, noise: float, share: float = 0.2
) -> Journey:
    """The folder of photographs taken at these times and places, a `share` of them with a position."""
    lat, lon = _wrapped(lat, lon)
    known = rng.random(len(at)) < share
    known[rng.integers(len(at), size=2)] = True
    off = rng.normal(0, noise / _METRES, (2, len(at)))
    seen_lat, seen_lon = _wrapped(lat + off[0], lon + off[1] / np.cos(np.radians(lat)))
    shots = tuple(
        Shot(
            f"IMG_{number + 1:04d}.jpg",
            when=round(1.5e9 + float(at[number])),
            camera="one",
            location=Location(float(seen_lat[number]), float(seen_lon[number])) if known[number] else None,
        )
        for number in range(len(at))
    )
    return Journey(shots, lat, lon, at, known)


def _wrapped(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    return np.clip(lat, -90, 90), (lon + 180) % 360 - 180
