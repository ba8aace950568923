"""Texts cut into words, and one spelling for a name."""

from __future__ import annotations

import pytest

from geotag.evidence.lexicon import uninflected
from geotag.evidence.words import fold, ideographs, words


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Königsberg", "konigsberg"),
        ("KÖNIGSBERG", "konigsberg"),
        ("Łódź", "lodz"),
        ("Tromsø", "tromso"),
        ("Großenhain", "grossenhain"),
        ("St. John's", "st john s"),
        ("  Coeur  d'Alene ", "coeur d alene"),
        ("Санкт-Петербург", "санкт петербург"),
        ("Άθήνα", "αθηνα"),
        ("北京", "北京"),
        ("ירושלים", "ירושלים"),
        ("---", ""),
    ],
)
def test_fold_leaves_no_case_accents_or_punctuation(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_fold_is_stable() -> None:
    for name in ("Ærøskøbing", "İstanbul", "Đà Nẵng", "Ålesund"):
        assert fold(fold(name)) == fold(name)


def test_words_know_where_sentences_begin() -> None:
    cut = words("View of St. Paul from J. Hill. Man and boat")
    assert [word.written for word in cut if word.first] == ["View", "Man"]
    assert cut[2].key == "st"
    assert cut[3].gap == ". "


def test_a_capital_is_no_small_letter_and_scripts_without_case_count_as_capital() -> None:
    assert [word.capital for word in words("Man man 北京 القاهرة")] == [True, False, True, True]
    assert [word.shout for word in words("USA Usa A")] == [True, False, False]


def test_ideographs() -> None:
    assert ideographs("東京都")
    assert ideographs("서울")
    assert not ideographs("Tokyo")


@pytest.mark.parametrize(
    ("bent", "straight"),
    [("breslauer", "breslau"), ("prahy", "praha"), ("praze", "praha"), ("ленинграде", "ленинград")],
)
def test_inflected_names_lead_to_their_base(bent: str, straight: str) -> None:
    assert straight in uninflected(bent)


def test_short_words_have_no_ending_to_lose() -> None:
    assert uninflected("mans") == []
