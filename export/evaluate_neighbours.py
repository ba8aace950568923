"""Judges what neighbours say: made-up journeys, and the numbered negatives of a real collection.

    python -m export.evaluate_neighbours [--journeys 60] [--photos ../shared/photos/photos.csv]

The best achievable is interpolation, linear or by a natural cubic spline, whichever is better for the kind of
journey, between the photographs that have a sound position: once from their true places at the true times,
which nobody knows whose clock is wrong or whose times are lost; and once from what the folder tells, the
positions with their noise, the times by each clock, and lost ones by the numbers next to them.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from export.journeys import KINDS, Journey
from geotag import geo
from geotag.evidence.neighbours import Neighbours
from geotag.evidence.strands import Roll, Shot
from geotag.types import Location

Floats = NDArray[np.float64]

_PHOTOS = Path(__file__).resolve().parents[2] / "shared" / "photos" / "photos.csv"
_NEGATIVE = re.compile(r".*?/(\d+)f[^/]*\Z")


def judge(journey: Journey) -> tuple[Floats, Floats, dict[str, Floats]]:
    """For every photograph without a position: distance from the truth in km, radius, and the distance of
    each way to interpolate, between true places ("linear") and between what the folder tells ("linear told").
    """
    wanted = np.flatnonzero([shot.location is None for shot in journey.shots])
    found = Neighbours(Roll(journey.shots))
    answers = [found.about(int(index)) for index in wanted]
    places = [(answer.location.lat, answer.location.lon) for answer in answers if answer is not None]
    lat, lon = np.array(places).T
    off = geo.distance_km(lat, lon, journey.lat[wanted], journey.lon[wanted])
    radius = np.array([answer.error_km for answer in answers if answer is not None])
    best = {}
    sources = {"": (journey.at, geo.unit_vectors(journey.lat, journey.lon)), " told": told(journey)}
    for kind, (at, points) in sources.items():
        for name, way in (("linear", linear), ("cubic", cubic)):
            guessed = geo.degrees(way(at[wanted], at[journey.sound], points[journey.sound]))
            best[name + kind] = geo.distance_km(*guessed, journey.lat[wanted], journey.lon[wanted])
    return off, radius, best


def told(journey: Journey) -> tuple[Floats, Floats]:
    """When photographs were taken, [n], and where, [n, 3], as far as the folder tells; NaN where it does not
    tell where.
    """
    count = np.arange(len(journey.shots))
    when = np.array([np.nan if shot.when is None else shot.when for shot in journey.shots])
    said = ~np.isnan(when)
    at = np.interp(count, count[said], when[said]) if said.any() else journey.at
    places = [
        (np.nan, np.nan) if it is None else (it.lat, it.lon) for it in (s.location for s in journey.shots)
    ]
    return at, geo.unit_vectors(*np.array(places).T)


def linear(at: Floats, known_at: Floats, known: Floats) -> Floats:
    """Points on straight lines between known ones, shape [n, 3]; the first and the last beyond them."""
    return np.stack([np.interp(at, known_at, axis) for axis in known.T], axis=-1)


def cubic(at: Floats, known_at: Floats, known: Floats) -> Floats:
    """Points on the natural cubic spline through known ones (de Boor 1978, chapter IV), shape [n, 3]."""
    count = len(known_at)
    if count < 3:
        return linear(at, known_at, known)
    step = np.maximum(np.diff(known_at), 1e-3)
    system = np.eye(count)
    slopes = np.diff(known, axis=0) / step[:, None]
    right = np.zeros((count, 3))
    inner = np.arange(1, count - 1)
    system[inner, inner - 1], system[inner, inner + 1] = step[:-1], step[1:]
    system[inner, inner] = 2 * (step[:-1] + step[1:])
    right[1:-1] = 6 * np.diff(slopes, axis=0)
    bend = np.linalg.solve(system, right)
    at = np.clip(at, known_at[0], known_at[-1])
    row = np.clip(np.searchsorted(known_at, at) - 1, 0, count - 2)
    wide, ahead = step[row][:, None], (known_at[row + 1] - at)[:, None]
    done = wide - ahead
    chord = (known[row] * ahead + known[row + 1] * done) / wide
    pull = bend[row] * (ahead**3 / wide - wide * ahead) + bend[row + 1] * (done**3 / wide - wide * done)
    return np.asarray(chord + pull / 6)


def negatives(path: Path) -> Journey | None:
    """The numbered negatives of New York in `photos.csv` as one roll, one in five with its position."""
    if not path.exists():
        return None
    with open(path, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "heritage"]
    places = defaultdict(list)
    for row in rows:
        if match := _NEGATIVE.match(row["orig_path"]):
            places[int(match[1])].append((float(row["lat"]), float(row["lon"])))
    numbers = np.array(sorted(places))
    lat, lon = np.array([places[number][0] for number in numbers]).T
    sound = np.random.default_rng(6).random(len(numbers)) < 0.2
    shots = tuple(
        Shot(f"negative {number:07d}.jpg", location=Location(at_lat, at_lon) if known else None)
        for number, at_lat, at_lon, known in zip(numbers, lat, lon, sound, strict=True)
    )
    return Journey(shots, lat, lon, numbers.astype(np.float64), sound)


def line(kind: str, judged: list[tuple[Floats, Floats, dict[str, Floats]]]) -> str:
    """One row of the table."""
    off, radius = (np.concatenate(parts) for parts in list(zip(*judged, strict=True))[:2])
    best = {name: np.median(np.concatenate([item[2][name] for item in judged])) for name in judged[0][2]}
    name = min(("linear", "cubic"), key=lambda name: best[name])
    fair = min(best["linear told"], best["cubic told"])
    median = np.median(off)
    return (
        f"{kind:27} {len(off):7,} {1000 * median:11,.0f} {1000 * best[name]:10,.0f} {name:7}"
        f"{median / best[name]:6.2f} {1000 * fair:10,.0f} {median / fair:6.2f}"
        f" {100 * np.mean(off <= radius):7.1f} {1000 * np.median(radius):11,.0f}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--journeys", type=int, default=60, help="how many of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--photos", type=Path, default=_PHOTOS)
    chosen = parser.parse_args()
    print(
        f"{'journey':27} {'photos':>7} {'median in m':>11} {'achievable':>10} {'':7}{'ratio':>6} "
        f"{'as told':>10} {'ratio':>6} {'in 80 %':>7} {'radius in m':>11}"
    )
    for seed, (kind, made) in enumerate(KINDS.items()):
        rng = np.random.default_rng((chosen.seed, seed))
        print(line(kind, [judge(made(rng)) for _ in range(chosen.journeys)]))
    real = negatives(chosen.photos)
    print(
        "real negatives: photos.csv is not at hand"
        if real is None
        else line("real: numbered negatives", [judge(real)])
    )


if __name__ == "__main__":
    main()
