"""HEIC and AVIF: one simple Exif item is carried to the end of the file, all else stays."""

from __future__ import annotations

import io
import mmap
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from geotag import metadata
from geotag.errors import RefusedError
from geotag.metadata import bmff
from geotag.metadata.boxes import C2PA_UUID, XMP_UUID
from geotag.types import Location, Position
from tests.blocks import camera_gps, exif
from tests.codec_checks import PARIS, QUITO, check, embedded

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="48,30N"'
    b' exif:GPSLongitude="2,15E"/></rdf:RDF></x:xmpmeta>'
)
PIXELS = bytes(range(200))
EXIF_ITEM = b"\0\0\0\6Exif\0\0"


def box(kind: bytes, *body: bytes, large: bool = False) -> bytes:
    content = b"".join(body)
    if large:
        return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), kind) + content


def full(kind: bytes, version: int, *body: bytes) -> bytes:
    return box(kind, bytes((version, 0, 0, 0)), *body)


def infe(number: int, kind: bytes, rest: bytes = b"\0", version: int = 2, protection: int = 0) -> bytes:
    return full(
        b"infe", version, struct.pack(">HH" if version == 2 else ">IH", number, protection), kind, rest
    )


def number_of(value: int, width: int) -> bytes:
    return value.to_bytes(width, "big") if width else b""


def iloc(
    entries: list[tuple[int, int, list[tuple[int, int]]]],
    version: int = 1,
    sizes: int = 0x4400,
    base: int = 0,
) -> bytes:
    """Entries are number, method, extents (offset with base, length); `sizes` as the box states them."""
    widths = [sizes >> shift & 15 for shift in (12, 8, 4, 0)]
    number = ">I" if version == 2 else ">H"
    out = struct.pack(">H", sizes) + struct.pack(number, len(entries))
    for item, method, extents in entries:
        out += struct.pack(number, item) + (struct.pack(">H", method) if version else b"")
        out += struct.pack(">H", 0) + number_of(base, widths[2]) + struct.pack(">H", len(extents))
        for offset, length in extents:
            out += bytes(widths[3]) if version else b""
            out += number_of(offset - base, widths[0]) + number_of(length, widths[1])
    return full(b"iloc", version, out)


def heif(
    block: bytes = b"",
    *,
    version: int = 1,
    sizes: int = 0x4400,
    base: int = 0,
    packet: bytes = b"",
    kinds: tuple[bytes, ...] = (b"hvc1", b"Exif", b"mime"),
    methods: tuple[int, ...] = (0, 0, 0),
    cdsc: bytes = struct.pack(">HHH", 2, 1, 1),
    meta: bytes = b"",
    handler: bytes = b"pict",
    after: bytes = b"",
    large: bool = False,
) -> bytes:
    """A HEIF file of a made-up picture (item 1), an Exif item (2) and an XMP item (3)."""
    values = [PIXELS, EXIF_ITEM + (block or exif()), packet or b"<nothing/>"]
    contents = [b"\0", b"\0", b"\0application/rdf+xml\0"]

    def head(start: int) -> bytes:
        entries, at = [], start
        for index, value in enumerate(values):
            entries.append((index + 1, methods[index], [(at, len(value))]))
            at += len(value)
        infos = [infe(index + 1, kind, contents[index]) for index, kind in enumerate(kinds)]
        return box(b"ftyp", b"heic\0\0\0\0mif1heic") + full(
            b"meta",
            0,
            full(b"hdlr", 0, bytes(4), handler, bytes(13)),
            full(b"pitm", 0, struct.pack(">H", 1)),
            full(b"iinf", 0, struct.pack(">H", len(infos)), *infos),
            full(b"iref", 0, box(b"cdsc", cdsc)),
            box(b"iprp", box(b"ipco", box(b"irot", b"\1"))),
            meta,
            iloc(entries, version, sizes, base),
        )

    front = 16 if large else 8
    return head(len(head(1 << 12)) + front) + box(b"mdat", *values, large=large) + after


def avif(**options: object) -> bytes:
    out = io.BytesIO()
    tags = Image.Exif()
    tags[0x010F] = "Test"
    Image.linear_gradient("L").resize((32, 24)).convert("RGB").save(out, "AVIF", exif=tags, **options)
    return out.getvalue()


SOUND = {
    "plain": heif(),
    "big-endian": heif(exif(">")),
    "oldest list": heif(version=0),
    "newest list, wide numbers, base": heif(version=2, sizes=0x8888, base=64),
    "other boxes": heif(after=box(b"free", bytes(9)) + box(b"uuid", bytes(20))),
    "long mdat": heif(large=True),
    "avif": avif(),
}


@pytest.mark.parametrize("data", SOUND.values(), ids=SOUND.keys())
def test_sound_files_are_embedded(data: bytes) -> None:
    assert check(data)


def test_only_the_place_of_the_exif_item_changes_and_the_end_grows() -> None:
    data = SOUND["plain"]
    place, appended = bmff.embed(data, PARIS, False)
    start = data.index(EXIF_ITEM)
    assert data[place.offset : place.offset + 8] == struct.pack(">II", start, len(EXIF_ITEM + exif()))
    assert place.data == struct.pack(">II", len(data) + 8, len(appended.data) - 8)
    assert (appended.offset, appended.length) == (len(data), 0)
    assert appended.data[4:8] == b"mdat"
    assert appended.data[8:].startswith(EXIF_ITEM)


def test_our_own_media_data_are_written_again_and_do_not_pile_up() -> None:
    first = embedded(SOUND["plain"])
    renewed = embedded(first, QUITO)
    assert renewed.count(b"mdat") == first.count(b"mdat") == 2
    assert renewed[: len(SOUND["plain"])].count(b"geotag") == 0


def test_an_avif_shows_the_same_pixels_and_pillow_reads_the_position() -> None:
    data = avif(quality=90)
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(embedded(data))) as after:
        assert before.tobytes() == after.tobytes()
        assert after.getexif()[0x010F] == "Test"
        assert after.getexif().get_ifd(0x8825)[18] == "WGS-84"


def test_a_camera_position_stands() -> None:
    data = heif(exif("<", gps=camera_gps("<")))
    position = bmff.read(data)
    assert position is not None
    assert position.machine is None
    with pytest.raises(RefusedError, match="already has a position"):
        bmff.embed(data, QUITO, False)
    assert bmff.read(embedded(data, QUITO, replace=True)) == Position(
        QUITO.location, "geotag geovision-alexnet-2"
    )


@pytest.mark.parametrize("data", [heif(packet=XMP), heif(after=box(b"uuid", XMP_UUID, XMP))])
def test_a_position_in_xmp_is_left_alone(data: bytes) -> None:
    with pytest.raises(RefusedError, match="in its XMP"):
        bmff.embed(data, PARIS, True)
    assert bmff.read(data) == Position(Location(48.5, 2.25))


def test_an_item_kept_inside_the_list_is_read() -> None:
    block = EXIF_ITEM + exif("<", gps=camera_gps("<"))
    places = iloc([(2, 1, [(0, 10), (10, len(block) - 10)])])
    data = box(b"ftyp", b"mif1\0\0\0\0") + full(
        b"meta",
        0,
        full(b"hdlr", 0, bytes(4), b"pict", bytes(13)),
        full(b"pitm", 0, b"\0\1"),
        full(b"iinf", 0, b"\0\1", infe(2, b"Exif")),
        box(b"idat", block),
        places,
    )
    assert bmff.read(data) is not None
    with pytest.raises(RefusedError, match="in pieces"):
        bmff.embed(data, PARIS, True)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (box(b"ftyp", b"mif1\0\0\0\0"), "no single list"),
        (heif() + heif()[24:], "no single list"),
        (heif(after=box(b"moov")), "image sequence"),
        (heif(after=box(b"jumb")), "signed"),
        (heif(after=box(b"uuid", C2PA_UUID)), "signed"),
        (heif(after=box(b"sefd")), "'sefd' box"),
        (heif(after=box(b"mpvd")), "'mpvd' box"),
        (heif(after=b"\0\0\0\0free"), "without a length"),
        (heif(after=b"\0\0\0\x07free"), "no box"),
        (heif()[:-1], "cut off"),
        (heif().replace(b"heic\0", b"crx \0", 1), "raw file"),
        (heif(handler=b"vide"), "no HEIF picture"),
        (heif(kinds=(b"hvc1", b"uri ", b"mime")), "no Exif item"),
        (heif(kinds=(b"hvc1", b"Exif", b"Exif")), "two Exif items"),
        (heif(methods=(0, 1, 0)), "unusual place"),
        (heif(methods=(0, 2, 0)), "unusual place"),
        (heif(cdsc=struct.pack(">HHH", 2, 1, 3)), "does not describe"),
        (heif(cdsc=struct.pack(">HHH", 2, 2, 3)), "cut off"),
        (heif(sizes=0x4000), "ends with the file"),
        (heif(sizes=0x2200), "odd size"),
        (heif(sizes=0x0000), "odd size"),
        (heif(version=3), "unknown version"),
        (heif(meta=full(b"pitm", 0, b"\0\1")), "twice"),
        (heif(packet=b"<x GCamera:MotionPhoto='1'/>"), "motion photo"),
        (heif(packet=b"<x dcterms:provenance='x'/>"), "signed"),
        (heif(b"no TIFF"), "TIFF header"),
        (heif().replace(EXIF_ITEM, b"\xff\xff\xff\xffExif\0\0"), "TIFF header"),
    ],
)
def test_what_is_not_simple_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        bmff.embed(data, PARIS, True)
    assert not check(data)


def test_a_place_that_has_no_room_for_an_offset_over_4_gib_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.heic"
    with path.open("w+b") as file:
        file.write(heif(after=struct.pack(">I4sQ", 1, b"free", 16 + (1 << 32))))
        file.truncate(file.tell() + (1 << 32))
        with (
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
            pytest.raises(RefusedError, match="no room"),
        ):
            bmff.embed(data, PARIS, False)


def test_overlapping_items_are_not_hashed_a_million_times() -> None:
    data = heif()
    start = data.index(PIXELS)
    lots = iloc([(1, 0, [(0, len(data) - 40)] * 5000), (2, 0, [(start, 9)])])
    big = data[:24] + data[24:].replace(data[data.index(b"iloc") - 4 : data.index(b"mdat") - 4], lots)
    size = struct.unpack_from(">I", big, 24)[0] + len(big) - len(data)
    big = big[:24] + struct.pack(">I", size) + big[28:]
    with pytest.raises(RefusedError, match="overlap"):
        list(bmff.picture(big))
    assert len(metadata.picture_digest(big)) == 64


@given(data=st.data())
def test_mutations_only_ever_refuse(data: st.DataObject) -> None:
    mutant = bytearray(data.draw(st.sampled_from(list(SOUND.values()))))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(mutant) - 1))
        mutant[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    check(bytes(mutant))


@pytest.mark.skipif(not shutil.which("exiftool"), reason="ExifTool is not installed")
def test_exiftool_reads_the_same(tmp_path: Path) -> None:
    for number, data in enumerate(SOUND.values()):
        (tmp_path / f"{number}.heic").write_bytes(embedded(data, QUITO))
    command = ["exiftool", "-n", "-s3", "-q", "-GPSLatitude#", "-GPSLongitude#", "-Error", str(tmp_path)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert [float(line) for line in lines] == pytest.approx([-0.180653, -78.467834] * len(SOUND), abs=1e-7)
