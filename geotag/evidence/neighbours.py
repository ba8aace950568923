"""What photographs of the same folder say about one another: those with a position about those without.

Positions spread along a roll only as far as time and travel allow (see `tracks`), from a camera to its own
photographs, and more widely to those of another camera, whose clock may be set to another zone. Where nothing
tells the order of a photograph, it is one of the folder's, no more.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from functools import cached_property

import numpy as np

from geotag import geo
from geotag.evidence.strands import Floats, Indices, Roll, Strand
from geotag.evidence.tracks import LEAST_KM, Guess, Track
from geotag.texts import Answer, Candidate
from geotag.types import Hint, Location

NOWHERE_KM = 20_000.0

_HOUR = 3600.0
_MOST_CANDIDATES = 12
_LEAST_SHARE = 0.003
_RADII = np.geomspace(LEAST_KM, NOWHERE_KM, 300).tolist()
_SAME_CLOCK = 0.7
_CLOCKS = tuple(
    (hours * _HOUR, share)
    for hours, share in [(0, _SAME_CLOCK), (1, 0.06), (-1, 0.06)]
    + [(sign * hours, 0.18 / 22) for hours in range(2, 13) for sign in (1, -1)]
)
"""How far two clocks may be apart, and how often: mostly they agree, or one forgot about summer."""

_UNORDERED = 0.7
"""How probable it is, of a photograph whose order nothing tells, that it belongs to the many others."""

_ALONE_KM = 50.0
"""The radius of a folder with a single position, for a photograph whose order nothing tells."""


class Neighbours:
    """What a folder's photographs with a position say about those without."""

    def __init__(self, roll: Roll) -> None:
        self.roll = roll
        self._any = bool(roll.fixed.any())
        self._points = geo.unit_vectors(roll.lat, roll.lon)

    @cached_property
    def _tracks(self) -> list[Track | None]:
        return [self._track(strand) for strand in self.roll.strands]

    @cached_property
    def _kept(self) -> list[Indices]:
        """For each strand the places in it of the fixes that its track keeps."""
        return [
            np.flatnonzero(self.roll.fixed[strand.shots])[slice(0) if track is None else track.kept]
            for strand, track in zip(self.roll.strands, self._tracks, strict=True)
        ]

    def _track(self, strand: Strand) -> Track | None:
        has = self.roll.fixed[strand.shots]
        if not has.any():
            return None
        points = self._points[strand.shots[has]]
        return Track(strand.at[has], points, strand.at, timed=strand.timed)

    def about(self, shot: int) -> Answer | None:
        """Where the photograph at a place in the roll was taken; None where no other has a position.

        Its own position, if it has one, is not asked for.
        """
        index, place = self.roll.place(shot)
        if self.roll.fixed[shot] or not self._any:
            return None
        found: list[tuple[list[Guess], str]] = []
        if index >= 0:
            strand = self.roll.strands[index]
            own = self._tracks[index]
            if own is not None:
                found.append((own.guesses(strand.at[place]), self._told(index, float(strand.at[place]))))
            if strand.timed:
                found += self._other_cameras(index, float(strand.at[place]))
        if not found:
            found.append((self._anywhere(), self._together()))
        answers = (_answer(guesses, words) for guesses, words in found)
        return min(answers, key=lambda answer: answer.error_km)

    def _other_cameras(self, index: int, at: float) -> list[tuple[list[Guess], str]]:
        """What the photographs of other cameras say, each alone: their clocks may be set otherwise."""
        found = []
        own = self.roll.strands[index]
        for other, (strand, track) in enumerate(zip(self.roll.strands, self._tracks, strict=True)):
            if other == index or track is None or not strand.timed:
                continue
            clocks = ((0.0, 1.0),) if own.utc and strand.utc else _CLOCKS
            guesses = _merged(
                Guess(guess.point, guess.radius_km, guess.probability * share)
                for ahead, share in clocks
                for guess in track.guesses(at + ahead)
            )
            found.append((guesses, f"{self._told(other, at)}, another camera"))
        return found

    def _anywhere(self) -> list[Guess]:
        """The places of the folder's positions, each with its share of them."""
        points = self._points[self.roll.fixed]
        points = points[np.linspace(0, len(points) - 1, min(len(points), 200)).astype(np.intp)]
        total = len(points)
        sure = _UNORDERED * total / (total + 2)
        found: list[Guess] = []
        least = _ALONE_KM / len(points) ** 0.5
        while len(points) and len(found) < _MOST_CANDIDATES:
            gaps = geo.chord_km(points[:, None], points[None])
            centre = int(np.argmax((gaps <= _ALONE_KM / 2).sum(axis=1)))
            near = gaps[centre] <= _ALONE_KM / 2
            radius = max(least, float(np.quantile(gaps[centre][near], 0.8)))
            found.append(Guess(points[centre], radius, sure * float(near.sum()) / total))
            points = points[~near]
        return found

    def _together(self) -> str:
        """In words, that a photograph lies in one folder with others, in no order."""
        fixed = np.flatnonzero(self.roll.fixed)
        if len(fixed) == 1:
            return f"in one folder with {self._named(int(fixed[0]))}"
        return f"in one folder with {len(fixed):,} photos that have positions"

    def _told(self, index: int, at: float) -> str:
        """In words, from which photographs a guess about a place in a strand's order comes."""
        strand, track = self.roll.strands[index], self._tracks[index]
        assert track is not None
        kept = self._kept[index]
        before, after = track.around(at)
        ends = [(strand.shots[kept[row]], at - strand.at[kept[row]]) for row in (before, after) if row >= 0]
        if len(ends) == 1 or (strand.timed and ends[0][1] == 0):
            shot, apart = ends[0]
            side = "after" if apart >= 0 else "before"
            return f"taken {_span(abs(apart), timed=strand.timed)} {side} {self._named(shot)}"
        (one, since), (other, until) = ends
        first, second = (_span(abs(apart), timed=strand.timed) for apart in (since, until))
        return f"taken {first} after {self._named(one)} and {second} before {self._named(other)}"

    def _named(self, shot: int) -> str:
        where = "position in its sidecar" if self.roll.beside[shot] else "position in the file"
        return f"{self.roll.names[shot]} ({where})"


def _span(apart: float, *, timed: bool) -> str:
    """A stretch of time, or of shots, as people say it."""
    if not timed:
        return f"{apart:.0f} shot{'s' * (round(apart) != 1)}"
    for unit, name in ((86400, "days"), (3600, "h"), (60, "min")):
        if apart >= 2 * unit:
            return f"{apart / unit:.0f} {name}"
    return f"{apart:.0f} s"


def _merged(guesses: Iterable[Guess]) -> list[Guess]:
    """Guesses without those that say the same: one that lies in another's circle adds to it."""
    found: list[Guess] = []
    for guess in sorted(guesses, key=lambda guess: -guess.probability):
        for place, other in enumerate(found):
            apart = float(geo.chord_km(guess.point, other.point))
            if apart + guess.radius_km <= 1.5 * max(other.radius_km, guess.radius_km):
                radius = max(other.radius_km, guess.radius_km)
                found[place] = Guess(other.point, radius, other.probability + guess.probability)
                break
        else:
            found.append(guess)
    return found


def _answer(guesses: list[Guess], words: str) -> Answer:
    """Guesses as an answer: the candidate from which the expected distance is least, and its 80 % radius."""
    likely = sorted(guesses, key=lambda guess: -guess.probability)[:_MOST_CANDIDATES]
    likely = [guess for guess in likely if guess.probability >= _LEAST_SHARE] or likely[:1]
    points = [_location(guess.point) for guess in likely]
    weight = [guess.probability for guess in likely]
    gaps = [[geo.gap_km(one, other) for other in points] for one in points]
    expected = [sum(km * share for km, share in zip(row, weight, strict=True)) for row in gaps]
    best = expected.index(min(expected))
    off = gaps[best]
    places = [
        (share, apart, guess.radius_km) for share, apart, guess in zip(weight, off, likely, strict=True)
    ]

    def held(km: float) -> float:
        # A two-dimensional normal distribution about each candidate, 80 % of it within its radius.
        return sum(
            share * (1 - math.pow(0.2, ((km - apart) / radius) ** 2))
            for share, apart, radius in places
            if km > apart
        )

    row = bisect_left(_RADII, 0.8, key=held)
    error_km = _RADII[row] if row < len(_RADII) else NOWHERE_KM
    candidates = tuple(
        Candidate(point, round(guess.radius_km, 4), round(guess.probability, 4), "", "")
        for point, guess in zip(points, likely, strict=True)
    )
    held_by = sum(share for share, apart in zip(weight, off, strict=True) if apart <= error_km)
    evidence = f"{words} {held_by:.2f}"
    hint = Hint("neighbours", "folder", words, round(held_by, 4))
    return Answer(candidates[best].location, round(error_km, 4), "", "", evidence, candidates, (hint,))


def _location(vector: Floats) -> Location:
    """A vector's place as the journal keeps it, no finer than a centimetre."""
    x, y, z = vector.tolist()
    return Location(
        round(math.degrees(math.atan2(z, math.hypot(x, y))), 7), round(math.degrees(math.atan2(y, x)), 7)
    )
