"""The map's countries: Natural Earth's borders, thinned, as whole numbers.

    python -m export.basemap countries-50m.json geotag/data/map/world.json

The input is the TopoJSON file of that name in the npm package `world-atlas` (ISC; the data are Natural Earth,
public domain), which shares every border between its neighbours and is cut at the antimeridian. The output is
{"unit": degrees, "arcs": [[x, y, dx, dy, ...], ...], "countries": [[name, [[arc, ...], ...]], ...]}: each
ring of a country is a list of arcs, ~arc for one that is walked backwards.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNIT = 0.01
"""Degrees that one step of the output is worth."""

TOLERANCE = 0.03
"""By how many degrees a thinned border may miss the true one."""

_SMALLEST = 4

Line = NDArray[np.float64]


def arcs(topology: dict[str, Any]) -> list[Line]:
    """The arcs of a TopoJSON topology, float64 [points, 2], degrees east and north (specification 2.1.3)."""
    scale, translate = topology["transform"]["scale"], topology["transform"]["translate"]
    return [np.cumsum(np.array(arc, np.float64), axis=0) * scale + translate for arc in topology["arcs"]]


def thinned(line: Line, tolerance: float) -> Line:
    """A line with fewer points that strays at most `tolerance` degrees from it (Douglas, Peucker 1973)."""
    keep = np.zeros(len(line), bool)
    keep[[0, -1]] = True
    waiting = [(0, len(line) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        away = _away(line[first + 1 : last], line[first], line[last])
        worst = int(away.argmax())
        if away[worst] > tolerance:
            middle = first + 1 + worst
            keep[middle] = True
            waiting += [(first, middle), (middle, last)]
    return line[keep]


def _away(points: Line, start: Line, end: Line) -> NDArray[np.float64]:
    """How far points lie from the stretch between two others, in degrees."""
    along = end - start
    length = float(along @ along)
    share = np.clip((points - start) @ along / length, 0, 1) if length else np.zeros(len(points))
    return np.asarray(np.hypot(*(points - start - share[:, np.newaxis] * along).T))


def rings(geometry: dict[str, Any]) -> list[list[int]]:
    """The rings of a Polygon or MultiPolygon, as arcs."""
    nested = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    return [ring for polygon in nested for ring in polygon]


def basemap(topology: dict[str, Any]) -> dict[str, Any]:
    """The countries of a topology, thinned and in whole units; islets of fewer than four points go."""
    steps = [np.round(thinned(arc, TOLERANCE) / UNIT).astype(int) for arc in arcs(topology)]
    countries = []
    for geometry in topology["objects"]["countries"]["geometries"]:
        if geometry.get("arcs"):
            visible = [ring for ring in rings(geometry) if _points(ring, steps) >= _SMALLEST]
            countries.append([geometry["properties"]["name"], visible or rings(geometry)[:1]])
    flat = [np.concatenate([arc[:1], np.diff(arc, axis=0)]).ravel().tolist() for arc in steps]
    return {"unit": UNIT, "arcs": flat, "countries": countries}


def _points(ring: list[int], steps: list[NDArray[np.int_]]) -> int:
    return sum(len(steps[arc if arc >= 0 else ~arc]) - 1 for arc in ring)


def main(source: str, target: str) -> None:
    """Write the base map made from the TopoJSON file `source`."""
    topology = json.loads(Path(source).read_text(encoding="utf-8"))
    text = json.dumps(basemap(topology), ensure_ascii=False, separators=(",", ":"))
    Path(target).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
