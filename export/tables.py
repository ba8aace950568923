"""The figures that a model is judged by, as values for the card and lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geotag import score
from geotag.geo import distance_km

if TYPE_CHECKING:
    from export.index import Index
    from export.world import Unseen


def figures(
    index: Index,
    lat: ArrayLike,
    lon: ArrayLike,
    error_km: ArrayLike | None = None,
    votes: ArrayLike | None = None,
) -> dict[str, Any]:
    """Median and mean km, shares within the thresholds in %, GeoScore, coverage; by default a vote a cell."""
    weights = score.one_vote_each(index.cell) if votes is None else votes
    result = score.score(index.lat, index.lon, lat, lon, error_km, weights)
    found: dict[str, Any] = {"median_km": _km(result.median_km), "mean_km": _km(result.mean_km)}
    found |= {f"within_{limit}_percent": round(100 * share, 1) for limit, share in result.within.items()}
    found["geoscore"] = round(result.geoscore)
    if result.coverage is not None:
        found["coverage_percent"] = round(100 * result.coverage, 1)
    return found


def summary(index: Index, unseen: Unseen) -> dict[str, Any]:
    """What a cross-fitted model is worth: all, its confident half and tenth, the constant guess, coverage."""
    answer, radius = unseen.answer, unseen.error_km
    km = distance_km(index.lat, index.lon, answer.lat, answer.lon)
    constant = distance_km(index.lat, index.lon, unseen.constant_lat, unseen.constant_lon)
    votes = score.one_vote_each(index.cell)
    compared = score.compare(km, constant, index.cell)
    return {
        "photographs": len(index),
        "all": figures(index, answer.lat, answer.lon, radius),
        "constant_guess": figures(index, unseen.constant_lat, unseen.constant_lon),
        "confident_half": _part(km, votes, score.most_confident(answer.doubt, votes, 0.5)),
        "confident_tenth": _part(km, votes, score.most_confident(answer.doubt, votes, 0.1)),
        "coverage_by_third_percent": thirds(km, radius, votes),
        "against_constant": {
            name: [round(value, 3) for value in (interval.difference, interval.low, interval.high)]
            for name, interval in compared.items()
        },
    }


def _km(value: float) -> float:
    """Whole km, and tens of metres where the region is small."""
    return round(value) if value >= 100 else round(value, 2)


def _part(km: NDArray[np.float64], votes: NDArray[np.float64], mask: NDArray[np.bool_]) -> dict[str, Any]:
    share = votes[mask] / votes[mask].sum()
    found: dict[str, Any] = {"median_km": _km(score.quantile(km[mask], share, 0.5))}
    for limit in (200, 750, 2500):
        found[f"within_{limit}_percent"] = round(100 * float(share @ (km[mask] <= limit)), 1)
    return found


def thirds(km: NDArray[np.float64], radius: NDArray[np.float64], votes: NDArray[np.float64]) -> list[float]:
    """Coverage in % within each third of the votes by predicted radius, smallest radii first."""
    order = np.argsort(radius, kind="stable")
    place = (np.cumsum(votes[order]) - votes[order] / 2) / votes.sum()
    inside = (km <= radius)[order]
    return [
        round(100 * float(np.average(inside[part], weights=votes[order][part])), 1)
        for part in (place < 1 / 3, (place >= 1 / 3) & (place < 2 / 3), place >= 2 / 3)
    ]
