"""Small archives and runs over them, for tests of the pipeline: pictures of a few hundred bytes."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import piexif
from PIL import Image

from geotag import pipeline
from geotag.renderings.manifest import CSV_NAME
from geotag.types import Record, Settings

CAMERA = (48.5, 2.25)
"""Where `placed` pictures were taken: degrees north and east."""


def picture(colour: int = 0, format_: str = "JPEG", size: tuple[int, int] = (24, 16)) -> bytes:
    """A picture of one colour, a different one for every number up to 65,535."""
    out = io.BytesIO()
    rgb = (40 + colour * 53 % 200, 40 + colour * 31 % 200, 40 + colour * 97 % 200)
    Image.new("RGB", size, rgb).save(out, format_)
    return out.getvalue()


def placed(colour: int = 0) -> bytes:
    """A JPEG with a camera's position."""
    lat, lon = (((int(value), 1), (int(value % 1 * 60), 1), (0, 1)) for value in CAMERA)
    gps = {
        piexif.GPSIFD.GPSVersionID: (2, 3, 0, 0),
        piexif.GPSIFD.GPSLatitudeRef: b"N",
        piexif.GPSIFD.GPSLatitude: lat,
        piexif.GPSIFD.GPSLongitudeRef: b"E",
        piexif.GPSIFD.GPSLongitude: lon,
        piexif.GPSIFD.GPSAltitude: (35, 1),
    }
    out = io.BytesIO()
    with Image.open(io.BytesIO(picture(colour))) as image:
        image.save(out, "JPEG", exif=piexif.dump({"GPS": gps}))
    return out.getvalue()


def fill(folder: Path, names: Sequence[str], start: int = 0) -> Path:
    """Put a picture under each name into `folder` (made if missing), each in a colour of its own."""
    formats = {".jpg": "JPEG", ".tif": "TIFF", ".png": "PNG", ".webp": "WEBP", ".bmp": "BMP"}
    for number, name in enumerate(names, start):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(number, formats[os.path.splitext(name)[1].lower()]))
    folder.mkdir(exist_ok=True)
    return folder


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below `folder`, hidden ones too: relative path and content; links by where they lead."""
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            content = os.fsencode(os.readlink(path)) if os.path.islink(path) else Path(path).read_bytes()
            found[os.path.relpath(path, folder)] = content
    return found


@dataclass
class Ears:
    """An observer that keeps what it hears."""

    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    fresh: dict[str, Record] = field(default_factory=dict)
    known: dict[str, Record] = field(default_factory=dict)

    def total(self, photos: int) -> None: ...

    def settled(self, record: Record, *, fresh: bool) -> None:
        (self.fresh if fresh else self.known)[record.photo.path] = record

    def note(self, text: str) -> None:
        self.notes.append(text)

    def warn(self, text: str) -> None:
        self.warnings.append(text)


@dataclass(frozen=True)
class Ran:
    """What a run left: its summary, what was heard, the rows of its CSV manifest by path."""

    summary: pipeline.Summary
    ears: Ears
    rows: dict[str, dict[str, str]]


def run(archive: Path | str | Sequence[Path], model: str | tuple[str, ...], **chosen: object) -> Ran:
    """Run the pipeline in this process, as `geotag run ARCHIVE --model MODEL` with the options `chosen`."""
    folders = (archive,) if isinstance(archive, Path | str) else archive
    models = (model,) if isinstance(model, str) else model
    settings = Settings(tuple(map(str, folders)), model=models, **{"jobs": 2, **chosen})  # type: ignore[arg-type]
    ears = Ears()
    summary = pipeline.run(settings, ears)
    return Ran(summary, ears, rows(Path(summary.output)))


def rows(output: Path) -> dict[str, dict[str, str]]:
    """The rows of an output folder's manifest.csv, by path."""
    with open(output / CSV_NAME, encoding="utf-8", newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file)}
