"""Metrics: known answers by hand, votes by cell, what a bootstrap may and may not call a difference."""

import numpy as np
import pytest

from geotag.geo import distance_km
from geotag.score import (
    cells,
    compare,
    constant_guess,
    even_grid,
    geoscore,
    most_confident,
    one_vote_per_cell,
    quantile,
    score,
)


def test_cells_meet_at_the_antimeridian_and_at_whole_degrees() -> None:
    lat = [0.5, 0.5, 0.5, 90.0, 89.5, -0.1, 0.1]
    lon = [180.0, -180.0, 179.9, 10.5, 10.5, 0.5, 0.5]
    number = cells(lat, lon)
    assert number[0] == number[1] != number[2]
    assert number[3] == number[4]
    assert number[5] != number[6]


def test_cells_of_any_size_that_fills_the_half_turn() -> None:
    lat, lon = [40.701, 40.704, 40.706, 90.0, 10.0, 10.0], [-74.001, -74.004, -74.001, 0.0, 180.0, -180.0]
    blocks = cells(lat, lon, 0.005)
    assert blocks[0] == blocks[1]
    assert len(set(blocks[:4])) == 3
    assert blocks[4] == blocks[5]
    wide = cells([-90, -1, 1, 90, 1], [-179, -1, -1, 179, 91], 90)
    assert wide.tolist() == [0, 1, 5, 7, 7]
    for degrees in (0.007, 400.0):
        with pytest.raises(ValueError, match="do not fill 180 evenly"):
            cells(lat, lon, degrees)


def test_every_cell_has_one_vote_however_many_photos_it_holds() -> None:
    weights = one_vote_per_cell([10.1, 10.2, 10.3, 50.5], [20.5, 20.5, 20.5, 8.5])
    assert weights == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 2])


def test_quantile_follows_the_weight_and_not_the_count() -> None:
    assert quantile([1, 2, 3, 100], [1, 1, 1, 3], 0.5) == 3
    assert quantile([1, 2, 3, 100], [1, 1, 1, 4], 0.5) == 100
    assert quantile([5], [0.1], 0.8) == 5
    with pytest.raises(ValueError, match="no values"):
        quantile([], [], 0.5)


def test_score_by_hand() -> None:
    # Two cells; the first holds three photos that are right, the second one photo on the other side.
    lat, lon = [10.5, 10.5, 10.5, 0.5], [20.5, 20.5, 20.5, 90.5]
    result = score(lat, lon, [10.5, 10.5, 10.5, -0.5], [20.5, 20.5, 20.5, -89.5], [1, 1, 1, 1])
    assert (result.photos, result.cells) == (4, 2)
    assert result.within == {1: 0.5, 25: 0.5, 200: 0.5, 750: 0.5, 2500: 0.5}
    assert result.median_km == 0
    assert result.mean_km == pytest.approx(20015.1 / 2, abs=1)
    assert result.geoscore == pytest.approx(2500, abs=0.1)
    assert result.coverage == 0.5
    by_photo = score(lat, lon, [10.5] * 4, [20.5] * 4, weights=[1, 1, 1, 1])
    assert by_photo.within[1] == 0.75
    assert by_photo.coverage is None


def test_geoscore_is_5000_at_the_place_and_falls_by_e_every_1492_7_km() -> None:
    assert geoscore([0, 1492.7]) == pytest.approx([5000, 5000 / np.e])


def test_constant_guess_is_the_best_of_all_points_of_a_fine_grid() -> None:
    rng = np.random.default_rng(3)
    lat, lon = rng.uniform(-60, 70, 80), rng.uniform(-180, 180, 80)
    weights = one_vote_per_cell(lat, lon)
    guess = constant_guess(lat, lon, weights)
    mine = float(distance_km(*guess, lat, lon) @ weights)
    others = [float(distance_km(a, b, lat, lon) @ weights) for a, b in zip(*even_grid(500), strict=True)]
    assert mine <= min(others)
    assert constant_guess([48.85], [2.35], [1.0]) == (48.85, 2.35)
    with pytest.raises(ValueError, match="at least one"):
        constant_guess([], [], [])


def test_even_grid_gives_equal_areas() -> None:
    lat, lon = even_grid(2000)
    assert np.mean(np.abs(lat) < 30) == pytest.approx(0.5, abs=0.01)
    assert np.mean(lon < 0) == pytest.approx(0.5, abs=0.01)
    assert lon.min() >= -180
    assert lon.max() <= 180


def test_most_confident_takes_a_share_of_the_votes() -> None:
    mask = most_confident([5, 1, 3, 2, 4], [0.2] * 5, 0.4)
    assert mask.tolist() == [False, True, False, True, False]
    assert most_confident([9, 1], [0.5, 0.5], 0.1).tolist() == [False, True]


def test_compare_sees_a_real_difference_and_not_a_mere_relabelling() -> None:
    rng = np.random.default_rng(0)
    km, cell = rng.uniform(0, 5000, 400), np.arange(400) // 2
    better = compare(km * 0.5, km, cell, rounds=300)
    assert better["median_km"].excludes_zero
    assert better["median_km"].high < 0 < better["geoscore"].low
    assert better["mean_km"].difference == pytest.approx(-km.mean() / 2)
    noise = compare(rng.permutation(km), km, cell, rounds=300)
    assert not noise["mean_km"].excludes_zero
    same = compare(km, km, cell, rounds=50)["median_km"]
    assert (same.difference, same.low, same.high) == (0, 0, 0)


def test_compare_resamples_cells_so_photos_of_one_cell_count_once() -> None:
    rng = np.random.default_rng(1)
    gain = rng.normal(100, 400, 20)
    apart = compare(np.full(20, 3000.0), 3000 + gain, np.arange(20))["mean_km"]
    copies = compare(np.full(2000, 3000.0), 3000 + np.repeat(gain, 100), np.repeat(np.arange(20), 100))[
        "mean_km"
    ]
    assert copies.high - copies.low == pytest.approx(apart.high - apart.low, rel=0.1)
