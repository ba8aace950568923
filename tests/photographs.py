"""A small archive of real photographs, as an archive would hold them, out of two installed packages.

scikit-learn and scikit-image ship these pictures inside their wheels, so nothing is downloaded. The tests
and `make demo` use the same archive: `python -m tests.photographs FOLDER`.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import piexif
from PIL import Image

LAUNCH_PAD = (28.5619, -80.5774)
"""Space Launch Complex 40, Cape Canaveral, where `rocket.jpg` was taken: degrees north and east."""

TRUNCATED = "damaged/cut-short.jpg"
KEPT = "launch/rocket.jpg"


def build(folder: Path) -> list[Path]:
    """Write the archive into `folder` (made if missing) and return its files in path order.

    The same pictures give the same bytes, as long as the encoders are the same. Raises FileNotFoundError
    when scikit-learn or scikit-image is not installed.
    """
    made = []
    for name, picture in _PICTURES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture())
        made.append(path)
    return sorted(made)


def _shipped(package: str, inside: str) -> bytes:
    # find_spec does not import the package: scikit-image alone would cost most of a second.
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"{package} is not installed: pip install 'geovision-geotag[demo]'")
    return (Path(spec.origin).parent / inside).read_bytes()


def _palace() -> bytes:
    return _shipped("sklearn", "datasets/images/china.jpg")


def _flower() -> bytes:
    return _shipped("sklearn", "datasets/images/flower.jpg")


def _rocket() -> bytes:
    return _shipped("skimage", "data/rocket.jpg")


def _camera() -> bytes:
    return _shipped("skimage", "data/camera.png")


def _saved(
    source: bytes, format_: str, box: tuple[int, int, int, int] | None = None, **options: object
) -> bytes:
    """The picture, or the part of it in `box` (left, top, right, bottom in pixels), in another format."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(source)) as image:
        image.crop(box or (0, 0, *image.size)).save(out, format_, **options)
    return out.getvalue()


def _lying() -> bytes:
    """The palace as a camera held sideways stores it: lying on its side, with an Exif orientation of 6."""
    exif = {
        "0th": {
            piexif.ImageIFD.Make: b"Example",
            piexif.ImageIFD.Model: b"Sideways",
            piexif.ImageIFD.Orientation: 6,
        },
    }
    out = io.BytesIO()
    with Image.open(io.BytesIO(_palace())) as image:
        image.transpose(Image.Transpose.ROTATE_90).save(out, "JPEG", quality=90, exif=piexif.dump(exif))
    return out.getvalue()


def _placed() -> bytes:
    """The rocket with the position that its photographer could have noted."""
    lat, lon = (((int(abs(value) * 10_000), 10_000), (0, 1), (0, 1)) for value in LAUNCH_PAD)
    gps = {
        piexif.GPSIFD.GPSVersionID: (2, 3, 0, 0),
        piexif.GPSIFD.GPSLatitudeRef: b"N",
        piexif.GPSIFD.GPSLatitude: lat,
        piexif.GPSIFD.GPSLongitudeRef: b"W",
        piexif.GPSIFD.GPSLongitude: lon,
    }
    return _saved(_rocket(), "JPEG", quality=90, exif=piexif.dump({"GPS": gps}))


def _deep_scan() -> bytes:
    """A 16-bit grey scan that uses the middle of its range, as scanners leave it: 8,192 to 57,152."""
    with Image.open(io.BytesIO(_camera())) as image:
        values = np.asarray(image, np.uint16) * 192 + 8192
    out = io.BytesIO()
    Image.fromarray(values).save(out, "TIFF", dpi=(600, 600))
    return out.getvalue()


_PICTURES: dict[str, Callable[[], bytes]] = {
    "Pékin, palais d’été/palace.jpg": _palace,
    "Pékin, palais d’été/palace lying on its side.jpg": _lying,
    "Pékin, palais d’été/roof.png": lambda: _saved(_palace(), "PNG", (120, 20, 520, 240)),
    "Pékin, palais d’été/lake.webp": lambda: _saved(_palace(), "WEBP", (0, 190, 640, 427), quality=80),
    "launch/rocket.jpg": _placed,
    "launch/rocket.tif": lambda: _saved(_rocket(), "TIFF", compression="tiff_lzw"),
    "launch/flame.jp2": lambda: _saved(
        _rocket(), "JPEG2000", (160, 0, 480, 427), quality_mode="rates", quality_layers=[20]
    ),
    "scans/photographer 16 bit.tif": _deep_scan,
    "scans/flower.jpg": _flower,
    TRUNCATED: lambda: _palace()[:60_000],
}


def main() -> None:
    """Build the archive in the folder that the command line names and say what is there."""
    folder = Path(sys.argv[1])
    sys.stdout.write(f"{len(build(folder))} photographs from scikit-learn and scikit-image in {folder}\n")


if __name__ == "__main__":
    main()
