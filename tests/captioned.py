"""What tests of captions are made of: the texts they expect, packets and files with words in them."""

from __future__ import annotations

import io

from PIL import Image

from geotag.texts import Origin, Text
from tests.blocks import directory, exif, exif_segment, header, jpeg, long
from tests.iptc_records import UTF_8, record
from tests.xmp_packets import RDF

RESOURCES = b"Photoshop 3.0\0"
PACKET_HEAD = b"http://ns.adobe.com/xap/1.0/\0"
SPACES = (
    f'xmlns:rdf="{RDF}" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"'
    ' xmlns:core="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"'
    ' xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
)
RECORD = record(UTF_8, (2, 90, "Königsberg".encode()), (2, 120, "Вид на гавань".encode()), (2, 25, b"port"))
IN_RECORD = (
    Text(Origin.FIELD, "Königsberg"),
    Text(Origin.CAPTION, "Вид на гавань"),
    Text(Origin.KEYWORDS, "port"),
)
ATTRIBUTES = 'ext:City="Rome" ext:CountryName="Italy" ext:Sublocation="Forum"'


def caption(*words: str) -> tuple[Text, ...]:
    return tuple(Text(Origin.CAPTION, word) for word in words)


def field(*words: str) -> tuple[Text, ...]:
    return tuple(Text(Origin.FIELD, word) for word in words)


def listed(words: str) -> tuple[Text, ...]:
    return (Text(Origin.KEYWORDS, words),)


def packet(elements: str, attributes: str = "") -> bytes:
    inner = f'<rdf:Description rdf:about=""{attributes}>{elements}</rdf:Description>'
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {SPACES}>{inner}</rdf:RDF></x:xmpmeta>'.encode()


def bag(*items: str) -> str:
    return "<rdf:Bag>" + "".join(f"<rdf:li>{item}</rdf:li>" for item in items) + "</rdf:Bag>"


def described(tag: int, data: bytes, kind: int = 2) -> bytes:
    """A JPEG whose first directory has one value more."""
    return jpeg(exif_segment(exif(extra=[(tag, kind, len(data), data)])))


def commented(data: bytes, order: str = "<") -> bytes:
    """A JPEG with this UserComment and nothing else."""
    inner = directory(order, 26, [(0x9286, 7, len(data), data)])
    return jpeg(exif_segment(header(order) + directory(order, 8, [long(order, 34665, 26)]) + inner))


def pillow(kind: str) -> bytes:
    """A small picture with a description, saved by Pillow."""
    out, tags = io.BytesIO(), Image.Exif()
    tags[0x010E] = "The Forum in winter"
    Image.new("RGB", (8, 8)).save(out, kind, exif=tags)
    return out.getvalue()
