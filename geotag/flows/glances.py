"""What the photos of a folder say to each other: a few pages of each file are read."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

from geotag import parallel, read
from geotag.evidence.neighbours import Neighbours
from geotag.evidence.strands import Roll, Shot
from geotag.renderings.manifest import readable
from geotag.texts import Answer
from geotag.types import SUFFIXES

_CHUNK = 512


def neighbours(names: list[str], jobs: int, shot: Callable[[str], Shot]) -> Neighbours:
    """The images of a folder, in the order of their names, glanced at by so many threads."""
    with parallel.Pool(jobs) as pool:
        chunks = (names[at : at + _CHUNK] for at in range(0, len(names), _CHUNK))
        return Neighbours(Roll(found for chunk in chunks for found in pool.map(shot, chunk)))


def beside(base: str, name: str, jobs: int) -> tuple[Answer, ...]:
    """What the photos of the folder `base` say about one of them; empty where no other has a position."""
    names = images(base)
    with parallel.Pool(jobs) as pool:
        found = Neighbours(Roll(pool.map(lambda other: shot(base, other, None), names)))
    answer = found.about(names.index(name)) if name in names else None
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


def images(folder: str) -> list[str]:
    with suppress(OSError), os.scandir(folder) as listing:
        return sorted(entry.name for entry in listing if _is_image(entry.name))
    return []


def _is_image(name: str) -> bool:
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES
