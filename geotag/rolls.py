"""Folders as a run meets them: which photos have neighbours to be asked, and what those say.

Photos come in path order, so a folder's come together but for those of folders inside it. The first one that
is not finished has its folder read ahead, a few pages of each file; the finished ones that came before it
wait until then, for what they rest on may have changed. A folder of finished photos is not read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from geotag import parallel, read
from geotag.manifest import readable
from geotag.neighbours import Neighbours
from geotag.strands import Roll, Shot
from geotag.texts import Answer
from geotag.types import SUFFIXES, Photo, Record

Matched = tuple[Photo, Record | None, bool]
"""A photo, what the journal knows of it, and whether it is finished (then that may be left out)."""

_CHUNK = 512


@dataclass
class _Folder:
    """A folder on the way: finished photos that wait, and, once it was read, what its photos say."""

    waiting: list[Photo] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    neighbours: Neighbours | None = None


@dataclass
class Rolls:
    """The folders of an archive at `base`; `known(path)` is what the journal knows, `jobs` how many threads
    read.
    """

    base: str
    sidecar_dir: str | None
    jobs: int
    watch: parallel.Stopwatch
    known: Callable[[str], Record | None]
    _open: dict[str, _Folder] = field(default_factory=dict)

    def joined(self, matched: Iterable[Matched]) -> Iterator[tuple[Matched, tuple[Answer, ...]]]:
        """Each photo with what its neighbours say; finished ones come back as unfinished where the folder
        was read.
        """
        for photo, known, finished in matched:
            folder = os.path.dirname(photo.path)
            yield from self._left(folder)
            here = self._open.setdefault(folder, _Folder())
            if finished and here.neighbours is None:
                here.waiting.append(photo)
                continue
            if here.neighbours is None:
                with self.watch.measure("neighbours"):
                    self._read(folder, here)
                waiting, here.waiting = here.waiting, []
                yield from (self._again(here, one) for one in waiting)
            yield (
                self._again(here, photo)
                if finished
                else ((photo, known, False), self._about(here, photo.path))
            )
        yield from self._left(None)

    def _again(self, here: _Folder, photo: Photo) -> tuple[Matched, tuple[Answer, ...]]:
        """A finished photo, which is not finished any more where its neighbours say something else."""
        known, near = self.known(photo.path), self._about(here, photo.path)
        return (photo, known, known is not None and known.neighbours == near), near

    def _left(self, folder: str | None) -> Iterator[tuple[Matched, tuple[Answer, ...]]]:
        """The photos that wait in folders that the walk has left, finished as they are."""
        inside = "" if folder is None else os.path.join(folder, "")
        for name in list(self._open):
            if folder is None or (name and name != folder and not inside.startswith(name + "/")):
                yield from (((photo, None, True), ()) for photo in self._open.pop(name).waiting)

    def _read(self, folder: str, here: _Folder) -> None:
        """Glance at the images of a folder; one that cannot be listed has no neighbours to ask."""
        names: list[str] = []
        with suppress(OSError), os.scandir(os.path.join(self.base, folder)) as listing:
            names = sorted(entry.name for entry in listing if _is_image(entry.name))
        here.places = {name: place for place, name in enumerate(names)}
        with parallel.Pool(self.jobs) as pool:
            chunks = (names[at : at + _CHUNK] for at in range(0, len(names), _CHUNK))
            paths = ([os.path.join(folder, name) for name in chunk] for chunk in chunks)
            here.neighbours = Neighbours(
                Roll(found for chunk in paths for found in pool.map(self._shot, chunk))
            )

    def _shot(self, path: str) -> Shot:
        return shot(self.base, path, self.sidecar_dir)

    def _about(self, here: _Folder, path: str) -> tuple[Answer, ...]:
        place = here.places.get(os.path.basename(path))
        if place is None or here.neighbours is None:
            return ()
        with self.watch.measure("neighbours"):
            answer = here.neighbours.about(place)
        return () if answer is None else (answer,)


def shot(base: str, path: str, sidecar_dir: str | None) -> Shot:
    """What a photograph's neighbours want to know of it; `path` is relative to `base`."""
    seen = read.glance(base, path, sidecar_dir)
    position = seen.position
    return Shot(
        readable(os.path.basename(path)),
        seen.capture.when,
        seen.capture.offset,
        seen.capture.camera,
        position.location if position is not None and position.machine is None else None,
        seen.beside,
    )


def _is_image(name: str) -> bool:
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES
