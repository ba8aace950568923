"""Sidecars that somebody added or changed since the last run, beside photos that are finished otherwise."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from geotag.flows.rolls import Matched
from geotag.types import SIDECAR_SUFFIX, Record

_SUFFIX = len(SIDECAR_SUFFIX)


@dataclass
class Aside:
    """The sidecars of an archive at `base`, or below `sidecar_dir`; `since` is when the last run came to its
    end, None where there was none; `known(path)` is what the journal knows.

    Only folders of this machine can be asked. Photos come folder by folder: each folder is listed once.
    """

    base: str
    sidecar_dir: str | None
    since: datetime | None
    known: Callable[[str], Record | None]
    _folder: str | None = None
    _newer: frozenset[str] = field(default_factory=frozenset)

    def heeding(self, matched: Iterable[Matched]) -> Iterator[Matched]:
        """Photos; a finished one comes as unfinished where one of its sidecars is newer than the last run."""
        for photo, known, finished in matched:
            if finished and self.changed(photo.path):
                yield photo, self.known(photo.path), False
            else:
                yield photo, known, finished

    def changed(self, path: str) -> bool:
        """Whether a sidecar of the photo at a relative path is newer than the last run."""
        if self.since is None:
            return False
        folder, name = os.path.split(path)
        if folder != self._folder:
            self._folder, self._newer = folder, self._list(folder, self.since.timestamp())
        return bool(self._newer) and (name in self._newer or os.path.splitext(name)[0] in self._newer)

    def _list(self, folder: str, since: float) -> frozenset[str]:
        """What the names of newer sidecars say before their suffix."""
        found = set()
        for root in filter(None, (self.base, self.sidecar_dir)):
            with suppress(OSError), os.scandir(os.path.join(root, folder)) as listing:
                for entry in listing:
                    if entry.name[-_SUFFIX:].lower() == SIDECAR_SUFFIX and _changed(entry) > since:
                        found.add(entry.name[:-_SUFFIX])
        return frozenset(found)


def _changed(entry: os.DirEntry[str]) -> float:
    """When a file, or what it is called, last changed, in seconds since 1970; a copy may keep an older time
    of its content. Windows tells when it was made instead.
    """
    seen = entry.stat()
    return max(seen.st_mtime, seen.st_ctime) if os.name == "nt" else seen.st_ctime
