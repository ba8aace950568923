"""Captions in XMP: every notation of RDF, one language of several, and what is left out."""

from __future__ import annotations

import pytest

from geotag.metadata import captions
from geotag.texts import Text
from tests.blocks import jpeg, segment
from tests.captioned import ATTRIBUTES, PACKET_HEAD, bag, caption, field, listed, packet

TERMS = (("de", "Hafen von Königsberg"), ("x-default", "Königsberg harbour"), ("ru", "Порт Кёнигсберга"))


@pytest.mark.parametrize(
    ("elements", "attributes", "found"),
    [
        ("<dc:title>Rome</dc:title>", "", caption("Rome")),
        ("", ' photoshop:Headline="Winter &amp; Rome"', caption("Winter & Rome")),
        (
            "<dc:title><rdf:Alt>"
            + "".join(f'<rdf:li xml:lang="{code}">{term}</rdf:li>' for code, term in TERMS)
            + "</rdf:Alt></dc:title>",
            "",
            caption("Königsberg harbour"),
        ),
        (
            '<dc:description><rdf:Alt><rdf:li xml:lang="de">Hafen</rdf:li></rdf:Alt></dc:description>',
            "",
            caption("Hafen"),
        ),
        (f"<dc:subject>{bag('port', 'Порт', 'port')}</dc:subject>", "", listed("port; Порт")),
        (f"<dc:coverage>{bag('Ostpreußen', '1890-1900')}</dc:coverage>", "", field("Ostpreußen")),
        (
            "<photoshop:Country>Italy</photoshop:Country>",
            ' photoshop:City=" Rome, " core:Location="Forum"',
            field("Forum, Rome, Italy"),
        ),
        ("<photoshop:City>Rome</photoshop:City>", ' dc:title="rome"', field("Rome")),
        ("<photoshop:Credit>Rome</photoshop:Credit>", ' dc:creator="Florence"', ()),
        ("<dc:title/><dc:subject><rdf:Bag/></dc:subject><dc:description></dc:description>", "", ()),
    ],
)
def test_a_packet(elements: str, attributes: str, found: tuple[Text, ...]) -> None:
    data = packet(elements, attributes)
    assert captions.sidecar(data) == found
    assert captions.sidecar(data.decode().encode("utf-16")) == found
    assert captions.read(jpeg(segment(0xE1, PACKET_HEAD + data))) == found


PLACE = (
    "<ext:City>Rome</ext:City><ext:CountryName>Italy</ext:CountryName>"
    "<ext:Sublocation>Forum</ext:Sublocation>"
)


@pytest.mark.parametrize(
    "structure",
    [
        f'<rdf:li rdf:parseType="Resource">{PLACE}</rdf:li>',
        f"<rdf:li><rdf:Description>{PLACE}</rdf:Description></rdf:li>",
        f"<rdf:li {ATTRIBUTES}/>",
        f"<rdf:li><rdf:Description {ATTRIBUTES}/></rdf:li>",
    ],
)
def test_places_are_structures_in_every_notation_of_rdf(structure: str) -> None:
    other = '<rdf:li rdf:parseType="Resource"><ext:ProvinceState>Lazio</ext:ProvinceState></rdf:li>'
    shown = f"<ext:LocationShown><rdf:Bag>{structure}{other}</rdf:Bag></ext:LocationShown>"
    assert captions.sidecar(packet(shown)) == field("Forum, Rome, Italy", "Lazio")
    created = shown.replace("LocationShown", "LocationCreated").replace("Rome", "Ostia")
    assert captions.sidecar(packet(shown + created)) == field(
        "Forum, Ostia, Italy", "Lazio", "Forum, Rome, Italy"
    )


@pytest.mark.parametrize(
    "structure",
    [
        f'<ext:LocationCreated rdf:parseType="Resource">{PLACE}</ext:LocationCreated>',
        f"<ext:LocationCreated {ATTRIBUTES}/>",
    ],
)
def test_a_place_may_stand_alone(structure: str) -> None:
    assert captions.sidecar(packet(structure)) == field("Forum, Rome, Italy")


def test_the_name_of_a_place_may_have_languages() -> None:
    names = "".join(f'<rdf:li xml:lang="{code}">{term}</rdf:li>' for code, term in TERMS)
    name = f"<ext:LocationName><rdf:Alt>{names}</rdf:Alt></ext:LocationName>"
    item = f'<rdf:li rdf:parseType="Resource">{name}{PLACE}</rdf:li>'
    shown = f"<ext:LocationShown><rdf:Bag>{item}</rdf:Bag></ext:LocationShown>"
    assert captions.sidecar(packet(shown)) == field("Königsberg harbour, Forum, Rome, Italy")


def test_a_packet_is_read_up_to_its_first_fault() -> None:
    assert captions.sidecar(packet("<dc:title>Rome</dc:title><dc:subject>")) == caption("Rome")
    assert captions.sidecar(b"<dc:title>Rome</dc:title>") == ()
