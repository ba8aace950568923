"""claims: a position against its alternatives, one witness at a time."""

from __future__ import annotations

import pytest

from geotag.evidence import claims, gazetteer
from geotag.evidence.claims import Claim, Kind, Witnesses
from geotag.flows import check
from geotag.texts import Answer, Candidate
from geotag.types import Location, Prediction, Region

ROME = Location(41.89, 12.49)
BERLIN = Location(52.52, 13.40)
NEW_YORK = Location(40.71, -74.0)


def answer(place: Location, probability: float = 0.95, km: float = 20) -> Answer:
    candidate = Candidate(place, km, probability, "a place", "")
    return Answer(place, km, "a place", "", "somebody says so 0.95", (candidate,))


def roll(place: Location, photos: int = 5) -> Witnesses:
    return Witnesses(neighbours=answer(place), others=(place,) * photos)


def picture(*places: tuple[Location, float]) -> Prediction:
    """A model that knows a few regions of 500 km, equally usual."""
    usual = 1 / len(places)
    return Prediction(places[0][0], 500, tuple(Region(place, 500, share, usual) for place, share in places))


def test_a_true_position_is_left_in_peace() -> None:
    for witnesses in (
        Witnesses(),
        roll(ROME),
        Witnesses(words=answer(ROME)),
        Witnesses(picture=picture((ROME, 0.9), (NEW_YORK, 0.1))),
    ):
        assert claims.judge(Claim(41.9123, 12.4876), witnesses).probability < 0.05


@pytest.mark.parametrize(("lat", "lon"), [(95.0, 12.0), (-91, 0), (40, 181), (120.5, 14.6)])
def test_what_is_no_place_is_wrong_for_sure(lat: float, lon: float) -> None:
    found = claims.judge(Claim(lat, lon), Witnesses())
    assert (found.kind, found.probability) == (Kind.RANGE, 1.0)
    swapped = abs(lon) <= 90 and abs(lat) <= 180
    assert found.suggestion == (Location(lon, lat) if swapped else None)


def test_null_island() -> None:
    found = claims.judge(Claim(0.0, 0.0), Witnesses())
    assert found.kind is Kind.NULL
    assert found.probability > 0.99
    # Accra and its surroundings are near the prime meridian; that alone is no error.
    assert claims.judge(Claim(5.56, 0.0), Witnesses()).probability < 0.05


@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        (Claim(12.49, 41.89), Kind.SWAPPED),
        (Claim(-41.89, 12.49), Kind.SIGN),
        (Claim(41.89, -12.49), Kind.SIGN),
        (Claim(-41.89, -12.49), Kind.SIGN),
    ],
)
@pytest.mark.parametrize("witnesses", [roll(ROME), Witnesses(words=answer(ROME))])
def test_swaps_and_signs_are_taken_back(claim: Claim, kind: Kind, witnesses: Witnesses) -> None:
    found = claims.judge(claim, witnesses)
    assert found.kind is kind
    assert found.probability > 0.99
    assert found.suggestion == ROME


def test_a_sign_that_leads_into_the_sea_needs_no_other_witness() -> None:
    found = claims.judge(Claim(-33.45, 70.67), Witnesses())
    assert found.kind is Kind.SIGN
    assert found.probability > 0.5
    assert found.suggestion == Location(-33.45, -70.67)


def test_two_that_contradict_each_other_do_not_both_stand_accused() -> None:
    """One neighbour says Rome, one file its swap: which of them is wrong, the ground alone may tell."""
    lone = Witnesses(neighbours=answer(Location(12.49, 41.89), 0.23), others=(Location(12.49, 41.89),))
    assert claims.judge(Claim(ROME.lat, ROME.lon), lone).probability < check.THRESHOLD


def test_the_middle_of_a_country_is_a_default_unless_it_is_finely_measured() -> None:
    nations = gazetteer.load().nations()
    middle = next(nation.location for nation in nations if nation.country == "FR")
    found = claims.judge(Claim(middle.lat, middle.lon), Witnesses())
    assert found.kind is Kind.DEFAULT
    assert found.probability > 0.5
    assert "France" in found.words
    near = (middle.lat + 0.00123, middle.lon + 0.00123)
    assert claims.judge(Claim(*near), Witnesses()).probability < 0.2
    assert claims.judge(Claim(*near, repeated=True), Witnesses()).kind is Kind.DEFAULT


@pytest.mark.parametrize(
    ("witnesses", "kind"),
    [(roll(ROME), Kind.NEIGHBOURS), (Witnesses(words=answer(ROME)), Kind.WORDS)],
)
def test_far_from_what_others_say(witnesses: Witnesses, kind: Kind) -> None:
    found = claims.judge(Claim(55.9123, 37.4876), witnesses)
    alone = claims.judge(Claim(55.9123, 37.4876), Witnesses())
    assert found.kind is kind
    assert found.probability > 10 * alone.probability
    assert "km from where it should be" in found.words


def test_the_picture_alone_never_accuses() -> None:
    sees = Witnesses(picture=picture((ROME, 0.98), (NEW_YORK, 0.02)))
    found = claims.judge(Claim(40.7123, -74.0012), sees)
    usual = claims.judge(Claim(40.7123, -74.0012), Witnesses())
    assert usual.probability < found.probability < check.THRESHOLD
    assert found.picture is not None
    other = claims.judge(Claim(ROME.lat, ROME.lon), sees).picture
    assert other is not None
    assert 0 < found.picture < other <= 1


def test_the_picture_tips_the_scales_where_photographs_are_rare() -> None:
    sahara = Claim(26.0012, 6.0034)
    sees = Witnesses(picture=picture((NEW_YORK, 0.98), (Location(26, 6), 0.02)))
    found = claims.judge(sahara, sees)
    assert found.kind is Kind.PICTURE
    assert found.probability > 1.5 * claims.judge(sahara, Witnesses()).probability
    assert "% of true positions fit their pictures no better" in found.words


def test_a_model_without_regions_has_a_circle() -> None:
    guess = Prediction(ROME, 300)
    assert claims.fit(ROME, guess) > claims.fit(BERLIN, guess) > 0


def test_far_from_any_town() -> None:
    found = claims.judge(Claim(-45.123, -130.456), Witnesses())
    assert "km off" in found.words or "would fit better" in found.words
    assert found.probability > claims.judge(Claim(48.85, 2.35), Witnesses()).probability
