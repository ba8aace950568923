"""LocationCreated: our guess in words, never taken for a person's, and never in the way of one."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from geotag.metadata import captions, xmp
from geotag.metadata.patch import apply
from geotag.types import Location, Tag
from tests.captioned import field
from tests.xmp_packets import described

WHEN = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
BEIJING = Tag(Location(39.9075, 116.39723), 14.3, "words", "Beijing", "China", "CN")
PARIS = Tag(Location(48.85341, 2.3488), 9.0, "words", 'Paris "la <Ville>"', "France", "FR")
PLACELESS = Tag(Location(48.85341, 2.3488), 9.0, "words")
EXT = ' xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
THEIRS = '<ext:LocationCreated rdf:parseType="Resource"><ext:City>Xian</ext:City></ext:LocationCreated>'
NOTE = ' exif:UserComment="mine"'


def merged(existing: bytes, tag: Tag, replace: bool = False) -> bytes:
    return apply(existing, xmp.merge(existing, tag, WHEN, replace))


def test_a_sidecar_names_the_place_and_says_that_a_machine_did() -> None:
    text = xmp.sidecar(BEIJING, WHEN).decode()
    assert "<Iptc4xmpExt:City>Beijing</Iptc4xmpExt:City>" in text
    assert "<Iptc4xmpExt:CountryName>China</Iptc4xmpExt:CountryName>" in text
    assert "<Iptc4xmpExt:CountryCode>CN</Iptc4xmpExt:CountryCode>" in text
    assert ">geotag named this place: Beijing, China, CN</dwc:georeferenceRemarks>" in text


def test_without_a_place_there_is_no_word_of_one() -> None:
    text = xmp.sidecar(PLACELESS, WHEN).decode()
    assert "Iptc4xmpExt" not in text
    assert "georeferenceRemarks" not in text


@pytest.mark.parametrize(
    ("tag", "names"),
    [
        (Tag(PLACELESS.location, 900.0, "m", country="France"), ["CountryName"]),
        (Tag(PLACELESS.location, 900.0, "m", country_code="FR"), ["CountryCode"]),
        (Tag(PLACELESS.location, 900.0, "m", " New\u00a0York\n\x1b ", "", "US"), ["City", "CountryCode"]),
    ],
)
def test_only_what_is_known_is_said(tag: Tag, names: list[str]) -> None:
    packet = xmp.sidecar(tag, WHEN)
    assert [
        name for name in ("City", "CountryName", "CountryCode") if f":{name}>".encode() in packet
    ] == names
    assert b"\x1b" not in packet
    assert captions.sidecar(packet) == ()
    assert merged(packet, tag) == packet


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("tag", [BEIJING, PARIS])
def test_our_own_guess_is_not_read_back_as_words(tag: Tag, codec: str) -> None:
    existing = described("", NOTE).decode().encode(codec)
    for packet in (xmp.sidecar(tag, WHEN).decode().encode(codec), merged(existing, tag)):
        assert captions.sidecar(packet) == ()
        position = xmp.read(packet)
        assert position is not None
        assert position.machine == "geotag words"


def test_a_renewal_leaves_nothing_of_the_earlier_place() -> None:
    first = merged(described("", NOTE), BEIJING)
    second = merged(first, PARIS)
    assert b"Beijing" not in second
    assert second.count(b"LocationCreated>") == 2
    assert merged(second, BEIJING) == first
    bare = merged(second, PLACELESS)
    assert bare == merged(described("", NOTE), PLACELESS)
    assert merged(bare, BEIJING) == first


def test_a_place_corrected_by_a_person_is_words_and_stands() -> None:
    corrected = merged(described("", NOTE), BEIJING).replace(b">Beijing</Ipt", b">Xian</Ipt")
    assert captions.sidecar(corrected) == field("Xian, China")
    renewed = merged(corrected, PARIS)
    assert b">Xian</Ipt" in renewed
    assert renewed.count(b"LocationCreated>") == 2
    assert b"georeferenceRemarks" not in renewed, "what we said of it goes"
    assert captions.sidecar(renewed) == field("Xian, China")


def test_a_place_completed_by_a_person_is_words_and_stands() -> None:
    whole = merged(described("", NOTE), BEIJING)
    more = whole.replace(
        b"<Iptc4xmpExt:City>",
        b"<Iptc4xmpExt:Sublocation>Temple of Heaven</Iptc4xmpExt:Sublocation><Iptc4xmpExt:City>",
    )
    assert captions.sidecar(more) == field("Temple of Heaven, Beijing, China")
    assert b"Temple of Heaven" in merged(more, PARIS)


def test_a_second_place_makes_the_list_a_person_s() -> None:
    whole = merged(described("", NOTE), BEIJING)
    item = b'<rdf:li rdf:parseType="Resource"><Iptc4xmpExt:City>Xian</Iptc4xmpExt:City></rdf:li></rdf:Bag>'
    more = whole.replace(b"</rdf:Bag>", item)
    assert captions.sidecar(more) == field("Beijing, China", "Xian")
    assert b"Xian" in merged(more, PARIS)


@pytest.mark.parametrize("replace", [False, True])
def test_where_a_person_names_the_place_we_name_none(replace: bool) -> None:
    existing = described(THEIRS, EXT)
    result = merged(existing, BEIJING, replace)
    assert THEIRS.encode() in result
    assert b"Beijing" not in result
    assert captions.sidecar(result) == field("Xian")
    assert merged(result, PARIS, replace) == merged(existing, PARIS, replace)


def test_remarks_of_a_person_stand_and_we_name_no_place_beside_them() -> None:
    existing = described("<dwc:georeferenceRemarks>from the parish map</dwc:georeferenceRemarks>")
    result = merged(existing, BEIJING)
    assert b"from the parish map" in result
    assert b"Beijing" not in result


def test_a_list_that_only_looks_like_ours_is_a_person_s() -> None:
    unmarked = xmp.sidecar(BEIJING, WHEN).replace(b"geotag named this place", b"the archivist named")
    assert captions.sidecar(unmarked) == field("Beijing, China")


@pytest.mark.skipif(not shutil.which("exiftool"), reason="ExifTool is not installed")
def test_exiftool_reads_and_rewrites_it(tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg.xmp"
    file.write_bytes(merged(described("", NOTE), PARIS))
    told = subprocess.run(["exiftool", "-j", "-struct", str(file)], capture_output=True, check=True).stdout
    assert json.loads(told)[0]["LocationCreated"] == [
        {"City": PARIS.place, "CountryName": "France", "CountryCode": "FR"}
    ]
    subprocess.run(["exiftool", "-q", "-XMP-dc:Creator=Ada", str(file)], capture_output=True, check=True)
    assert captions.sidecar(file.read_bytes()) == ()
    renewed = merged(file.read_bytes(), BEIJING)
    assert b"Ada" in renewed
    assert b"Ville" not in renewed


@pytest.mark.skipif(not shutil.which("exiv2"), reason="exiv2 is not installed")
def test_it_survives_exiv2(tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg.xmp"
    file.write_bytes(merged(described("", NOTE), PARIS))
    change = ["exiv2", "-M", "set Xmp.dc.creator XmpSeq Ada", str(file)]
    subprocess.run(change, check=True, capture_output=True)
    assert captions.sidecar(file.read_bytes()) == ()
    renewed = merged(file.read_bytes(), BEIJING)
    assert b"Ada" in renewed
    assert b"Ville" not in renewed
