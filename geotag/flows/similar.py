"""Alike pictures: the model's view of each photo of an archive, and which of them a photo resembles most."""

from __future__ import annotations

import html
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geotag import parallel
from geotag.decode import decode
from geotag.errors import OutputError, PhotoError, UsageError
from geotag.memory.vectors import Index
from geotag.observer import Observer
from geotag.predict import Model
from geotag.renderings import manifest, pages, pictures
from geotag.scan import Scan, open_archive, output_folder
from geotag.types import Archive, Photo, Recipe, Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geotag.types import Pixels

_WINDOW = 64
_SIDE, _COLUMNS, _GAP = 192, 5, 6
_TILE = Recipe("shorter", _SIDE, _SIDE)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A picture, by its path, and the model's view of it, float32 [D]."""

    picture: str
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Match:
    """A photo that resembles another: where it lies, and the cosine of their vectors (1: the same view)."""

    path: str
    cosine: float


@dataclass(frozen=True, slots=True)
class Indexed:
    """An index that is up to date: how many photos are in it, how many were new, what could not be read."""

    photos: int
    new: int
    troubles: tuple[str, ...]


def index(paths: tuple[str, ...], output: str | None, model: Model, jobs: int, observer: Observer) -> Indexed:
    """Bring the index of an archive up to date: new and changed photos are looked at, others not.

    Raises ModelError when the model gives no vectors, OutputError when the folder cannot be written.
    """
    archive, folder = _places(paths, output)
    with Index(folder, model.card.identity, model.dimensions) as found:
        missing = found.missing(Scan(archive, output=folder).photos())
        troubles: list[str] = []
        if missing:
            observer.note(f"looking at {len(missing):,} photos that are new or have changed")
        with parallel.Pool(jobs) as pool:
            for number, window in enumerate(parallel.windows(missing, _WINDOW)):
                _add(found, archive, window, model, pool, troubles)
                if number and number % 64 == 0:
                    observer.note(f"{number * _WINDOW:,} of {len(missing):,} photos")
        found.tidy()
        return Indexed(len(found), len(missing) - len(troubles), tuple(troubles))


def _places(paths: tuple[str, ...], output: str | None) -> tuple[Archive, str]:
    archive = open_archive(paths)
    return archive, output_folder(Settings(paths, output=output), archive)


def _add(
    found: Index,
    archive: Archive,
    window: list[Photo],
    model: Model,
    pool: parallel.Pool,
    troubles: list[str],
) -> None:
    def look(photo: Photo) -> Pixels | str:
        try:
            return decode(os.path.join(archive.base, photo.path), model.card.recipe)
        except PhotoError as error:
            return f"{photo.path}: {error}"

    looked = list(zip(window, pool.map(look, window), strict=True))
    troubles += [pixels for _, pixels in looked if isinstance(pixels, str)]
    seen = [(photo, pixels) for photo, pixels in looked if not isinstance(pixels, str)]
    if seen:
        vectors = model.embed(np.stack([pixels for _, pixels in seen]))
        found.add([photo for photo, _ in seen], vectors)


def view(picture: str, model: Model) -> View:
    """What a model sees in a picture; raises UsageError when the picture cannot be read."""
    try:
        return View(picture, model.embed(decode(picture, model.card.recipe)[np.newaxis])[0])
    except PhotoError as error:
        raise UsageError(f"{picture}: {error}") from error


def search(asked: View, paths: tuple[str, ...], output: str | None, model: Model, most: int) -> list[Match]:
    """The photos of an indexed archive that resemble a picture most, the picture itself left out.

    Raises UsageError when nothing is indexed.
    """
    archive, folder = _places(paths, output)
    with Index(folder, model.card.identity, model.dimensions) as found:
        if not len(found):
            raise UsageError(f"{', '.join(paths)}: no photo could be indexed; see `geotag index`")
        nearest = found.nearest(asked.vector, most + 1)
    itself = os.path.realpath(asked.picture)
    matches = [Match(os.path.join(archive.base, path), cosine) for path, cosine in nearest]
    return [match for match in matches if os.path.realpath(match.path) != itself][:most]


def sheet(picture: str, matches: Sequence[Match], path: str) -> None:
    """Write a contact sheet, the picture first and then what resembles it: PNG, or HTML with names.

    Raises UsageError for another suffix, OutputError when the file cannot be written.
    """
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in (".png", ".html"):
        raise UsageError(f"{path}: a contact sheet ends in .png or .html")
    tiles = [_tile(name) for name in (picture, *(match.path for match in matches))]
    content = _png(tiles) if suffix == ".png" else _html(picture, matches, tiles)
    try:
        with open(path, "wb") as file:
            file.write(content)
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be written: {error.strerror}; name another --sheet FILE"
        ) from error


def _tile(path: str) -> Pixels:
    try:
        return decode(path, _TILE)
    except PhotoError:
        return np.full((_SIDE, _SIDE, 3), 128, np.uint8)


def _png(tiles: Sequence[Pixels]) -> bytes:
    rows = -(-len(tiles) // _COLUMNS)
    step = _SIDE + _GAP
    canvas = np.full((rows * step + _GAP, _COLUMNS * step + _GAP, 3), 255, np.uint8)
    for number, tile in enumerate(tiles):
        top, left = number // _COLUMNS * step + _GAP, number % _COLUMNS * step + _GAP
        if number == 0:
            # The picture that was asked about has a frame.
            canvas[top - _GAP : top + _SIDE + _GAP, left - _GAP : left + _SIDE + _GAP] = (31, 111, 209)
        canvas[top : top + _SIDE, left : left + _SIDE] = tile
    return pictures.png(canvas)


def _html(picture: str, matches: Sequence[Match], tiles: Sequence[Pixels]) -> bytes:
    style = (
        "body{font:14px system-ui,sans-serif;margin:1em;display:flex;flex-wrap:wrap;gap:1em}"
        "figure{margin:0;width:192px}img{width:192px;height:192px}figcaption{overflow-wrap:anywhere}"
    )
    captions = [("asked about", picture), *((f"{match.cosine:.3f}", match.path) for match in matches)]
    return pages.page("Alike pictures", style, "".join(_figures(captions, tiles))).encode()


def _figures(captions: Sequence[tuple[str, str]], tiles: Sequence[Pixels]) -> Iterator[str]:
    for (told, name), tile in zip(captions, tiles, strict=True):
        picture = pages.image(pictures.webp(tile), "webp", "")
        caption = html.escape(manifest.readable(name))
        yield f"<figure>{picture}<figcaption>{html.escape(told)}<br>{caption}</figcaption></figure>"
