"""Takes models from outside into the user's folder, and puts them out again; no run ever does either."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from geotag import atomic, calibrate, fetch, lock, modelfolder, onnxfile, predict
from geotag.errors import GeotagError, ModelError, OutputError, PhotoError, UsageError
from geotag.predict import Card

_FREE = re.compile(
    r"(apache(-licence|-license)?-?2(\.0)?|mit|isc|unlicense|bsd-[0-9]-clause|cc0(-1\.0)?|cc-by(-sa)?-[0-9.]+"
    r"|l?gpl-?[0-9.v]+(-only|-or-later)?|agpl-?[0-9.v]+(-only|-or-later)?|mpl-2\.0|odc-by(-1\.0)?|pddl(-1\.0)?)"
)
_NOT_COMMERCIAL = re.compile(r"\bnc\b|non-?\s?commercial|research[- ]only", re.IGNORECASE)


def reservations(licence: str) -> str:
    """What a person has to know of a licence before a model is used; empty for a well-known free one."""
    if _NOT_COMMERCIAL.search(licence.replace("_", "-")):
        return f"its licence allows no commercial use: {licence}"
    if not _FREE.fullmatch(licence.strip().lower().replace(" ", "-")):
        return f"its licence is none that geotag knows: {licence}"
    return ""


def add(source: str, name: str | None, sha256: str | None, agree: Callable[[str], bool]) -> Card:
    """Take a model file, from a path or an http(s) address, into the user's folder under a name.

    It is checked as `predict.load` does before it gets that name. `sha256` is what its SHA-256 has to be.
    `agree` is asked, with what there is to be said, where the licence is no well-known free one. Raises
    UsageError for a name that is taken or no name and where nobody agreed, ModelError for a file that cannot
    be had or is refused, OutputError when the folder cannot be written.
    """
    name = _name(source, name)
    wanted = (sha256 or "").lower()
    if sha256 is not None and not re.fullmatch(r"[0-9a-f]{64}", wanted):
        raise UsageError(f"--sha256 {sha256}: no SHA-256, which has 64 hexadecimal digits")
    folder = modelfolder.folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = lock.hold(str(folder), "")
        try:
            return _take_in(source, folder / f"{name}.onnx", wanted, agree)
        finally:
            held.release()
    except OSError as error:
        raise OutputError(
            f"{folder}: {error.strerror}; name another folder with the variable GEOTAG_MODELS"
        ) from error


def _take_in(source: str, target: Path, wanted: str, agree: Callable[[str], bool]) -> Card:
    part = str(target.with_name(f".{target.stem}.part"))
    if fetch.is_address(source):
        fetch.fetch(source, part, most=onnxfile.MOST_BYTES)
    else:
        onnxfile.check(source)
        fetch.forget(part)
        shutil.copyfile(source, part)
    try:
        card = _checked(source, part, wanted)
    except GeotagError:
        fetch.forget(part)
        raise
    doubt = reservations(card.licence)
    if doubt and not agree(f"{card.title}: {doubt}"):
        if not fetch.is_address(source):
            fetch.forget(part)
        raise UsageError(f"{source}: {doubt}; if that is all right, say so with --yes")
    try:
        atomic.commit(atomic.Ready(str(target), part, None, card.size))
    except PhotoError as error:
        raise OutputError(str(error)) from error
    atomic.flush_folder(str(target.parent))
    fetch.forget(part)
    return replace(card, path=str(target))


def _checked(source: str, part: str, wanted: str) -> Card:
    """The card of a file that is what was wanted, keeps the contract and is on the disk for good."""
    found = predict.digest(part)
    if wanted and found != wanted:
        raise ModelError(
            f"{source}: its SHA-256 is {found}, not {wanted}; not the file that was meant; nothing is kept"
        )
    try:
        card = predict.load(part, device="cpu", threads=1).card
    except ModelError as error:
        said = str(error).replace(part, source).replace("name another with --model", "not added")
        raise ModelError(said) from None
    with open(part, "r+b") as file:
        os.fsync(file.fileno())
    return card


def _name(source: str, name: str | None) -> str:
    """The name a model gets; raises UsageError when it is none or taken."""
    path = unquote(urlsplit(source).path) if fetch.is_address(source) else source
    name = name or os.path.basename(path).removesuffix(".onnx")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise UsageError(f"{name!r}: not letters, digits, dots and dashes; choose a name with --name")
    if any(known.lower() == name.lower() for known in modelfolder.names()):
        raise UsageError(
            f"{name}: a model is called that; choose a name with --name, or `geotag models remove` it"
        )
    return name


def remove(name: str) -> list[str]:
    """Remove a model that was added, what was calibrated for it, what is left of a download; their paths.

    Raises UsageError when nothing of that name was added, OutputError when the disk says no.
    """
    folder = modelfolder.folder()
    file = str(folder / f"{name}.onnx")
    part = str(folder / f".{name}.part")
    if os.path.basename(name) != name or not (os.path.isfile(file) or os.path.isfile(part)):
        raise UsageError(f"{name}: no model of that name was added; see `geotag models`")
    gone = [path for path in (file, calibrate.beside(file), part) if os.path.isfile(path)]
    try:
        for path in gone:
            os.unlink(path)
        fetch.forget(part)
    except OSError as error:
        raise OutputError(f"{error.filename}: {error.strerror}; it is still there") from error
    return gone


def make_default(name: str) -> None:
    """Make a model of the shelf the one that is meant where none is named.

    Raises ModelError when there is none of that name, OutputError when that cannot be noted.
    """
    if name not in modelfolder.names():
        raise ModelError(f"{name}: no model of that name; see `geotag models`, or add it first")
    try:
        modelfolder.set_default(name)
    except OSError as error:
        raise OutputError(f"{error.filename}: {error.strerror}; use --model instead") from error
