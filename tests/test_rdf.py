"""XML from outside: what is not sound XMP is refused, whatever it tries."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from geotag.errors import RefusedError
from geotag.metadata import rdf, xmp
from tests.codec_checks import PARIS
from tests.xmp_packets import PLACELESS, RDF, described

WHEN = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("existing", "reason"),
    [
        (b"", "not well-formed"),
        (b"\0" * 40, "not well-formed"),
        (PLACELESS[:200], "not well-formed"),
        (PLACELESS + b"\0", "not well-formed"),
        (b"<html/>", "0 rdf:RDF"),
        (f'<a><b:RDF xmlns:b="{RDF}"/><b:RDF xmlns:b="{RDF}"/></a>'.encode(), "2 rdf:RDF"),
        (f'<!DOCTYPE a><b:RDF xmlns:b="{RDF}"/>'.encode(), "DOCTYPE"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "DOCTYPE"),
        (b"<a>" * 1000, "nested too deeply"),
        (b'<?xml version="1.0" encoding="cp037"?><a/>', "cp037"),
        (b'<?xml version="1.0" encoding="UTF-16"?><a/>', "UTF-16"),
        (bytes(rdf.MAX_BYTES + 1), "larger"),
    ],
)
def test_what_is_not_sound_xmp_is_refused_and_reads_as_nothing(existing: bytes, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        xmp.merge(existing, PARIS, WHEN, True)
    assert xmp.read(existing) is None


def test_an_entity_bomb_is_refused_before_it_grows() -> None:
    levels = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    bomb = f'<!DOCTYPE a [<!ENTITY e0 "ha">{levels}]><a>&e9;</a>'.encode()
    assert xmp.read(bomb) is None
    with pytest.raises(RefusedError, match="DOCTYPE"):
        xmp.merge(bomb, PARIS, WHEN, True)


def test_a_packet_with_very_many_elements_is_looked_at_as_far_as_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rdf, "MAX_ELEMENTS", 50)
    packet = described("<dwc:x/>" * 60, " exif:GPSLatitude='1,0N' exif:GPSLongitude='2,0E'")
    assert xmp.read(packet) is not None
    with pytest.raises(RefusedError, match="too many elements"):
        xmp.merge(packet, PARIS, WHEN, True)


def test_long_white_space_costs_no_more_than_its_length() -> None:
    assert (
        xmp.read(described("", " " * 2_000_000 + "exif:GPSLatitude='1N' exif:GPSLongitude='2E'")) is not None
    )


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("remark", ["", "<!-- é𝄞 -->", "<?x y?>", "<![CDATA[>]]>"])
def test_every_property_is_found_byte_for_byte(codec: str, remark: str) -> None:
    text = described(
        f"{remark}<exif:Ä>ß&amp;</exif:Ä>{remark}<exif:B/>", " exif:C = '𝄞>' dwc:D=\"/\""
    ).decode()
    data = text.encode(codec)
    plain = codec.removesuffix("-sig") if codec != "utf-16" else "utf-16-le"
    (description,) = rdf.parse(data).descriptions
    pieces = {
        item.name.split()[1]: data[item.start : item.end].decode(plain) for item in description.properties
    }
    assert pieces == {
        "C": " exif:C = '𝄞>'",
        "D": ' dwc:D="/"',
        "Ä": "<exif:Ä>ß&amp;</exif:Ä>",
        "B": "<exif:B/>",
    }
    assert [item.value for item in description.properties] == ["𝄞>", "/", "ß&", ""]
    assert data[description.start : description.end].decode(plain).startswith("<rdf:Description")
    assert data[rdf.parse(data).place :].decode(plain).startswith("</rdf:RDF>")
