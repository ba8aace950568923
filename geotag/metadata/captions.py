"""The words and place fields that a file carries: in its Exif, its IPTC record, its XMP, its PNG texts.

Exif 2.32, 4.6.4 and 4.6.5 (ImageDescription, UserComment); the XP tags that Windows Explorer writes, in
UTF-16; IPTC-IIM 4.2, section 6; the properties of Dublin Core, Photoshop and the IPTC Photo Metadata
Standard 2023.1 in XMP. What is not a person's words about the picture is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from geotag import metadata
from geotag.errors import RefusedError
from geotag.metadata import charsets, iptc, location, rdf
from geotag.metadata.ifd import EXIF, Directory, Entry, Stream
from geotag.metadata.patch import Blocks, Buffer
from geotag.texts import Origin, Text

_LONGEST = 4_000
# No character takes more bytes, and the name of its code stands before a comment.
_MOST_BYTES = 4 * _LONGEST + 8
_MOST_KEYWORDS = 1_000

_DESCRIPTION, _COMMENT = 0x010E, 0x9286
_XP_TITLE, _XP_COMMENT, _XP_KEYWORDS, _XP_SUBJECT = 0x9C9B, 0x9C9C, 0x9C9E, 0x9C9F
_IPTC, _RESOURCES = 33723, 34377

# 2:92 sublocation, 2:90 city, 2:95 state, 2:101 country; 2:27 content location; 2:5 object name,
# 2:105 headline, 2:120 caption; 2:25 keywords.
_IIM_PLACE = (92, 90, 95, 101)
_IIM_CONTENT = 27
_IIM_WORDS = (5, 105, 120)
_IIM_KEYWORDS = 25

_DC = "http://purl.org/dc/elements/1.1/"
_PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
_CORE = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
_SHOWN = f"{location.EXT} LocationShown"
_XMP_PLACE = (f"{_CORE} Location", *(f"{_PHOTOSHOP} {local}" for local in ("City", "State", "Country")))
_XMP_DETAILS = tuple(
    f"{location.EXT} {local}"
    for local in ("LocationName", "Sublocation", "City", "ProvinceState", "CountryName")
)
_XMP_COVERAGE = f"{_DC} coverage"
_XMP_WORDS = (f"{_DC} title", f"{_PHOTOSHOP} Headline", f"{_DC} description")
_XMP_KEYWORDS = f"{_DC} subject"
# A look at the bytes saves the parsing of a packet that only tells how a photograph was developed.
_TELLING = re.compile(
    rb"[:<](?:title|Headline|description|subject|coverage|City|State|Country|Location\w*)[\s=>]"
)

# What cameras and programs write of their own accord, and values that are for machines.
_BOILERPLATE = re.compile(
    r"(?:[\w.,]+ ){0,2}digital ?(?:still ?)?camera|sony dsc|samsung csc|dcim|default|untitled|image"
    r"|ascii?|charset=.*|user comments?|no comment|exif[_ ]jpeg[_ ]picture|applemark|created with .*gimp.*"
    r"|file written by .*|software: .*|processed with .*|optimized by .*|lead technologies.*|kofax .*"
    r"|[0-9a-f-]{16,128}|\{.*\}|<\?xml.*|<[^<>]*>",
    re.IGNORECASE | re.DOTALL,
)
_STRANGE = ("Cc", "Cn", "Co", "Cs")
_ORDER = (Origin.FIELD, Origin.CAPTION, Origin.KEYWORDS)


def read(data: Buffer) -> tuple[Text, ...]:
    """The texts in an image file: place fields first, then titles and captions, then all keywords in one.

    Each is given once, without white space around it, and cut at 4,000 characters. What cannot be read is
    left out.
    """
    return told(metadata.blocks(data))


def told(blocks: Blocks) -> tuple[Text, ...]:
    """The texts in the metadata of a file, as `read` gives them."""
    found = [text for packet in blocks.xmp for text in _from_xmp(packet)]
    found += [text for resources in blocks.resources for text in _from_resources(resources)]
    found += [text for block in blocks.exif for text in _from_exif(block)]
    found += [Text(Origin.CAPTION, charsets.plain(text[:_MOST_BYTES])) for text in blocks.texts]
    return _tidied(found)


def sidecar(packet: bytes) -> tuple[Text, ...]:
    """The texts in an XMP sidecar, as `read` gives them."""
    return _tidied(_from_xmp(packet))


def _tidied(texts: Iterable[Text]) -> tuple[Text, ...]:
    """The most telling first, each once; keywords last and together, as a list with semicolons."""
    seen: set[str] = set()
    found: list[Text] = []
    for text in sorted(texts, key=lambda text: _ORDER.index(text.origin)):
        words = _readable(text.text)
        if words and words.casefold() not in seen:
            seen.add(words.casefold())
            found.append(Text(text.origin, words))
    keywords = [text.text for text in found if text.origin is Origin.KEYWORDS]
    listed = Text(Origin.KEYWORDS, "; ".join(keywords)[:_LONGEST].rstrip())
    return (*(text for text in found if text.origin is not Origin.KEYWORDS), *([listed] if keywords else ()))


def _readable(text: str) -> str:
    """A text without control characters, each line without white space around it; empty when it is none."""
    head = text.lstrip("\0").partition("\0")[0].strip()[:_LONGEST]
    shown = "".join(char if char.isprintable() or char == "\n" else _unseen(char) for char in head)
    clean = "\n".join(" ".join(line.split()) for line in shown.split("\n")).strip()
    if _BOILERPLATE.fullmatch(clean) or not any(map(str.isalpha, clean)):
        return ""
    # Bytes that are no text at all look like this in every character set.
    strange = sum(unicodedata.category(char) in _STRANGE and char not in "\t\r\n" for char in head)
    return "" if 10 * (strange + head.count("\ufffd")) > len(clean) else clean


def _unseen(char: str) -> str:
    """What stands for a character that is not seen: nothing for marks of direction, hyphens, joiners."""
    return "" if unicodedata.category(char) == "Cf" else " "


def _joined(parts: Iterable[str]) -> Text:
    """A place by its parts, the smallest first."""
    tidy = (" ".join(part.split()).strip(" ,;") for part in parts)
    return Text(Origin.FIELD, ", ".join(dict.fromkeys(part for part in tidy if part)))


def _keywords(values: Iterable[str]) -> Iterator[Text]:
    words = [word for value in values for word in value.split(";", _MOST_KEYWORDS)]
    return (Text(Origin.KEYWORDS, word) for word in words[:_MOST_KEYWORDS])


def _from_exif(block: Buffer) -> Iterator[Text]:
    """The texts in the first directory of a TIFF stream and in its Exif directory."""
    try:
        stream = Stream(block)
        ifd0 = stream.directory(stream.first, "IFD0")
    except RefusedError:
        return
    for tag in (_XP_TITLE, _XP_SUBJECT):
        yield from _windows(stream, ifd0, tag)
    if description := ifd0.find(_DESCRIPTION):
        yield Text(Origin.CAPTION, charsets.plain(_value(stream, description)))
    yield from _windows(stream, ifd0, _XP_COMMENT)
    yield from _comment(stream, ifd0)
    yield from _keywords(text.text for text in _windows(stream, ifd0, _XP_KEYWORDS))
    if record := ifd0.find(_IPTC):
        yield from _from_record(stream.value(record))
    if resources := ifd0.find(_RESOURCES):
        yield from _from_resources(stream.value(resources))


def _value(stream: Stream, entry: Entry) -> bytes:
    """The first bytes of a value: as many as a text of ours can have."""
    end = entry.offset + min(entry.size, _MOST_BYTES)
    return bytes(stream.data[entry.offset : end])


def _windows(stream: Stream, ifd0: Directory, tag: int) -> Iterator[Text]:
    if entry := ifd0.find(tag):
        yield Text(Origin.CAPTION, _value(stream, entry).decode("utf-16-le", "replace"))


def _comment(stream: Stream, ifd0: Directory) -> Iterator[Text]:
    pointer = stream.numbers(ifd0.find(EXIF))
    try:
        entry = stream.directory(pointer[0], "Exif").find(_COMMENT) if pointer else None
    except RefusedError:
        return
    if entry:
        yield Text(Origin.CAPTION, charsets.comment(_value(stream, entry), stream.order))


def _from_resources(resources: bytes) -> Iterator[Text]:
    for record in iptc.records(resources):
        yield from _from_record(record)


def _from_record(record: bytes) -> Iterator[Text]:
    said = iptc.read(record)
    yield _joined(said.get(number, [""])[0] for number in _IIM_PLACE)
    yield from (Text(Origin.FIELD, name) for name in said.get(_IIM_CONTENT, []))
    for number in _IIM_WORDS:
        yield from (Text(Origin.CAPTION, text) for text in said.get(number, []))
    yield from _keywords(said.get(_IIM_KEYWORDS, []))


def _from_xmp(packet: bytes) -> Iterator[Text]:
    if not _TELLING.search(packet.replace(b"\0", b"")):
        return
    try:
        root = rdf.tree(packet)
    except RefusedError:
        return
    said = rdf.members(root.children)
    parts = [part for resource in root.children for part in resource.children]
    created = [part for part in parts if rdf.bare(part.name) == location.CREATED]
    if not location.is_ours(created, said.get(location.REMARKS, [])):
        yield from _places(created)
    yield _joined(said.get(name, [""])[0] for name in _XMP_PLACE)
    yield from _places(part for part in parts if rdf.bare(part.name) == _SHOWN)
    yield from (Text(Origin.FIELD, value) for value in said.get(_XMP_COVERAGE, []))
    for name in _XMP_WORDS:
        yield from (Text(Origin.CAPTION, value) for value in said.get(name, []))
    yield from _keywords(said.get(_XMP_KEYWORDS, []))


def _places(parts: Iterable[rdf.Element]) -> Iterator[Text]:
    """The places in a LocationCreated or LocationShown."""
    for said in (said for part in parts for said in rdf.structures(part)):
        yield _joined(said.get(name, [""])[0] for name in _XMP_DETAILS)
