"""Balanced sampling over uneven geography, and the places that a model may name."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geotag.geo import degrees, unit_vectors

Floats = NDArray[np.float64]


def shares(cell: ArrayLike, cap: float) -> Floats:
    """How often each photograph of the cells numbered `cell` is drawn, shape [n], summing to 1.

    A cell counts as many times as it has photographs, but at most `cap` times: with 1 every cell has
    one vote, with infinity every photograph.
    """
    _, index, counts = np.unique(np.asarray(cell), return_inverse=True, return_counts=True)
    weights = np.minimum(counts, cap)[index] / counts[index]
    return np.asarray(weights / weights.sum())


class Sampler:
    """Draws batches of rows by their shares, with replacement; a draw costs log n, however many rows."""

    def __init__(self, share: Floats) -> None:
        self._ends = np.cumsum(share)

    def draw(self, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Row numbers, int64 [count]."""
        at = np.searchsorted(self._ends, rng.random(count) * self._ends[-1], side="right")
        return np.asarray(np.minimum(at, len(self._ends) - 1), np.int64)


def places(
    lat: ArrayLike, lon: ArrayLike, share: ArrayLike, most: int, least_km: float
) -> list[NDArray[np.int64]]:
    """Cells that follow the data: the regions that photographs fall into, as row numbers.

    The region that spreads most for its share is cut in two, across the direction in which it spreads, until
    there are `most` or none is wider than `least_km` on average. Cutting is deterministic, and the first k
    cuts are the same whatever `most` is: coarser cells are unions of finer ones.
    """
    vectors, votes = unit_vectors(lat, lon), np.asarray(share, np.float64)
    queue: list[tuple[float, int, NDArray[np.int64]]] = []
    done: list[NDArray[np.int64]] = []
    count = 0

    def push(rows: NDArray[np.int64]) -> None:
        nonlocal count
        count += 1
        spread = _spread_km(vectors[rows], votes[rows])
        if spread <= least_km or len(rows) == 1:
            done.append(rows)
        else:
            heapq.heappush(queue, (-(spread**2) * votes[rows].sum(), count, rows))

    push(np.arange(len(votes)))
    while queue and len(queue) + len(done) < most:
        rows = heapq.heappop(queue)[2]
        low = _lower_half(vectors[rows], votes[rows])
        push(rows[low])
        push(rows[~low])
    return [*(rows for _, _, rows in queue), *done]


def centre(lat: ArrayLike, lon: ArrayLike, share: ArrayLike) -> tuple[float, float]:
    """The middle of points in degrees, weighted: the direction of their mean vector."""
    mean = np.asarray(share, np.float64) @ unit_vectors(lat, lon)
    middle_lat, middle_lon = degrees(mean)
    return float(middle_lat), float(middle_lon)


def _spread_km(vectors: Floats, votes: Floats) -> float:
    mean = votes @ vectors / votes.sum()
    return float(6371 * np.sqrt(max(0.0, 1 - mean @ mean)))


def _lower_half(vectors: Floats, votes: Floats) -> NDArray[np.bool_]:
    middle = votes @ vectors / votes.sum()
    _, _, axes = np.linalg.svd((vectors - middle) * np.sqrt(votes)[:, None], full_matrices=False)
    along = (vectors - middle) @ axes[0]
    low = along <= 0
    # All on one side happens only when rounding hides the difference: any cut is as good as another then.
    return low if low.any() and not low.all() else np.arange(len(low)) < len(low) // 2
