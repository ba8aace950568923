"""The place in words that a packet gives: IPTC's LocationCreated, with a remark by which ours is known again.

IPTC Photo Metadata Standard 2023.1, "Location Created" (in XMP a bag of Location structures); the remark is
Darwin Core's dwc:georeferenceRemarks. What a machine guessed must never be taken for a person's words later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from geotag.metadata import gps
from geotag.metadata.rdf import RDF_NS, Element, structures
from geotag.types import Tag

EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
CREATED = f"{EXT} LocationCreated"
REMARKS = "http://rs.tdwg.org/dwc/terms/ georeferenceRemarks"

_MEMBERS = ("City", "CountryName", "CountryCode")


def members(tag: Tag) -> dict[str, str]:
    """The members of the Location structure for `tag`; empty where it names no place."""
    texts = (
        " ".join("".join(char for char in text if char.isprintable() or char.isspace()).split())
        for text in (tag.place, tag.country, tag.country_code)
    )
    return {name: text for name, text in zip(_MEMBERS, texts, strict=True) if text}


def remark(said: Mapping[str, str]) -> str:
    """How a packet says that a machine named the place with these members."""
    return f"{gps.machine('named this place')}: {', '.join(said[name] for name in _MEMBERS if name in said)}"


def is_ours(created: Sequence[Element], remarks: Sequence[str]) -> bool:
    """Whether the LocationCreated of a packet is our own guess: one place, and a remark names the same.

    Whoever corrects or completes it in another program leaves the remark behind, and then it is a person's.
    """
    places = structures(created[0]) if len(created) == 1 else []
    if len(places) != 1:
        return False
    said = {name: texts[0] for name, texts in places[0].items() if texts and not name.startswith(RDF_NS)}
    known = {f"{EXT} {name}": name for name in _MEMBERS}
    return (
        bool(said)
        and said.keys() <= known.keys()
        and remark({known[name]: text for name, text in said.items()}) in remarks
    )


def element(prefix: str, rdf: str, said: Mapping[str, str]) -> str:
    """A LocationCreated with these members as XML; `prefix` and `rdf` are names of the namespaces."""
    lines = "".join(
        f"\n      <{prefix}:{name}>{escaped(text)}</{prefix}:{name}>" for name, text in said.items()
    )
    return (
        f'\n   <{prefix}:LocationCreated>\n    <{rdf}:Bag>\n     <{rdf}:li {rdf}:parseType="Resource">{lines}'
        f"\n     </{rdf}:li>\n    </{rdf}:Bag>\n   </{prefix}:LocationCreated>"
    )


def escaped(text: str) -> str:
    """Text for an element or an attribute, in ASCII whatever the encoding of the packet."""
    return escape(text).encode("ascii", "xmlcharrefreplace").decode()
