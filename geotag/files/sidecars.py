"""What sidecars are called, which images would share one, and whose the folder is that they are kept in."""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime
from functools import lru_cache

from geotag.errors import OutputError
from geotag.files import storage
from geotag.types import SIDECAR_SUFFIX, SUFFIXES

OWNER = "geotag-sidecars.txt"
"""The file in a folder of sidecars that says, below a line for people, whose photos they belong to."""

_FOR_PEOPLE = "The XMP files in this folder belong to the photographs below this one:\n"


def spelled(path: str) -> str:
    """The sidecar of a file or a stem, spelled as it is on the disk: some programs write .XMP."""
    name, other = path + SIDECAR_SUFFIX, path + SIDECAR_SUFFIX.upper()
    return other if storage.of(path).existing([name, other]) == [other] else name


def shared(path: str, when: datetime) -> bool:
    """Whether another image in its folder has an image's stem, as the run that began at `when` saw it."""
    folder, name = os.path.split(path)
    return _stems(folder, when)[os.path.splitext(name)[0]] > 1


@lru_cache(maxsize=64)
def _stems(folder: str, _when: datetime) -> Counter[str]:
    """How many images of a folder have each stem. Photos come folder by folder: it is listed once a run."""
    split = map(os.path.splitext, storage.of(folder).names(folder))
    return Counter(stem for stem, suffix in split if suffix.lower() in SUFFIXES)


def claim(folder: str, base: str, *, writes: bool) -> None:
    """Make sure that a folder of sidecars is that of the archive at `base`, from now on where a run `writes`.

    Two archives in one folder would take each other's sidecars for their own where names are the same. Raises
    OutputError when it is another's, or cannot be read or written.
    """
    path = os.path.join(os.path.abspath(folder), OWNER)
    text = _FOR_PEOPLE + base + "\n"
    try:
        if os.path.exists(path):
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                owner = file.read().partition("\n")[2].removesuffix("\n")
            if owner != base:
                raise OutputError(
                    f"{folder}: holds the sidecars of {owner}; name another --sidecar-dir DIR, "
                    f"or remove {path} if it is this archive that has moved"
                )
        elif writes:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "x", encoding="utf-8", errors="surrogateescape") as file:
                file.write(text)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"{folder}: no place for sidecars: {reason}; name another --sidecar-dir") from error
