"""JPEG files: the Exif segment grows at its end, all other bytes stay, indexes of pictures stay true."""

from __future__ import annotations

import struct
import time

import pytest

from geotag import metadata
from geotag.errors import RefusedError
from geotag.metadata import jpeg as codec
from geotag.metadata.patch import apply
from geotag.types import Location, Position
from tests.blocks import (
    JFIF,
    THUMBNAIL,
    XMP,
    camera_gps,
    coded,
    exif,
    exif_segment,
    header,
    jpeg,
    long,
    mpf,
    mpo,
    segment,
    text,
    tiff,
)
from tests.codec_checks import PARIS, QUITO, check, embedded

JFXX = segment(0xE0, b"JFXX\0\x10")
ICC = segment(0xE2, b"ICC_PROFILE\0\x01\x01profile")
IPTC = segment(0xED, b"Photoshop 3.0\x008BIM")
ADOBE = segment(0xEE, b"Adobe\0d\0\0\0\0\0")
COMMENT = segment(0xFE, b"a comment \xff\xd9 with an end in it")
MP4 = b"\0\0\0\x18ftypmp42" + bytes(300)


def xmp(words: str) -> bytes:
    return segment(
        0xE1,
        b"http://ns.adobe.com/xap/1.0/\0"
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/"'
        b' xmlns:dcterms="http://purl.org/dc/terms/"'
        b' xmlns:Item="http://ns.google.com/photos/1.0/container/item/" '
        + words.encode()
        + b"/></rdf:RDF></x:xmpmeta>",
    )


SOUND = {
    "plain": jpeg(JFIF),
    "bare": jpeg(),
    "progressive": jpeg(JFIF, progressive=True),
    "two leading APP0": jpeg(JFIF, JFXX, ADOBE),
    "xmp, icc, iptc, comment": jpeg(JFIF, XMP, ICC, IPTC, ADOBE, COMMENT),
    "exif first": jpeg(exif_segment(exif("<")), XMP),
    "exif last": jpeg(JFIF, XMP, ICC, exif_segment(exif(">"))),
    "gps directory without a position": jpeg(JFIF, exif_segment(exif(">", gps=[text(29, "2019:07:14")]))),
    "empty gps directory": jpeg(exif_segment(exif("<", gps=[]))),
    "fill bytes": jpeg(b"\xff\xff" + JFIF, b"\xff" + COMMENT),
    "trailer": jpeg(JFIF, exif_segment(exif()), trailer=MP4),
    "samsung trailer": jpeg(JFIF, exif_segment(exif()), trailer=MP4 + b"SEFT"),
    "multi-picture": mpo(JFIF, exif_segment(exif())),
    "multi-picture, exif behind": mpo(JFIF, after=[exif_segment(exif())]),
    "multi-picture without exif": mpo(JFIF, order=">"),
    "index whose pictures are gone": jpeg(JFIF, mpf("<", [(900, 0), (700, 5_000)])),
    "index without pictures": jpeg(segment(0xE2, b"MPF\0" + header("<") + b"\0\0\0\0\0\0")),
    "jumbf of other kinds": jpeg(segment(0xEB, b"JP\0\x01\0\0\0\x01\0\0\0\x20RESI" + bytes(24))),
    "marker in the coded data": jpeg(JFIF)[:-2] + b"\xff\x01" + COMMENT + b"\xff\xd9",
}


@pytest.mark.parametrize("name", SOUND)
def test_sound_files_take_a_position_and_nothing_else(name: str) -> None:
    assert check(SOUND[name])


@pytest.mark.parametrize("name", SOUND)
def test_every_other_segment_and_trailer_survives(name: str) -> None:
    data = SOUND[name]
    out = embedded(data)
    for part in (JFIF, JFXX, XMP, ICC, IPTC, ADOBE, COMMENT, THUMBNAIL, coded(), MP4):
        assert out.count(part) == data.count(part)


def test_a_new_segment_stands_behind_all_leading_app0() -> None:
    out = embedded(jpeg(JFIF, JFXX, XMP))
    assert out.startswith(b"\xff\xd8" + JFIF + JFXX + b"\xff\xe1")
    assert embedded(jpeg(XMP)).startswith(b"\xff\xd8\xff\xe1")


def test_an_existing_block_grows_at_its_end_only() -> None:
    block = exif(">")
    data = jpeg(JFIF, exif_segment(block), XMP)
    begin = data.index(block)
    patch = codec.embed(data, PARIS, False)
    assert [(s.offset, s.length) for s in patch] == [
        (begin - 8, 2),
        (begin + 4, 4),
        (begin + len(block), 0),
    ]
    assert struct.unpack(">H", patch[0].data)[0] == len(block) + 8 + len(patch[2].data)


def test_renewing_does_not_grow_the_file() -> None:
    first = embedded(jpeg(JFIF, exif_segment(exif()), XMP))
    again = embedded(embedded(first, QUITO))
    assert again == first
    patch = codec.embed(first, PARIS, False)
    assert apply(first, patch) == first


def pictures(data: bytes) -> list[bytes]:
    """The pictures an index of pictures points at, in the words of the standard (5.2.3.3)."""
    base = data.index(b"MPF\0") + 4
    order = "<" if data[base : base + 2] == b"II" else ">"
    first = struct.unpack_from(order + "I", data, base + 4)[0] + base
    found = []
    for index in range(struct.unpack_from(order + "H", data, first)[0]):
        tag, _, size, where = struct.unpack_from(order + "HHII", data, first + 2 + 12 * index)
        for at in range(base + where, base + where + size, 16) if tag == 0xB002 else ():
            length, offset = struct.unpack_from(order + "II", data, at + 4)
            start = base + offset if offset else 0
            found.append(data[start : start + length])
    return found


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("where", ["before", "behind", "nowhere"])
def test_an_index_of_pictures_stays_true(order: str, where: str) -> None:
    segments = [exif_segment(exif(order))]
    data = mpo(
        JFIF,
        *(segments if where == "before" else []),
        after=segments if where == "behind" else [],
        order=order,
    )
    old = pictures(data)
    assert [part[:2] + part[-2:] for part in old] == [b"\xff\xd8\xff\xd9"] * 3
    out = embedded(data)
    new = pictures(out)
    assert new[1:] == old[1:]
    assert out.startswith(new[0])
    assert [part[:2] + part[-2:] for part in new] == [b"\xff\xd8\xff\xd9"] * 3


def test_a_preview_behind_the_picture_that_the_exif_block_points_at_is_refused() -> None:
    """Sony, Minolta and others keep a preview there: its offset counts from the Exif header."""
    preview = THUMBNAIL * 3
    far = segment(0xFE, bytes(60_000))
    for base in ("file", "exif", "note"):
        for order in "<>":
            pointer = 0
            for _ in range(2):
                block = exif(order, extra=[long(order, 50_001, pointer)])
                file = jpeg(JFIF, exif_segment(block), far, trailer=b"pad" + preview)
                start = file.index(block)
                from_what = {"file": 0, "exif": start, "note": start + block.index(b"TestMaker\0")}
                pointer = file.index(preview) - from_what[base]
            with pytest.raises(RefusedError, match="preview behind the picture"):
                codec.embed(file, PARIS, False)
            assert check(jpeg(JFIF, exif_segment(exif(order)), far, trailer=b"pad" + preview))


def test_a_position_in_xmp_counts() -> None:
    data = jpeg(JFIF, xmp('exif:GPSLatitude="48,30N" exif:GPSLongitude="2,15E"'))
    assert metadata.read(data) == Position(Location(48.5, 2.25), None)
    for replace in (False, True):
        with pytest.raises(RefusedError, match="in its XMP"):
            codec.embed(data, PARIS, replace)


def test_a_camera_position_stands_unless_asked() -> None:
    data = jpeg(JFIF, exif_segment(exif(">", gps=camera_gps(">"))))
    with pytest.raises(RefusedError, match="already has a position"):
        codec.embed(data, PARIS, False)
    assert embedded(data, replace=True).count(THUMBNAIL) == 1


def index_table_at(offset: int) -> bytes:
    """A multi-picture file whose table of pictures is said to lie somewhere else in its index."""
    data = mpo(JFIF, exif_segment(exif(">")), order=">")
    at = data.index(struct.pack(">HHI", 0xB002, 7, 48)) + 8
    return data[:at] + struct.pack(">I", offset) + data[at + 4 :]


def refused() -> dict[str, tuple[bytes, str]]:
    plain = jpeg(JFIF)
    scan = plain.index(b"\xff\xda")
    full = exif("<", extra=[(50_001, 7, 65_200, bytes(65_200))])
    first = jpeg(JFIF, mpf("<", [(0, 0), (9, 3)]))
    return {
        "no jpeg": (b"not a picture", "no JPEG"),
        "two exif segments": (jpeg(exif_segment(exif()), exif_segment(exif())), "two Exif"),
        "exif by an odd name": (jpeg(segment(0xE1, b"\0EXIF\0\0" + exif())), "odd name"),
        "junk between segments": (jpeg(JFIF, b"junk", XMP), "junk"),
        "zero behind a marker": (jpeg(JFIF, b"\xff\0"), "junk"),
        "no picture": (b"\xff\xd8" + JFIF + b"\xff\xd9" + bytes(9), "no picture"),
        "cut off header": (plain[: scan - 4], "runs past|before its picture"),
        "segment too long": (b"\xff\xd8\xff\xe0\xff\xff" + bytes(10), "runs past"),
        "segment too short": (b"\xff\xd8\xff\xe0\0\0" + bytes(10), "runs past"),
        "no end": (plain[:-2], "no end"),
        "cut off in the coded data": (plain[: scan + 30], "no end"),
        "next picture instead of an end": (plain[:-2] + plain, "no end"),
        "reserved marker in the coded data": (plain[:-2] + b"\xff\x02\xff\xd9", "no end"),
        "full segment": (jpeg(exif_segment(full)), "65,533"),
        "broken exif": (jpeg(exif_segment(b"rubbish")), "TIFF header"),
        "empty exif": (jpeg(segment(0xE1, b"Exif\0\0")), "TIFF header"),
        "thumbnail outside": (jpeg(exif_segment(exif()[:-1])), "outside"),
        "bigtiff as exif": (
            jpeg(exif_segment(b"II+\0\x08\0\0\0" + struct.pack("<Q", 16) + bytes(40))),
            "BigTIFF",
        ),
        "signed": (jpeg(segment(0xEB, b"JP\0\x01\0\0\0\x01\0\0\0\x20jumb" + bytes(24))), "C2PA"),
        "signed elsewhere": (jpeg(xmp('dcterms:provenance="https://example.org/m"')), "C2PA"),
        "jpeg-ls": (jpeg(segment(0xF7, bytes(9))), "JPEG-LS"),
        "afcp": (jpeg(JFIF, trailer=b"AXS!" + bytes(8)), "AFCP"),
        "zip": (jpeg(JFIF, trailer=b"PK\x05\x06" + bytes(18)), "ZIP"),
        "two indexes": (jpeg(mpf("<", [(1, 0)]), mpf("<", [(1, 0)])), "two indexes"),
        "index that points at no picture": (first, "no picture"),
        "broken index": (jpeg(segment(0xE2, b"MPF\0rubbish that is long")), "TIFF header"),
        "index of itself": (index_table_at(0), "broken"),
        "index in its directory": (index_table_at(8), "broken"),
        "index cut off": (jpeg(mpf("<", [(1, 0), (1, 99_999)])[:-4]), "runs past|junk|broken|no end"),
    }


@pytest.mark.parametrize("name", refused())
def test_refused_with_its_reason(name: str) -> None:
    data, reason = refused()[name]
    with pytest.raises(RefusedError, match=reason):
        codec.embed(data, PARIS, True)
    assert metadata.read(data) is None


def test_a_container_that_states_the_length_of_its_first_picture_is_refused() -> None:
    wrong = jpeg(xmp('Item:Length="1"'))
    assert check(wrong)
    size = len(jpeg(xmp('Item:Length="0000"')))
    with pytest.raises(RefusedError, match="its own length"):
        codec.embed(jpeg(xmp(f'Item:Length="{size:04d}"'), trailer=MP4), PARIS, False)


def test_a_broken_file_still_shows_its_position() -> None:
    data = jpeg(JFIF, exif_segment(exif("<", gps=camera_gps("<"))))
    whole = metadata.read(data)
    assert whole is not None
    assert metadata.read(data[:-200]) == whole
    for end in range(0, len(data), 7):
        assert metadata.read(data[:end]) in (None, whole)


def test_picture_data_are_tables_colour_and_scan() -> None:
    data = jpeg(JFIF, XMP, ADOBE, COMMENT, trailer=MP4)
    found = b"".join(data[at : at + length] for at, length in codec.picture(data))
    assert found == ADOBE + coded()


def test_a_large_picture_is_searched_not_walked() -> None:
    """Five megabytes of stuffed coded data, fifty thousand FF bytes in them: a walk would take seconds."""
    data = jpeg(JFIF)[:-2] + (bytes(range(1, 100)) + b"\xff\0") * 50_000 + b"\xff\xd9"
    best = min(_seconds(data) for _ in range(5))
    assert best < 0.5


def _seconds(data: bytes) -> float:
    start = time.perf_counter()
    codec.embed(data, PARIS, False)
    return time.perf_counter() - start


def test_a_whole_tiff_as_exif_block_is_taken_as_it_is() -> None:
    assert check(jpeg(JFIF, exif_segment(tiff("<", pages=2))))
