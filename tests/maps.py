"""Maps of a small world trip, and a browser that must neither complain nor ask for anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geotag.decode import decode
from geotag.renderings import pictures, report
from geotag.types import Location, Photo, Recipe, Record, Source, Status
from tests.archives import picture

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOSTILE = "</script><script>document.title='owned'</script><!--<script><img src=x onerror=alert(1)>'\"&.jpg"
SPOTS = ((48.85, 2.35), (48.86, 2.36), (-33.9, 151.2), (67.0, 179.9), (-17.7, -179.9))
KM = (12.0, 300.0, 2400.0, 9000.0, 800.0)


def record(number: int) -> Record:
    """A photo of a small world trip; the sixth failed, the seventh has a camera's position, of the eighth
    nothing is known.
    """
    photo = Photo(HOSTILE if number == 1 else f"roll {number % 2}/{number:03}.jpg", 1, 1)
    if number == 5:
        return Record(photo, status=Status.FAILED, message="truncated picture")
    if number == 7:
        return Record(photo, status=Status.UNSURE, message="nothing is known")
    lat, lon = SPOTS[number % len(SPOTS)]
    if number == 6:
        return Record(photo, location=Location(lat, lon), source=Source.CAMERA, status=Status.KEPT)
    km = KM[number % len(KM)]
    return Record(
        photo,
        location=Location(lat, lon),
        error_km=km,
        source=Source.MODEL,
        place="Paris" if number == 0 else "",
        evidence=f"caption {HOSTILE}" if number == 1 else "picture: geovision 1",
        status=Status.LOCATED if km < 2500 else Status.UNSURE,
        model="geovision 1 sha256:00",
    )


RECORDS = sorted((record(number) for number in range(8)), key=lambda item: item.photo.path)


def drawn(folder: Path, records: list[Record], title: str = "archive", archive: str = "0f") -> Path:
    """The path of a map of records, without thumbnails."""
    origin = report.Origin(title, archive, "../photos")
    return Path(report.render(lambda: iter(records), lambda some: [None] * len(some), str(folder), origin))


@cache
def thumbnail() -> bytes:
    """A small WebP picture."""
    return pictures.webp(decode(picture(), Recipe("shorter", 96, 96)))


def pictured(folder: Path, title: str = "St. Ives") -> Path:
    """The path of the map of RECORDS with a thumbnail each."""
    origin = report.Origin(title, "0f", "../photos")
    return Path(
        report.render(lambda: iter(RECORDS), lambda some: [thumbnail()] * len(some), str(folder), origin)
    )


@contextmanager
def watched(browser: Browser, path: Path, **context: Any) -> Iterator[Page]:
    """A page file opened in a browser context of its own, ready; asserts at the end that it complained of
    nothing and asked for nothing but itself.
    """
    troubles: list[str] = []
    asked: list[str] = []
    made = browser.new_context(**{"viewport": {"width": 1200, "height": 800}} | context)
    made.on("console", lambda message: troubles.append(message.text))
    made.on("weberror", lambda error: troubles.append(str(error.error)))
    made.on("request", lambda request: asked.append(request.url))
    page = made.new_page()
    opened(page, path)
    yield page
    made.close()
    assert troubles == []
    assert {url for url in asked if not url.startswith(("data:", "blob:"))} == {path.as_uri()}


def opened(page: Page, path: Path) -> Page:
    """The page once it shows a map and is ready."""
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-ready]", state="attached")
    return page
