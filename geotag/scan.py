"""Walks archives: every image once, in path order, without following anybody round in circles."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from geotag.errors import GeotagError, UsageError
from geotag.files import objects
from geotag.types import SUFFIXES, Archive, Photo, Settings


def _ignore(*_: object) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Scan:
    """How to walk: globs a path must or must not match, a folder to stay out of, whom to tell.

    A glob is matched against the relative path and against the bare name; `*` crosses `/`.
    `unreadable(path, error)` hears of folders that cannot be listed (absolute paths).
    """

    archive: Archive
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    output: str = ""
    unreadable: Callable[[str, OSError], None] = _ignore

    def paths(self) -> Iterator[str]:
        """Relative paths of the image files, in bytewise order, without a look at the files themselves."""
        return (os.path.relpath(path, self.archive.base) for path in self._files())

    def total(self) -> int:
        """How many image files there are."""
        return sum(1 for _ in replace(self, unreadable=_ignore)._files())

    def photos(self) -> Iterator[Photo]:
        """The image files as they are now, without those that vanish in between or are no regular files."""
        prefix = len(os.path.join(self.archive.base, ""))
        for path in self._files():
            found = _stat(path)
            if found and (stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode)):
                yield Photo.seen(path[prefix:], found)

    def gone(self, path: str) -> bool:
        """Whether a known photo that the walk did not meet is no longer there; not if that cannot be told."""
        try:
            os.lstat(os.path.join(self.archive.base, path))
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:
            return False
        return False

    def _files(self) -> Iterator[str]:
        seen: set[tuple[int, int]] = set()
        for root in self.archive.roots:
            if os.path.isdir(root):
                yield from self._folder(root, seen)
            else:
                yield root

    def _folder(self, folder: str, seen: set[tuple[int, int]]) -> Iterator[str]:
        """Depth first; folders sort as if their name ended in `/`, so that the whole is in path order."""
        try:
            found = os.stat(folder)
            with os.scandir(folder) as listing:
                entries = [(entry, _is_folder(entry)) for entry in listing]
        except OSError as error:
            self.unreadable(folder, error)
            return
        if (found.st_dev, found.st_ino) in seen or self._is_output(folder):
            return
        seen.add((found.st_dev, found.st_ino))
        entries.sort(key=lambda item: os.fsencode(item[0].name) + (b"/" if item[1] else b""))
        for entry, is_folder in entries:
            if not entry.name.startswith(".") and self._wanted(entry, is_folder, seen):
                if is_folder:
                    yield from self._folder(entry.path, seen)
                else:
                    yield entry.path

    def _wanted(self, entry: os.DirEntry[str], is_folder: bool, seen: set[tuple[int, int]]) -> bool:
        if not is_folder and not _is_image(entry.name):
            return False
        if self.include or self.exclude:
            path = os.path.relpath(entry.path, self.archive.base)
            if _matches(path, self.exclude) or (
                self.include and not is_folder and not _matches(path, self.include)
            ):
                return False
        return not entry.is_symlink() or self._leads_elsewhere(entry.path, is_folder, seen)

    def _leads_elsewhere(self, link: str, is_folder: bool, seen: set[tuple[int, int]]) -> bool:
        """A link to what is met under its own name anyway is not followed."""
        target = os.path.realpath(link)
        for root in self.archive.roots if is_folder or _is_image(target) else ():
            inside = os.path.relpath(target, root)
            if inside == "." or not (inside.startswith("..") or _hidden(inside)):
                return False
        if not is_folder:
            try:
                found = os.stat(target)
            except OSError:
                return True
            if (found.st_dev, found.st_ino) in seen:
                return False
            seen.add((found.st_dev, found.st_ino))
        return True

    def _is_output(self, folder: str) -> bool:
        return bool(self.output) and os.path.realpath(folder) == self.output


@dataclass(frozen=True, slots=True)
class Listing:
    """How to list a bucket: globs as for a `Scan`, whom to tell of keys that cannot be paths."""

    archive: Archive
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    unreadable: Callable[[str, OSError], None] = _ignore

    def total(self) -> None:
        """Nobody knows before the end: it would have to be listed, and the listing be paid for, twice."""

    def photos(self) -> Iterator[Photo]:
        """The images as the store lists them: a thousand for a request, and none for each.

        Raises GeotagError when the listing breaks off: what was not listed is not gone.
        """
        root = self.archive.roots[0]
        try:
            if root != self.archive.base:
                yield Photo.seen(os.path.basename(root), objects.seen(root))
                return
            for name, found in objects.listed(root):
                if _is_image(name) and not _hidden(name) and self._wanted(name):
                    if all(part not in ("", "..") for part in name.split("/")):
                        yield Photo.seen(name, found)
                    else:
                        trouble = OSError(errno.EINVAL, "its key is no path that a file could have")
                        self.unreadable(f"{root}/{name}", trouble)
        except OSError as error:
            raise GeotagError(
                f"{root}: cannot be listed to the end: {error.strerror}; run the same command again"
            ) from error

    def gone(self, path: str) -> bool:
        """Whether a known photo that the listing did not give is no longer there: the listing is complete."""
        return self._wanted(path) and os.path.join(self.archive.base, path).startswith(self.archive.roots[0])

    def _wanted(self, name: str) -> bool:
        if not (self.include or self.exclude):
            return True
        parts = name.split("/")
        places = ("/".join(parts[: end + 1]) for end in range(len(parts)))
        kept = not any(_matches(place, self.exclude) for place in places)
        return kept and (not self.include or _matches(name, self.include))


def walk(
    archive: Archive,
    include: tuple[str, ...] = (),
    exclude: tuple[str, ...] = (),
    output: str = "",
    unreadable: Callable[[str, OSError], None] = _ignore,
) -> Scan | Listing:
    """How an archive is walked, by where it lies."""
    if objects.remote(archive.base):
        return Listing(archive, include, exclude, unreadable)
    return Scan(archive, include, exclude, output, unreadable)


def open_archive(paths: tuple[str, ...]) -> Archive:
    """The archive that the named folders and files make up; raises UsageError when one of them is missing.

    Paths of photos are relative to the folder, or to what several folders have in common.
    """
    if any(map(objects.remote, paths)):
        return _open_remote(paths)
    roots = []
    for path in paths:
        if not os.path.exists(path):
            raise UsageError(
                f"{path}: no such folder or file; check the spelling, or whether the disk is mounted"
            )
        roots.append(os.path.realpath(path))
    folders = [root if os.path.isdir(root) else os.path.dirname(root) for root in roots]
    outermost = {root for root in roots if not any(_within(root, other) for other in roots if other != root)}
    return Archive(os.path.commonpath(folders), tuple(sorted(outermost, key=_order)))


def _open_remote(paths: tuple[str, ...]) -> Archive:
    root = paths[0].rstrip("/")
    if len(paths) > 1:
        raise UsageError(
            f"{root}: a bucket's folder is an archive of its own; run once for each, with an --output each"
        )
    try:
        if objects.is_folder(root):
            return Archive(root, (root,))
        objects.seen(root)
    except FileNotFoundError:
        raise UsageError(f"{root}: no such folder or object; check the spelling") from None
    except OSError as error:
        raise UsageError(f"{root}: cannot be read: {error.strerror}") from error
    return Archive(os.path.dirname(root), (root,))


def _order(path: str) -> bytes:
    return os.fsencode(path) + (b"/" if os.path.isdir(path) else b"")


def _within(path: str, folder: str) -> bool:
    return os.path.isdir(folder) and os.path.commonpath([path, folder]) == folder


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _stat(path: str) -> os.stat_result | None:
    """The file a link leads to; of a link that leads nowhere, the link itself."""
    for look in (os.stat, os.lstat):
        try:
            return look(path)
        except OSError:
            continue
    return None


def _matches(path: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(path, glob) or fnmatchcase(os.path.basename(path), glob) for glob in globs)


def _is_image(path: str) -> bool:
    # Only a name before the dot makes what follows a suffix, but hidden files are left out anyway.
    dot = path.rfind(".")
    return dot >= 0 and path[dot:].lower() in SUFFIXES


def _hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split(os.sep))


def output_folder(settings: Settings, archive: Archive) -> str:
    """The absolute path of the output folder; raises UsageError when it, or the one for backups, lies inside
    the archive.
    """
    first = settings.archive[0]
    if settings.output is not None:
        output = os.path.realpath(settings.output)
    elif objects.remote(first):
        raise UsageError(f"{first}: the answers need a folder on this machine; name one with --output DIR")
    elif os.path.isdir(first):
        output = os.path.realpath(first) + ".geotag"
    else:
        output = archive.base + ".geotag"
    _check_outside(archive, output, "--output")
    if settings.backup is not None:
        _check_outside(archive, os.path.realpath(settings.backup), "--backup")
    return output


def _check_outside(archive: Archive, folder: str, option: str) -> None:
    """Copies and manifests in the archive would be taken for part of it."""
    for root in archive.roots:
        if os.path.isdir(root) and os.path.commonpath([root, folder]) == root:
            raise UsageError(
                f"{folder}: lies inside the archive; choose a folder outside it with {option} DIR"
            )
