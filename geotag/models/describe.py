"""A description of somebody else's model (TOML 1.0, beside its ONNX file): what goes in, what comes out.

    [model]    name, version, licence, sources
    [input]    name, layout, height, width, channels, range, mean, std, resize, filter, shorter_side
    [output]   gives, name; also unit, first, radius_output, activation, temperature, radius_km
    [places]   file, latitude, longitude, gallery
    [golden]   image, latitude, longitude, tolerance_km

README.md says what each means. Files that it names are looked for in its own folder.
"""

from __future__ import annotations

from dataclasses import dataclass

from geotag.models import tomltables
from geotag.types import Location, Recipe

LARGEST_SIDE = 4096
FARTHEST_KM = 20015.0

_GOLDEN_KM = 1.0


@dataclass(frozen=True, slots=True)
class Picture:
    """What a model takes: its input's name ("" for the only one) and how a picture's bytes become numbers.

    `layout` is "NCHW" or "NHWC", `channels` "RGB" or "BGR"; 0 becomes range[0] and 255 range[1], then
    (value - mean) / std, three each, in the order of `channels`. `shorter_side` is how long the shorter side
    becomes before height x width pixels are cut out of the middle, None where they are all of it.
    """

    name: str
    layout: str
    height: int
    width: int
    channels: str
    range: tuple[float, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    resize: str
    filter: str
    shorter_side: int | None

    @property
    def recipe(self) -> Recipe:
        """How `decode` makes the picture."""
        side = self.shorter_side
        return Recipe(self.resize, side or self.height, side or self.width, self.filter)


@dataclass(frozen=True, slots=True)
class Point:
    """An output [batch, 2] of coordinates: `unit` is "degrees" or "radians", `first` what comes first.

    `radius_output` names an output [batch] or [batch, 1], the radius in km; "" where there is none.
    """

    name: str
    unit: str
    first: str
    radius_output: str


@dataclass(frozen=True, slots=True)
class Cells:
    """An output [batch, K] of "logits" or "probabilities" over K places."""

    name: str
    activation: str
    temperature: float


@dataclass(frozen=True, slots=True)
class Embedding:
    """An output [batch, D] to be compared, by its cosine over `temperature`, with K places' own vectors."""

    name: str
    temperature: float


@dataclass(frozen=True, slots=True)
class Places:
    """Files that say where the places lie: a table and its columns, and, for embeddings, their vectors."""

    file: str
    latitude: str
    longitude: str
    gallery: str


@dataclass(frozen=True, slots=True)
class Golden:
    """A picture whose answer is known: where the model has to put it, to within so many km."""

    image: str
    location: Location
    tolerance_km: float


@dataclass(frozen=True, slots=True)
class Description:
    """What a description says; `radius_km` is the least radius of every answer, None where the model's own
    stands. Paths are absolute.
    """

    path: str
    name: str
    version: str
    licence: str
    sources: str
    picture: Picture
    output: Point | Cells | Embedding
    radius_km: float | None
    places: Places | None
    golden: Golden | None


def read(path: str) -> Description:
    """Read a description; raises UsageError that names the key when it is none, or is not complete."""
    file = tomltables.read(path)
    description = _description(file)
    file.end()
    return description


def _description(file: tomltables.File) -> Description:
    model = file.table("model")
    name, version = model.text("name"), model.text("version")
    licence, sources = model.text("licence"), model.text("sources")
    model.end()
    picture = _picture(file.table("input"))
    output, radius_km = _output(file.table("output"))
    return Description(
        file.path,
        name,
        version,
        licence,
        sources,
        picture,
        output,
        radius_km,
        None if isinstance(output, Point) else _places(file, isinstance(output, Embedding)),
        _golden(file) if file.has("golden") else None,
    )


def _picture(table: tomltables.Table) -> Picture:
    picture = Picture(
        table.text("name", ""),
        table.choice("layout", ("NCHW", "NHWC")),
        table.whole("height", 1, LARGEST_SIDE),
        table.whole("width", 1, LARGEST_SIDE),
        table.choice("channels", ("RGB", "BGR"), "RGB"),
        table.numbers("range", (0.0, 1.0)),
        table.numbers("mean", (0.0, 0.0, 0.0)),
        table.numbers("std", (1.0, 1.0, 1.0)),
        table.choice("resize", ("shorter", "squash", "pad")),
        table.choice("filter", ("bilinear", "bicubic"), "bilinear"),
        table.whole("shorter_side", 1, LARGEST_SIDE) if table.has("shorter_side") else None,
    )
    if min(picture.std) <= 0 or picture.range[0] >= picture.range[1]:
        table.troubles.append("[input] std has to be above 0, and range to rise")
    if picture.shorter_side and (
        picture.resize != "shorter" or picture.shorter_side < max(picture.height, picture.width)
    ):
        table.troubles.append(
            '[input] shorter_side goes with resize = "shorter" and is no less than height and width'
        )
    table.end()
    return picture


def _output(table: tomltables.Table) -> tuple[Point | Cells | Embedding, float | None]:
    gives = table.choice("gives", ("coordinates", "cells", "embedding"))
    name = table.text("name", "")
    output: Point | Cells | Embedding
    if gives == "coordinates":
        unit = table.choice("unit", ("degrees", "radians"))
        first = table.choice("first", ("latitude", "longitude"))
        output = Point(name, unit, first, table.text("radius_output", ""))
    elif gives == "cells":
        activation = table.choice("activation", ("logits", "probabilities"))
        output = Cells(name, activation, table.number("temperature", 1e-6, 1e6, 1.0))
        if activation == "probabilities" and output.temperature != 1:
            table.troubles.append("[output] temperature is for logits; probabilities are what they are")
    else:
        output = Embedding(name, table.number("temperature", 1e-6, 1e6))
    own = isinstance(output, Point) and bool(output.radius_output)
    radius_km = None if own else table.number("radius_km", 0.001, FARTHEST_KM)
    table.end()
    return output, radius_km


def _places(file: tomltables.File, with_gallery: bool) -> Places:
    table = file.table("places")
    places = Places(
        file.beside(table.text("file")),
        table.text("latitude", "latitude"),
        table.text("longitude", "longitude"),
        file.beside(table.text("gallery")) if with_gallery else "",
    )
    table.end()
    return places


def _golden(file: tomltables.File) -> Golden:
    table = file.table("golden")
    image = file.beside(table.text("image"))
    location = Location(table.number("latitude", -90, 90), table.number("longitude", -180, 180))
    golden = Golden(image, location, table.number("tolerance_km", 0.001, FARTHEST_KM, _GOLDEN_KM))
    table.end()
    return golden
