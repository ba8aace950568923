"""Words and picture in one answer: what agrees sharpens, what contradicts widens, names fit the radius."""

from __future__ import annotations

import pytest

from geotag import fuse
from geotag.texts import Answer, Candidate
from geotag.types import Location, Prediction, Source

CAIRO = Location(30.06, 31.25)
PARIS, PARIS_TEXAS = Location(48.85, 2.35), Location(33.66, -95.56)


def words(*candidates: Candidate, error_km: float = 20.0) -> Answer:
    best = candidates[0]
    return Answer(best.location, error_km, best.place, best.country, "folder 'X' 0.9", candidates)


def paris(france: float, texas: float) -> Answer:
    return words(
        Candidate(PARIS, 10.0, france, "Paris", "FR"),
        Candidate(PARIS_TEXAS, 8.0, texas, "Paris", "US"),
        error_km=9000.0,
    )


def test_a_picture_is_worth_more_where_it_is_sure() -> None:
    near, far = Location(31, 32), Location(-30, 140)
    sure = fuse.ratios(Prediction(CAIRO, 500), [near, far])
    vague = fuse.ratios(Prediction(CAIRO, 8000), [near, far])
    assert sure[0] > vague[0] > 1
    assert sure[1] < 1
    assert vague[1] < 1


def test_a_picture_of_everywhere_says_next_to_nothing() -> None:
    (ratio,) = fuse.ratios(Prediction(CAIRO, 20015), [PARIS])
    assert 0.7 < ratio < 1.0


def test_sure_words_stand_beside_a_vague_picture() -> None:
    answer = fuse.fuse(words(Candidate(CAIRO, 12.0, 0.97, "Cairo", "EG")), Prediction(Location(0, 0), 9000))
    assert answer.location == CAIRO
    assert answer.error_km < 30
    assert (answer.place, answer.country) == ("Cairo", "EG")
    assert answer.source is Source.FUSED
    assert answer.evidence.startswith("folder 'X' 0.9; picture ")


@pytest.mark.parametrize(("seen", "chosen"), [(Location(46, 3), PARIS), (Location(34, -97), PARIS_TEXAS)])
def test_the_picture_settles_what_words_leave_open(seen: Location, chosen: Location) -> None:
    undecided = fuse.fuse(paris(0.48, 0.48), Prediction(Location(-10, -60), 12000))
    settled = fuse.fuse(paris(0.48, 0.48), Prediction(seen, 600))
    assert settled.location == chosen
    assert settled.error_km < 50 < undecided.error_km
    assert "picture agrees" in settled.evidence


def test_contradiction_widens() -> None:
    doubtful = words(Candidate(CAIRO, 12.0, 0.85, "Cairo", "EG"))
    agreed = fuse.fuse(doubtful, Prediction(Location(29, 30), 800))
    opposed = fuse.fuse(doubtful, Prediction(Location(-33, 151), 800))
    assert agreed.error_km < 50
    assert opposed.error_km > 800


def test_words_that_lose_against_the_picture_are_named() -> None:
    weak = words(Candidate(CAIRO, 12.0, 0.2, "Cairo", "EG"))
    answer = fuse.fuse(weak, Prediction(Location(-33, 151), 800))
    assert answer.location == Location(-33, 151)
    assert answer.error_km >= 800
    assert (answer.place, answer.country) == ("", "")
    assert "speak against it" in answer.evidence


def test_a_wide_answer_bears_no_town_and_a_split_one_no_country() -> None:
    undecided = fuse.alone(paris(0.5, 0.45))
    assert undecided.place == ""
    assert undecided.country == ""
    assert undecided.source is Source.TEXT


def test_an_area_keeps_its_name_at_its_own_size() -> None:
    bavaria = Candidate(Location(48.95, 11.4), 130.0, 0.95, "Bavaria", "DE")
    assert fuse.alone(words(bavaria, error_km=140.0)).place == "Bavaria"
    assert fuse.alone(words(bavaria, error_km=400.0)).place == ""
