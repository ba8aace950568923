"""Words and picture in one answer: what agrees sharpens, what contradicts widens, names fit the radius."""

from __future__ import annotations

import re

import pytest

from geotag import geo, texts
from geotag.evidence import fuse, spread
from geotag.evidence.fuse import Picture
from geotag.texts import Answer, Candidate
from geotag.types import Hint, Location, Prediction, Region, Source

CAIRO = Location(30.06, 31.25)
PARIS, PARIS_TEXAS = Location(48.85, 2.35), Location(33.66, -95.56)


def at(location: Location) -> Candidate:
    return Candidate(location, 10.0, 1.0, "", "")


def words(*candidates: Candidate, error_km: float = 20.0) -> Answer:
    best = candidates[0]
    told = (Hint("words", "folder", "X", best.probability),)
    return Answer(best.location, error_km, best.place, best.country, texts.line(told), candidates, told)


def both(said: Answer, prediction: Prediction) -> fuse.Fused:
    found = fuse.fuse(said, None, Picture(prediction, "tiny 1"))
    assert found is not None
    return found


def alone(said: Answer) -> fuse.Fused:
    found = fuse.fuse(said, None, None)
    assert found is not None
    return found


def near(location: Location, km: float, probability: float = 0.9) -> Answer:
    """What the neighbours say: a position taken a few minutes before."""
    told = (Hint("neighbours", "folder", "taken 4 min after a.jpg", probability),)
    return Answer(
        location, km, "", "", texts.line(told), (Candidate(location, km, probability, "", ""),), told
    )


def seen(location: Location, km: float, sure: float) -> Prediction:
    """A model's distribution with so much of it in one region, the rest all over the world."""
    rest = (Region(Location(20, 80), 6000, 1 - sure, 0.5), Region(Location(10, -70), 6000, 0.0, 0.45))
    return Prediction(location, 9000, (Region(location, km, sure, 0.05), *rest))


def paris(france: float, texas: float) -> Answer:
    return words(
        Candidate(PARIS, 10.0, france, "Paris", "FR"),
        Candidate(PARIS_TEXAS, 8.0, texas, "Paris", "US"),
        error_km=9000.0,
    )


def test_a_picture_is_worth_more_where_it_is_sure() -> None:
    close, far = at(Location(31, 32)), at(Location(-30, 140))
    sure = fuse.ratios(Prediction(CAIRO, 500), [close, far])
    vague = fuse.ratios(Prediction(CAIRO, 8000), [close, far])
    assert sure[0] > vague[0] > 1
    assert sure[1] < 1
    assert vague[1] < 1


def test_a_picture_of_everywhere_says_next_to_nothing() -> None:
    (ratio,) = fuse.ratios(Prediction(CAIRO, 20015), [at(PARIS)])
    assert 0.7 < ratio < 1.0


def test_a_calibration_is_named_where_others_gave_the_answer_too() -> None:
    said = words(Candidate(CAIRO, 12.0, 0.97, "Cairo", "EG"))
    remark = "radius calibrated on 25 photos of /archive"
    found = fuse.fuse(said, None, Picture(Prediction(Location(0, 0), 9000), "tiny 1", remark, 0.8))
    assert found is not None
    assert found.location == CAIRO
    assert f"picture: tiny 1, {remark}" in texts.line(found.hints)
    assert "calibrated" not in texts.line(both(said, Prediction(Location(0, 0), 9000)).hints)


def test_sure_words_stand_beside_a_vague_picture() -> None:
    answer = both(words(Candidate(CAIRO, 12.0, 0.97, "Cairo", "EG")), Prediction(Location(0, 0), 9000))
    assert answer.location == CAIRO
    assert answer.error_km < 30
    assert (answer.place, answer.country) == ("Cairo", "EG")
    assert answer.source is Source.FUSED
    assert re.fullmatch(r"folder 'X' 0\.97; picture [a-z ]+: 0\.\d\d", texts.line(answer.hints))


@pytest.mark.parametrize(("seen", "chosen"), [(Location(46, 3), PARIS), (Location(34, -97), PARIS_TEXAS)])
def test_the_picture_settles_what_words_leave_open(seen: Location, chosen: Location) -> None:
    undecided = both(paris(0.48, 0.48), Prediction(Location(-10, -60), 12000))
    settled = both(paris(0.48, 0.48), Prediction(seen, 600))
    assert settled.location == chosen
    assert settled.error_km < 50 < undecided.error_km
    assert "picture agrees" in texts.line(settled.hints)


def test_contradiction_widens() -> None:
    doubtful = words(Candidate(CAIRO, 12.0, 0.85, "Cairo", "EG"))
    agreed = both(doubtful, Prediction(Location(29, 30), 800))
    opposed = both(doubtful, Prediction(Location(-33, 151), 800))
    assert agreed.error_km < 50
    assert opposed.error_km > 800


def test_words_for_two_places_far_apart_do_not_speak_for_a_third() -> None:
    answer = fuse.fuse(paris(0.48, 0.48), near(CAIRO, 0.5, 0.98), None)
    assert answer is not None
    assert geo.gap_km(answer.location, CAIRO) < 1
    assert texts.line(answer.hints) == "against it: folder 'X'; taken 4 min after a.jpg 0.98"


def test_a_weak_hint_inside_the_circle_of_a_picture_is_not_against_it() -> None:
    answer = both(words(Candidate(CAIRO, 12.0, 0.2, "Cairo", "EG")), Prediction(Location(34, 44), 12000))
    assert answer.location == Location(34, 44)
    assert texts.line(answer.hints) == "picture: tiny 1; folder 'X' 0.20"


def test_words_that_lose_against_the_picture_are_named() -> None:
    weak = words(Candidate(CAIRO, 12.0, 0.2, "Cairo", "EG"))
    answer = both(weak, Prediction(Location(-33, 151), 800))
    assert answer.location == Location(-33, 151)
    assert answer.error_km >= 800
    assert (answer.place, answer.country) == ("", "")
    assert texts.line(answer.hints) == "picture: tiny 1; against it: folder 'X'"


def test_a_wide_answer_bears_no_town_and_a_split_one_no_country() -> None:
    undecided = alone(paris(0.5, 0.45))
    assert undecided.place == ""
    assert undecided.country == ""
    assert undecided.source is Source.TEXT


def test_an_area_keeps_its_name_at_its_own_size() -> None:
    bavaria = Candidate(Location(48.95, 11.4), 130.0, 0.95, "Bavaria", "DE")
    assert alone(words(bavaria, error_km=140.0)).place == "Bavaria"


def test_what_lies_in_several_areas_bears_the_name_of_what_holds_them() -> None:
    bavaria = Candidate(Location(48.95, 11.4), 130.0, 0.5, "Bavaria", "DE")
    saxony = Candidate(Location(51.0, 13.4), 90.0, 0.45, "Saxony", "DE")
    assert both(words(bavaria, saxony), seen(CAIRO, 500, 0.3)).place == "Germany"
    vienna = Candidate(Location(48.2, 16.37), 6.0, 0.5, "Vienna", "AT")
    answer = both(words(bavaria, vienna), seen(CAIRO, 500, 0.3))
    assert (answer.place, answer.country) == ("Europe", "")


@pytest.mark.parametrize(("there", "chosen"), [(Location(46, 3), PARIS), (Location(34, -97), PARIS_TEXAS)])
def test_a_distribution_settles_what_words_leave_open(there: Location, chosen: Location) -> None:
    settled = both(paris(0.48, 0.48), seen(there, 400, 0.9))
    assert settled.location == chosen
    assert settled.error_km < 50
    assert settled.hints[-1].text == "agrees"
    assert 0.5 < settled.hints[-1].weight <= 0.9


def test_a_distribution_as_usual_changes_nothing() -> None:
    regions = (Region(CAIRO, 500, 0.3, 0.3), Region(PARIS_TEXAS, 3000, 0.7, 0.7))
    ratio = fuse.ratios(Prediction(CAIRO, 9000, regions), [at(CAIRO), at(PARIS), at(PARIS_TEXAS)])
    assert ratio == pytest.approx([1, 1, 1])


def test_a_model_found_too_sure_speaks_more_softly() -> None:
    prediction = seen(CAIRO, 400, 0.9)
    (loud,), (soft,) = fuse.ratios(prediction, [at(CAIRO)]), fuse.ratios(prediction, [at(CAIRO)], 2.0)
    assert 1 < soft < loud


def test_words_and_neighbours_that_agree_beat_either() -> None:
    beside = Location(CAIRO.lat + 0.05, CAIRO.lon)
    said, close = words(Candidate(CAIRO, 12.0, 0.6, "Cairo", "EG")), near(beside, 6.0, 0.6)
    answer = fuse.fuse(said, close, None)
    assert answer is not None
    assert answer.source is Source.FUSED
    assert answer.place == "Cairo"
    assert answer.error_km < 15
    for one in (said, close):
        found = one.candidates[0]
        assert spread.centre([found.location], [found.radius_km], [found.probability])[1] == 20_000
    assert geo.distance_km(answer.location.lat, answer.location.lon, beside.lat, beside.lon) < 3
    assert {hint.kind for hint in answer.hints} == {"words", "neighbours"}


def test_words_and_neighbours_that_contradict_each_other_widen() -> None:
    said = words(Candidate(CAIRO, 12.0, 0.9, "Cairo", "EG"))
    agreed = fuse.fuse(said, near(CAIRO, 5.0), None)
    opposed = fuse.fuse(said, near(Location(-33, 151), 5.0), None)
    assert agreed is not None
    assert opposed is not None
    assert agreed.error_km < 12
    assert opposed.error_km > 2500
    assert opposed.place == ""
    assert any(hint.weight == 0 for hint in opposed.hints)


def test_neighbours_alone() -> None:
    answer = fuse.fuse(None, near(CAIRO, 3.0, 0.95), None)
    assert answer is not None
    assert answer.source is Source.NEIGHBOURS
    assert (answer.place, answer.country) == ("Cairo", "EG")
    assert texts.line(answer.hints) == "taken 4 min after a.jpg 0.95"


def test_nothing_from_nothing() -> None:
    assert fuse.fuse(None, None, None) is None
