"""Sources left out: whether the radius of words holds what it promises is counted by source."""

from __future__ import annotations

import pytest

from export import calibrate_words
from geotag.texts import Answer, Candidate
from geotag.types import Location

HERE = Location(48, 11)


def answer(evidence: str) -> Answer:
    candidate = Candidate(HERE, 4.0, 0.9, "Town", "DE")
    return Answer(HERE, 5.0, "Town", "DE", evidence, (candidate,))


def test_a_wider_factor_holds_more_but_for_what_a_folder_names() -> None:
    truth = Location(48.06, 11)
    named = calibrate_words.case("a", 1.0, answer("caption 'Town' 0.90"), truth)
    titled = calibrate_words.case("a", 1.0, answer("folder 'Town' 0.90"), truth)
    assert named.inside == tuple(sorted(named.inside))
    assert named.inside[0] != named.inside[-1]
    assert len(set(titled.inside)) == 1


def test_every_source_has_one_vote() -> None:
    many = [calibrate_words.Case("a", 0.1, (True,), (True,))] * 10
    few = [calibrate_words.Case("b", 1.0, (True,), (False,))]
    assert calibrate_words.shares(many + few)[0] == pytest.approx(0.5)


def test_a_source_is_in_one_fold() -> None:
    folds = {source: calibrate_words.fold(source, 5) for source in map(str, range(100))}
    assert set(folds.values()) == set(range(5))
