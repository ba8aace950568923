"""`make giants`: what huge pictures cost; each is made in no time from one strip or tile, repeated.

python -m tests.giants     what decoding each of them costs
"""

from __future__ import annotations

import itertools
import struct
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import imagecodecs
import numpy as np
import tifffile
from numpy.typing import NDArray

from tests import costs
from tests.pictures import photograph, saved

HUNDRED, GIGAPIXEL = (8_704, 11_520), (25_600, 40_960)
"""Height and width of pictures of 100 megapixels and of a gigapixel; whole numbers of strips and tiles."""


def texture(height: int, width: int, samples: int, dtype: str = "uint8") -> NDArray[np.generic]:
    """A photograph's worth of detail as [height, width, samples] of unsigned integers."""
    rgb = np.asarray(photograph(256, 256))[: min(height, 256)]
    tiled = np.tile(rgb, (-(-height // len(rgb)), -(-width // 256), 1))[:height, :width]
    values = tiled if samples == 3 else tiled[..., :1]
    return (values.astype(dtype) << (8 * (np.dtype(dtype).itemsize - 1))).astype(dtype)


def tiff(path: Path, size: tuple[int, int], dtype: str, samples: int, **layout: Any) -> None:
    """A TIFF of equal strips or tiles (`rowsperstrip`, `tile`, `compression`, `bigtiff` as for tifffile)."""
    height, width = size
    shape = (height, width, samples) if samples > 1 else (height, width)
    compression = layout.get("compression")
    photometric = "ycbcr" if compression == "jpeg" else "rgb" if samples == 3 else "minisblack"
    if compression is None and layout.get("rowsperstrip") == height:
        # One black strip, which is a hole in the file.
        tifffile.imwrite(path, shape=shape, dtype=dtype, photometric=photometric, **layout)
        return
    tall, wide = layout.get("tile") or (layout["rowsperstrip"], width)
    piece = texture(tall, wide, samples, dtype)
    encoders: dict[str | None, Callable[[Any], bytes | bytearray]] = {
        None: np.ndarray.tobytes,
        "lzw": imagecodecs.lzw_encode,
        "zlib": imagecodecs.zlib_encode,
        "jpeg": imagecodecs.jpeg8_encode,
    }
    data = bytes(encoders[compression](piece))
    pieces = -(-height // tall) * -(-width // wide)
    tifffile.imwrite(
        path, itertools.repeat(data, pieces), shape=shape, dtype=dtype, photometric=photometric, **layout
    )


def png(path: Path, size: tuple[int, int], colour: int) -> None:
    """A PNG of one colour; `colour` 0 is grey, 2 RGB, of 8 bits (PNG 1.2, sections 5 and 11.2)."""
    height, width = size
    row = bytes(1) + b"\x80" * (width * (3 if colour else 1))
    packer = zlib.compressobj(1)
    first = packer.compress(row) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(row) + packer.flush(zlib.Z_FULL_FLUSH)
    adler = 1
    for _ in range(height):
        adler = zlib.adler32(row, adler)
    last = b"\x03\0" + struct.pack(">I", adler)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)),
        (b"IDAT", first + again * (height - 1) + last),
        (b"IEND", b""),
    ]
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, content in chunks:
            check = struct.pack(">I", zlib.crc32(kind + content))
            file.write(struct.pack(">I", len(content)) + kind + content + check)


def jpeg(path: Path, size: tuple[int, int]) -> None:
    """A baseline JPEG whose rows of blocks are all the same, each begun afresh (ITU-T T.81, B.2.1, E.1.4)."""
    height, width = size
    data = saved(photograph(width, 32), "JPEG", subsampling=2, restart_marker_rows=1)
    frame, scan, reset = data.index(b"\xff\xc0"), data.index(b"\xff\xda"), data.index(b"\xff\xd0")
    start = scan + 2 + int.from_bytes(data[scan + 2 : scan + 4])
    rows = [data[start:reset] + bytes((0xFF, 0xD0 + row % 8)) for row in range(-(-height // 16))]
    head = data[: frame + 5] + struct.pack(">H", height) + data[frame + 7 : start]
    path.write_bytes(head + b"".join(rows)[:-2] + b"\xff\xd9")


def jpeg2000(path: Path, size: tuple[int, int]) -> None:
    """A JPEG 2000 codestream whose tiles are all the same (ISO/IEC 15444-1, A.4.2, A.5.1)."""
    height, width = size
    side = 1000
    data = saved(photograph(side, side), "JPEG2000", no_jp2=True, tile_size=(side, side), num_resolutions=6)
    start = data.index(b"\xff\x90")
    tile, head = data[start:-2], bytearray(data[:start])
    head[8:16] = struct.pack(">II", width, height)
    tiles = -(-height // side) * -(-width // side)
    numbered = [tile[:4] + struct.pack(">H", number) + tile[6:] for number in range(tiles)]
    path.write_bytes(bytes(head) + b"".join(numbered) + data[-2:])


def claims(data: bytes, marker: bytes, size: bytes, at: int) -> bytes:
    """A small picture that claims another size: what is stored `at` bytes behind the start of a marker."""
    start = data.index(marker) + at
    return data[:start] + size + data[start + len(size) :]


LAYOUTS: dict[str, dict[str, Any]] = {
    "strips": {"rowsperstrip": 8},
    "strips, LZW": {"rowsperstrip": 8, "compression": "lzw"},
    "tiles, deflate": {"tile": (512, 512), "compression": "zlib"},
    "tiles, LZW, BigTIFF": {"tile": (512, 512), "compression": "lzw", "bigtiff": True},
    "tiles, JPEG": {"tile": (512, 512), "compression": "jpeg"},
}
SAMPLES = {"RGB, 8 bits": ("uint8", 3), "grey, 16 bits": ("uint16", 1), "RGB, 16 bits": ("uint16", 3)}
DECODE = """
import sys
from geotag.decode import decode
from geotag.errors import PhotoError
from geotag.types import Recipe
try:
    for path in sys.argv[1:]:
        decode(path, Recipe("squash", 224, 224))
except PhotoError as error:
    print(error, file=sys.stderr)
"""


def decoded(path: Path | None) -> costs.Cost:
    """What a process that decodes one picture, or none, costs."""
    return costs.of([sys.executable, "-c", DECODE, *([str(path)] if path else [])])


def tell(kind: str, path: Path, nothing: costs.Cost) -> None:
    """Print what a picture costs beyond a process that decodes nothing."""
    cost = decoded(path)
    more = (cost.peak - nothing.peak) / 1e6
    click.echo(f"{kind:<40} {more:5.0f} MB, {cost.cpu_s - nothing.cpu_s:5.1f} CPU s  {cost.said.strip()}")
    path.unlink()


@click.command()
@click.option("--gigapixels/--no-gigapixels", default=True, show_default=True)
def main(gigapixels: bool) -> None:
    """Peak memory and CPU time of decoding, beyond those of a process that decodes nothing."""
    nothing = decoded(None)
    with tempfile.TemporaryDirectory() as folder:
        for name, size in (("100 MP", HUNDRED), ("1 GP", GIGAPIXEL))[: 1 + gigapixels]:
            for kind, (dtype, samples) in SAMPLES.items():
                for layout, options in LAYOUTS.items():
                    if layout == "tiles, JPEG" and kind != "RGB, 8 bits":
                        continue
                    path = Path(folder, "scan.tif")
                    tiff(path, size, dtype, samples, **options)
                    tell(f"{name} TIFF, {kind}, {layout}", path, nothing)
        if gigapixels:
            for kind, make in OTHERS.items():
                path = Path(folder, "picture")
                make(path, GIGAPIXEL)
                tell(f"1 GP {kind}", path, nothing)


OTHERS: dict[str, Callable[[Path, tuple[int, int]], None]] = {
    "PNG, grey": lambda path, size: png(path, size, 0),
    "PNG, RGB": lambda path, size: png(path, size, 2),
    "JPEG": jpeg,
    "JPEG 2000": jpeg2000,
}


if __name__ == "__main__":
    main()
