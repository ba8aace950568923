"""The handbook's topics: cut from Markdown, found by name and by what they speak of."""

from __future__ import annotations

import pytest

from geotag.commands import handbook
from geotag.errors import GeotagError
from tests.conftest import ROOT

SMALL = """# tool

An opening.

## Look, first!

Before all.

**Words.** Captions speak.

    tool run

More of captions.

**By roll.** Neighbours speak.

## Last

Nothing of note.
"""


def names(topics: list[handbook.Topic]) -> list[str]:
    return [topic.name for topic in topics]


def test_sections_and_named_paragraphs_are_topics() -> None:
    topics = handbook.topics(SMALL)
    assert names(topics) == ["look-first", "words", "by-roll", "last"]
    assert topics[0].text.startswith("## Look, first!\n\nBefore all.")
    assert topics[0].text.endswith("Neighbours speak.\n")
    assert topics[1].text == "**Words.** Captions speak.\n\n    tool run\n\nMore of captions.\n"
    assert topics[3].text == "## Last\n\nNothing of note.\n"


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("words", ["words"]),
        ("WORDS", ["words"]),
        ("Look first", ["look-first"]),
        ("roll", ["by-roll"]),
        ("captions", ["words"]),
        ("speak", ["words", "by-roll"]),
        ("before", ["look-first"]),
    ],
)
def test_topics_are_found(word: str, found: list[str]) -> None:
    assert names(handbook.find(word, SMALL)) == found


@pytest.mark.parametrize("word", ["nowhere", "??"])
def test_what_is_not_there_is_said(word: str) -> None:
    with pytest.raises(GeotagError, match="geotag help"):
        handbook.find(word, SMALL)


def test_the_handbook_is_the_readme() -> None:
    assert handbook.text() == (ROOT / "README.md").read_text(encoding="utf-8")


def test_no_two_topics_share_a_name() -> None:
    found = names(handbook.topics(handbook.text()))
    assert len(found) == len(set(found)) > 15
    assert all(found)
