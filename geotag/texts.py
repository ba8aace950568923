"""Values of text evidence: what is written about a photograph, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from geotag.types import Hint, Location, Record, Source


class Origin(StrEnum):
    """Where a text was found; each speaks with its own weight."""

    CAPTION = "caption"
    FIELD = "place field"
    KEYWORDS = "keywords"
    FOLDER = "folder"
    FILE = "file name"


@dataclass(frozen=True, slots=True)
class Text:
    """A text and its origin; the texts of one photograph are given with the most telling first."""

    origin: Origin
    text: str


@dataclass(frozen=True, slots=True)
class Caption:
    """All that is written about one photograph."""

    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place the texts may mean: where, the radius in km for 80 % of its photographs, how probable."""

    location: Location
    radius_km: float
    probability: float
    place: str
    country: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Where the texts say a photograph was taken.

    `error_km` is the radius that holds the true place for 80 % of photographs; `country` is ISO 3166-1 or "";
    `evidence` one line: what spoke for it and with what weight. `candidates` are the likeliest places, best
    first; what their probabilities lack of 1 is the chance that the texts name no place at all, or another.
    `hints` are the names that mean the answer, or an area that holds it.
    """

    location: Location
    error_km: float
    place: str
    country: str
    evidence: str
    candidates: tuple[Candidate, ...]
    hints: tuple[Hint, ...] = ()


SAYS = ("agrees", "is indifferent", "disagrees")
"""What a picture says of an answer that others gave."""

_ALONE = {Source.TEXT: "words", Source.NEIGHBOURS: "neighbours", Source.PERSON: "person"}

VOICE = "one of several models"
"""What is said of a model that is not the only one that looked at a picture."""


def told(record: Record) -> Record:
    """A record that names the model only where the picture had a say in its answer: what a model once said
    stays in the journal when only words and neighbours are asked.
    """
    had_a_say = any(hint.kind == "picture" for hint in record.hints)
    if not record.model or had_a_say or (not record.hints and record.location is not None):
        return record
    return replace(record, model="")


def guesser(record: Record) -> str:
    """Who guessed, as files say it: the model by name and version, words, neighbours, or several."""
    if record.source in _ALONE:
        return _ALONE[record.source]
    model = told(record).model.partition(" sha256:")[0]
    if record.source is not Source.FUSED:
        return model
    kinds = {hint.kind for hint in record.hints}
    voices = [model, *(kind for kind in ("words", "neighbours") if kind in kinds)]
    # Of coarse answers it is not said; without a model there are only these two.
    return " and ".join(filter(None, voices)) or "words and neighbours"


def line(hints: Iterable[Hint]) -> str:
    """Pieces of evidence in one line, each with its weight."""
    return "; ".join(filter(None, map(_words, hints)))


def _words(hint: Hint) -> str:
    if hint.kind == "camera":
        return hint.text
    if hint.kind == "picture" and hint.text == VOICE:
        return f"picture ({hint.source}) {hint.weight:.2f}"
    if hint.kind == "picture":
        if hint.text in SAYS:
            return f"picture {hint.text}: {hint.weight:.2f}"
        return ", ".join(filter(None, (f"picture: {hint.source}", hint.text)))
    said = f"{hint.source} '{hint.text}'" if hint.kind == "words" else hint.text
    return f"{said} {hint.weight:.2f}" if hint.weight else f"against it: {said}"
