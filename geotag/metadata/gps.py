"""The GPS directory: a position as EXIF fields and back.

Tags and types: Exif 2.32, 4.6.6 (table 15), by the names of piexif's tag table. We write directories
ourselves: `piexif.dump` leaves out the pointer to the next directory and the even offsets that TIFF 6.0,
section 2, asks for, and `piexif.insert` rebuilds what it found.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping, Sequence

from piexif import GPSIFD

from geotag.errors import RefusedError
from geotag.metadata.ifd import ASCII, BYTE, GPS, LONG, RATIONAL, UNDEFINED, Field, written
from geotag.types import Location, Position, Tag

_SIGNED_RATIONAL = 10
_FIX = (GPSIFD.GPSLatitude, GPSIFD.GPSLongitude)

# Entries that describe how the old position was found: with it they go.
_ABOUT_THE_FIX = frozenset(
    (
        GPSIFD.GPSAltitudeRef,
        GPSIFD.GPSAltitude,
        GPSIFD.GPSTimeStamp,
        GPSIFD.GPSSatellites,
        GPSIFD.GPSStatus,
        GPSIFD.GPSMeasureMode,
        GPSIFD.GPSDOP,
        GPSIFD.GPSSpeedRef,
        GPSIFD.GPSSpeed,
        GPSIFD.GPSTrackRef,
        GPSIFD.GPSTrack,
        GPSIFD.GPSMapDatum,
        GPSIFD.GPSProcessingMethod,
        GPSIFD.GPSAreaInformation,
        GPSIFD.GPSDateStamp,
        GPSIFD.GPSDifferential,
        GPSIFD.GPSHPositioningError,
    )
)

# Exif 2.32, 4.6.6: these values begin with the name of their character set.
_ASCII, _UNICODE = b"ASCII\0\0\0", b"UNICODE\0"
_OURS = "geotag "
UNVERIFIED, VERIFIED = "requires verification", "verified by data custodian"
"""How far a position is to be trusted, in the words of dwc:georeferenceVerificationStatus."""
_STATED = re.compile(rf"(.*) \((?:{UNVERIFIED}|{VERIFIED} (.+), [\dT:.Z+-]+)\)", re.DOTALL)
_UTF16 = {"<": "utf-16-le", ">": "utf-16-be"}
_VERSION = bytes((2, 3, 0, 0))
_PER_SECOND = 10_000
"""Seconds of arc in ten-thousandths: exact for six decimals of a degree (0.0036 seconds)."""


def machine(model: str) -> str:
    """How a file says that a program guessed its position: "geotag MODEL"."""
    return _OURS + model


def statement(tag: Tag) -> str:
    """What a file says of the origin of a position: who put it there, and whether a person has verified it.

    EXIF has no field of its own for the latter.
    """
    verified = f"{VERIFIED} {tag.reviewer}, {tag.reviewed}" if tag.reviewer else UNVERIFIED
    return f"{machine(tag.model)} ({verified})"


def position(fields: Sequence[Field], order: str) -> Position | None:
    """The position in a GPS directory's fields; None when there is none or it cannot be read.

    It counts as ours only in the very form that we write: whoever moves the point with another program
    leaves other fractions behind, and then the position is a person's and stands.
    """
    by_tag = {field.tag: field for field in fields}
    found = stated(fields, order)
    if found is None or abs(found[0]) > 90 or abs(found[1]) > 180:
        return None
    name = _text(by_tag[GPSIFD.GPSProcessingMethod], order) if GPSIFD.GPSProcessingMethod in by_tag else ""
    if not (name.startswith(_OURS) and all(_is_our_form(by_tag[tag], order) for tag in _FIX)):
        return Position(Location(*found))
    said = _STATED.fullmatch(name)
    return Position(Location(*found), said[1] if said else name, (said and said[2]) or "")


def stated(fields: Sequence[Field], order: str) -> tuple[float, float] | None:
    """Latitude and longitude as a GPS directory's fields state them, in degrees, on the Earth or not."""
    by_tag = {field.tag: field for field in fields}
    lat = _degrees(by_tag, GPSIFD.GPSLatitude, GPSIFD.GPSLatitudeRef, "NS", order)
    lon = _degrees(by_tag, GPSIFD.GPSLongitude, GPSIFD.GPSLongitudeRef, "EW", order)
    return None if lat is None or lon is None else (lat, lon)


def renewed(fields: Sequence[Field], order: str, tag: Tag, replace: bool) -> list[Field]:
    """The fields of a GPS directory with the position of `tag`; what says nothing of a position stays.

    Raises RefusedError when there is a position that is not ours, or one that cannot be read, and
    `replace` does not allow to overwrite it.
    """
    old = position(fields, order)
    stated = any(field.tag in _FIX for field in fields)
    if stated and not replace and (old is None or old.machine is None):
        raise RefusedError("already has a position" if old else "has a position that cannot be read")
    dropped = _ABOUT_THE_FIX if stated and replace and not (old and old.machine) else frozenset()
    ours = _fields(order, tag)
    written_tags = {field.tag for field in ours}
    return [*(field for field in fields if field.tag not in dropped | written_tags), *ours]


def block(tag: Tag) -> bytes:
    """A whole Exif block (a TIFF stream, big-endian) that holds the position and nothing else."""
    order, at = ">", 26
    pointer = Field(GPS, LONG, 1, struct.pack(order + "I", at))
    return b"MM\0*\0\0\0\x08" + written(order, [pointer], 8) + written(order, _fields(order, tag), at)


def _fields(order: str, tag: Tag) -> list[Field]:
    """What we say: position, datum, radius in whole metres (rounded up), its origin."""
    lat, lon = tag.location.lat, tag.location.lon
    said = statement(tag)
    method = _ASCII + said.encode() if said.isascii() else _UNICODE + said.encode(_UTF16[order], "replace")
    radius = struct.pack(order + "2I", max(1, math.ceil(round(tag.error_km * 1000, 3))), 1)
    return [
        Field(GPSIFD.GPSVersionID, BYTE, 4, _VERSION),
        Field(GPSIFD.GPSLatitudeRef, ASCII, 2, b"S\0" if lat < 0 else b"N\0"),
        Field(GPSIFD.GPSLatitude, RATIONAL, 3, _sexagesimal(lat, order)),
        Field(GPSIFD.GPSLongitudeRef, ASCII, 2, b"W\0" if lon < 0 else b"E\0"),
        Field(GPSIFD.GPSLongitude, RATIONAL, 3, _sexagesimal(lon, order)),
        Field(GPSIFD.GPSMapDatum, ASCII, 7, b"WGS-84\0"),
        Field(GPSIFD.GPSProcessingMethod, UNDEFINED, len(method), method),
        Field(GPSIFD.GPSHPositioningError, RATIONAL, 1, radius),
    ]


def _text(field: Field, order: str) -> str:
    """A text that begins with the name of its character set."""
    if field.data.startswith(_UNICODE):
        return field.data.removeprefix(_UNICODE).decode(_UTF16[order], "replace").rstrip("\0 ")
    return field.data.removeprefix(_ASCII).rstrip(b"\0 ").decode("ascii", "replace")


def _sexagesimal(degrees: float, order: str) -> bytes:
    total = round(abs(degrees) * 3600 * _PER_SECOND)
    minutes, seconds = divmod(total, 60 * _PER_SECOND)
    return struct.pack(order + "6I", minutes // 60, 1, minutes % 60, 1, seconds, _PER_SECOND)


def _degrees(fields: Mapping[int, Field], tag: int, ref: int, letters: str, order: str) -> float | None:
    """Signed degrees of one coordinate; None when a part is missing, has no value or another type."""
    sign = fields[ref].data[:1].upper().decode("latin-1") if ref in fields else ""
    if tag not in fields or not sign or sign not in letters:
        return None
    numbers = _rationals(fields[tag], order)
    if not 1 <= len(numbers) // 2 <= 3 or 0 in numbers[1::2]:
        return None
    # One fraction of whole numbers: Python rounds their quotient once, to the nearest of its floats.
    whole, part = 0, 1
    for top, bottom, share in zip(numbers[::2], numbers[1::2], (1, 60, 3600), strict=False):
        whole, part = whole * bottom * share + top * part, part * bottom * share
    degrees = whole / part
    return -degrees if sign == letters[1] else degrees


def _rationals(field: Field, order: str) -> tuple[int, ...]:
    kind = {RATIONAL: "I", _SIGNED_RATIONAL: "i"}.get(field.type)
    if kind is None or len(field.data) != 8 * field.count:
        return ()
    return struct.unpack(f"{order}{2 * field.count}{kind}", field.data)


def _is_our_form(field: Field, order: str) -> bool:
    return field.type == RATIONAL and _rationals(field, order)[1::2] == (1, 1, _PER_SECOND)
