"""Files that are more than pictures: raw, georeferenced, signed, or read from their end.

Nothing is ever embedded in them. File names are not looked at: many a raw file is called .tif.
"""

from __future__ import annotations

import re

from geotag.errors import RefusedError
from geotag.metadata.ifd import Directory, Stream, walk
from geotag.metadata.patch import Buffer

SIGNED = "is signed (C2PA), and writing would break the signature"

_SUBFILE, _OLD_SUBFILE, _COMPRESSION, _PHOTOMETRIC, _MAKE = 254, 255, 259, 262, 271

# Offsets of strips, tiles, a JPEG stream.
_PICTURE_TAGS = frozenset((273, 324, 513))
# DNGVersion and DNGPrivateData (DNG 1.7; Sony keeps its SR2 there), CFAPattern and TIFF/EPStandardID
# (ISO 12234-2), Leaf's own.
_RAW_TAGS = frozenset((50706, 50740, 33422, 37398, 34310))
# Colour filter array (ISO 12234-2) and LinearRaw (DNG 1.7).
_RAW_PHOTOMETRIC = frozenset((32803, 34892))
# Sony ARW, packed raw, Samsung SRW (two), Kodak KDC, Nikon NEF, Kodak DCR, Pentax PEF.
_RAW_COMPRESSION = frozenset((32767, 32769, 32770, 32772, 32867, 34713, 65000, 65535))
# TIFF 6.0's own JPEG, long withdrawn: with a maker's name on it the preview of a raw file.
_OLD_JPEG = 6
# ModelPixelScale, ModelTiepoint, ModelTransformation, GeoKeyDirectory (OGC 19-008r4, clause 7).
_GEO_TAGS = frozenset((33550, 33922, 34264, 34735))
# What GDAL writes behind the header of a cloud-optimised GeoTIFF.
_COG = b"GDAL_STRUCTURAL_METADATA_SIZE"
# The manifest store (C2PA 2.1, A.3.6).
_C2PA = 52545
# Hamamatsu NDPI stretches the directories of a classic TIFF to 64 bits.
_NDPI = 65420

# What stands at the very end of files that are (also) read from there: Samsung, Photo Mechanic,
# FotoStation, AFCP, Canon VRD, MIE (two), ZIP.
_TRAILER = re.compile(
    rb"(SEFT|cbipcbbl|\xa1\xb2\xc3\xd4|AXS[!*].{8}|CANON OPTIONAL DATA\0.{44}"
    rb"|~\0\x06\0.{4}[\x10\x18]\x04|~\0\x0a\0.{8}[\x10\x18]\x08|PK\x05\x06.{18})\Z",
    re.DOTALL,
)
# Those among them that count from the start of the file: AFCP and ZIP.
_ABSOLUTE_TRAILER = re.compile(rb"(AXS[!*].{8}|PK\x05\x06.{18})\Z", re.DOTALL)


def check_tiff(stream: Stream) -> None:
    """Raises RefusedError when a TIFF file is not just a picture, or its directories are broken."""
    head = bytes(stream.data[:512])
    if stream.big:
        raise RefusedError("is a BigTIFF")
    if not stream.classic or head[8:10] == b"CR" or head[8:12] in (b"IIII", b"MMMM"):
        raise RefusedError("is a raw file")
    tree = walk(stream)
    tags = {entry.tag for directory in tree for entry in directory.entries}
    if not tags & _PICTURE_TAGS:
        raise RefusedError("has no picture")
    if tags & _GEO_TAGS or _COG in head:
        raise RefusedError("is a GeoTIFF")
    if _C2PA in tags:
        raise RefusedError(SIGNED)
    if (
        tags & _RAW_TAGS
        or any(_is_raw(stream, directory) for directory in tree)
        or _is_preview(stream, tree[0])
    ):
        raise RefusedError("is a raw file")
    if _NDPI in tags:
        raise RefusedError("is an NDPI slide")
    if _TRAILER.search(bytes(stream.data[-64:])):
        raise RefusedError("carries a trailer of another program, which must stay at its end")


def counts_from_start(data: Buffer) -> bool:
    """Whether a file ends with a trailer whose offsets break when something before it grows."""
    return _ABSOLUTE_TRAILER.search(bytes(data[-64:])) is not None


def _is_preview(stream: Stream, ifd0: Directory) -> bool:
    """Whether a camera's file begins with a reduced picture (TIFF 6.0, NewSubfileType) or an old JPEG: what
    the raw formats do whose other signs we do not know.
    """
    if not ifd0.find(_MAKE):
        return False
    reduced = stream.numbers(ifd0.find(_SUBFILE)) == (1,) or stream.numbers(ifd0.find(_OLD_SUBFILE)) == (2,)
    return reduced or stream.numbers(ifd0.find(_COMPRESSION)) == (_OLD_JPEG,)


def _is_raw(stream: Stream, directory: Directory) -> bool:
    photometric = stream.numbers(directory.find(_PHOTOMETRIC))
    compression = stream.numbers(directory.find(_COMPRESSION))
    return not (_RAW_PHOTOMETRIC.isdisjoint(photometric) and _RAW_COMPRESSION.isdisjoint(compression))
