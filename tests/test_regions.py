"""A distribution over places as a few regions: it loses nothing but detail, and comes back as it went."""

from __future__ import annotations

import numpy as np
import pytest

from geotag import geo
from geotag.evidence import regions
from geotag.evidence.packed import pack, unpack
from geotag.score import even_grid
from geotag.types import Location, Region

LAT, LON = even_grid(700)
TREE = regions.partition(LAT, LON)


def bump(lat: float, lon: float, km: float) -> geo.Floats:
    """A distribution over the grid that falls off around a point."""
    return np.exp(-geo.distance_km(lat, lon, LAT, LON) / km)


@pytest.mark.parametrize("km", [100.0, 1000.0, 1e6])
def test_regions_hold_all_of_a_distribution(km: float) -> None:
    found = TREE.regions(bump(48, 2, km))
    assert 1 <= len(found) <= regions.MOST
    assert sum(region.probability for region in found) == pytest.approx(1, abs=0.03)
    assert [region.probability for region in found] == sorted(
        (region.probability for region in found), reverse=True
    )


def test_regions_are_fine_where_the_model_is_sure() -> None:
    found = TREE.regions(bump(48, 2, 800))
    best = found[0]
    assert geo.distance_km(best.location.lat, best.location.lon, 48, 2) < 1500
    assert best.probability > 5 * best.usual
    farthest = max(found, key=lambda region: geo.distance_km(region.location.lat, region.location.lon, 48, 2))
    assert farthest.radius_km > 2 * best.radius_km


def test_what_looks_like_everywhere_is_as_usual() -> None:
    for region in TREE.regions(np.ones(len(LAT))):
        assert region.probability == pytest.approx(region.usual, rel=0.03)


def test_regions_come_back_from_the_journal_as_they_went() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        found = TREE.regions(rng.dirichlet(np.full(len(LAT), 0.1)))
        kept = pack(found)
        assert len(kept) == 7 * len(found)
        assert unpack(kept) == found


def test_any_region_on_earth_can_be_kept() -> None:
    kept = (Region(Location(-90, 180), 1.0, 1.0, 0.0), Region(Location(90, -180), 20015.0, 0.0, 1.0))
    for before, after in zip(kept, unpack(pack(kept)), strict=True):
        assert after.location == before.location
        assert after.radius_km == pytest.approx(before.radius_km, rel=0.03)
        assert (after.probability, after.usual) == (before.probability, before.usual)


@pytest.mark.parametrize("wrong", [np.nan, -1.0, np.inf])
def test_what_is_no_distribution_gives_no_regions(wrong: float) -> None:
    values = np.ones(len(LAT))
    values[3] = wrong
    assert TREE.regions(values) == ()
    assert TREE.regions(np.zeros(len(LAT))) == ()


def test_a_model_may_know_one_place_or_the_same_place_twice() -> None:
    assert regions.partition([10.0], [20.0]).regions([0.7])[0].probability == 1
    (first, *_) = regions.partition([10.0, 10.0], [20.0, 20.0]).regions([0.5, 0.5])
    assert first.location == Location(10, 20)


def test_a_gallery_of_many_places_is_cut_no_finer_than_a_cut_can_be() -> None:
    lat, lon = even_grid(20_000)
    tree = regions.partition(lat, lon)
    assert len(tree.start) == (1 << regions.MOST) - 1
    sure = np.zeros(len(lat))
    sure[777] = 1.0
    only = tree.regions(sure)
    assert len(only) == 1
    assert geo.distance_km(only[0].location.lat, only[0].location.lon, lat[777], lon[777]) < 2
    assert only[0].usual < 1e-3
    nearest = [np.partition(geo.distance_km(lat[n], lon[n], lat, lon), 1)[1] for n in range(0, 20_000, 97)]
    assert tree.least_km == pytest.approx(float(np.median(nearest)), rel=0.02)
