"""Captions: every place where a file keeps words, what is left out, and never an exception."""

from __future__ import annotations

import shutil
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import piexif
import piexif.helper
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from geotag.metadata import captions, iptc
from geotag.texts import Origin, Text
from tests import heif_files, jp2_files, png_files, webp_files
from tests.blocks import JFIF, Value, exif, exif_segment, jpeg, segment, text, tiff
from tests.captioned import (
    ATTRIBUTES,
    IN_RECORD,
    PACKET_HEAD,
    RECORD,
    RESOURCES,
    bag,
    caption,
    commented,
    described,
    field,
    listed,
    packet,
    pillow,
)
from tests.codec_seeds import SEEDS, mended
from tests.iptc_records import UTF_8, record, resources
from tests.xmp_packets import PLACELESS


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"The Forum in winter\0", "The Forum in winter"),
        ("Blick auf Königsberg\0".encode(), "Blick auf Königsberg"),
        ("Blick auf Königsberg\0".encode("latin-1"), "Blick auf Königsberg"),
        ("Вид на Неву".encode(), "Вид на Неву"),
        ("京都\0".encode(), "京都"),
        (b"  two\r\n\tlines  \0\0\0", "two\nlines"),
        (b"Rome\0rest", "Rome"),
        ("Frank\u00adfurt\u200e am Main".encode(), "Frankfurt am Main"),
        (b"x" * 5_000, "x" * 4_000),
        (("я" * 5_000).encode(), "я" * 4_000),
    ],
)
def test_a_description_is_read_and_tidied(data: bytes, words: str) -> None:
    assert captions.read(described(0x010E, data)) == caption(words)


@pytest.mark.parametrize(
    "words",
    [
        "OLYMPUS DIGITAL CAMERA         ",
        "MINOLTA DIGITAL CAMERA",
        "KONICA MINOLTA DIGITAL CAMERA",
        "KODAK Digital Still Camera",
        "DIGITAL CAMERA",
        "SONY DSC",
        "SAMSUNG CSC",
        "DCIM",
        "Default",
        "default",
        "Created with The GIMP",
        "<Digimax i50 MP3, Samsung #1 MP3>",
        '{"shape": [64, 64]}',
        "<?xml version='1.0'?><OME>Rome</OME>",
        "a5cb01550dbb9a6bf732f87e413f6e23",
        "         ",
        "2004-05-06 12:30",
        "",
        "\x01\x02\x03Z\x04\x05\x06",
        "\x1f\x8bk\x02\x07\x0eQ",
    ],
)
def test_what_no_person_wrote_is_left_out(words: str) -> None:
    assert captions.read(described(0x010E, words.encode() + b"\0")) == ()
    assert captions.read(commented(b"ASCII\0\0\0" + words.encode())) == ()


def test_a_person_may_write_of_cameras() -> None:
    for words in ("A woman with a new digital camera in Rome", "Default Street", "Sony DSC shop, Osaka"):
        assert captions.read(described(0x010E, words.encode())) == caption(words)


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("A view of the Neva", "ascii"),
        ("京都の祇園祭", "jis"),
        ("Hafen von Königsberg", "unicode"),
        ("Вид на Неву", "unicode"),
        ("京都の祇園祭", "unicode"),
    ],
)
def test_a_comment_that_another_program_wrote(words: str, encoding: str) -> None:
    comment = piexif.helper.UserComment.dump(words, encoding=encoding)
    block = piexif.dump({"Exif": {piexif.ExifIFD.UserComment: comment}})
    assert captions.read(jpeg(JFIF, segment(0xE1, block))) == caption(words)


@pytest.mark.parametrize("order", "<>")
def test_a_comment_in_either_byte_order_with_zeros_behind(order: str) -> None:
    codec = "utf-16-le" if order == "<" else "utf-16-be"
    data = b"UNICODE\0" + "Вид на Неву".encode(codec) + bytes(200)
    assert captions.read(commented(data, order)) == caption("Вид на Неву")
    assert captions.read(commented(bytes(264), order)) == ()


def test_what_windows_explorer_writes() -> None:
    words = {0x9C9B: "Königsberg", 0x9C9C: "Зимой", 0x9C9E: "port; 京都;port", 0x9C9F: "harbour"}
    extra = [(tag, 1, 2 * len(word) + 2, word.encode("utf-16-le") + b"\0\0") for tag, word in words.items()]
    for order in "<>":
        found = captions.read(jpeg(exif_segment(exif(order, extra=extra))))
        assert found == (*caption("Königsberg", "harbour", "Зимой"), *listed("port; 京都"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_a_description_that_pillow_wrote(kind: str) -> None:
    assert captions.read(pillow(kind)) == caption("The Forum in winter")


def test_a_record_in_a_jpeg() -> None:
    assert captions.read(jpeg(JFIF, segment(0xED, RESOURCES + resources(RECORD)))) == IN_RECORD


def test_a_record_that_goes_on_in_the_next_segment() -> None:
    keywords = [f"keyword number {number}".encode() for number in range(300)]
    whole = resources(record((2, 90, b"Rome"), *((2, 25, keyword) for keyword in keywords)))
    pieces = [whole[at : at + 1_001] for at in range(0, len(whole), 1_001)]
    data = jpeg(*(segment(0xED, RESOURCES + piece) for piece in pieces))
    assert captions.read(data)[0] == Text(Origin.FIELD, "Rome")
    assert captions.read(data)[1].text == "; ".join(f"keyword number {n}" for n in range(300))[:4_000]


@pytest.mark.parametrize("order", "<>")
def test_a_record_in_a_tiff(order: str) -> None:
    padded = RECORD + bytes(-len(RECORD) % 4)
    turned = b"".join(padded[at : at + 4][::-1] for at in range(0, len(padded), 4))
    whole = resources(RECORD)
    values: list[Value] = [
        (33723, 7, len(RECORD), RECORD),
        (33723, 1, len(RECORD), RECORD),
        (33723, 4, len(padded) // 4, padded),
        (33723, 4, len(turned) // 4, turned),
        (34377, 1, len(whole), whole),
    ]
    for value in values:
        assert captions.read(tiff(order, extra=[value])) == IN_RECORD


def test_a_record_in_a_raw_profile_of_a_png() -> None:
    for kind in (b"iptc", b"8bim"):
        assert captions.read(png_files.file(png_files.raw_profile(kind, resources(RECORD)))) == IN_RECORD


def test_every_field_of_a_record_in_its_order() -> None:
    values = {
        120: "The Forum, seen from the Capitol",
        25: "ruins",
        105: "Winter in Rome",
        5: "Forum Romanum",
        101: "Italy",
        95: "Lazio",
        92: "Forum",
        90: "Rome",
        27: "Palatine Hill",
        80: "A. Photographer",
        116: "(c) Somebody in Paris",
    }
    data = record(*((2, number, value.encode()) for number, value in values.items()))
    assert captions.read(jpeg(segment(0xED, RESOURCES + resources(data)))) == (
        *field("Forum, Rome, Lazio, Italy", "Palatine Hill"),
        *caption("Forum Romanum", "Winter in Rome", "The Forum, seen from the Capitol"),
        *listed("ruins"),
    )


TITLE = packet("<dc:title>Rome</dc:title>")
DESCRIBED = exif(extra=[text(270, "The Forum")])


@pytest.mark.parametrize(
    "data",
    [
        jpeg(exif_segment(DESCRIBED), segment(0xE1, PACKET_HEAD + TITLE)),
        tiff(extra=[text(270, "The Forum"), (700, 1, len(TITLE), TITLE)]),
        png_files.file(png_files.chunk(b"eXIf", DESCRIBED), png_files.itxt(TITLE)),
        webp_files.riff(
            webp_files.header(0x0C),
            webp_files.LOSSY,
            webp_files.chunk(b"EXIF", DESCRIBED),
            webp_files.chunk(b"XMP ", TITLE),
        ),
        heif_files.heif(DESCRIBED, packet=TITLE),
        jp2_files.jp2_file(
            jp2_files.box(b"uuid", jp2_files.EXIF_UUID, DESCRIBED),
            jp2_files.box(b"uuid", jp2_files.XMP_UUID, TITLE),
        ),
        jp2_files.jxl_file(
            jp2_files.box(b"Exif", bytes(4), DESCRIBED), jp2_files.box(b"xml ", TITLE), jp2_files.JXLC
        ),
    ],
    ids=["jpeg", "tiff", "png", "webp", "heif", "jpeg 2000", "jpeg xl"],
)
def test_every_format_tells_what_its_exif_and_its_xmp_say(data: bytes) -> None:
    assert captions.read(data) == caption("Rome", "The Forum")


def test_the_texts_of_a_png() -> None:
    russian = b"iTXt", b"Description\0\0\0ru\0\0" + "Вид на Неву".encode()
    chunks = [
        (b"tEXt", b"Comment\0" + "Köln".encode("latin-1")),
        russian,
        (b"zTXt", b"Title\0\0" + zlib.compress(b"Winter")),
        (b"tEXt", b"Author\0Florence"),
        (b"tEXt", b"Software\0Paris 1.0"),
    ]
    data = png_files.file(*(png_files.chunk(kind, body) for kind, body in chunks))
    assert captions.read(data) == caption("Winter", "Вид на Неву", "Köln")


def test_the_same_words_are_given_once_and_the_most_telling_come_first() -> None:
    data = jpeg(
        exif_segment(exif(extra=[text(270, "WINTER IN ROME")])),
        segment(
            0xE1,
            PACKET_HEAD
            + packet(f"<dc:title>Winter in Rome</dc:title><dc:subject>{bag('Rome')}</dc:subject>"),
        ),
        segment(0xED, RESOURCES + resources(record((2, 25, b"ruins"), (2, 25, b"rome"), (2, 90, b"Ostia")))),
    )
    assert captions.read(data) == (*field("Ostia"), *caption("Winter in Rome"), *listed("Rome; ruins"))


def test_a_photograph_without_words_says_nothing() -> None:
    for name in ("plain.jpg", "little-camera.jpg", "big-located.jpg", "little-strips.tif"):
        assert captions.read(SEEDS[name]) == ()
    assert captions.read(b"") == captions.read(b"GIF89a") == captions.sidecar(PLACELESS) == ()


def test_coded_picture_data_are_not_looked_at() -> None:
    class Watched(bytes):
        furthest = 0

        def __getitem__(self, key):  # type: ignore[no-untyped-def]
            Watched.furthest = max(
                Watched.furthest, (key.stop or len(self)) if isinstance(key, slice) else key
            )
            return super().__getitem__(key)

        def find(self, *_: object) -> int:
            raise AssertionError("the file is searched")

    data = Watched(
        jpeg(exif_segment(DESCRIBED), segment(0xED, RESOURCES + resources(RECORD))) + bytes(100_000)
    )
    assert captions.read(data) == (IN_RECORD[0], *IN_RECORD[1:2], *caption("The Forum"), IN_RECORD[2])
    assert Watched.furthest < 2_000


@pytest.mark.skipif(not shutil.which("exiftool"), reason="ExifTool is not installed")
@pytest.mark.parametrize("charset", ["UTF8", "Latin"])
@pytest.mark.parametrize("suffix", ["jpg", "tif", "png"])
def test_what_exiftool_writes_is_read(tmp_path: Path, suffix: str, charset: str) -> None:
    city, words, keyword = {
        "UTF8": ("Санкт-Петербург", "京都の祇園祭 und Königsberg", "гавань"),
        "Latin": ("Königsberg", "Straße am Hafen", "Ostpreußen"),
    }[charset]
    path = tmp_path / f"photo.{suffix}"
    Image.new("RGB", (8, 8)).save(path)
    coded = ["-IPTC:CodedCharacterSet=UTF8"] if charset == "UTF8" else ["-charset", f"iptc={charset}"]
    tags = {"IPTC:City": city, "IPTC:Caption-Abstract": words, "IPTC:Keywords": keyword}
    tags |= {"XMP-photoshop:Country": "Россия", "XMP-iptcExt:LocationShownCity": "Kraków", "XPTitle": "東京"}
    command = [
        "exiftool",
        "-q",
        "-overwrite_original",
        *coded,
        *(f"-{name}={value}" for name, value in tags.items()),
    ]
    subprocess.run([*command, str(path)], check=True)
    assert captions.read(path.read_bytes()) == (
        *field("Россия", "Kraków", city),
        *(caption("東京", words) if suffix == "tif" else caption(words, "東京")),
        *listed(keyword),
    )


WORDY: dict[str, bytes] = {
    "jpeg": jpeg(
        exif_segment(DESCRIBED),
        segment(0xE1, PACKET_HEAD + packet(f"<dc:title>Rome</dc:title><ext:LocationShown {ATTRIBUTES}/>")),
        segment(0xED, RESOURCES + resources(RECORD)),
    ),
    "comment": commented(b"UNICODE\0" + "Вид".encode("utf-16-le")),
    "tiff": tiff(extra=[text(270, "The Forum"), (33723, 1, len(RECORD), RECORD)]),
    "png": png_files.file(
        png_files.raw_profile(b"iptc", resources(RECORD)), png_files.chunk(b"tEXt", b"Title\0Rome")
    ),
    **SEEDS,
}


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(sorted(WORDY)),
    changes=st.lists(st.tuples(st.integers(0, 1 << 16), st.binary(max_size=6)), max_size=6),
    cut=st.integers(0, 1 << 16) | st.none(),
)
def test_whatever_a_file_holds_there_is_never_an_exception(
    name: str, changes: list[tuple[int, bytes]], cut: int | None
) -> None:
    data = bytearray(WORDY[name])
    for at, new in changes:
        start = at % len(data)
        data[start : start + len(new)] = new
    hostile = mended(bytes(data[:cut]))
    for found in captions.read(hostile):
        assert 0 < len(found.text) <= 4_000
        assert found.text == found.text.strip()


@given(st.binary(max_size=200))
def test_bytes_that_are_nothing_are_read_as_something_or_nothing(data: bytes) -> None:
    readers: list[Callable[[bytes], object]] = [
        captions.sidecar,
        iptc.read,
        lambda data: list(iptc.records(b"8BIM" + data)),
        lambda data: captions.read(described(0x010E, data)),
        lambda data: captions.read(commented(data)),
        lambda data: captions.read(commented(b"UNICODE\0" + data)),
        lambda data: captions.read(commented(b"JIS\0\0\0\0\0" + data)),
        lambda data: captions.read(jpeg(segment(0xED, RESOURCES + resources(record(UTF_8) + data)))),
    ]
    assert all(reader(data) is not None for reader in readers)
