"""Offers for objects in a bucket what `atomic` offers for files: read, replaced whole or not at all.

An object is named by its URL. Its new content is verified in a temporary file on this machine and then sent
on the condition that the object is still the one that was read (RFC 9110, 13.1), so that no other program's
work is ever overwritten.
"""

from __future__ import annotations

import errno
import io
import os
import secrets
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from geotag.errors import PhotoError, RefusedError, UncertainError
from geotag.files import atomic, bucket
from geotag.files.bucket import Found
from geotag.metadata.patch import Buffer, Pages, apply
from geotag.types import Patch

IN_MEMORY = 1 << 26
BLOCK = 1 << 23
THREADS_PER_CORE = 4
_BLOCKS = 8
_CHANGED = "changed by another program at this very moment; run the same command again"
_UNCONDITIONAL = (
    "its store does not keep to conditions, so that another program's work might be overwritten; keep "
    "sidecars on this machine: --sidecar --sidecar-dir DIR"
)

_trusted: dict[str, bool] = {}
_tried: set[str] = set()
_gate = threading.Lock()


@dataclass(frozen=True, slots=True)
class Upload(atomic.Ready):
    """A verified temporary file to be sent; `etag` is that of the object it replaces, "" for a new one.

    `attributes` describe the object it replaces and will describe the new one.
    """

    etag: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


def remote(path: str) -> bool:
    """Whether a path is a URL of a store."""
    return "://" in path


def is_folder(url: str) -> bool:
    """Whether a URL names something that objects lie below; raises OSError, UsageError."""
    store, path = bucket.split(url)
    return store.is_folder(path)


def listed(url: str) -> Iterator[tuple[str, Found]]:
    """Every object below a URL in bytewise order of the names: relative name, and how it is now.

    Raises OSError, also where a store does not keep to that order, on which finding known photos rests.
    """
    store, path = bucket.split(url)
    last = ""
    for name, found in store.listed(path):
        if os.fsencode(name) < os.fsencode(last):
            raise OSError(errno.EPROTO, "the store lists its objects out of order")
        last = name
        yield name, found


@contextmanager
def opened(url: str) -> Iterator[tuple[Found, Buffer]]:
    """How an object was when it was read, and its content: bytes, or fetched piece by piece where large."""
    store, path = bucket.split(url)
    found, content = store.get(path, IN_MEMORY)
    yield found, Ranges(store, path, found) if content is None else content


class Ranges(Pages):
    """A large object as a Buffer; `file` is the same for decoders."""

    def __init__(self, store: bucket.Store, path: str, found: Found) -> None:
        self.file = cast(BinaryIO, io.BufferedReader(_Blocks(store, path, found), 1 << 16))
        super().__init__(self.file)


class _Blocks(io.RawIOBase):
    """An object as a file, fetched block by block; the latest blocks are kept."""

    def __init__(self, store: bucket.Store, path: str, found: Found) -> None:
        self._store, self._path, self._found = store, path, found
        self._at, self._kept = 0, OrderedDict[int, bytes]()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._found.st_size}[whence]
        self._at = origin + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        start = self._at % BLOCK
        piece = self._block(self._at - start)[start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _block(self, start: int) -> bytes:
        if start >= self._found.st_size:
            return b""
        if start not in self._kept:
            end = min(start + BLOCK, self._found.st_size)
            self._kept[start] = self._store.part(self._path, self._found, start, end)
            if len(self._kept) > _BLOCKS:
                self._kept.popitem(last=False)
        self._kept.move_to_end(start)
        return self._kept[start]


def source(_: str, data: Buffer) -> bytes | BinaryIO:
    """What a decoder takes for an object that was opened."""
    return data.file if isinstance(data, Ranges) else data[:]


def seen(url: str) -> Found:
    """How an object is now; raises OSError."""
    store, path = bucket.split(url)
    return store.seen(path)


def resolve(url: str) -> str:
    """The object itself: in a bucket no link leads elsewhere."""
    return url


def names(folder: str) -> list[str]:
    """The names of the objects in a folder, without those in folders below it."""
    return _beginning(folder + "/")


def existing(urls: Iterable[str]) -> list[str]:
    """Those of some objects that are there, asked for at once by the stem that they share."""
    urls = list(urls)
    there = set(_beginning(os.path.splitext(min(urls, key=len))[0] + "."))
    return [url for url in urls if os.path.basename(url) in there]


def _beginning(url: str) -> list[str]:
    store, path = bucket.split(url)
    return [os.path.basename(found) for found in store.beginning(path)]


def reachable(_: str) -> bool:
    """Whether an object that is not there is really gone: its store has just said so."""
    return True


def workplaces(_: str) -> set[str]:
    """The folder in which temporary files for an object lie for a moment."""
    return {tempfile.gettempdir()}


def check_replaceable(_: str, data: Buffer) -> None:
    """Raises RefusedError when an object is too large to be made again in memory."""
    if not isinstance(data, bytes):
        raise RefusedError(f"objects of more than {IN_MEMORY >> 20} MiB are not replaced")


def prepare(
    target: str,
    old: Buffer,
    found: Found,
    patch: Patch,
    mark: str,
    check: Callable[[Buffer], None] = lambda _: None,
) -> Upload:
    """Write the patched content of an object to a temporary file here, read it back and have it checked.

    `old` is what the object holds, `found` how it was then. Raises RefusedError when its store keeps to no
    conditions or something that describes it would be lost, PhotoError when it has changed, OSError, and
    what `check` raises.
    """
    if not _keeps_conditions(target):
        raise RefusedError(_UNCONDITIONAL)
    store, path = bucket.split(target)
    try:
        attributes = store.attributes(path, found)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            raise RefusedError(str(error.strerror)) from error
        raise PhotoError(_CHANGED) if error.errno == errno.ESTALE else error from error
    new = apply(old[:], patch)
    return Upload(target, _spooled(new, mark, check), None, len(new), found.etag, attributes)


def prepare_new(target: str, content: bytes, mark: str) -> Upload:
    """Write the content of an object that does not exist yet to a temporary file here."""
    if not _keeps_conditions(target):
        raise PhotoError(_UNCONDITIONAL)
    attributes = {"ContentType": "application/rdf+xml"}
    return Upload(target, _spooled(content, mark), None, len(content), "", attributes)


def _spooled(content: bytes, mark: str, check: Callable[[Buffer], None] = lambda _: None) -> str:
    temporary = os.path.join(tempfile.gettempdir(), f"{atomic.PREFIX}{mark}-{secrets.token_hex(6)}.tmp")
    try:
        with open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as new:
            new.write(content)
        with open(temporary, "rb") as new:
            back = new.read()
        if back != content:
            raise PhotoError("its temporary file does not read back the same; check the disk it is on")
        check(back)
    except BaseException:
        atomic.discard(temporary)
        raise
    return temporary


def commit(ready: atomic.Ready) -> None:
    """Send what was prepared and see that it arrived.

    Raises PhotoError when the object has changed since it was read, UncertainError when nobody can tell
    whether the new one arrived, OSError when the store says no: then the object is as it was.
    """
    assert isinstance(ready, Upload)
    store, path = bucket.split(ready.target)
    try:
        with open(ready.temporary, "rb") as file:
            content = file.read()
        try:
            store.put(path, content, ready.etag, ready.attributes)
        except OSError as error:
            _look_again(store, path, content, error)
        else:
            _confirm(store, path, content)
            if not ready.etag:
                _learn(store, path, content)
    finally:
        atomic.discard(ready.temporary)


def _look_again(store: bucket.Store, path: str, content: bytes, error: OSError) -> None:
    """After an error: the answer may have been lost, and a second try of the library met our own object."""
    now: bytes | None = b""
    with suppress(OSError):
        _, now = store.get(path, len(content))
    if now == content:
        return
    if error.errno == errno.ESTALE:
        raise PhotoError(_CHANGED) from error
    if error.errno in (errno.ETIMEDOUT, errno.EIO):
        reason = f"{error.strerror}; whether it was written cannot be told"
        raise UncertainError(f"{reason}; run the same command again") from error
    raise error


def _confirm(store: bucket.Store, path: str, content: bytes) -> None:
    try:
        size = store.seen(path).st_size
    except OSError as error:
        raise UncertainError(
            f"was sent, but cannot be seen since: {error.strerror}; run the same command again"
        ) from error
    if size != len(content):
        raise UncertainError("was sent, but something else is there; run the same command again")


def remove(url: str, found: Found) -> None:
    """Delete an object if it is still the one that was found; raises PhotoError when it has changed."""
    store, path = bucket.split(url)
    try:
        store.delete(path, found)
    except OSError as error:
        if error.errno == errno.ESTALE:
            raise PhotoError(_CHANGED) from error
        raise


def back_up(url: str, copy: str, mark: str) -> None:
    """Copy an object's content to a file on this machine."""
    with opened(url) as (_, data):
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        atomic.commit(atomic.prepare_new(copy, data[:], mark))


def _learn(store: bucket.Store, path: str, content: bytes) -> None:
    """See once whether the store refuses to write anew what is already there, with an object of our own."""
    place = path.partition("/")[0]
    if place in _tried:
        return
    _tried.add(place)
    with suppress(OSError):
        store.put(path, content, "", {})
        _trusted[place] = False


def _keeps_conditions(url: str) -> bool:
    """Whether the store of an object refuses what is sent on a condition that does not hold.

    Some pass over the condition without a word. It is asked for once in a bucket, for an object that is not
    there: a store that keeps to the condition writes nothing.
    """
    store, path = bucket.split(url)
    place = path.partition("/")[0]
    with _gate:
        if place not in _trusted:
            nothing = f"{os.path.dirname(path)}/{atomic.PREFIX}{secrets.token_hex(12)}"
            try:
                store.put(nothing, b"", '"00000000000000000000000000000000"', {})
            except OSError as error:
                if error.errno not in (errno.ENOENT, errno.ESTALE, errno.ENOTSUP):
                    raise
                _trusted[place] = error.errno != errno.ENOTSUP
            else:
                _trusted[place] = False
                store.delete(nothing, store.seen(nothing))
        return _trusted[place]
