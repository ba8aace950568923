"""The page about a model's worth: what is in it, and that a browser asks for nothing more."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geotag.errors import OutputError, UsageError
from geotag.flows import scoresheet
from geotag.flows.scoresheet import Table
from geotag.renderings import plots
from geotag.renderings.plots import Guesses

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=alert(1)>\"'&amp;"
KM = np.array([10.0, 500.0, 4000.0])
GUESSES = Guesses("tiny 1", KM / 100, KM / 100, KM / 90, KM / 100, KM, KM)
TABLE = Table("3 photos", ("", "median km"), [("tiny 1", "500"), (HOSTILE, "4,000")])


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """The page of a model with a hostile name."""
    pytest.importorskip("matplotlib", reason="Matplotlib is not installed")
    written = scoresheet.write(replace(GUESSES, name=HOSTILE), [TABLE], [HOSTILE], str(tmp_path / "new"))
    assert [Path(path).name for path in written] == [scoresheet.NAME, *plots.NAMES]
    return Path(written[0])


def test_all_is_in_one_file_and_text_stays_text(sheet: Path) -> None:
    text = sheet.read_text(encoding="utf-8")
    assert len(re.findall(r'<img alt="[^"]+" src="data:image/png;base64,[A-Za-z0-9+/=]+">', text)) == len(
        plots.NAMES
    )
    assert "<script" not in text
    assert "unsafe" not in text
    assert re.findall(r"(?:src|href)=\"(?!data:)", text) == []


def test_a_browser_shows_it_and_asks_for_nothing(sheet: Path, browser: Browser) -> None:
    troubles: list[str] = []
    asked: list[str] = []
    page = browser.new_page(viewport={"width": 390, "height": 780})
    page.on("console", lambda message: troubles.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(sheet.as_uri())
    assert page.title() == HOSTILE
    assert page.locator("h1").inner_text() == HOSTILE
    assert page.locator("td").all_inner_texts() == ["500", "4,000"]
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 400)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "15px", "the style is allowed"
    page.close()
    assert troubles == []
    assert [url for url in asked if not url.startswith("data:")] == [sheet.as_uri()]


def test_a_folder_that_takes_no_page_is_said(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="Matplotlib is not installed")
    (tmp_path / scoresheet.NAME).mkdir()
    with pytest.raises(OutputError, match="--plots DIR"):
        scoresheet.write(GUESSES, [TABLE], [], str(tmp_path))


def test_without_matplotlib_no_page_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("matplotlib", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=r"geotag\[plots\]"):
        scoresheet.write(GUESSES, [TABLE], [], str(tmp_path))
    assert list(tmp_path.iterdir()) == []
