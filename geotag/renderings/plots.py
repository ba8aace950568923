"""Plots of what a model is worth and of what it looks at, as PNG.

The only module that knows Matplotlib, which comes with the extra `plots`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from geotag import geo
from geotag.errors import OutputError, UsageError
from geotag.types import Location, Region

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from geotag.types import Pixels

NAMES = ("errors.png", "risk-coverage.png", "reliability.png", "map.png")
TOLD = (
    "How far the answers are from the true places: how many photos at each distance, and the share up to it.",
    "Risk and coverage: the median distance among the photos with the smallest radii, by the share answered.",
    "Reliability: the share of true places inside the radius, from the smallest radii to the largest.",
    "Where the answers err: every photo at its true place, coloured by how far off the answer is.",
)
"""What each of the plots of NAMES shows, in a sentence."""

_BLUE, _GREY, _RED, _SEA, _LAND = "#1f6fd1", "#8090a0", "#c22f2f", "#dfe9f0", "#f6f4ee"
_GROUPS = 10
_SHARE = 0.8
_TRANSPARENT, _DOTS = 0.45, 120

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Guesses:
    """What a model said of photos whose place is known: both in degrees, float64 [n], the radius it gave and
    how far off it was, in km.
    """

    name: str
    lat: Floats
    lon: Floats
    guess_lat: Floats
    guess_lon: Floats
    error_km: Floats
    off_km: Floats


def evaluation(guesses: Guesses, folder: str) -> list[str]:
    """Draw the distribution of errors, risk against coverage, reliability by radius, and a map of errors into
    a folder; returns the paths.

    Raises UsageError without Matplotlib, OutputError when the folder cannot be written.
    """
    drawn = ((_errors, 4.4), (_risk, 4.4), (_reliability, 4.4), (_map, 3.2))
    guesses = replace(guesses, name=_literal(guesses.name))
    paths = []
    for name, (draw, height) in zip(NAMES, drawn, strict=True):
        figure = _figure(7.2, height)
        draw(figure.add_subplot(), guesses)
        paths.append(_saved(figure, os.path.join(folder, name)))
    return paths


def explanation(
    picture: Pixels, heat: Floats, guess: Location, regions: Sequence[Region], title: str, path: str
) -> str:
    """Draw a picture with a heat map over it, beside a world map with the most probable regions.

    `picture` is uint8 [height, width, 3], `heat` float64 [rows, columns] of cells that cover it: how much the
    answer rests on each, 1 the most. Raises UsageError without Matplotlib, OutputError when the file cannot
    be written.
    """
    figure = _figure(11, 4.2)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.6))
    height, width = picture.shape[:2]
    left.imshow(picture)
    left.imshow(
        np.clip(heat, 0, 1),
        cmap="inferno",
        alpha=_TRANSPARENT,
        extent=(0, width, height, 0),
        interpolation="bilinear",
        vmin=0,
        vmax=1,
    )
    left.set_axis_off()
    left.set_title("bright: the answer rests on it")
    _world(right)
    for number, region in enumerate(regions, 1):
        east, north = _circle(region.location, region.radius_km)
        right.plot(east, north, ".", color=_RED, markersize=2)
        spot = (float(east[0]), float(north[0]))
        right.annotate(str(number), spot, (0, 3), textcoords="offset points", color=_RED, weight="bold")
    right.plot([guess.lon], [guess.lat], "+", color=_BLUE, markersize=14, markeredgewidth=2.5)
    right.set_title(_literal(title))
    told = "   ".join(f"{number}: {region.probability:.0%}" for number, region in enumerate(regions, 1))
    right.set_xlabel(f"most probable regions   {told}      + the answer")
    return _saved(figure, path)


def _literal(text: str) -> str:
    """Text that Matplotlib does not take for mathematics: the names of models come from outside."""
    return text.replace("$", r"\$")


def _figure(width: float, height: float) -> Figure:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UsageError("plots need Matplotlib; pip install 'geovision-geotag[plots]'") from error
    return Figure(figsize=(width, height), layout="constrained")


def _saved(figure: Figure, path: str) -> str:
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        figure.savefig(path, dpi=110, format="png")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}; name another place") from error
    return path


def _errors(axes: Axes, guesses: Guesses) -> None:
    edges = np.geomspace(1, geo.HALF_TURN_KM, 33)
    axes.hist(np.clip(guesses.off_km, 1, geo.HALF_TURN_KM), edges.tolist(), color=_BLUE)
    axes.set(xscale="log", xlabel="distance from the true place, km", ylabel="photos", title=guesses.name)
    reached = axes.twinx()
    ordered = np.sort(guesses.off_km)
    reached.plot(np.clip(ordered, 1, None), np.arange(1, len(ordered) + 1) / len(ordered), color=_RED)
    reached.set(ylim=(0, 1), ylabel="share of photos within that distance")


def _risk(axes: Axes, guesses: Guesses) -> None:
    """Median distance among the surest share of photos (El-Yaniv, Wiener 2010, risk-coverage curve)."""
    ordered = guesses.off_km[np.argsort(guesses.error_km, kind="stable")]
    least = min(len(ordered), max(5, len(ordered) // 50))
    counts = np.unique(np.linspace(least, len(ordered), 60).astype(int))
    axes.plot(counts / len(ordered), [np.median(ordered[:count]) for count in counts], color=_BLUE)
    axes.axhline(float(np.median(ordered)), color=_GREY, linestyle=":", label="all photos")
    axes.set(xlim=(0, 1), xlabel="share of photos answered, the smallest radii first")
    axes.set(ylim=(0, None), ylabel="median distance, km", title=guesses.name)
    axes.legend()


def _reliability(axes: Axes, guesses: Guesses) -> None:
    groups = np.array_split(np.argsort(guesses.error_km, kind="stable"), min(_GROUPS, len(guesses.off_km)))
    radius = [float(np.median(guesses.error_km[group])) for group in groups]
    held = [float(np.mean(guesses.off_km[group] <= guesses.error_km[group])) for group in groups]
    spread = [1.96 * np.sqrt(_SHARE * (1 - _SHARE) / len(group)) for group in groups]
    places = np.arange(len(groups))
    axes.bar(places, held, color=_BLUE)
    axes.errorbar(places, np.full(len(groups), _SHARE), spread, fmt="none", ecolor=_RED, capsize=4)
    axes.axhline(_SHARE, color=_RED, linestyle=":", label="promised: 80 % (bars: chance at this number)")
    axes.set_xticks(places, [f"{km:,.0f}" for km in radius])
    axes.set(ylim=(0, 1), xlabel="predicted radius, km (median of each tenth of the photos)")
    axes.set(ylabel="share inside the radius", title=guesses.name)
    axes.legend(loc="lower right")


def _map(axes: Axes, guesses: Guesses) -> None:
    from matplotlib.colors import LogNorm

    _world(axes)
    dots = axes.scatter(
        guesses.lon,
        guesses.lat,
        c=np.clip(guesses.off_km, 1, None),
        s=12,
        cmap="viridis_r",
        norm=LogNorm(10, geo.HALF_TURN_KM),
    )
    axes.figure.colorbar(dots, ax=axes, shrink=0.7, label="distance from the true place, km")
    axes.set_title(f"{guesses.name}: where it errs")


def _world(axes: Axes) -> None:
    """Natural Earth's countries on longitude and latitude."""
    from matplotlib.collections import PolyCollection

    world = json.loads(resources.files("geotag").joinpath("data", "map", "world.json").read_text("utf-8"))
    arcs = [np.array(arc, float).reshape(-1, 2).cumsum(axis=0) * world["unit"] for arc in world["arcs"]]
    rings = [_ring(arcs, ring) for _, country in world["countries"] for ring in country]
    shifted = [ring + np.array((east, 0.0)) for ring in rings for east in (-360.0, 0.0, 360.0)]
    axes.add_collection(PolyCollection(shifted, facecolor=_LAND, edgecolor=_GREY, linewidth=0.4))
    axes.set(xlim=(-180, 180), ylim=(-75, 85), xticks=[], yticks=[], aspect="equal", facecolor=_SEA)


def _ring(arcs: list[NDArray[Any]], parts: Sequence[int]) -> Floats:
    """A ring without the leap at the antimeridian; one that goes round a pole is closed along it."""
    ring = np.concatenate([arcs[part] if part >= 0 else arcs[~part][::-1] for part in parts])
    leaps = np.diff(ring[:, 0], prepend=ring[0, 0])
    ring[:, 0] -= 360 * np.cumsum(np.round(leaps / 360))
    if abs(ring[-1, 0] - ring[0, 0]) < 180:
        return ring
    pole = -90.0 if ring[0, 1] < 0 else 90.0
    return np.concatenate([ring, [[ring[-1, 0], pole], [ring[0, 0], pole]]])


def _circle(middle: Location, km: float) -> tuple[Floats, Floats]:
    """Points that lie `km` from a place: degrees east and north."""
    turn, angle = np.linspace(0, 2 * np.pi, _DOTS), km / geo.EARTH_RADIUS_KM
    lat, lon = np.radians(middle.lat), np.radians(middle.lon)
    north = np.arcsin(
        np.clip(np.sin(lat) * np.cos(angle) + np.cos(lat) * np.sin(angle) * np.cos(turn), -1, 1)
    )
    east = lon + np.arctan2(
        np.sin(turn) * np.sin(angle) * np.cos(lat), np.cos(angle) - np.sin(lat) * np.sin(north)
    )
    return (np.degrees(east) + 180) % 360 - 180, np.degrees(north)
