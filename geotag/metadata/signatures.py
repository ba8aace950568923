"""The first bytes of files, by which formats are told apart before any of their modules is loaded."""

from __future__ import annotations

JPEG = b"\xff\xd8\xff"
PNG = b"\x89PNG\r\n\x1a\n"

# By byte order. Olympus (IIRO, IIRS, MMOR) and Panasonic (IIU) write raw files as TIFF with their own magic
# number.
TIFF = {b"II*\0": "<", b"MM\0*": ">", b"IIRO": "<", b"IIRS": "<", b"MMOR": ">", b"IIU\0": "<"}
BIG_TIFF = {b"II+\0": "<", b"MM\0+": ">"}

# In boxes, and as bare codestreams.
JPEG_2000, JPEG_XL = b"\0\0\0\x0cjP  \r\n\x87\n", b"\0\0\0\x0cJXL \r\n\x87\n"
CODESTREAMS = (b"\xff\x4f\xff\x51", b"\xff\x0a")

FUJIFILM, MINOLTA, SIGMA = b"FUJIFILMCCD-RAW ", b"\0MRM", b"FOVb"

FORMATS = (
    (0, JPEG, "jpeg"),
    *((0, magic, "tiff") for magic in (*TIFF, *BIG_TIFF)),
    (0, PNG, "png"),
    (8, b"WEBP", "webp"),
    (4, b"ftyp", "heif"),
    *((0, magic, "jpeg2000") for magic in (JPEG_2000, JPEG_XL, *CODESTREAMS)),
    *((0, magic, "raw") for magic in (FUJIFILM, MINOLTA, SIGMA)),
)
"""Offset, bytes, and the format that begins so."""
