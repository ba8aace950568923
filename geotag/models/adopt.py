"""Takes models from outside into the user's folder, and puts them out again; no run ever does either."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from geotag import predict
from geotag.errors import ModelError, OutputError, PhotoError, UsageError
from geotag.files import atomic
from geotag.memory import lock
from geotag.models import apart, calibrations, describe, fetch, guest, known, licence, modelfolder, onnxfile
from geotag.models.describe import Description
from geotag.predict import Card


class Person(Protocol):
    """Whoever adds a model: is asked, and is told."""

    def agree(self, doubt: str) -> bool:
        """Whether a model may be used, about which there is this to be known."""

    def note(self, text: str) -> None:
        """Something a person has to know."""

    def fetched(self, done: int, total: int) -> None:
        """So many bytes of a download are there, of so many."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A model to be added: a file, an http(s) address or a known name, and the name it gets (None: its own).

    `sha256` is what the file's SHA-256 has to be. `description` is the path of one by which it is wrapped,
    for a file that does not keep the contract. `table` is a table of known models in place of geotag's own.
    `most` is how many bytes it may have, `agreed` a licence that was agreed to before.
    """

    source: str
    name: str | None = None
    sha256: str | None = None
    description: str | None = None
    table: str | None = None
    most: int = onnxfile.MOST_BYTES
    agreed: str = ""


def add(wish: Wish, person: Person) -> Card:
    """Take a model file into the user's folder under a name.

    It is checked as `predict.load` does before it gets that name, and wrapped before that by a description.
    `person` is asked where the licence is no well-known free one. Raises UsageError for a name that is taken
    or no name, a wrong description and where nobody agreed, ModelError for a file that cannot be had or is
    refused, OutputError when the folder cannot be written.
    """
    wish = _known(wish, person)
    if wish.sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", wish.sha256):
        raise UsageError(f"--sha256 {wish.sha256}: no SHA-256, which has 64 hexadecimal digits")
    described = describe.read(wish.description) if wish.description else None
    name = _name(wish.source, wish.name or (described.name if described else None))
    folder = modelfolder.folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = lock.hold(str(folder), "")
        try:
            return _take_in(wish, described, folder / f"{name}.onnx", person)
        except ModelError as error:
            raise ModelError(str(error).replace("name another with --model", "not added")) from None
        finally:
            held.release()
    except OSError as error:
        raise OutputError(
            f"{folder}: {error.strerror}; name another folder with the variable GEOTAG_MODELS"
        ) from error


def _known(wish: Wish, person: Person) -> Wish:
    """A wish for a known name as one for its file; raises UsageError for a name that stands for none."""
    if wish.table is None and not known.named_like(wish.source):
        return wish
    if wish.table is None and wish.source in modelfolder.names():
        raise UsageError(f"{wish.source}: is here already; see `geotag models show {wish.source}`")
    found = known.find(wish.source, wish.table)
    if found is None:
        names = ", ".join(known.shipped()) or "none"
        raise ModelError(f"{wish.source}: no such file, and no model known by that name (known: {names})")
    if found.make:
        raise ModelError(
            f"{wish.source}: no file of it is published that could be fetched and checked; in a clone of "
            f"geotag's repository `{found.make}` makes one (--help says how); then add that file"
        )
    doubt = licence.reservations(found.licence)
    if doubt and not person.agree(f"{found.name}: {doubt}"):
        raise _not_agreed(wish, doubt)
    return Wish(
        found.source,
        wish.name or found.name,
        wish.sha256 or found.sha256,
        wish.description or found.description or None,
        most=found.size,
        agreed=found.licence,
    )


def _take_in(wish: Wish, described: Description | None, target: Path, person: Person) -> Card:
    part = str(target.with_name(f".{target.stem}.part"))
    ready = part if described is None else str(target.with_name(f".{target.stem}.wrapped"))
    remote = fetch.is_address(wish.source)
    if remote:
        fetch.fetch(fetch.Order(wish.source, part, wish.most, person.fetched))
    else:
        onnxfile.check(wish.source, named=described is None)
        fetch.forget(part)
        shutil.copyfile(wish.source, part)
    kept = False
    try:
        _is_expected(wish, part, person)
        # What came is what was meant: a description can be mended without fetching it again.
        kept = remote and described is not None
        card = _checked(wish, described, part, ready, person)
        kept = remote
        doubt = licence.reservations(card.licence)
        if doubt and card.licence != wish.agreed and not person.agree(f"{card.title}: {doubt}"):
            raise _not_agreed(wish, doubt)
        try:
            atomic.commit(atomic.Ready(str(target), ready, None, card.size))
        except PhotoError as error:
            raise OutputError(str(error)) from error
        kept = False
    finally:
        if ready != part:
            fetch.forget(ready)
        if not kept:
            fetch.forget(part)
    atomic.flush_folder(str(target.parent))
    return replace(card, path=str(target))


def _is_expected(wish: Wish, part: str, person: Person) -> None:
    """Raise ModelError unless a file has the SHA-256 that it has to have; say which it has, where any may."""
    found = onnxfile.digest(part)
    if wish.sha256 is None:
        person.note(f"nothing said which SHA-256 it has to have: compare {found} with what its author says")
    elif found != wish.sha256.lower():
        raise ModelError(
            f"{wish.source}: its SHA-256 is {found}, not {wish.sha256.lower()}; not the file that was meant; "
            "nothing is kept"
        )


def _checked(wish: Wish, described: Description | None, part: str, ready: str, person: Person) -> Card:
    """The card of a file that keeps the contract, once it was wrapped, and is on the disk for good."""
    source = wish.source
    try:
        if described is not None:
            called = os.path.basename(urlsplit(source).path if fetch.is_address(source) else source)
            guest.wrapped(part, called, described, ready)
        # ONNX Runtime crashes on some files that are well formed.
        card, remarks = apart.call(_looked_at, ready, described)
    except apart.DiedError as error:
        raise ModelError(
            f"{source}: ONNX Runtime breaks down on it: {error}; not added; export it anew, for float32 if "
            "it was not"
        ) from None
    except ModelError as error:
        raise ModelError(str(error).replace(ready, source).replace(part, source)) from None
    for remark in remarks:
        person.note(remark)
    with open(ready, "r+b") as file:
        os.fsync(file.fileno())
    return card


def _looked_at(path: str, described: Description | None) -> tuple[Card, list[str]]:
    """The card of a model file that keeps the contract, and what is to be known of it."""
    if described is not None:
        return guest.looked_at(path, described)
    return predict.load(path, device="cpu", threads=1).card, []


def _not_agreed(wish: Wish, doubt: str) -> UsageError:
    return UsageError(f"{wish.source}: {doubt}; if that is all right, say so with --yes")


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
    """Remove a model that was added, what was calibrated for it, alone or with another one, and what is left
    of a download; their paths.

    Raises UsageError when nothing of that name was added, ModelError when what was calibrated cannot be read,
    OutputError when the disk says no.
    """
    folder = modelfolder.folder()
    file = str(folder / f"{name}.onnx")
    part, ready = (str(folder / f".{name}.{kind}") for kind in ("part", "wrapped"))
    if os.path.basename(name) != name or not (os.path.isfile(file) or os.path.isfile(part)):
        raise UsageError(f"{name}: no model of that name was added; see `geotag models`")
    gone = [path for path in (file, part, ready) if os.path.isfile(path)]
    # What this user may not write in others have measured.
    folders = {place for path in modelfolder.at_hand() if os.access(place := os.path.dirname(path), os.W_OK)}
    try:
        measured = calibrations.forget(file, onnxfile.digest(file), folders) if file in gone else []
        for path in gone:
            os.unlink(path)
        fetch.forget(part)
    except OSError as error:
        raise OutputError(f"{error.filename}: {error.strerror}; it is still there") from error
    return gone + measured


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
