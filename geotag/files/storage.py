"""Where archives lie, in folders or in a bucket, and what both offer to those who read and write photos."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Protocol

from geotag.files import atomic, objects
from geotag.metadata.patch import Buffer
from geotag.types import Patch

Check = Callable[[Buffer], None]


class Storage(Protocol):
    """What `Folders` and the module `objects` offer; `found` is what the same storage gave for the file.

    Everything raises OSError when the disk or the store says no. The functions of `Folders` say what they do.
    """

    THREADS_PER_CORE: int
    """How many threads keep a core busy: those that wait for an answer do not."""

    def opened(self, path: str, /) -> AbstractContextManager[tuple[Any, Buffer]]: ...
    def source(self, path: str, data: Buffer, /) -> str | bytes | BinaryIO: ...
    def seen(self, path: str, /) -> Any: ...
    def resolve(self, path: str, /) -> str: ...
    def names(self, folder: str, /) -> list[str]: ...
    def existing(self, paths: Iterable[str], /) -> list[str]: ...
    def reachable(self, path: str, /) -> bool: ...
    def workplaces(self, path: str, /) -> set[str]: ...
    def check_replaceable(self, path: str, data: Buffer, /) -> None: ...
    def prepare(
        self, target: str, old: Buffer, found: Any, patch: Patch, mark: str, check: Check = ..., /
    ) -> atomic.Ready: ...
    def prepare_new(self, target: str, content: bytes, mark: str, /) -> atomic.Ready: ...
    def commit(self, ready: atomic.Ready, /) -> None: ...
    def remove(self, path: str, found: Any, /) -> None: ...
    def back_up(self, path: str, copy: str, mark: str, /) -> None: ...


class Folders:
    """Files on disks that this machine sees."""

    THREADS_PER_CORE = 1

    def opened(self, path: str) -> AbstractContextManager[tuple[os.stat_result, Buffer]]:
        """How a file was before it was read, and its content."""
        return atomic.opened(path)

    def source(self, path: str, data: Buffer) -> str | bytes:
        """What a decoder takes for a file that was opened: its content, of a large one the path."""
        return data if isinstance(data, bytes) else path

    def seen(self, path: str) -> os.stat_result:
        """How a file is now."""
        return os.stat(path)

    def resolve(self, path: str) -> str:
        """The file that a path leads to."""
        return os.path.realpath(path)

    def names(self, folder: str) -> list[str]:
        """The names in a folder."""
        with os.scandir(folder) as listing:
            return [entry.name for entry in listing]

    def existing(self, paths: Iterable[str]) -> list[str]:
        """Those of some files that are there; they share a folder and a stem."""
        return list(filter(os.path.exists, paths))

    def reachable(self, path: str) -> bool:
        """Whether a file that is not there is really gone: its folder, at least, is there."""
        return os.path.isdir(os.path.dirname(path))

    def workplaces(self, path: str) -> set[str]:
        """The folders in which temporary files for a file may lie for a moment."""
        return {os.path.dirname(path), os.path.dirname(os.path.realpath(path))}

    def check_replaceable(self, path: str, _: Buffer) -> None:
        """Raises RefusedError when a new file in the place of this one would harm more than this one."""
        atomic.check_replaceable(path)

    def prepare(
        self,
        target: str,
        old: Buffer,
        found: os.stat_result,
        patch: Patch,
        mark: str,
        check: Check = lambda _: None,
    ) -> atomic.Ready:
        """Write the patched copy of a file to a temporary file, read it back and have it checked."""
        return atomic.prepare(target, old, found, patch, mark, check)

    def prepare_new(self, target: str, content: bytes, mark: str) -> atomic.Ready:
        """Write the content of a file that does not exist yet to a temporary file."""
        return atomic.prepare_new(target, content, mark)

    def commit(self, ready: atomic.Ready) -> None:
        """Let a temporary file take its target's place."""
        atomic.commit(ready)

    def remove(self, path: str, _: os.stat_result) -> None:
        """Remove a file."""
        os.unlink(path)

    def back_up(self, path: str, copy: str, mark: str) -> None:
        """Copy a file with its attributes."""
        atomic.back_up(path, copy, mark)


_FOLDERS = Folders()


def of(path: str) -> Storage:
    """The storage in which a path lies, by its form: a URL or a path of this machine."""
    return objects if objects.remote(path) else _FOLDERS
