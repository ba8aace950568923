"""Other programs and libraries that read positions: what they find in a file that we wrote."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import piexif
from PIL import Image

Position = tuple[float, float]
Witness = Callable[[Sequence[Path]], list[Position]]


def exiftool(paths: Sequence[Path]) -> list[Position]:
    """Latitude and longitude of each file in degrees, as all witnesses give them."""
    asked = ("-j", "-n", "-GPSLatitude", "-GPSLongitude", "-Error")
    found = json.loads(_run("exiftool", *asked, *map(str, paths)))
    assert not any("Error" in file for file in found)
    return [(file["GPSLatitude"], file["GPSLongitude"]) for file in found]


def exiv2(path: Path) -> Position:
    """See `exiftool`."""
    names = [f"Exif.GPSInfo.GPS{name}" for name in ("Latitude", "Longitude", "LatitudeRef", "LongitudeRef")]
    keys = [word for name in names for word in ("-K", name)]
    found = dict(line.split(None, 1) for line in _run("exiv2", "-q", *keys, "-Pkv", str(path)).splitlines())
    lat, lon = (_degrees(*map(_fraction, found[name].split())) for name in names[:2])
    return _signed(lat, found[names[2]]), _signed(lon, found[names[3]])


def gdal(path: Path) -> Position:
    """See `exiftool`."""
    found = json.loads(_run("gdalinfo", "-json", "-mdd", "EXIF", str(path)))["metadata"]
    found = {key: value for domain in found.values() for key, value in domain.items()}
    lat, lon = (
        _degrees(*(float(part) for part in re.findall(r"\(([^)]*)\)", found[f"EXIF_GPS{name}"])))
        for name in ("Latitude", "Longitude")
    )
    return _signed(lat, found["EXIF_GPSLatitudeRef"]), _signed(lon, found["EXIF_GPSLongitudeRef"])


def pillow(path: Path) -> Position:
    """See `exiftool`."""
    with Image.open(path) as image:
        found = image.getexif().get_ifd(0x8825)
    lat, lon = (_degrees(*(float(part) for part in found[tag])) for tag in (2, 4))
    return _signed(lat, found[1]), _signed(lon, found[3])


def piexif_(path: Path) -> Position:
    """See `exiftool`."""
    found = piexif.load(str(path))["GPS"]
    lat, lon = (_degrees(*(top / bottom for top, bottom in found[tag])) for tag in (2, 4))
    return _signed(lat, found[1].decode()), _signed(lon, found[3].decode())


def _each(ask: Callable[[Path], Position]) -> Witness:
    return lambda paths: [ask(path) for path in paths]


WITNESSES: dict[str, tuple[str | None, Witness, str]] = {
    "ExifTool": ("exiftool", exiftool, "jpg tif png webp heic avif jp2 jxl"),
    "exiv2": ("exiv2", _each(exiv2), "jpg tif png webp jp2"),
    "GDAL": ("gdalinfo", _each(gdal), "jpg tif"),
    "Pillow": (None, _each(pillow), "jpg tif png webp avif"),
    "piexif": (None, _each(piexif_), "jpg tif"),
}
"""By name: the command it needs, how to ask it, and the formats in which it reads positions."""


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True, timeout=60).stdout


def _fraction(words: str) -> float:
    top, bottom = words.split("/")
    return int(top) / int(bottom)


def _degrees(whole: float, minutes: float, seconds: float) -> float:
    return whole + minutes / 60 + seconds / 3600


def _signed(value: float, letter: str) -> float:
    return -value if letter.strip()[0] in "SW" else value
