"""XMP packets as other programs write them, for the files of every format."""

LOCATED = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="48,30N"'
    b' exif:GPSLongitude="2,15E"/></rdf:RDF></x:xmpmeta>'
)
"""A person's position: 48.5 degrees north, 2.25 degrees east."""

PLACELESS = LOCATED.replace(b"GPSLatitude", b"UserComment").replace(b"GPSLongitude", b"Note")

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
EXIF = "http://ns.adobe.com/exif/1.0/"
DWC = "http://rs.tdwg.org/dwc/terms/"


def described(properties: str, attributes: str = "") -> bytes:
    """A packet with one rdf:Description that holds `properties` as elements and `attributes`."""
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">'
        f'<rdf:Description rdf:about="" xmlns:exif="{EXIF}" xmlns:dwc="{DWC}"{attributes}>{properties}'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()
