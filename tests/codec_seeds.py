"""Small sound files of every format and shape: what mutation and fuzzing start from."""

from __future__ import annotations

from geotag.metadata import embed, xmp
from geotag.metadata.patch import apply
from tests import heif_files, jp2_files, png_files, webp_files
from tests.blocks import (
    JFIF,
    XMP,
    camera_gps,
    exif,
    exif_segment,
    jpeg,
    long,
    mpo,
    segment,
    text,
    tiff,
)
from tests.codec_checks import PARIS, QUITO, WHEN
from tests.xmp_packets import LOCATED, PLACELESS, described

_TRAILER = b"\0\0\0\x18ftypmp42" + b"\xff\xd8\xff\xdb\0\x03\0\xff\xd9" + bytes(40)


_CONTAINERS = {
    "png": png_files.SOUND,
    "webp": webp_files.SOUND,
    "heic": heif_files.SOUND,
    "jp2": jp2_files.SOUND,
}


def mended(data: bytes) -> bytes:
    """`data` with the sums (PNG) and the length (WebP) right that a mutation breaks and cannot guess."""
    if data.startswith(png_files.SIGNATURE):
        return png_files.mended(data)
    return webp_files.mended(data) if data.startswith(b"RIFF") else data


def _seeds() -> dict[str, bytes]:
    seeds = {
        "plain.jpg": jpeg(JFIF),
        "progressive.jpg": jpeg(JFIF, XMP, segment(0xFE, b"comment"), progressive=True),
        "trailer.jpg": jpeg(JFIF, exif_segment(exif(">")), trailer=_TRAILER),
    }
    for name, order in (("little", "<"), ("big", ">")):
        seeds |= {
            f"{name}-camera.jpg": jpeg(exif_segment(exif(order)), XMP),
            f"{name}-date.jpg": jpeg(JFIF, exif_segment(exif(order, gps=[text(29, "2019:07:14")]))),
            f"{name}-located.jpg": jpeg(JFIF, exif_segment(exif(order, gps=camera_gps(order)))),
            f"{name}-several.jpg": mpo(JFIF, exif_segment(exif(order)), order=order),
            f"{name}-several-behind.jpg": mpo(JFIF, after=[exif_segment(exif(order))], order=order),
            f"{name}-strips.tif": tiff(order),
            f"{name}-tiles.tif": tiff(order, pages=2, tiled=True),
            f"{name}-tags.tif": tiff(order, extra=[text(270, "a description"), long(order, 65_000, 1, 2, 3)]),
            f"{name}-block.tif": exif(order, gps=[]),
        }
    for suffix, sound in _CONTAINERS.items():
        seeds |= {f"{name.replace(' ', '-')}.{suffix}": data for name, data in sound.items()}
    renewed = {
        f"ours-{name}": apply(seeds[name], embed(seeds[name], PARIS, False))
        for name in (
            "plain.jpg",
            "little-several.jpg",
            "big-camera.jpg",
            "little-strips.tif",
            "big-tiles.tif",
            "plain.png",
            "lossy.webp",
            "plain.heic",
            "plain.jp2",
        )
    }
    return seeds | renewed


SEEDS = _seeds()
"""Name to bytes; about two thirds of them can be embedded in, the rest have a position that stands."""

PACKETS = {
    "located.xmp": LOCATED,
    "placeless.xmp": PLACELESS,
    "wide.xmp": PLACELESS.decode().encode("utf-16"),
    "elements.xmp": described("<exif:GPSMapDatum>WGS-84</exif:GPSMapDatum><!-- remark --><dwc:x/>"),
    "ours.xmp": xmp.sidecar(PARIS, WHEN),
    "ours-named.xmp": xmp.sidecar(QUITO, WHEN),
    "words.xmp": xmp.sidecar(QUITO, WHEN).replace(b"geotag named", b"somebody named"),
}
"""Name to bytes: XMP packets, for the codec of sidecars."""
