"""Checks the positions that an archive's files claim; writes nothing into it."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geotag import gather, parallel, predict, read
from geotag.decode import decode
from geotag.errors import OutputError, PhotoError
from geotag.evidence.claims import Claim, Suspicion, Witnesses, judge
from geotag.evidence.neighbours import Neighbours
from geotag.evidence.strands import Roll, Shot
from geotag.files import objects
from geotag.flows import glances
from geotag.renderings.manifest import FORMULA, readable
from geotag.scan import open_archive, walk
from geotag.texts import Answer
from geotag.types import Location, Photo, Prediction, Recipe

if TYPE_CHECKING:
    from geotag.types import Pixels

THRESHOLD = 0.15
"""From this probability of being wrong on, a claim is suspicious: chosen on the first half of `python -m
tests.claims planted`, where it blames about one true position in a hundred.
"""

_BATCH = 16
_BESIDE = 15
"""So many photographs to either side are asked for one: farther ones say little that nearer ones do not."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A photo that claims a position, and what speaks against it most; `trouble` says why its picture could
    not be asked.
    """

    path: str
    claim: Claim
    suspicion: Suspicion
    trouble: str = ""

    @property
    def suspicious(self) -> bool:
        """Whether a person should look at it."""
        return self.suspicion.probability >= THRESHOLD


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """A claim with what is known but for the picture, and the picture's pixels."""

    path: str
    claim: Claim
    neighbours: Answer | None
    others: tuple[Location, ...]
    words: Answer | None
    pixels: Pixels | None
    trouble: str


def check(paths: tuple[str, ...], model: predict.Model, jobs: int) -> Iterator[Checked]:
    """Judge every position in an archive that is not a guess of ours, folder by folder.

    Raises UsageError when a path is missing, ModelError when the model breaks down.
    """
    archive = open_archive(paths)
    folders: dict[str, list[Photo]] = {}
    for photo in walk(archive).photos():
        folders.setdefault(os.path.dirname(photo.path), []).append(photo)
    # One team reads a folder ahead while the other looks at the last one's photographs.
    with parallel.Pool(jobs) as ahead, parallel.Pool(jobs) as pool:

        def places() -> Iterator[tuple[_Folder, int]]:
            for photos in folders.values():
                folder = _Folder(archive.base, photos, ahead)
                yield from ((folder, place) for place in range(len(photos)))

        def look(at: tuple[_Folder, int]) -> _Case | None:
            return at[0].case(at[1], model.card.recipe)

        windows = parallel.windows(places(), _BATCH)
        looked = parallel.staged(lambda window: pool.map(look, window), windows, 2)
        with closing(looked):
            for window in looked:
                yield from _judged([case for case in window if case is not None], model)


class _Folder:
    """The photos of a folder and what they say of one another."""

    def __init__(self, base: str, photos: Sequence[Photo], pool: parallel.Pool) -> None:
        self.base, self.photos = base, photos
        self._shots: list[Shot] = []
        if not objects.remote(base):
            self._shots = pool.map(lambda photo: glances.shot(base, photo.path, None), photos)
        order: list[int] = []
        for strand in Roll(self._shots).strands if self._shots else ():
            order += strand.shots.tolist()
        standing = set(order)
        self._order = order + [place for place in range(len(self._shots)) if place not in standing]
        self._rank = {place: rank for rank, place in enumerate(self._order)}
        self._claims = Counter(shot.location for shot in self._shots if shot.location is not None)

    def case(self, place: int, recipe: Recipe) -> _Case | None:
        """The claim of the photo at a place in the folder, and what is known of it; None without a claim."""
        photo = self.photos[place]
        try:
            seen = read.look(self.base, photo, None)
        except PhotoError:
            return None
        position = seen.position
        if position is not None and position.machine is not None:
            return None
        claimed = read.stated(self.base, photo.path) if position is None else None
        if position is not None:
            here = position.location
            claim = Claim(here.lat, here.lon, repeated=self._claims[here] > 1)
        elif claimed is not None:
            claim = Claim(*claimed)
        else:
            return None
        neighbours, others = self._beside(place)
        words = gather.words(self.base, photo.path, seen.texts)
        pixels, trouble = None, ""
        try:
            pixels = decode(seen.source, recipe)
        except PhotoError as error:
            trouble = str(error)
        return _Case(photo.path, claim, neighbours, others, next(iter(words), None), pixels, trouble)

    def _beside(self, place: int) -> tuple[Answer | None, tuple[Location, ...]]:
        """What the photographs around one say of it, its own position left out, and their positions."""
        if not self._shots:
            return None, ()
        rank = self._rank[place]
        near = self._order[max(0, rank - _BESIDE) : rank + _BESIDE + 1]
        shots = [_unplaced(self._shots[other]) if other == place else self._shots[other] for other in near]
        others = tuple(shot.location for shot in shots if shot.location is not None)
        return (Neighbours(Roll(shots)).about(near.index(place)) if others else None), others


def _unplaced(shot: Shot) -> Shot:
    return Shot(shot.name, shot.when, shot.offset, shot.camera)


def _judged(cases: Sequence[_Case], model: predict.Model) -> Iterator[Checked]:
    pixels = [case.pixels for case in cases if case.pixels is not None]
    predictions: Iterator[Prediction | None] = iter(model.predict(np.stack(pixels)) if pixels else [])
    for case in cases:
        picture = next(predictions) if case.pixels is not None else None
        witnesses = Witnesses(case.neighbours, case.others, case.words, picture)
        yield Checked(case.path, case.claim, judge(case.claim, witnesses), case.trouble)


COLUMNS = (
    "path",
    "latitude",
    "longitude",
    "suspicious",
    "kind",
    "probability",
    "picture",
    "suggested_latitude",
    "suggested_longitude",
    "words",
    "trouble",
)


def properties(checked: Checked) -> dict[str, str | float | bool | None]:
    """A checked claim by COLUMNS: degrees, shares from 0 to 1."""
    suspicion = checked.suspicion
    meant = suspicion.suggestion
    return {
        "path": readable(checked.path),
        "latitude": round(checked.claim.lat, 6),
        "longitude": round(checked.claim.lon, 6),
        "suspicious": checked.suspicious,
        "kind": str(suspicion.kind) if checked.suspicious else "",
        "probability": round(suspicion.probability, 4),
        "picture": None if suspicion.picture is None else round(suspicion.picture, 4),
        "suggested_latitude": round(meant.lat, 6) if meant and checked.suspicious else None,
        "suggested_longitude": round(meant.lon, 6) if meant and checked.suspicious else None,
        "words": readable(suspicion.words) if checked.suspicious else "",
        "trouble": readable(checked.trouble),
    }


def write_csv(found: Sequence[Checked], path: str) -> None:
    """Write every checked claim as a row of a CSV file, whole or not at all; raises OutputError."""
    try:
        with open(path + ".new", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(map(_cells, found))
        os.replace(path + ".new", path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(path + ".new")
        reason = error.strerror or str(error)
        raise OutputError(f"{path}: cannot be written: {reason}; name another --csv FILE") from error


def _cells(checked: Checked) -> Iterator[str]:
    for value in properties(checked).values():
        if isinstance(value, str):
            # A spreadsheet would run it (see `manifest.FORMULA`).
            yield "'" + value if value.startswith(FORMULA) else value
        elif isinstance(value, bool):
            yield "yes" if value else "no"
        else:
            yield "" if value is None else f"{value:.10g}"


HEADS = ("photo", "claims", "suspicion", "wrong with", "rather", "why")


def rows(found: Sequence[Checked]) -> list[list[str]]:
    """The suspicious claims as rows of a table with HEADS, the likeliest to be wrong first."""
    suspects = sorted(
        (item for item in found if item.suspicious), key=lambda item: -item.suspicion.probability
    )
    return [
        [
            readable(item.path),
            f"{item.claim.lat:.5g}, {item.claim.lon:.5g}",
            str(item.suspicion.kind),
            f"{100 * item.suspicion.probability:.1f} %",
            "" if meant is None else f"{meant.lat:.5g}, {meant.lon:.5g}",
            readable(item.suspicion.words),
        ]
        for item in suspects
        for meant in (item.suspicion.suggestion,)
    ]
