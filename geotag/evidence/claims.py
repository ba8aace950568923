"""Judges a position that somebody claims: how probable it is that it is wrong, in which way, and why.

A claim is set against alternatives by Bayes' rule. Where no error happened, claims lie where photographs are
taken (near towns) and where the witnesses put this one; a swap or a lost sign moved a place that would have
fitted; and an error of any other kind puts a photograph anywhere. Every density here is relative
to the Earth's surface, 1 for "anywhere", so that a witness who knows nothing changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from geotag import geo
from geotag.evidence import gazetteer
from geotag.texts import Answer
from geotag.types import Location, Prediction


class Kind(StrEnum):
    """What seems to be wrong with a claim."""

    RANGE = "out of range"
    NULL = "0,0"
    SWAPPED = "swapped"
    SIGN = "wrong sign"
    DEFAULT = "middle of a country"
    NEIGHBOURS = "far from its neighbours"
    WORDS = "against the words"
    PICTURE = "against the picture"
    NOWHERE = "far from any town"


PRIORS = {Kind.SWAPPED: 0.005, Kind.SIGN: 0.005, Kind.NULL: 0.005, Kind.DEFAULT: 0.002}
"""How often we take each error to happen before we look; a sign may be lost of one coordinate or of both."""

ELSEWHERE = 0.02
"""How often a claim is wrong in another way, taken likewise: half of them anywhere on the Earth, half where
photographs are taken, too.
"""

_TRUE = 1 - sum(PRIORS.values()) - ELSEWHERE

_GROUND = ((3.0, 98.0), (10.0, 4.9), (30.0, 2.2), (100.0, 0.63), (300.0, 0.11), (math.inf, 0.009))
"""Up to how many km from a town of 1,000 people photographs are how dense, 1 being the mean of the Earth;
`python -m tests.claims ground` measures it: the world's photographs, one vote a 1-degree cell."""

PICTURE_FITS = (
    (0.150, 0.001),
    (0.158, 0.002),
    (0.213, 0.005),
    (0.232, 0.01),
    (0.293, 0.02),
    (0.395, 0.05),
    (0.504, 0.1),
    (0.689, 0.2),
    (0.958, 0.35),
    (1.21, 0.5),
    (1.78, 0.75),
    (2.52, 0.9),
    (7.43, 1.0),
)
"""Fits (see `fit`) and the share of true positions that fit no better, by `python -m tests.claims picture`:
1,556 photographs of the world, one vote a 1-degree cell, GeoVision 0.5, each judged by the model of a fold
that saw neither its cell nor its sequence.
"""

_PEOPLE = 1000
_FAR_KM = 300.0
_SPHERE_KM2 = 4 * math.pi * geo.EARTH_RADIUS_KM**2
_LEAST_DOUBT = 0.01
_LEAST_KM = 0.5
_TAIL, _TAIL_WIDTH = 0.1, 4.0
_APART_KM = 25.0
_SPOT_KM = 1.0
_LARGE_KM = 100.0
_MOST_SUPPORT = 3
_PICTURE_BOUNDS = 0.1, 10.0


@dataclass(frozen=True, slots=True)
class Claim:
    """A position as it stands in a file, in degrees, whatever they are; `repeated` where another file of the
    folder claims the very same.
    """

    lat: float
    lon: float
    repeated: bool = False

    @property
    def location(self) -> Location | None:
        """The point on the Earth; None where there is no such point."""
        try:
            return Location(self.lat, self.lon)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What else is known of a photograph: what its folder's other positions say, and which those are; what
    its words say; what the model sees. Each may be missing.
    """

    neighbours: Answer | None = None
    others: tuple[Location, ...] = ()
    words: Answer | None = None
    picture: Prediction | None = None


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What speaks most against a claim, how probable it is that the claim is wrong, and why in words.

    `suggestion` is the place that was probably meant, where an error can be taken back. `picture` is the
    share of true positions that lie at least as far outside what the model finds plausible; None unseen.
    """

    kind: Kind
    probability: float
    words: str
    suggestion: Location | None = None
    picture: float | None = None


def judge(claim: Claim, witnesses: Witnesses) -> Suspicion:
    """The suspicion against a claim, however small."""
    here = claim.location
    if here is None:
        meant = next((place for kind, place in _meant(claim) if kind is Kind.SWAPPED), None)
        return Suspicion(Kind.RANGE, 1.0, f"{claim.lat:.6g}, {claim.lon:.6g} is no place on the Earth", meant)
    fits = _fits(here, witnesses)
    true = _TRUE * math.prod(fits.values())
    found = [(ELSEWHERE * (1 + fits[Kind.NOWHERE]) / 2, _against(here, fits, witnesses))]
    found += _undone(claim, witnesses)
    said = math.prod(well for kind, well in fits.items() if kind is not Kind.NOWHERE)
    found += _spots(claim, here, said)
    wrong = sum(weight for weight, _ in found)
    _, (kind, words, meant) = max(found, key=lambda item: item[0])
    return Suspicion(kind, wrong / (wrong + true), words, meant, _picture_share(here, witnesses.picture))


_Told = tuple[Kind, str, Location | None]


def _undone(claim: Claim, witnesses: Witnesses) -> list[tuple[float, _Told]]:
    """The claim with one error taken back, each time with how well that fits."""
    found: list[tuple[float, _Told]] = []
    for kind, place in _meant(claim):
        weight = PRIORS[kind] / len(_MIRRORS) if kind is Kind.SIGN else PRIORS[kind]
        weight *= math.prod(_fits(place, witnesses).values())
        found.append((weight, (kind, f"{_degrees(place)} would fit better", place)))
    return found


_MIRRORS = ((-1, 1), (1, -1), (-1, -1))


def _meant(claim: Claim) -> Iterator[tuple[Kind, Location]]:
    """The places that a swap or lost signs would have turned into this claim, where they lie elsewhere."""
    turned = [(Kind.SWAPPED, claim.lon, claim.lat)]
    turned += [(Kind.SIGN, north * claim.lat, east * claim.lon) for north, east in _MIRRORS]
    here = claim.location
    for kind, lat, lon in turned:
        if abs(lat) <= 90 and abs(lon) <= 180:
            place = Location(lat, lon)
            if here is None or geo.gap_km(here, place) >= _APART_KM:
                yield kind, place


def _spots(claim: Claim, here: Location, said: float) -> list[tuple[float, _Told]]:
    """Points that programs put in where they know nothing; `said`: how well the witnesses fit, who may have
    been given the same.
    """
    spot = _SPHERE_KM2 / (math.pi * _SPOT_KM**2) * said
    if geo.gap_km(here, Location(0, 0)) <= _SPOT_KM:
        return [(PRIORS[Kind.NULL] * spot, (Kind.NULL, "what programs write where they know nothing", None))]
    coarse = all(abs(100 * value - round(100 * value)) < 0.01 for value in (claim.lat, claim.lon))
    if not (coarse or claim.repeated):
        return []
    nations = [nation for nation in gazetteer.load().nations() if nation.radius_km > _LARGE_KM]
    return [
        (
            PRIORS[Kind.DEFAULT] / len(nations) * spot,
            (Kind.DEFAULT, f"where gazetteers put {nation.name} as a whole", None),
        )
        for nation in nations
        if geo.gap_km(here, nation.location) <= _SPOT_KM
    ]


def _against(here: Location, fits: dict[Kind, float], witnesses: Witnesses) -> _Told:
    """Which witness speaks most against a claim, in words."""
    kind = min(fits, key=lambda kind: fits[kind])
    if kind is Kind.NOWHERE:
        off = _town_km(here)
        far = f"{off:,.0f} km" if off < _FAR_KM else f"more than {_FAR_KM:,.0f} km"
        return kind, f"the next town is {far} off", None
    if kind is Kind.PICTURE:
        share = _picture_share(here, witnesses.picture)
        return kind, f"{100 * (share or 0):.2g} % of true positions fit their pictures no better", None
    answer = witnesses.neighbours if kind is Kind.NEIGHBOURS else witnesses.words
    assert answer is not None
    off = geo.gap_km(here, answer.location)
    said = answer.evidence if kind is Kind.NEIGHBOURS else f"'{answer.place}' ({answer.evidence})"
    return kind, f"{off:,.0f} km from where it should be: {said}", None


def _fits(place: Location, witnesses: Witnesses) -> dict[Kind, float]:
    """How dense photographs are at a place by the ground, and for this one by each witness there is."""
    near, words, picture = witnesses.neighbours, witnesses.words, witnesses.picture
    found = {Kind.NOWHERE: _ground(place)}
    if near is not None:
        found[Kind.NEIGHBOURS] = _neighbouring(place, near, witnesses.others)
    if words is not None:
        found[Kind.WORDS] = _said(place, words)
    if picture is not None:
        found[Kind.PICTURE] = float(np.clip(fit(place, picture), *_PICTURE_BOUNDS))
    return found


def _ground(place: Location) -> float:
    off = _town_km(place)
    return next(dense for km, dense in _GROUND if off <= km)


def _town_km(place: Location) -> float:
    _, off = gazetteer.load().near(place, _FAR_KM, _PEOPLE)
    return float(off.min()) if len(off) else math.inf


def _said(place: Location, answer: Answer) -> float:
    """How dense an answer's probability is at a place."""
    sure = sum(candidate.probability for candidate in answer.candidates)
    scale = min(1.0, (1 - _LEAST_DOUBT) / sure) if sure else 0.0
    held = math.fsum(
        candidate.probability * _density(geo.gap_km(place, candidate.location), candidate.radius_km)
        for candidate in answer.candidates
    )
    return 1 - scale * sure + scale * held


def _neighbouring(place: Location, answer: Answer, others: tuple[Location, ...]) -> float:
    """How dense the probability is at a place by what neighbours say, whose positions may be wrong, too.

    The fewer stand at a candidate, and the farther from any town, the more of it goes to what their own
    swap or lost signs would have been, and to anywhere: else two files that contradict each other would each
    accuse the other alike.
    """
    total, left = 0.0, 1.0
    for candidate in answer.candidates:
        there, reach = candidate.location, max(50, 2 * candidate.radius_km)
        support = min(_MOST_SUPPORT, max(1, sum(geo.gap_km(other, there) <= reach for other in others)))
        ground = _ground(there)
        doubt = max(_LEAST_DOUBT, min(1.0, ELSEWHERE * (1 + ground) / 2 / ground) ** support)
        share = candidate.probability * (1 - doubt)
        left -= share
        total += share * _density(geo.gap_km(place, there), candidate.radius_km)
        for kind, meant in _meant(Claim(there.lat, there.lon)):
            prior = PRIORS[kind] / (len(_MIRRORS) if kind is Kind.SIGN else 1)
            total += share * prior**support * _density(geo.gap_km(place, meant), candidate.radius_km)
    return total + max(_LEAST_DOUBT, left)


def _density(km: float, radius_km: float) -> float:
    """A two-dimensional normal distribution, 80 % of it within the radius, with a wider one for its tail."""
    radius = max(radius_km, _LEAST_KM)
    return math.fsum(
        share * _SPHERE_KM2 * math.log(5) / (math.pi * wide**2) * math.pow(0.2, (km / wide) ** 2)
        for share, wide in ((1 - _TAIL, radius), (_TAIL, _TAIL_WIDTH * radius))
    )


def fit(place: Location, picture: Prediction) -> float:
    """How much more probable a place is by this picture than without one; a model without regions gives a
    circle.
    """
    if not picture.regions:
        return 0.1 + 0.9 * _density(geo.gap_km(place, picture.location), picture.error_km)
    here, usual = 0.0, 0.0
    for region in picture.regions:
        density = _density(geo.gap_km(place, region.location), region.radius_km)
        here, usual = here + region.probability * density, usual + region.usual * density
    return (here + 1e-9) / (usual + 1e-9)


def _picture_share(place: Location, picture: Prediction | None) -> float | None:
    """The share of true positions that fit their pictures at most as well as a place fits this one."""
    if picture is None:
        return None
    found = math.log(fit(place, picture))
    return float(
        np.interp(found, [math.log(value) for value, _ in PICTURE_FITS], [p for _, p in PICTURE_FITS])
    )


def _degrees(place: Location) -> str:
    return f"{place.lat:.6g}, {place.lon:.6g}"
