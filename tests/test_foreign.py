"""Files that are more than pictures: raw, georeferenced, signed, or read from their end."""

from __future__ import annotations

import struct

import pytest

from geotag.errors import RefusedError
from geotag.metadata import tiff as codec
from tests.blocks import Value, directory, header, long, short, text, tiff
from tests.codec_checks import PARIS, check


def foreign() -> dict[str, tuple[bytes, str]]:
    plain = tiff("<")
    dng = (50706, 1, 4, bytes((1, 4, 0, 0)))
    return {
        "no picture": (header("<") + directory("<", 8, [short("<", 256, 1)]), "no picture"),
        "bigtiff": (b"II+\0\x08\0\0\0" + struct.pack("<Q", 16) + bytes(40), "BigTIFF"),
        "olympus": (b"IIRO" + plain[4:], "raw"),
        "panasonic": (b"IIU\0" + plain[4:], "raw"),
        "canon": (plain[:4] + struct.pack("<I", 16) + b"CR\x02\0" + bytes(40), "raw"),
        "phase one": (plain[:4] + struct.pack("<I", 16) + b"IIII" + bytes(40), "raw"),
        "dng": (tiff("<", extra=[dng]), "raw"),
        "geotiff": (tiff("<", extra=[short("<", 34735, 1, 1, 0, 0)]), "GeoTIFF"),
        "signed": (tiff("<", extra=[(52545, 7, 8, b"manifest")]), "C2PA"),
        "slide": (tiff("<", extra=[long("<", 65420, 1)]), "NDPI"),
        "samsung trailer": (plain + b"SEFT", "trailer"),
        "canon trailer": (plain + b"CANON OPTIONAL DATA\0" + bytes(44), "trailer"),
        "zip": (plain + b"PK\x05\x06" + bytes(18), "trailer"),
    }


@pytest.mark.parametrize("name", foreign())
def test_refused_with_its_reason(name: str) -> None:
    data, reason = foreign()[name]
    with pytest.raises(RefusedError, match=reason):
        codec.embed(data, PARIS, True)


@pytest.mark.parametrize(
    ("tag", "value"),
    [(262, 32803), (262, 34892), (259, 34713), (259, 32767), (259, 65535)],
    ids=["colour filter array", "linear raw", "nikon", "sony", "pentax"],
)
def test_raw_pictures_are_known_by_what_they_hold(tag: int, value: int) -> None:
    data = tiff("<")
    at = data.index(struct.pack("<HHI", tag, 3, 1)) + 8
    with pytest.raises(RefusedError, match="raw file"):
        codec.embed(data[:at] + struct.pack("<H", value) + data[at + 2 :], PARIS, False)


@pytest.mark.parametrize("sign", [(254, 1), (255, 2), (259, 6)], ids=["reduced", "old reduced", "old jpeg"])
def test_a_cameras_file_that_begins_with_a_preview_is_taken_for_raw(sign: tuple[int, int]) -> None:
    def page(*extra: Value) -> bytes:
        plain = tiff("<", extra=extra)
        if sign[0] != 259:
            return tiff("<", extra=[short("<", *sign), *extra])
        at = plain.index(struct.pack("<HHI", 259, 3, 1)) + 8
        return plain[:at] + struct.pack("<H", 6) + plain[at + 2 :]

    make = text(271, "NIKON CORPORATION")
    with pytest.raises(RefusedError, match="raw"):
        codec.embed(page(make), PARIS, False)
    assert check(page()), "a page of a document may be reduced"
    assert check(tiff("<", extra=[make])), "a maker's name alone is what scanners write"


def test_a_cloud_optimised_geotiff_is_known_by_its_ghost() -> None:
    ghost = b"GDAL_STRUCTURAL_METADATA_SIZE=000140 bytes\n"
    plain = tiff("<")
    at = len(plain) + len(ghost)
    data = header("<", at + at % 2) + ghost + plain[8:]
    data = data.ljust(at + at % 2, b"\0") + directory(
        "<", at + at % 2, [long("<", 324, 8), long("<", 325, 8)]
    )
    with pytest.raises(RefusedError, match="GeoTIFF"):
        codec.embed(data, PARIS, False)
