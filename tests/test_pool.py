"""What several models say together."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from geotag import geo
from geotag.evidence import pool
from geotag.types import Location, Region, Voice

PARIS, ROME, LIMA = Location(48.9, 2.3), Location(41.9, 12.5), Location(-12.0, -77.0)
PLACES = (PARIS, ROME, LIMA)


def voice(name: str, *shares: float, km: float = 3000.0) -> Voice:
    """A model that gives shares to Paris, Rome and Lima, which it takes for equally usual."""
    best = PLACES[int(np.argmax(shares))]
    regions = tuple(Region(place, 300.0, share, 1 / 3) for place, share in zip(PLACES, shares, strict=True))
    return Voice(name, best, km, regions)


def near(regions: tuple[Region, ...], place: Location) -> float:
    """What a distribution gives to the surroundings of a place."""
    return sum(item.probability for item in regions if geo.gap_km(item.location, place) < 400)


def test_a_model_beside_its_copy_says_what_it_says_alone() -> None:
    alone = voice("one", 0.5, 0.3, 0.2)
    together = pool.pooled([alone, voice("copy", 0.5, 0.3, 0.2)])
    assert together.location == alone.location
    assert together.error_km == pytest.approx(alone.error_km)
    assert [near(together.regions, place) for place in PLACES] == pytest.approx([0.5, 0.3, 0.2], abs=1e-6)


def test_a_place_that_one_of_them_excludes_is_excluded() -> None:
    together = pool.pooled([voice("one", 0.5, 0.499, 0.001), voice("other", 0.001, 0.499, 0.5)])
    assert geo.gap_km(together.location, ROME) < 1
    assert near(together.regions, ROME) > 0.9


def test_agreement_counts_for_less_than_two_independent_witnesses() -> None:
    one, other = voice("one", 0.6, 0.3, 0.1), voice("other", 0.6, 0.1, 0.3)
    share = near(pool.pooled([one, other]).regions, PARIS)
    # As independent witnesses: 0.36 over 0.36 + 0.03 + 0.03.
    assert 0.6 < share < 0.36 / 0.42


def test_the_order_of_models_does_not_matter() -> None:
    voices = [
        voice("a", 0.6, 0.3, 0.1, km=500),
        voice("b", 0.2, 0.5, 0.3),
        voice("c", 0.3, 0.3, 0.4, km=9000),
    ]
    found = [pool.pooled(order) for order in itertools.permutations(voices)]
    for other in found[1:]:
        assert geo.gap_km(other.location, found[0].location) < 1e-6
        assert other.error_km == pytest.approx(found[0].error_km)
    assert sum(item.probability for item in found[0].regions) == pytest.approx(1)


def test_a_model_without_a_distribution_speaks_of_its_circle() -> None:
    circle = Voice("circle", Location(-10, -75), 1500.0)
    together = pool.pooled([voice("one", 0.4, 0.2, 0.4), circle])
    assert near(together.regions, LIMA) > 0.8
    assert together.error_km == pytest.approx((3000 * 1500) ** 0.5)
    assert [said.model for said in together.voices] == ["one", "circle"]


def test_poles_and_the_antimeridian_are_places_too() -> None:
    there = tuple(
        Region(place, 500.0, 1 / 3, 1 / 3) for place in (Location(90, 0), Location(-90, 0), Location(0, 180))
    )
    for regions in (there, ()):
        together = pool.pooled(
            [Voice("a", Location(90, 10), 100.0, regions), Voice("b", Location(0, -180), 1.0)]
        )
        assert np.isfinite([item.probability for item in together.regions]).all()


@pytest.mark.parametrize(("same", "count"), [(True, 1.0), (False, 2 / (1 + pool.ALIKE))])
def test_as_many_witnesses_as_their_likeness_allows(same: bool, count: float) -> None:
    said = np.array([0.5, -0.2, 0.1])
    other = said if same else np.array([-0.5, 0.4, 0.1])
    assert pool.witnesses(np.stack([said, other]), np.full(3, 1 / 3)) == pytest.approx(count)
