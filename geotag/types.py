"""The small frozen values that flow from scan to manifest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from geotag.review import Review
    from geotag.texts import Answer

    Pixels = NDArray[np.uint8]


RAW_SUFFIXES = frozenset(
    ".3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .iiq .kdc .mef .mos .mrw .nef .nrw .orf .pef .raf .raw .rw2 "
    ".rwl .sr2 .srf .srw .x3f".split()
)
SUFFIXES = RAW_SUFFIXES | frozenset(
    ".avif .bmp .dib .gif .heic .heif .hif .j2c .j2k .jfif .jif .jp2 .jpc .jpe .jpeg .jpf .jpg .jpx .jxl "
    ".mpo .pbm .pcx .pgm .png .pnm .ppm .psd .sgi .tga .tif .tiff .webp".split()
)
"""What counts as an image file, by its name alone."""

SIDECAR_SUFFIX = ".xmp"

_LATEST_NS = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Location:
    """A point on WGS-84: latitude -90..90 and longitude -180..180, in degrees.

    Raises ValueError when a coordinate is not finite or out of range: GeoJSON and EXIF readers
    accept a latitude of 95 without a word, so we check it ourselves.
    """

    lat: float
    lon: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.lat) and abs(self.lat) <= 90):
            raise ValueError(f"latitude {self.lat} is not between -90 and 90 degrees")
        if not (math.isfinite(self.lon) and abs(self.lon) <= 180):
            raise ValueError(f"longitude {self.lon} is not between -180 and 180 degrees")


class Seen(Protocol):
    """A file or an object as a look at it found it, in the words of os.stat: bytes, and nanoseconds."""

    @property
    def st_size(self) -> int: ...
    @property
    def st_mtime_ns(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Photo:
    """An image file as the scan saw it: path relative to the archive, bytes, nanoseconds.

    `path` uses `/` and keeps undecodable bytes as surrogates (PEP 383).
    """

    path: str
    size: int
    mtime_ns: int

    @classmethod
    def seen(cls, path: str, found: Seen) -> Photo:
        """The file at `path` as a look at it found it."""
        # Some file systems know years after 2262, which 64 bits of nanoseconds do not.
        return cls(path, found.st_size, min(found.st_mtime_ns, _LATEST_NS))


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the world in a model's distribution: its centre and the radius in km that holds 80 % of it.

    `probability` is what the model gives it for this picture, `usual` what it gives it without looking.
    """

    location: Location
    radius_km: float
    probability: float
    usual: float


@dataclass(frozen=True, slots=True)
class Voice:
    """What one of several models said, by its name and version; the rest as in `Prediction`."""

    model: str
    location: Location
    error_km: float
    regions: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model said: a point and the radius in km that holds the true place for 80 % of photos.

    `regions` is its whole distribution, the likeliest first; empty for a model that gives none. Where several
    models were asked it is what they say together, and `voices` what each of them said.
    """

    location: Location
    error_km: float
    regions: tuple[Region, ...] = ()
    voices: tuple[Voice, ...] = ()


@dataclass(frozen=True, slots=True)
class Hint:
    """One piece of evidence for an answer.

    `kind` is "camera", "words", "picture" or "neighbours", `source` where it was found, `text` what it says,
    `weight` how probable it makes the answer by itself, 0 to 1.
    """

    kind: str
    source: str
    text: str
    weight: float


class Status(StrEnum):
    """What became of a photo."""

    LOCATED = "located"
    KEPT = "kept"
    UNSURE = "unsure"
    FAILED = "failed"
    VERIFIED = "verified"
    REJECTED = "rejected"


class Source(StrEnum):
    """Where an answer comes from."""

    CAMERA = "camera"
    MODEL = "model"
    TEXT = "text"
    NEIGHBOURS = "neighbours"
    FUSED = "fused"
    PERSON = "person"


class Written(StrEnum):
    """Where a position was put."""

    EXIF = "exif"
    SIDECAR = "sidecar"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Position:
    """A position found in a file or its sidecar.

    `machine` names the program that guessed it ("geotag MODEL") when the position is an earlier answer
    of ours; None means a camera or a person put it there. `reviewer` is the person who verified an answer of
    ours, "" where nobody did.
    """

    location: Location
    machine: str | None = None
    reviewer: str = ""

    @property
    def stands(self) -> bool:
        """Whether it is more than a machine's guess."""
        return self.machine is None or bool(self.reviewer)


@dataclass(frozen=True, slots=True)
class Tag:
    """A position to be written: the point, its radius in km, and the model that guessed it.

    `place`, `country` (names) and `country_code` (ISO 3166-1) say what lies there, where that is known;
    `reviewer` and `reviewed` (ISO 8601) who verified it and when, where somebody did.
    """

    location: Location
    error_km: float
    model: str
    place: str = ""
    country: str = ""
    country_code: str = ""
    reviewer: str = ""
    reviewed: str = ""


@dataclass(frozen=True, slots=True)
class Splice:
    """One edit of a file: `length` bytes at `offset` of the original give way to `data`."""

    offset: int
    length: int
    data: bytes


Patch = tuple[Splice, ...]
"""Edits in ascending order of offset that do not overlap; everything between them stays."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a picture becomes model input: `resize` is "shorter" (shorter side fits, centre crop),
    "squash" (both sides fit, aspect lost) or "pad" (longer side fits, grey bars); sizes in pixels.

    `filter` is "bilinear", with every short cut that decoders offer, or "bicubic": the whole picture through
    an antialiased cubic in whole pixels, to the value what CLIP and its kin were trained on.
    """

    resize: str
    height: int
    width: int
    filter: str = "bilinear"


@dataclass(frozen=True, slots=True)
class Record:
    """Everything known about one photo; each stage fills its own fields and leaves the others alone.

    `camera` is what the file or its sidecar said, `prediction` what the model said, `words` what the texts
    about it say (None until they were looked for, empty when they name no place), `catalogue` the digest of
    what a catalogue said among them ("": nothing), `neighbours` what photos of the same folder say (None and
    empty likewise); `location` and `error_km` (km; None for a camera's position) are what we decided, and
    `review` what a person decided about that, which wins (`review.reviewed`). `model` is the model's
    identity.
    """

    photo: Photo
    camera: Position | None = None
    prediction: Prediction | None = None
    words: tuple[Answer, ...] | None = None
    catalogue: str = ""
    neighbours: tuple[Answer, ...] | None = None
    location: Location | None = None
    error_km: float | None = None
    source: Source | None = None
    place: str = ""
    country: str = ""
    evidence: str = ""
    hints: tuple[Hint, ...] = ()
    status: Status | None = None
    written: Written = Written.NONE
    model: str = ""
    message: str = ""
    review: Review | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A record with its pixels, uint8 [height, width, 3] for each model; alive only between decode and
    predict.
    """

    record: Record
    views: tuple[Pixels, ...]


@dataclass(frozen=True, slots=True)
class Archive:
    """The folders and files a run walks: absolute paths, and the folder that photo paths are relative to."""

    base: str
    roots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a collection's own located photos correct the radius: a factor for every radius predicted for
    photos below `base`, measured on `photos` of them.
    """

    base: str
    photos: int
    factor: float


@dataclass(frozen=True, slots=True)
class Policy:
    """How evidence becomes an answer: the largest radius in km that is sure enough for a file, whether a
    position that is there may go, the collection's calibration, and which evidence counts.
    """

    max_error_km: float
    replace_gps: bool = False
    calibration: Calibration | None = None
    evidence: frozenset[str] = frozenset({"picture", "words", "neighbours"})


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user asked `geotag run` for; every field is the option of the same name."""

    archive: tuple[str, ...]
    write_exif: bool = False
    sidecar: bool = False
    only_sidecar: bool = False
    sidecar_dir: str | None = None
    sidecar_style: str = "full"
    backup: str | None = None
    output: str | None = None
    map: bool = False
    plan: bool = False
    dry_run: bool = False
    model: tuple[str, ...] = ("geovision",)
    device: str = "auto"
    batch_size: int | None = None
    jobs: int | None = None
    max_error_km: float = 2500.0
    evidence: tuple[str, ...] = ("picture", "words", "neighbours")
    catalogue: str | None = None
    coarsen: float | None = None
    replace_gps: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    redo: bool = False
    backend: str = "threads"
    scheduler: str | None = None

    @property
    def writes(self) -> bool:
        """Whether this run puts positions anywhere but in the manifests."""
        return self.write_exif or self.sidecar or self.only_sidecar

    @property
    def touches(self) -> bool:
        """Whether this run changes anything in the archive, instead of saying what it would change."""
        return self.writes and not (self.dry_run or self.plan)

    @property
    def embeds(self) -> bool:
        """Whether image files themselves may be given a position."""
        return self.write_exif and not self.only_sidecar
