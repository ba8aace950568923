"""Replaces a file by its patched self, whole or not at all, with everything the file system knows of it.

New bytes go to a hidden temporary file in the same folder, which is flushed and read back before it takes the
old file's place; whatever moment the power fails, one of the two is there, whole.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

from geotag.errors import PhotoError, RefusedError
from geotag.files import copies, regular
from geotag.metadata.patch import Buffer, Pages
from geotag.types import Patch

PREFIX = ".geotag-"
"""Temporary files start like this: hidden, so that no scan takes them for photographs."""

_IN_MEMORY = 1 << 26
_BLOCK = 1 << 20
_CHANGED = "changed by another program at this very moment; run the same command again"
_MISREAD = "what was written does not read back the same; check the disk. The file is as it was"


@dataclass(frozen=True, slots=True)
class Ready:
    """A verified temporary file that only has to take its target's place.

    `signature` is what the old file looked like before it was read; None where there was none. `size` is the
    new file's, in bytes.
    """

    target: str
    temporary: str
    signature: tuple[int, ...] | None
    size: int


def signature(found: os.stat_result) -> tuple[int, ...]:
    """What changes when a file does: inode, size in bytes, times of content and inode in ns.

    Not the device: machines that share a file system number it differently.
    """
    return (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


@contextmanager
def opened(path: str) -> Iterator[tuple[os.stat_result, Buffer]]:
    """A file's state before it was read, and its content: bytes, or read piece by piece where it is large."""
    with open(path, "rb", opener=regular.opener) as file:
        found = os.fstat(file.fileno())
        yield found, file.read() if found.st_size <= _IN_MEMORY else Pages(file)


def holds(path: str, content: Buffer) -> bool:
    """Whether a file has just these bytes; raises OSError."""
    with open(path, "rb") as file:
        return copies.is_copy(file, content, ())


def check_replaceable(path: str) -> None:
    """Raises RefusedError when putting a new file in the place of `path` would harm more than `path`."""
    found = os.stat(path)
    if found.st_nlink > 1:
        raise RefusedError(f"the file has {found.st_nlink} names (hard links), which would part company")
    if not found.st_mode & stat.S_IWUSR or not _may_write(path):
        raise RefusedError("the file is read-only")
    if not _may_write(os.path.dirname(path)):
        raise RefusedError("the folder it lies in is read-only")
    if hasattr(os, "geteuid") and os.geteuid() not in (0, found.st_uid):
        raise RefusedError("the file belongs to another user, and a new file would not")


def _may_write(path: str) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def prepare(
    target: str,
    old: Buffer,
    found: os.stat_result,
    patch: Patch,
    mark: str,
    check: Callable[[Buffer], None] = lambda _: None,
) -> Ready:
    """Write the patched copy of `target` to a temporary file, with its attributes, and read it back.

    `old` is what `target` holds, `found` its state before that was read; `check` is called with what was read
    back, once every byte of it is known to be the old file's or the patch's. Raises PhotoError when the copy
    is not what it should be, OSError when the disk says no, and what `check` raises: the temporary file is
    gone again then.
    """
    temporary = _name(target, mark)
    try:
        with _private(temporary) as new:
            copies.write(new.fileno(), old, patch)
            copy_attributes(target, new.fileno(), found)
            os.fsync(new.fileno())
            size = os.fstat(new.fileno()).st_size
        with open(temporary, "rb") as back:
            if not copies.is_copy(back, old, patch):
                raise PhotoError(_MISREAD)
            check(Pages(back))
        return Ready(target, temporary, signature(found), size)
    except BaseException:
        discard(temporary)
        raise


def prepare_new(target: str, content: bytes, mark: str) -> Ready:
    """Write the content of a file that does not exist yet to a temporary file."""
    temporary = _name(target, mark)
    try:
        with open(temporary, "xb") as new:
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
    except BaseException:
        discard(temporary)
        raise
    return Ready(target, temporary, None, len(content))


def back_up(source: str, copy: str, mark: str) -> None:
    """Copy a file with its attributes; blocks are shared with the original where the file system can."""
    os.makedirs(os.path.dirname(copy), exist_ok=True)
    temporary = _name(copy, mark)
    try:
        with open(source, "rb") as old, _private(temporary) as new:
            found = os.fstat(old.fileno())
            _copy_content(old, new, found.st_size)
            copy_attributes(source, new.fileno(), found)
            os.fsync(new.fileno())
        os.replace(temporary, copy)
    except BaseException:
        discard(temporary)
        raise
    flush_folder(os.path.dirname(copy))


def _copy_content(old: IO[bytes], new: IO[bytes], size: int) -> None:
    at = 0
    with suppress(OSError, AttributeError):
        while at < size:
            copied = os.copy_file_range(old.fileno(), new.fileno(), size - at, at, at)
            if not copied:
                break
            at += copied
    old.seek(at)
    new.seek(at)
    shutil.copyfileobj(old, new, _BLOCK)
    new.flush()


def commit(ready: Ready) -> None:
    """Let the temporary file take its target's place; raises PhotoError when the target changed meanwhile."""
    try:
        if ready.signature is None:
            _put_new(ready)
        else:
            if signature(os.stat(ready.target)) != ready.signature:
                raise PhotoError(_CHANGED)
            os.replace(ready.temporary, ready.target)
    except BaseException:
        discard(ready.temporary)
        raise


def _put_new(ready: Ready) -> None:
    try:
        # A link never clobbers what another program put there meanwhile; a rename would.
        os.link(ready.temporary, ready.target)
    except FileExistsError:
        raise PhotoError(
            f"{ready.target}: appeared at this very moment; run the same command again"
        ) from None
    except OSError:
        # FAT and some network file systems have no hard links.
        if os.path.lexists(ready.target):
            raise PhotoError(f"{ready.target}: appeared at this very moment; run again") from None
        os.replace(ready.temporary, ready.target)
    else:
        discard(ready.temporary)


def flush_folder(folder: str) -> None:
    """Make the names in a folder survive a power cut (a no-op where folders cannot be flushed)."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def discard(temporary: str) -> None:
    """Remove a temporary file, if it is there."""
    with suppress(OSError):
        os.unlink(temporary)


def left_over(path: str, mark: str) -> bool:
    """Whether a path is a temporary file that an earlier run of the same journal left behind.

    A mark is IDENTITY-RUN: the journal's name and this run's.
    """
    name = os.path.basename(path)
    identity = mark.partition("-")[0]
    return name.startswith(f"{PREFIX}{identity}-") and not name.startswith(f"{PREFIX}{mark}-")


def sweep(folder: str, mark: str) -> bool:
    """Remove what earlier runs of the same journal left behind in a folder; whether that could be done."""
    try:
        with os.scandir(folder) as listing:
            for path in [entry.path for entry in listing if left_over(entry.path, mark)]:
                os.unlink(path)
    except OSError:
        return False
    return True


def _name(target: str, mark: str) -> str:
    # Of fixed length, not made from the target's name: that may already have all the bytes a name can have.
    return os.path.join(os.path.dirname(target), f"{PREFIX}{mark}-{secrets.token_hex(6)}.tmp")


def _private(path: str) -> IO[bytes]:
    """A new file that nobody else may read until it has its attributes."""
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))


def copy_attributes(source: str, target: int, found: os.stat_result) -> None:
    """Give the open file `target` the owner, mode, extended attributes, ACL and times of `source`.

    Raises RefusedError when one of them cannot be kept.
    """
    own = os.fstat(target)
    if hasattr(os, "fchown"):
        if (own.st_uid, own.st_gid) != (found.st_uid, found.st_gid):
            try:
                os.fchown(target, found.st_uid, found.st_gid)
            except OSError as error:
                raise RefusedError(f"its owner could not be kept: {error.strerror}") from error
        os.fchmod(target, stat.S_IMODE(found.st_mode))
    if hasattr(os, "listxattr"):
        _copy_xattrs(source, target)
    os.utime(target, ns=(found.st_atime_ns, found.st_mtime_ns))


def _copy_xattrs(source: str, target: int) -> None:
    try:
        names = os.listxattr(source)
    except OSError:
        # The file system knows no extended attributes, so there are none to lose.
        return
    for name in names:
        value = os.getxattr(source, name)
        try:
            if _xattr(target, name) != value:
                os.setxattr(target, name, value)
        except OSError as error:
            raise RefusedError(f"its attribute {name} could not be kept: {error.strerror}") from error


def _xattr(target: int, name: str) -> bytes | None:
    try:
        return os.getxattr(target, name)
    except OSError:
        return None
