"""The properties of an XMP packet, and the bytes where each of them stands.

XMP is a subset of RDF/XML (ISO 16684-1, section 7). Whoever wants to change one property and leave
everything else byte for byte alone needs offsets, which no XML tree keeps; expat knows them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

from geotag.errors import RefusedError

RDF_NS = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XML_NS = "http://www.w3.org/XML/1998/namespace"
MAX_BYTES = 16 << 20
"""Real packets are kilobytes, develop settings with masks a few megabytes; more is not metadata."""
MAX_DEPTH = 100
MAX_ELEMENTS = 100_000
ASCII_COMPATIBLE = ("utf-8", "us-ascii", "iso-8859-1")
TAG_NAME = re.compile(r"<[^\s/>]++", re.ASCII)
_BLANKS = {
    codec: frozenset(blank.encode(codec) for blank in " \t\r\n")
    for codec in ("utf-8", "utf-16-le", "utf-16-be")
}
_LIST_ITEM, _ALTERNATIVES, _LANGUAGE = f"{RDF_NS} li", f"{RDF_NS} Alt", f"{XML_NS} lang"
ATTRIBUTE = re.compile(r"""\s++([^\s=<>/"']++)\s*+=\s*+("[^"]*+"|'[^']*+')""", re.ASCII)


@dataclass(frozen=True, slots=True)
class Property:
    """A top-level property: `name` is "namespace local", bytes `start`..`end` are it and the space before.

    `element` is what holds it, None where that is an attribute.
    """

    name: str
    value: str
    start: int
    end: int
    element: Element | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Description:
    """An rdf:Description with its resource (rdf:about); bytes `start`..`end` are it and the space before."""

    about: str
    start: int
    end: int
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class Packet:
    """What an XMP packet says, and where its rdf:RDF element ends.

    `codec` encodes text for the file. `prefix` is the packet's name for the RDF namespace, "" where it is the
    default. `place` is the offset where a further description goes: before the end tag and the white space
    that precedes it, or at the `/>` of an empty element (`empty`).
    """

    codec: str
    prefix: str
    place: int
    empty: bool
    descriptions: tuple[Description, ...]


@dataclass(slots=True)
class Element:
    """An XML element while it is read.

    Offsets of its start tag, of the end of that, of its end tag and of the end of that; -1 is not yet known.
    """

    name: str
    attributes: list[tuple[str, str]]
    start: int
    tag_end: int = -1
    close: int = -1
    end: int = -1
    text: list[str] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)


def parse(data: bytes, *, lenient: bool = False) -> Packet:
    """Parse an XMP packet or sidecar in UTF-8 or UTF-16.

    `lenient` takes what stands before the first fault in the XML instead of refusing all of it: right for
    looking, wrong for editing. Raises RefusedError for broken XML, a DOCTYPE (entities are how XML from
    outside attacks), no rdf:RDF or several, another encoding, more than MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS.
    """
    codec, root = _root(data, lenient)
    return _packet(data, codec, root)


def tree(data: bytes) -> Element:
    """The rdf:RDF element of an XMP packet or sidecar, as far as its XML is sound; raises RefusedError as
    `parse` does.
    """
    return _root(data, True)[1]


def _root(data: bytes, lenient: bool) -> tuple[str, Element]:
    """The encoding of a packet as Python names it, and its rdf:RDF element."""
    if len(data) > MAX_BYTES:
        raise RefusedError(f"the XMP is larger than {MAX_BYTES >> 20} MiB")
    reader = _Reader(data)
    try:
        reader.parser.Parse(data, True)
    except (RefusedError, expat.ExpatError, LookupError, ValueError) as error:
        if lenient:
            reader.settle()
        elif isinstance(error, RefusedError):
            raise
        else:
            raise RefusedError(f"the XMP is not well-formed XML ({error})") from error
    roots = [element for element in reader.elements if bare(element.name) == f"{RDF_NS} RDF"]
    if len(roots) != 1:
        raise RefusedError(f"the XML has {len(roots)} rdf:RDF elements where XMP has one")
    return reader.codec, roots[0]


class _Reader:
    """Expat's handlers. Expat says where an event begins; a tag ends where the next event begins."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.codec = _codec(data)
        self.elements: list[Element] = []
        self.path: list[Element] = []
        self.unsettled: Element | None = None
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.namespace_prefixes = True
        self.parser.ordered_attributes = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.XmlDeclHandler = self.declaration
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.DefaultHandler = self.settle

    def settle(self, _text: str = "") -> None:
        if self.unsettled is not None:
            if self.unsettled.tag_end < 0:
                self.unsettled.tag_end = self.parser.CurrentByteIndex
            else:
                self.unsettled.end = self.parser.CurrentByteIndex
            self.unsettled = None

    def start(self, name: str, attributes: list[str]) -> None:
        self.settle()
        if len(self.path) >= MAX_DEPTH or len(self.elements) >= MAX_ELEMENTS:
            raise RefusedError("the XMP is nested too deeply or has too many elements")
        pairs = list(zip(attributes[::2], attributes[1::2], strict=True)) if attributes else []
        element = Element(name, pairs, self.parser.CurrentByteIndex)
        if self.path:
            self.path[-1].children.append(element)
        self.elements.append(element)
        self.path.append(element)
        self.unsettled = element

    def end(self, _name: str) -> None:
        self.settle()
        element = self.path.pop()
        element.close = self.parser.CurrentByteIndex
        slash = "/>".encode(self.codec)
        if self.data[element.tag_end - len(slash) : element.tag_end] == slash:
            element.end = element.close
        else:
            self.unsettled = element

    def characters(self, text: str) -> None:
        self.settle()
        if self.path:
            self.path[-1].text.append(text)

    def declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if self.codec == "utf-8" and encoding and encoding.lower() not in ASCII_COMPATIBLE:
            raise RefusedError(f"the XMP is in the encoding {encoding[:40]}, not in UTF-8 or UTF-16")

    def doctype(self, *_: object) -> None:
        raise RefusedError("the XMP has a DOCTYPE, which XMP never needs and attacks do")


def _codec(data: bytes) -> str:
    """The encoding by byte order mark or first character (XML 1.0, appendix F)."""
    if data[:2] in (b"\xff\xfe", b"<\0"):
        return "utf-16-le"
    return "utf-16-be" if data[:2] in (b"\xfe\xff", b"\0<") else "utf-8"


@lru_cache
def bare(name: str) -> str:
    """Expat's "namespace local prefix" without the prefix."""
    return " ".join(name.split(" ")[:2])


def _packet(data: bytes, codec: str, root: Element) -> Packet:
    empty = root.end == root.close >= 0
    place = root.close - len("/>".encode(codec)) if empty else _space_before(data, codec, root.close)
    descriptions = tuple(_description(data, codec, element) for element in root.children)
    return Packet(codec, " ".join(root.name.split(" ")[2:]), place, empty, descriptions)


def _description(data: bytes, codec: str, element: Element) -> Description:
    """Properties come as attributes and as elements in any mixture (ISO 16684-1, section 7.9.2.2)."""
    named = {bare(name): value for name, value in element.attributes}
    about = named.get(f"{RDF_NS} about", named.get("about", ""))
    elements = (
        Property(bare(child.name), value(child), _space_before(data, codec, child.start), child.end, child)
        for child in element.children
    )
    start = _space_before(data, codec, element.start)
    return Description(about, start, element.end, (*_attributes(data, codec, element), *elements))


def _attributes(data: bytes, codec: str, element: Element) -> Iterator[Property]:
    """The attributes of a start tag that are properties."""
    # In latin-1 a character is a byte, whatever the bytes of UTF-8 mean.
    units = "latin-1" if codec == "utf-8" else codec
    tag = data[element.start : element.tag_end].decode(units, "surrogatepass")
    name = TAG_NAME.match(tag)
    place, here = (name.end() if name else 0), element.start
    here += len(tag[:place].encode(units, "surrogatepass"))
    attributes = iter(element.attributes)
    while match := ATTRIBUTE.match(tag, place):
        start, place = here, match.end()
        here += len(match[0].encode(units, "surrogatepass"))
        if match[1] == "xmlns" or match[1].startswith("xmlns:"):
            continue
        full, value = next(attributes, ("", ""))
        if " " in full and full.split(" ")[0] not in (RDF_NS, XML_NS):
            yield Property(bare(full), value.strip(), start, here)


def value(element: Element) -> str:
    """The text of a property; with qualifiers it stands deeper, in rdf:value (ISO 16684-1, section 7.8)."""
    own = "".join(element.text).strip()
    return own or (next(filter(None, map(value, element.children)), "") if element.children else "")


def members(resources: Iterable[Element]) -> dict[str, list[str]]:
    """The values of every property of some resources; properties are attributes or elements."""
    found: dict[str, list[str]] = {}
    for resource in resources:
        for name, text in resource.attributes:
            found.setdefault(bare(name), []).append(text)
        for part in resource.children:
            found.setdefault(bare(part.name), []).extend(_values(part))
    return found


def structures(part: Element) -> list[dict[str, list[str]]]:
    """The structures that a property holds, one or a list; members stand in them, or in a description of
    their own (ISO 16684-1, section 7.9.2.3).
    """
    return [members([item, *item.children]) for item in _items(part) or [part]]


def _values(part: Element) -> list[str]:
    """The values of a property; of the same text in several languages the one that stands for all."""
    items = _items(part)
    if items and bare(part.children[0].name) == _ALTERNATIVES:
        default = (item for item in items if _language(item) == "x-default")
        items = [next(default, items[0])]
    return [value(item) for item in items or [part]]


def _items(part: Element) -> list[Element]:
    return [item for box in part.children for item in box.children if bare(item.name) == _LIST_ITEM]


def _language(item: Element) -> str:
    return next((text for name, text in item.attributes if bare(name) == _LANGUAGE), "")


def _space_before(data: bytes, codec: str, start: int) -> int:
    """Where the white space in front of `start` begins."""
    width, blanks = len(" ".encode(codec)), _BLANKS[codec]
    while data[start - width : start] in blanks:
        start -= width
    return start
