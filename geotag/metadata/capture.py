"""When and with which camera a photograph was taken, as its Exif block says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from geotag.errors import RefusedError
from geotag.metadata.ifd import EXIF, Directory, Stream
from geotag.metadata.patch import Buffer

# Exif 2.32, 4.6.4 and 4.6.5. DateTime and DateTimeDigitized tell when a file was changed or a print scanned.
_MAKE, _MODEL = 0x010F, 0x0110
_ORIGINAL, _FRACTION, _ZONE, _SERIAL = 0x9003, 0x9291, 0x9011, 0xA431
_LONGEST = 64
_WHEN = re.compile(r"(\d{4})[:/-](\d\d)[:/-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class Capture:
    """When a photograph was taken and by what.

    `when` is in seconds since 1970 by the camera's clock, `offset` how far that clock is ahead of UTC, in
    seconds; each None where nothing says. `camera` is make, model and serial number, "" where nothing says.
    """

    when: float | None = None
    offset: float | None = None
    camera: str = ""


def read(block: Buffer) -> Capture:
    """What an Exif block or TIFF file says; what cannot be read counts as not said."""
    try:
        stream = Stream(block)
        ifd0 = stream.directory(stream.first, "IFD0")
        pointer = stream.numbers(ifd0.find(EXIF))
        inner = stream.directory(pointer[0], "Exif") if pointer else Directory("Exif", 0, (), 0, 0, True)
    except RefusedError:
        return Capture()
    names = [_text(stream, ifd0, _MAKE), _text(stream, ifd0, _MODEL), _text(stream, inner, _SERIAL)]
    when = _seconds(_text(stream, inner, _ORIGINAL), _text(stream, inner, _FRACTION))
    return Capture(when, _ahead(_text(stream, inner, _ZONE)), " ".join(filter(None, names)))


def _text(stream: Stream, directory: Directory, tag: int) -> str:
    entry = directory.find(tag)
    if entry is None:
        return ""
    value = bytes(stream.data[entry.offset : entry.offset + min(entry.size, _LONGEST)])
    return value.partition(b"\0")[0].decode("latin-1").strip()


def _seconds(text: str, fraction: str) -> float | None:
    """A date and time by the camera's clock; None for zeros, blanks and what is on no calendar."""
    match = _WHEN.match(text)
    if not match:
        return None
    try:
        whole = datetime(*map(int, match.groups()), tzinfo=UTC).timestamp()  # type: ignore[arg-type, misc]
    except ValueError:
        return None
    return whole + (float(f"0.{fraction}") if fraction.isascii() and fraction.isdigit() else 0.0)


def _ahead(text: str) -> float | None:
    match = _OFFSET.fullmatch(text)
    if not match:
        return None
    seconds = 3600.0 * int(match[2]) + 60.0 * int(match[3])
    return -seconds if match[1] == "-" else seconds
