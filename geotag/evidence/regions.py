"""A model's distribution over the places it knows, as a few regions: fine where it is sure, coarse elsewhere.

The places are cut in two again and again, across the axis along which they spread most (a k-d tree: Bentley
1975, "Multidimensional binary search trees used for associative searching"). A distribution is then the cut
through this tree that leaves the least spread: what is largest, probability times spread, is split first.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geotag import geo
from geotag.evidence.packed import pack, unpack
from geotag.types import Location, Region

MOST = 14
"""So many regions stand for a distribution."""

_NODES = (1 << MOST) - 1
"""A cut of MOST parts is MOST - 1 levels down at the most: what lies deeper is never reached."""

_ASKED = 1000
"""So many places, or all where there are not twice as many, are asked how far the next one lies."""

_ROWS = 64
"""So many of them at once: a table of distances to a hundred thousand places is 51 MB."""

_LEAST = 1e-9
"""What is less likely than this is no region."""

_ROUND = math.sqrt(-math.log(0.2))
"""The radius that holds 80 % of a round Gaussian in the plane, over its root mean square distance."""


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """The places a model knows as a binary tree, in an order in which every node's places lie side by side.

    `order` are the places' numbers, int64 [K], `vectors` where they lie, [K, 3]. Node n holds those from
    start[n] to end[n]; its halves are the nodes low[n] and low[n] + 1, where low[n] is 0 it has none.
    `spread` is the root mean square distance in km of its places from their middle, `least_km` the distance
    from a place to the next one, by the median.
    """

    order: NDArray[np.int64]
    vectors: geo.Floats
    start: list[int]
    end: list[int]
    low: list[int]
    spread: list[float]
    least_km: float

    def regions(self, probabilities: ArrayLike) -> tuple[Region, ...]:
        """Probabilities over the places, [K], as at most MOST regions, the likeliest first.

        Empty where the numbers are no distribution. The values are those that `pack` keeps, so that what is
        decided from them is the same when they come back from a journal.
        """
        held = np.asarray(probabilities, np.float64)[self.order]
        total = float(held.sum())
        if not (math.isfinite(total) and total > 0 and float(held.min()) >= 0):
            return ()
        held = held / total
        mass = np.concatenate([[0.0], np.cumsum(held)])
        nodes = sorted(self._cut(mass), key=self.start.__getitem__)
        # The nodes of a cut lie side by side and hold all places.
        edges = np.array([*(self.start[node] for node in nodes), len(held)])
        moments = np.add.reduceat(held[:, None] * self.vectors, edges[:-1])
        share, usual = np.diff(mass[edges]), np.diff(edges) / len(held)
        likely = np.flatnonzero(share > _LEAST)
        likely = likely[np.argsort(-share[likely], kind="stable")]
        share, middle = share[likely], moments[likely] / share[likely, None]
        lat, lon = geo.degrees(middle)
        radius = np.maximum(self.least_km, _ROUND * _spread_km(middle))
        rows = zip(*(column.tolist() for column in (lat, lon, radius, share, usual[likely])), strict=True)
        return unpack(pack(_region(*row) for row in rows))

    def _cut(self, mass: geo.Floats) -> list[int]:
        """The nodes of the cut for cumulated probabilities, [K + 1]."""
        queue: list[tuple[float, int]] = [(0.0, 0)]
        done: list[int] = []
        while queue and len(queue) + len(done) < MOST:
            node = heapq.heappop(queue)[1]
            if not self.low[node]:
                done.append(node)
                continue
            for half in (self.low[node], self.low[node] + 1):
                share = float(mass[self.end[half]] - mass[self.start[half]])
                heapq.heappush(queue, (-share * self.spread[half], half))
        return done + [node for _, node in queue]


def partition(lat: ArrayLike, lon: ArrayLike) -> Partition:
    """The tree over places in degrees, shape [K] each with K at least 1."""
    vectors = geo.unit_vectors(lat, lon)
    order = np.arange(len(vectors))
    start, end, low, spread = [0], [len(order)], [0], [0.0]
    node = 0
    while node < len(start):
        first, last = start[node], end[node]
        # One place alone has no spread.
        if last - first > 1:
            part = vectors[order[first:last]]
            spread[node] = float(_spread_km(part.mean(axis=0)))
            if len(start) < _NODES:
                axis = int(np.argmax(np.ptp(part, axis=0)))
                order[first:last] = order[first:last][np.argsort(part[:, axis], kind="stable")]
                low[node], middle = len(start), (first + last) // 2
                start += [first, middle]
                end += [middle, last]
                low += [0, 0]
                spread += [0.0, 0.0]
        node += 1
    return Partition(order, vectors[order], start, end, low, spread, _next_km(vectors))


def _region(lat: float, lon: float, radius_km: float, probability: float, usual: float) -> Region:
    return Region(Location(lat, lon), radius_km, probability, usual)


def _spread_km(middle: geo.Floats) -> geo.Floats:
    """Root mean square distance in km of points from their mean vector, [..., 3], straight through the
    Earth.
    """
    return np.asarray(geo.EARTH_RADIUS_KM * np.sqrt(np.maximum(0.0, 1 - (middle**2).sum(axis=-1))))


def _next_km(vectors: geo.Floats) -> float:
    """How far places, [K, 3], lie from the next one, by the median; half the Earth for one alone."""
    if len(vectors) == 1:
        return float(geo.HALF_TURN_KM)
    asked = np.arange(0, len(vectors), max(1, len(vectors) // _ASKED))
    nearest = []
    for rows in np.array_split(asked, -(-len(asked) // _ROWS)):
        near = vectors[rows] @ vectors.T
        near[np.arange(len(rows)), rows] = -1.0
        nearest.append(near.max(axis=1))
    return float(np.median(geo.EARTH_RADIUS_KM * np.arccos(np.clip(np.concatenate(nearest), -1, 1))))
