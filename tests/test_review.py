"""What a person saw and decided."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geotag.coarsen import coarsened
from geotag.review import shown
from geotag.types import Hint, Location, Photo, Record, Source, Status, Written

RECORD = Record(
    Photo("a/b.jpg", 100, 5),
    location=Location(51.5, -0.12),
    error_km=3.0,
    source=Source.MODEL,
    status=Status.LOCATED,
    model="tiny 1 sha256:00",
)


@pytest.mark.parametrize(
    "changed",
    [
        replace(RECORD, photo=Photo("a/c.jpg", 100, 5)),
        replace(RECORD, photo=Photo("a/b.jpg", 101, 5)),
        replace(RECORD, photo=Photo("a/b.jpg", 100, 6)),
        replace(RECORD, location=Location(51.5, -0.13)),
        replace(RECORD, location=None),
        replace(RECORD, error_km=4.0),
        replace(RECORD, status=Status.UNSURE),
        replace(RECORD, source=Source.FUSED),
        replace(RECORD, model="tiny 1 sha256:01"),
    ],
)
def test_another_file_or_another_answer_shows_otherwise(changed: Record) -> None:
    assert shown(changed) != shown(RECORD)


def test_what_does_not_bear_on_the_answer_shows_the_same() -> None:
    told = replace(RECORD, message="planned", written=Written.SIDECAR, hints=(Hint("words", "", "", 1.0),))
    assert shown(told) == shown(RECORD)
    assert len(shown(RECORD)) == 16


def test_names_that_are_no_text_have_fingerprints_of_their_own() -> None:
    names = ("caf\udce9.jpg", "caf\\xe9.jpg", "café.jpg")
    assert len({shown(replace(RECORD, photo=Photo(name, 1, 1))) for name in names}) == 3


def test_the_fingerprint_of_a_coarse_answer_does_not_give_away_the_fine_one() -> None:
    near = replace(RECORD, location=Location(51.5001, -0.1201))
    assert coarsened(near, 50).location == coarsened(RECORD, 50).location
    assert shown(coarsened(near, 50)) == shown(coarsened(RECORD, 50))
