"""Folders as a run meets them: which photos have neighbours to be asked, and what those say.

Photos come in path order, so a folder's come together but for those of folders inside it. The first one that
is not finished has its folder read ahead, a few pages of each file; of the finished ones that came before it
those come once more whose neighbours say something else by now. A folder of finished photos is not read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from geotag import parallel
from geotag.types import Location, Photo, Record

if TYPE_CHECKING:
    from geotag.evidence.neighbours import Neighbours
    from geotag.evidence.strands import Shot
    from geotag.texts import Answer

Matched = tuple[Photo, Record | None, bool]
"""A photo, what the journal knows of it, and whether it is finished (then that may be left out)."""


@dataclass
class _Folder:
    """A folder on the way: the names of finished photos that went by, and, once it was read, what its photos
    say.
    """

    passed: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    neighbours: Neighbours | None = None


@dataclass
class Rolls:
    """The folders of an archive at `base`; `known(path)` is what the journal knows, `jobs` how many threads
    read. `reviewed` gives the places of photos that people have decided about, None where they have none.
    """

    base: str
    sidecar_dir: str | None
    jobs: int
    watch: parallel.Stopwatch
    known: Callable[[str], Record | None]
    reviewed: Mapping[str, Location | None]
    _open: dict[str, _Folder] = field(default_factory=dict)

    def joined(self, matched: Iterable[Matched]) -> Iterator[tuple[Matched, tuple[Answer, ...]]]:
        """Each photo with what its neighbours say; a finished one comes as unfinished, maybe for the second
        time, where they say something else than they did.
        """
        for photo, known, finished in matched:
            folder, name = os.path.split(photo.path)
            self._leave(folder)
            here = self._open.setdefault(folder, _Folder())
            if finished and here.neighbours is None:
                here.passed.append(name)
                yield (photo, None, True), ()
                continue
            if here.neighbours is None:
                with self.watch.measure("neighbours"):
                    self._read(folder, here)
                yield from self._changed(folder, here)
            yield (
                self._again(here, photo)
                if finished
                else ((photo, known, False), self._about(here, photo.path))
            )

    def _again(self, here: _Folder, photo: Photo) -> tuple[Matched, tuple[Answer, ...]]:
        """A finished photo, which is not finished any more where its neighbours say something else."""
        known, near = self.known(photo.path), self._about(here, photo.path)
        return (photo, known, known is not None and known.neighbours == near), near

    def _changed(self, folder: str, here: _Folder) -> Iterator[tuple[Matched, tuple[Answer, ...]]]:
        """The finished photos that went by and have to be decided again."""
        passed, here.passed = here.passed, []
        for path in (os.path.join(folder, name) for name in passed):
            known = self.known(path)
            if known is not None:
                again = self._again(here, known.photo)
                if not again[0][2]:
                    yield again

    def _leave(self, folder: str) -> None:
        """Forget the folders that the walk has left."""
        inside = os.path.join(folder, "")
        for name in list(self._open):
            if name and name != folder and not inside.startswith(name + "/"):
                del self._open[name]

    def _read(self, folder: str, here: _Folder) -> None:
        """Glance at the images of a folder; one that cannot be listed has no neighbours to ask."""
        # A finished archive reads none of its photos.
        from geotag.flows import glances

        names = glances.images(os.path.join(self.base, folder))
        here.places = {name: place for place, name in enumerate(names)}

        def shot(name: str) -> Shot:
            path = os.path.join(folder, name)
            found = glances.shot(self.base, path, self.sidecar_dir)
            return replace(found, location=self.reviewed[path]) if path in self.reviewed else found

        here.neighbours = glances.neighbours(names, self.jobs, shot)

    def _about(self, here: _Folder, path: str) -> tuple[Answer, ...]:
        place = here.places.get(os.path.basename(path))
        if place is None or here.neighbours is None:
            return ()
        with self.watch.measure("neighbours"):
            answer = here.neighbours.about(place)
        return () if answer is None else (answer,)
