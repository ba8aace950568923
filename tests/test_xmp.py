"""XMP: positions in packets, fresh sidecars, merges that lose nothing."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geotag.errors import RefusedError
from geotag.metadata import xmp
from geotag.metadata.patch import apply
from geotag.types import Location, Tag
from tests.codec_checks import check_packet
from tests.codec_seeds import PACKETS
from tests.xmp_packets import EXIF, RDF, described

WHEN = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
PARIS = Tag(Location(48.8583736, 2.2944813), 120.0, "alexnet")
RIO = Tag(Location(-22.951916, -43.2104872), 0.0, "alexnet")

STRANGER = f"""\ufeff<?xml version="1.0"?>
<!-- kept for the heirs -->
<x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk="someone">
  <r:RDF xmlns:r='{RDF}'>
    <r:Description r:about='uuid:1 "&amp;"' xmlns:dc="http://purl.org/dc/elements/1.1/"
        xmlns:e = "{EXIF}"   e:UserComment = 'a > b "c"'   dc:format="image/tiff">
      <dc:title><r:Alt><r:li xml:lang="x-default">Größe 𝄞 &lt; 3</r:li></r:Alt></dc:title>
      <?keep me?>
    </r:Description>
  </r:RDF>
</x:xmpmeta>
"""


def merged(existing: bytes, tag: Tag = PARIS, replace: bool = False) -> bytes:
    return apply(existing, xmp.merge(existing, tag, WHEN, replace))


def test_a_sidecar_reads_back_as_our_own_answer() -> None:
    position = xmp.read(xmp.sidecar(RIO, WHEN))
    assert position is not None
    assert position.machine == "geotag alexnet"
    assert position.location.lat == pytest.approx(RIO.location.lat, abs=1e-7)
    assert position.location.lon == pytest.approx(RIO.location.lon, abs=1e-7)


def test_a_sidecar_says_how_far_to_trust_it_and_never_calls_the_picture_synthetic() -> None:
    text = xmp.sidecar(RIO, WHEN).decode()
    for said in (
        "<exif:GPSLatitude>22,57.114960S<",
        "<exif:GPSMapDatum>WGS-84<",
        "<exif:GPSHPositioningError>1/1<",
        "<dwc:coordinateUncertaintyInMeters>1<",
        "<dwc:geodeticDatum>EPSG:4326<",
        "<dwc:georeferenceProtocol>geotag alexnet<",
        "<dwc:georeferencedDate>2026-05-04T03:02:01+00:00<",
        "<dwc:georeferenceVerificationStatus>requires verification<",
    ):
        assert said in text
    assert "DigitalSourceType" not in text
    assert "AI" not in text


@pytest.mark.parametrize(
    ("lat", "lon", "expected"),
    [
        ("48,51.502416N", "2,17.668878E", (48.8583736, 2.2944813)),
        ("48,51,30N", "2,17,0W", (48 + 51.5 / 60, -(2 + 17 / 60))),
        ("48.5S", "181,0E", None),
        ("48.5S", "180E", (-48.5, 180)),
        ("-48.5", "+12", (-48.5, 12)),
        ("48,51.5E", "2,17.6N", None),
        ("91,0N", "2,17.6E", None),
        ("", "", None),
        ("4٣,0N", "2,0E", None),
        ("48,51.5N", "2,1.2.3E", None),
    ],
)
def test_forms_of_coordinates(lat: str, lon: str, expected: tuple[float, float] | None) -> None:
    as_elements = described(
        f"<exif:GPSLatitude>{lat}</exif:GPSLatitude><exif:GPSLongitude> {lon}\n</exif:GPSLongitude>"
    )
    as_attributes = described("", f" exif:GPSLatitude='{lat}' exif:GPSLongitude=\"{lon}\"")
    for packet in (as_elements, as_attributes, as_attributes.decode().encode("utf-16")):
        position = xmp.read(packet)
        found = position and (position.location.lat, position.location.lon)
        assert found == (pytest.approx(expected) if expected else None)


def test_the_letter_may_stand_in_a_property_of_its_own() -> None:
    packet = described(
        "",
        " exif:GPSLatitude='33.5' exif:GPSLatitudeRef='S' exif:GPSLongitude='70.5' exif:GPSLongitudeRef='W'",
    )
    position = xmp.read(packet)
    assert position is not None
    assert position.location == Location(-33.5, -70.5)
    assert b"Ref" not in merged(packet, replace=True)


def test_a_value_with_qualifiers_and_darwin_core_alone_count() -> None:
    qualified = described(
        "<exif:GPSLatitude><rdf:Description><rdf:value>1,0N</rdf:value></rdf:Description></exif:GPSLatitude>"
        '<exif:GPSLongitude rdf:parseType="Resource"><rdf:value>2,0E</rdf:value></exif:GPSLongitude>'
    )
    darwin = described("", ' dwc:decimalLatitude="1" dwc:decimalLongitude="2"')
    for packet in (qualified, darwin):
        position = xmp.read(packet)
        assert position is not None
        assert position.location == Location(1, 2)
        assert position.machine is None


def test_a_position_of_the_thing_shown_is_not_the_position_of_the_photo() -> None:
    nested = "<exif:GPSLatitude>1,0N</exif:GPSLatitude><exif:GPSLongitude>2,0E</exif:GPSLongitude>"
    assert xmp.read(described(f'<dwc:event rdf:parseType="Resource">{nested}</dwc:event>')) is None


def test_a_point_moved_by_a_person_is_no_longer_ours() -> None:
    moved = xmp.sidecar(PARIS, WHEN).replace(b"48,51.502416N", b"48,52.502416N")
    position = xmp.read(moved)
    assert position is not None
    assert position.machine is None
    with pytest.raises(RefusedError, match="already has a position"):
        xmp.merge(moved, RIO, WHEN, False)


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_merge_only_inserts(codec: str) -> None:
    existing = STRANGER.encode(codec)
    patch = xmp.merge(existing, PARIS, WHEN, False)
    assert len(patch) == 1
    assert patch[0].length == 0
    result = apply(existing, patch)
    position = xmp.read(result)
    assert position is not None
    assert position.machine == "geotag alexnet"
    assert '<r:Description r:about="uuid:1 &quot;&amp;&quot;"' in result.decode(codec)


@pytest.mark.parametrize(
    "existing",
    [
        f'<rdf:RDF xmlns:rdf="{RDF}"/>',
        f'<rdf:RDF xmlns:rdf="{RDF}" ></rdf:RDF >',
        f'<RDF xmlns="{RDF}"/>',
        f'<a><RDF xmlns="{RDF}"><Description xmlns:r="{RDF}" r:about=""/></RDF></a>',
        f'<?xpacket begin=""?><q:RDF xmlns:q="{RDF}">\r\n</q:RDF>{" " * 99}<?xpacket end="w"?>',
        f'<?xml version="1.0" encoding="ISO-8859-1"?><rdf:RDF xmlns:rdf="{RDF}"><!-- x --></rdf:RDF>',
    ],
)
def test_unusual_but_sound_packets_are_merged_into(existing: str) -> None:
    assert xmp.read(merged(existing.encode())) is not None


def test_our_earlier_answer_is_renewed_in_place() -> None:
    first = merged(STRANGER.encode())
    assert merged(first) == first
    second = merged(first, RIO)
    assert merged(second, PARIS) == first
    assert second.count(b"GPSLatitude>") == 2


def test_our_answer_is_renewed_where_another_program_moved_it_among_its_own() -> None:
    ours = xmp.sidecar(PARIS, WHEN).decode().split("<exif:GPSVersionID>")[1].split("</rdf:Description>")[0]
    packet = described("<exif:GPSVersionID>" + ours, " exif:UserComment='mine' exif:GPSImgDirection='12/1'")
    result = merged(packet, RIO)
    assert b"exif:UserComment='mine' exif:GPSImgDirection='12/1'" in result
    assert result.count(b"<exif:GPSLatitude>") == 1
    position = xmp.read(result)
    assert position is not None
    assert position.location.lat == pytest.approx(RIO.location.lat, abs=1e-7)


def test_a_position_of_a_person_stands_without_replace_and_goes_with_it() -> None:
    existing = described(
        "\n  <exif:GPSLongitude>2,0E</exif:GPSLongitude>\n  <dwc:recordedBy>Humboldt</dwc:recordedBy>",
        " exif:GPSLatitude='1,0N' exif:GPSAltitude='12/1' exif:GPSImgDirection='3/1'",
    )
    with pytest.raises(RefusedError, match="already has a position"):
        xmp.merge(existing, PARIS, WHEN, False)
    result = merged(existing, replace=True)
    position = xmp.read(result)
    assert position is not None
    assert position.machine == "geotag alexnet"
    assert b"1,0N" not in result
    assert b"GPSAltitude" not in result
    assert (
        b" exif:GPSImgDirection='3/1'>\n  <dwc:recordedBy>Humboldt</dwc:recordedBy></rdf:Description>"
        in result
    )


def test_half_a_position_is_not_overwritten() -> None:
    with pytest.raises(RefusedError, match="cannot be read"):
        xmp.merge(described("<exif:GPSLatitude>somewhere</exif:GPSLatitude>"), PARIS, WHEN, False)


def test_leftovers_of_others_stay_when_they_agree_and_refuse_when_they_do_not() -> None:
    result = merged(described("", ' exif:GPSVersionID="2.2.0.0" exif:GPSMapDatum="WGS-84"'))
    assert result.count(b"GPSVersionID") == 1
    assert result.count(b"GPSMapDatum") == 1
    assert merged(result) == result
    assert b'exif:GPSVersionID="2.2.0.0" exif:GPSMapDatum="WGS-84"' in merged(result, RIO)
    with pytest.raises(RefusedError, match="GPSMapDatum 'TOKYO'"):
        xmp.merge(described("", ' exif:GPSMapDatum="TOKYO"'), PARIS, WHEN, False)


def test_what_is_left_of_our_answer_stays_where_a_new_one_comes() -> None:
    first = merged(described("", ' exif:UserComment="mine"'))
    start, end = first.index(b"<exif:GPSLatitude>"), first.index(b"<exif:GPSMapDatum>")
    decimal, behind = first.index(b"<dwc:decimalLatitude>"), first.index(b"<dwc:coordinateUncertainty")
    removed = first[:start] + first[end:decimal] + first[behind:]
    assert xmp.read(removed) is None
    again = merged(removed)
    assert b'exif:UserComment="mine"' in again
    assert merged(again) == again
    renewed = merged(again, Tag(RIO.location, PARIS.error_km, PARIS.model))
    assert renewed.count(b"<exif:GPSLatitude>") == 1
    with pytest.raises(RefusedError, match="GPSHPositioningError"):
        xmp.merge(again, RIO, WHEN, False)
    assert merged(again, RIO, replace=True).count(b"<dwc:coordinateUncertaintyInMeters>") == 1


def test_remarks_beside_our_answer_survive_its_renewal() -> None:
    first = merged(STRANGER.encode()).replace(
        b"<exif:GPSVersionID>", b"<!-- checked by Ada --><exif:GPSVersionID>"
    )
    assert b"<!-- checked by Ada -->" in merged(first, RIO)


def test_a_packet_that_is_cut_off_behind_its_position_still_has_one() -> None:
    whole = xmp.sidecar(PARIS, WHEN)
    assert xmp.read(whole[: whole.index(b"</rdf:RDF>")]) is not None
    assert xmp.read(whole + b"\0\0\0") is not None


@pytest.mark.parametrize("model", ["<&\"'>", "Größe \x00\x1b\n v1", "\ud800", "  "])
def test_any_model_name_makes_valid_xml(model: str) -> None:
    tag = Tag(PARIS.location, 1.0, model)
    for result in (xmp.sidecar(tag, WHEN), merged(STRANGER.encode(), tag)):
        position = xmp.read(result)
        assert position is not None
        assert position.machine is not None
        assert position.machine.startswith("geotag")


@given(data=st.data())
def test_mutations_only_ever_refuse(data: st.DataObject) -> None:
    existing = bytearray(
        data.draw(st.sampled_from([STRANGER.encode(), STRANGER.encode("utf-16"), merged(STRANGER.encode())]))
    )
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(existing) - 1))
        existing[at : at + data.draw(st.integers(0, 3))] = data.draw(
            st.sampled_from([b"", b"<", b">", b"/", b"&", b"\0", b"xx"])
        )
    xmp.read(bytes(existing))
    try:
        result = merged(bytes(existing))
    except RefusedError:
        return
    assert xmp.read(result) is not None
    assert merged(result) == result


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 20100))
def test_every_position_reads_back(lat: float, lon: float, error_km: float) -> None:
    tag = Tag(Location(lat, lon), error_km, "m")
    position = xmp.read(merged(STRANGER.encode(), tag))
    assert position is not None
    assert position.location.lat == pytest.approx(lat, abs=1e-7)
    assert position.location.lon == pytest.approx(lon, abs=1e-7)


@pytest.mark.skipif(not shutil.which("exiftool"), reason="ExifTool is not installed")
def test_exiftool_reads_the_same(tmp_path: Path) -> None:
    for number, packet in enumerate((xmp.sidecar(RIO, WHEN), merged(STRANGER.encode(), RIO))):
        file = tmp_path / f"{number}.xmp"
        file.write_bytes(packet)
        command = [
            "exiftool",
            "-n",
            "-s3",
            "-XMP-exif:GPSLatitude",
            "-XMP-exif:GPSLongitude",
            "-Warning",
            str(file),
        ]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        assert [float(line) for line in lines] == pytest.approx([-22.951916, -43.2104872], abs=1e-7)


@pytest.mark.skipif(not shutil.which("exiv2"), reason="exiv2 is not installed")
def test_our_answer_survives_another_program_that_writes_the_sidecar_anew(tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg.xmp"
    file.write_bytes(merged(described("", ' exif:UserComment="mine"'), RIO))
    subprocess.run(
        ["exiv2", "-M", "set Xmp.dc.creator XmpSeq Ada", str(file)], check=True, capture_output=True
    )
    position = xmp.read(file.read_bytes())
    assert position is not None
    assert position.machine == "geotag alexnet"
    renewed = merged(file.read_bytes(), PARIS)
    assert b"Ada" in renewed
    assert b"mine" in renewed
    assert renewed.count(b"GPSLatitude>") == 2


def test_a_signature_is_told_from_the_history_of_a_thing() -> None:
    xmp.check(b"<x dcterms:provenance='Bought from the heirs in 1931'/>")
    for address in ("https://example.org/photo.c2pa", "self#jumbf=/c2pa/urn:uuid:1"):
        for packet in (
            f"<x dcterms:provenance='{address}'/>",
            f"<dcterms:provenance>{address}</dcterms:provenance>",
        ):
            for codec in ("utf-8", "utf-16"):
                with pytest.raises(RefusedError, match="signed"):
                    xmp.check(packet.encode(codec))


@pytest.mark.parametrize("name", PACKETS)
def test_packets_hold_what_every_sidecar_must(name: str) -> None:
    assert check_packet(PACKETS[name]) == (name != "located.xmp")
