"""What is said of licences."""

from __future__ import annotations

import pytest

from geotag.models.licence import reservations


@pytest.mark.parametrize(
    "words", ["Apache-2.0", "MIT", "CC BY 4.0", "cc-by-sa-4.0", "BSD-3-Clause", "GPL-3.0-only"]
)
def test_free_licences(words: str) -> None:
    assert reservations(words) == ""


@pytest.mark.parametrize("words", ["CC BY-NC 4.0", "CC_BY_NC_SA", "Non-commercial use", "research only"])
def test_licences_without_commerce(words: str) -> None:
    assert "no commercial use" in reservations(words)


@pytest.mark.parametrize("words", ["unknown", "ask me", "MIT and something else"])
def test_unknown_licences(words: str) -> None:
    assert "none that geotag knows" in reservations(words)
