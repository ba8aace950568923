"""XMP: the position in a packet, a fresh sidecar, and a merge into someone else's sidecar.

Properties: exif (CIPA DC-010, XMP for Exif; GPSCoordinate in XMP Specification Part 2) and Darwin
Core (dwc.tdwg.org/terms), whose georeference terms say how far to trust a position. IPTC's AI properties
and DigitalSourceType are left out on purpose: they would declare the picture itself synthetic.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from geotag.errors import RefusedError
from geotag.metadata import gps, location
from geotag.metadata.location import escaped
from geotag.metadata.patch import apply, ordered
from geotag.metadata.rdf import RDF_NS, Packet, Property, parse
from geotag.types import Location, Patch, Position, Splice, Tag

_EXIF = "http://ns.adobe.com/exif/1.0/"
_DWC = "http://rs.tdwg.org/dwc/terms/"
_PREFIXES = {_EXIF: "exif", _DWC: "dwc", location.EXT: "Iptc4xmpExt"}
_VERSION = f"{_EXIF} GPSVersionID"
_LATITUDE, _LONGITUDE = f"{_EXIF} GPSLatitude", f"{_EXIF} GPSLongitude"
_METHOD, _PROTOCOL = f"{_EXIF} GPSProcessingMethod", f"{_DWC} georeferenceProtocol"
_STATUS, _BY = f"{_DWC} georeferenceVerificationStatus", f"{_DWC} georeferencedBy"
_DECIMAL_LATITUDE, _DECIMAL_LONGITUDE = f"{_DWC} decimalLatitude", f"{_DWC} decimalLongitude"
_MARKED = (_METHOD, _PROTOCOL, location.REMARKS)
_FIX = {_LATITUDE, _LONGITUDE, _DECIMAL_LATITUDE, _DECIMAL_LONGITUDE}

_NUMBER = r"(\d{1,3}(?:\.\d{0,20})?)"
_SEXAGESIMAL = re.compile(rf"{_NUMBER}(?:,{_NUMBER})?(?:,{_NUMBER})?([NSEW])", re.ASCII)
_DECIMAL = re.compile(rf"([+-]?){_NUMBER}", re.ASCII)
# C2PA specification: a manifest is named by its address, and holds a hash of the file. Archives use the same
# property for the history of a thing, in words.
_MANIFEST = re.compile(rb"dcterms:provenance[^<]{0,200}?(?:self#jumbf|https?:)")
_SAME_DEGREES = 1e-5
_PER_MINUTE = 1_000_000

# With a position these go: they say where it is or how it was found.
_ABOUT_THE_FIX = {
    *(f"{_EXIF} GPS{local}" for local in (
        "Latitude", "LatitudeRef", "Longitude", "LongitudeRef", "Altitude", "AltitudeRef", "TimeStamp",
        "Satellites", "Status", "MeasureMode", "DOP", "SpeedRef", "Speed", "TrackRef", "Track",
        "MapDatum", "ProcessingMethod", "AreaInformation", "Differential", "HPositioningError",
    )),
    *(f"{_DWC} {local}" for local in (
        "decimalLatitude", "decimalLongitude", "coordinateUncertaintyInMeters", "geodeticDatum",
        "georeferenceProtocol", "georeferencedDate", "georeferencedBy", "georeferenceVerificationStatus",
    )),
}  # fmt: skip


_ENVELOPE = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="{RDF_NS}">{{}}
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"""


def read(packet: bytes) -> Position | None:
    """The position in an XMP packet or sidecar; None when there is none or the packet is rubbish.

    It counts as ours only where our marker and our copy of the coordinates in Darwin Core still agree with
    it: whoever moves the point in another program leaves the copy behind, and then it is a person's.
    """
    # A look at the bytes saves the parsing of a packet that says nothing of a position.
    if b"Latitude" not in packet.replace(b"\0", b""):
        return None
    try:
        return _position(_properties(parse(packet, lenient=True)))
    except RefusedError:
        return None


def check(packet: bytes) -> None:
    """Raises RefusedError when the XMP inside a picture file is a reason to leave that file alone."""
    if _MANIFEST.search(packet.replace(b"\0", b"")):
        raise RefusedError("is signed (C2PA), and writing would break the signature")
    if read(packet):
        raise RefusedError("already has a position in its XMP, which is left alone")


def sidecar(tag: Tag, when: datetime) -> bytes:
    """A fresh XMP sidecar in UTF-8 for the position of `tag`, georeferenced at `when` (with a time zone)."""
    text = _description("rdf", "", _ours(tag, when), location.members(tag))
    return _ENVELOPE.format(text).encode()


def merge(existing: bytes, tag: Tag, when: datetime, replace: bool) -> Patch:
    """The edits that put a position into an existing sidecar; what others wrote stays byte for byte.

    Our earlier answer gives way to the new one; the name of a place is left out where another stands. Raises
    RefusedError for a position that is not ours (where `replace` does not allow to overwrite it), and for XML
    that is broken or not XMP.
    """
    packet = parse(existing)
    before, ours = _properties(packet), _ours(tag, when)
    gone = _given_way(packet, ours, replace)
    left = [item for item in before if item not in gone]
    names = {item.name for item in left}
    new = {name: value for name, value in ours.items() if name not in names}
    place = {} if names & {location.CREATED, location.REMARKS} else location.members(tag)
    about = next((description.about for description in packet.descriptions), "")
    patch = _edits(existing, packet, gone, _description(packet.prefix, about, new, place))
    after = _properties(parse(apply(existing, patch)))
    found = _position(after)
    if (
        found is None
        or found.machine != ours[_METHOD]
        or not _same(found.location, tag.location)
        or (place and not _our_place(after))
        or [(item.name, item.value) for item in after if item.name in names]
        != [(item.name, item.value) for item in left]
    ):
        raise RefusedError("the XMP does not read back as it should after the merge")
    return patch


def _given_way(packet: Packet, ours: Mapping[str, str], replace: bool) -> set[Property]:
    """The properties that our own take the place of.

    XMP allows a property once (ISO 16684-1, section 6), so a leftover that says the same stays in place of
    ours, and one that says otherwise is a reason to refuse, but for our own marker.
    """
    properties = _properties(packet)
    old = _position(properties)
    named = _our_place(properties)
    if old is not None and old.machine is not None:
        gone = _our_earlier(packet, {*ours, *([_BY] if old.reviewer else [])}, named)
    elif replace:
        gone = {item for item in properties if item.name in _ABOUT_THE_FIX}
    elif _FIX & {item.name for item in properties}:
        raise RefusedError("already has a position" if old else "has a position that cannot be read")
    else:
        gone = set()
    gone |= {item for item in properties if item.name in _MARKED and _is_mark(item.value)} | named
    for item in properties:
        if item not in gone and item.name != _VERSION and ours.get(item.name, item.value) != item.value:
            if not replace:
                raise RefusedError(
                    f"already has {item.name.split()[1]} {item.value[:40]!r} from someone else"
                )
            gone.add(item)
    return gone


def _our_earlier(packet: Packet, ours: set[str], named: set[Property]) -> set[Property]:
    """Our earlier answer: a description of our own, or what another program has mixed with its own."""
    known = {*ours, *(item.name for item in named), location.REMARKS}
    for description in packet.descriptions:
        names = {item.name for item in description.properties}
        if {_LATITUDE, _LONGITUDE} <= names <= known:
            return set(description.properties)
    properties = _properties(packet)
    return {item for item in properties if item.name in ours - {_VERSION}}


def _edits(data: bytes, packet: Packet, gone: set[Property], text: str) -> Patch:
    """Take out what is `gone` and put in `text`, in place of a description of which nothing is left."""
    splices = []
    new = text.encode(packet.codec)
    for description in packet.descriptions:
        out = [item for item in description.properties if item in gone]
        whole = out and len(out) == len(description.properties)
        if whole and not _has_remarks(data[description.start : description.end], packet.codec):
            splices.append(Splice(description.start, description.end - description.start, new))
            new = b""
        else:
            splices += [Splice(item.start, item.end - item.start, b"") for item in out]
    if new and packet.empty:
        name = f"{packet.prefix}:RDF" if packet.prefix else "RDF"
        opened = f">{text}\n</{name}>".encode(packet.codec)
        splices.append(Splice(packet.place, len("/>".encode(packet.codec)), opened))
    elif new:
        splices.append(Splice(packet.place, 0, new))
    return ordered(tuple(splices))


def _has_remarks(data: bytes, codec: str) -> bool:
    return "<!".encode(codec) in data or "<?".encode(codec) in data


def _ours(tag: Tag, when: datetime) -> dict[str, str]:
    """What we say, by property: the point, its radius in whole metres, who put it there, who verified it."""
    lat, lon = tag.location.lat, tag.location.lon
    metres = max(1, math.ceil(round(tag.error_km * 1000, 3)))
    name = gps.machine("".join(filter(str.isprintable, tag.model)).strip() or "unnamed")
    return {
        _VERSION: "2.3.0.0",
        _LATITUDE: _sexagesimal(lat, "NS"),
        _LONGITUDE: _sexagesimal(lon, "EW"),
        f"{_EXIF} GPSMapDatum": "WGS-84",
        _METHOD: name,
        f"{_EXIF} GPSHPositioningError": f"{metres}/1",
        _DECIMAL_LATITUDE: f"{lat:.7f}",
        _DECIMAL_LONGITUDE: f"{lon:.7f}",
        f"{_DWC} coordinateUncertaintyInMeters": str(metres),
        f"{_DWC} geodeticDatum": "EPSG:4326",
        _PROTOCOL: name,
        **({_BY: tag.reviewer} if tag.reviewer else {}),
        f"{_DWC} georeferencedDate": tag.reviewed or when.isoformat(timespec="seconds"),
        _STATUS: gps.VERIFIED if tag.reviewer else gps.UNVERIFIED,
    }


def _description(prefix: str, about: str, properties: Mapping[str, str], place: Mapping[str, str]) -> str:
    """An rdf:Description of the resource `about`, its properties on lines of their own.

    `prefix` is the name of the RDF namespace where it goes; with none, it brings its own. `place` are the
    members of a LocationCreated; with none, there is none.
    """
    rdf = prefix or "rdf"
    remark = {location.REMARKS: location.remark(place)} if place else {}
    lines = []
    for name, value in {**properties, **remark}.items():
        uri, local = name.split(" ")
        short = f"{_PREFIXES[uri]}:{local}"
        lines.append(f"\n   <{short}>{escaped(value)}</{short}>")
    if place:
        lines.append(location.element(_PREFIXES[location.EXT], rdf, place))
    declared = {name: uri for uri, name in _PREFIXES.items() if place or uri != location.EXT}
    if not prefix:
        declared[rdf] = RDF_NS
    spaces = "".join(f'\n    xmlns:{name}="{uri}"' for name, uri in declared.items())
    opened = f'\n  <{rdf}:Description {rdf}:about="{escaped(about)}"{spaces}>'
    return f"{opened}{''.join(lines)}\n  </{rdf}:Description>"


def _sexagesimal(degrees: float, letters: str) -> str:
    """A GPSCoordinate, "DDD,MM.mmmmmmN": a millionth of a minute is as fine as what EXIF gets."""
    whole, rest = divmod(round(abs(degrees) * 60 * _PER_MINUTE), 60 * _PER_MINUTE)
    return f"{whole},{rest // _PER_MINUTE}.{rest % _PER_MINUTE:06d}{letters[degrees < 0]}"


def _degrees(text: str, letters: str) -> float | None:
    """Signed degrees from "48,51.5N", "48,51,30N" or "48.85"; None for anything else."""
    if match := _SEXAGESIMAL.fullmatch(text):
        parts = zip(match.groups("0")[:3], (1, 60, 3600), strict=True)
        degrees = sum(float(number) / share for number, share in parts)
        sign = letters.find(match[4])
        return None if sign < 0 else -degrees if sign else degrees
    if match := _DECIMAL.fullmatch(text):
        return float(text)
    return None


def _position(properties: Iterable[Property]) -> Position | None:
    said = {item.name: item.value for item in properties}
    location = _location(*(_with_letter(said, name) for name in (_LATITUDE, _LONGITUDE)))
    copy = _location(said.get(_DECIMAL_LATITUDE, ""), said.get(_DECIMAL_LONGITUDE, ""))
    marks = (said.get(_METHOD, ""), said.get(_PROTOCOL, ""))
    machine = next(filter(_is_mark, marks), None)
    if location is None:
        if copy is None:
            return None
        location = copy
    if machine is None or not (copy and _same(location, copy)):
        return Position(location)
    # Whoever takes the remark away that it is yet to be verified, in whatever program, has verified it.
    verified = said.get(_STATUS, gps.UNVERIFIED) != gps.UNVERIFIED
    return Position(location, machine, (said.get(_BY) or "a person") if verified else "")


def _with_letter(said: Mapping[str, str], name: str) -> str:
    """A coordinate with its N, S, E or W, which some programs keep in a property of its own, as EXIF does."""
    value = said.get(name, "")
    if value[-1:].isalpha() or value[:1] in ("+", "-"):
        return value
    return value + said.get(f"{name}Ref", "")[:1].upper()


def _our_place(properties: Iterable[Property]) -> set[Property]:
    """The LocationCreated among these properties, where it is our own guess."""
    said = [item for item in properties if item.name == location.CREATED and item.element]
    remarks = [item.value for item in properties if item.name == location.REMARKS]
    ours = location.is_ours([item.element for item in said if item.element], remarks)
    return set(said) if ours else set()


def _is_mark(text: str) -> bool:
    return text.startswith(gps.machine(""))


def _location(lat: str, lon: str) -> Location | None:
    north, east = _degrees(lat, "NS"), _degrees(lon, "EW")
    if north is None or east is None or abs(north) > 90 or abs(east) > 180:
        return None
    return Location(north, east)


def _same(one: Location, other: Location) -> bool:
    return abs(one.lat - other.lat) < _SAME_DEGREES and abs(one.lon - other.lon) < _SAME_DEGREES


def _properties(packet: Packet) -> list[Property]:
    return [item for description in packet.descriptions for item in description.properties]
