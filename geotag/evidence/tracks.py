"""The way a camera took: from a few fixes, in order, to where it was in between and how sure that is.

Between two fixes the way is a straight line (the mean of a Brownian bridge), a smoothing cubic spline
(Kimeldorf & Wahba 1970: the mean of an integrated Wiener process seen through noise), or a jump: who travels
far, stays at one end, goes without taking photographs, and stays at the other. How to weigh line and splines
is learnt from the way itself: fixes are hidden and guessed from the others, across gaps as wide as the one in
question, and how far the guesses are off sets the radius. With few fixes, what people do in general speaks
(see `usual_km` and `_hours`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geotag import geo

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

Blend = dict[float | None, float]
"""Ways to guess, each with its share: None is the straight line, a number the nugget of a spline."""

LEAST_KM = 0.01
"""No radius is smaller: what satellites give under an open sky is 5 to 10 metres off (80 %)."""

_HOUR = 3600.0
_IMPOSSIBLE_KMH = 1000.0
"""Faster than airliners fly."""

_STEPS = (1, 2, 4, 8, 16, 32)
_MOST = 4000
_HELD = 48
_FEWEST = 5
_PICKY = 24
_NUGGETS = (1e-6, 1e-5, 1e-4, 1e-2, 1.0)
_SUPPORT = np.array([0.0, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.45, 0.7, 1.0])
_SHARES = (0.5, 0.15, 0.7, 0.3, 0.85)
_OUTLIER = 6.0
_FAR_KM = 20.0


@dataclass(frozen=True, slots=True)
class Guess:
    """A place where a camera may have been: unit vectors in `point`, the radius in km that holds 80 %, and
    how probable it is.
    """

    point: Floats
    radius_km: float
    probability: float


def usual_km(span: Floats, *, timed: bool) -> Floats:
    """How far people usually are (80 % of them) from where they were `span` seconds, or shots, before.

    By time a power law through a walk of four minutes (0.3 km), an hour about town by foot, bus or car
    (2.5 km), a day (32 km), a month (490 km); by number as if a shot took about ten minutes. It only
    counts until a way has fixes of its own.
    """
    hours = span / _HOUR if timed else span / 6
    return np.asarray(LEAST_KM + 2.5 * np.maximum(hours, 0) ** 0.8)


def _hours(km: Floats) -> Floats:
    """How long travel takes from door to door: 1 km by foot, 100 km by car or train at 80 km/h, 1,000 km at
    350, oceans at 800 km/h.
    """
    return np.asarray(km / np.minimum(4 * np.maximum(km, 1e-3) ** 0.65, 800))


class Track:
    """A strand's way: `at` [n] where fixes stand in its order (ascending), `points` [n, 3] as unit vectors,
    `shots` [m] where all its photographs stand.

    `kept` are the places of the fixes that fit the others, `doubt` how probable it is that one does not.
    """

    def __init__(self, at: Floats, points: Floats, shots: Floats, *, timed: bool) -> None:
        self._timed, self._shots = timed, shots
        self.kept = np.arange(len(at))
        self._at, self._points = at, points
        self._learn()
        for _ in range(4):
            sound = ~self._outliers()
            if sound.all():
                break
            self.kept = self.kept[sound]
            self._at, self._points = self._at[sound], self._points[sound]
            self._learn()
        # What was learnt on gaps as wide as these (half powers of two): how to guess, how far off that is.
        self._tried: dict[int, tuple[Blend, float]] = {}
        self.doubt = (len(at) - len(self.kept) + 0.4) / (len(at) + 20)

    def around(self, at: float) -> tuple[int, int]:
        """The fixes before and after a place in the order, as places in `kept`; -1 where there is none."""
        after = int(np.searchsorted(self._at, at))
        return after - 1, after if after < len(self._at) else -1

    def guesses(self, at: float) -> list[Guess]:
        """Where the camera was at a place in the order, the likeliest first; what the probabilities lack of 1
        is the chance that it was elsewhere.
        """
        before, after = self.around(at)
        sure = 1 - self.doubt
        if before < 0 or after < 0:
            edge = max(before, after)
            radius = self._reach(np.array([abs(at - self._at[edge])]), edge)[0]
            return [Guess(self._points[edge], max(LEAST_KM, float(radius)), sure)]
        start, end = self._at[before], self._at[after]
        if end == start:
            return [Guess(self._points[after], self._scatter(before, after), sure)]
        blend, factor = self._tried_on(end - start)
        where = np.array([at])
        rows = np.array([before]), np.array([after])
        spans, sides = np.array([end - start, at - start, end - at]), np.array([before, before, after])
        across, *off = self._reach(spans, sides)
        point = self._blended(where, *rows, blend)[0]
        scale = self._scale(where, *rows, across)[0]
        jumps, left = self._jump(at, before, after, float(across))
        main = Guess(point, max(LEAST_KM, float(factor * scale)), sure * (1 - jumps))
        ends = (
            Guess(self._points[row], max(LEAST_KM, float(km)), sure * jumps * share)
            for row, km, share in zip((before, after), off, (left, 1 - left), strict=True)
        )
        return sorted([main, *ends], key=lambda guess: -guess.probability)

    def _scatter(self, before: int, after: int) -> float:
        return max(LEAST_KM, float(geo.chord_km(self._points[before], self._points[after])))

    def _learn(self) -> None:
        """How far the camera got in how long: its displacements beside what is usual, in ascending order."""
        at, points = self._at, self._points
        pairs = [np.stack([np.arange(len(at) - step), np.arange(step, len(at))]) for step in _STEPS]
        first, second = np.concatenate(pairs, axis=1)
        span = at[second] - at[first]
        first, second, span = first[span > 0], second[span > 0], span[span > 0]
        if len(first) > _MOST:
            chosen = np.linspace(0, len(first) - 1, _MOST).astype(np.intp)
            first, second, span = first[chosen], second[chosen], span[chosen]
        ratio = geo.chord_km(points[first], points[second]) / usual_km(span, timed=self._timed)
        order = np.argsort(ratio)
        self._ratio, self._span, self._row = ratio[order], np.log(span[order]), first[order]

    def _reach(self, span: Floats, row: Indices | int) -> Floats:
        """How far (80 %) the camera gets in `span` about the fix `row`: what it did itself in about as long
        and about then, and, as half a fix more, what is usual.
        """
        usual = usual_km(span, timed=self._timed)
        if not len(self._ratio):
            return usual
        long = np.log(np.maximum(span, 1e-3))[:, None]
        off = np.exp(-((self._span - long) ** 2) / 2) + 1e-6
        near = 0.1 + np.exp(-np.abs(self._row - np.atleast_1d(row)[:, None]) / 10)
        weight = off * near
        heavy = weight.cumsum(axis=1)
        prior = 0.5
        target = 0.8 * heavy[:, -1]
        found = np.minimum((heavy < target[:, None]).sum(axis=1), len(self._ratio) - 1)
        own = np.maximum(self._ratio[found], 1e-4)
        share = heavy[:, -1] / (heavy[:, -1] + prior)
        return np.asarray(usual * own**share)

    def _scale(self, at: Floats, before: Indices, after: Indices, reach: Floats) -> Floats:
        """The width of a bridge between two fixes: widest in the middle, by their distance and by how far the
        camera gets in the time between them.
        """
        start, end = self._at[before], self._at[after]
        share = (at - start) / (end - start)
        across = geo.chord_km(self._points[before], self._points[after])
        return np.asarray(
            (share * (1 - share)) ** (0.75 if self._timed else 0.5) * np.hypot(across, reach) + LEAST_KM
        )

    def _between(self, at: Floats, before: Indices, after: Indices, nugget: float | None) -> Floats:
        """Points on the line between fixes or, with a nugget, on a cubic spline smoothed by it."""
        start, end = self._at[before], self._at[after]
        if nugget is None:
            share = ((at - start) / (end - start))[:, None]
            points = (1 - share) * self._points[before] + share * self._points[after]
        else:
            points = self._spline(at, before, after, nugget)
        return _unit(points)

    def _spline(self, at: Floats, before: Indices, after: Indices, nugget: float) -> Floats:
        """Kriging with the covariance |h|^3 and a straight drift: a smoothing cubic spline through the fixes
        next to a gap, and through some as far off as the gap is wide.
        """
        start, end = self._at[before][:, None], self._at[after][:, None]
        wide = end - start
        left = np.searchsorted(self._at, start - _SUPPORT * wide)
        right = np.searchsorted(self._at, end + _SUPPORT * wide, side="right") - 1
        # Distinct fixes wherever there are: noise that is counted twice is not smoothed.
        left = np.minimum(left, before[:, None] - np.arange(len(_SUPPORT)))
        right = np.maximum(right, after[:, None] + np.arange(len(_SUPPORT)))
        rows = np.clip(np.concatenate([left, right], axis=1), 0, len(self._at) - 1)
        x = (self._at[rows] - at[:, None]) / wide
        count, size = rows.shape
        system = np.zeros((count, size + 2, size + 2))
        system[:, :size, :size] = np.abs(x[:, :, None] - x[:, None, :]) ** 3
        system[:, range(size), range(size)] += nugget
        system[:, :size, size] = system[:, size, :size] = 1
        system[:, :size, size + 1] = system[:, size + 1, :size] = x
        wanted = np.zeros((count, size + 2))
        wanted[:, :size], wanted[:, size] = np.abs(x) ** 3, 1
        weight = np.linalg.solve(system, wanted[:, :, None])[:, :size]
        return np.asarray((weight * self._points[rows]).sum(axis=1))

    def _tried_on(self, wide: float) -> tuple[Blend, float]:
        """How to guess across a gap this wide, and the radius that deserves, in widths of a bridge."""
        bucket = round(float(np.log2(max(wide, 1e-3))) * 2)
        if bucket not in self._tried:
            self._tried[bucket] = self._try(2 ** (bucket / 2))
        return self._tried[bucket]

    def _try(self, wide: float) -> tuple[Blend, float]:
        """Hide fixes with all others as near as half a gap, guess them from the rest, and compare."""
        at = self._at
        share = np.resize(_SHARES, len(at))
        before = np.searchsorted(at, at - share * wide, side="right") - 1
        after = np.searchsorted(at, at + (1 - share) * wide)
        own = np.arange(len(at))
        before, after = np.minimum(before, own - 1), np.maximum(after, own + 1)
        held = np.flatnonzero((before >= 0) & (after < len(at)))
        held = held[at[after[held]] - at[before[held]] < 8 * wide]
        if len(held) > _HELD:
            held = held[np.linspace(0, len(held) - 1, _HELD).astype(np.intp)]
        if not len(held):
            return {None: 1.0}, _factor(np.empty(0))
        rows = before[held], after[held]
        hidden = at[rows[1]] - at[rows[0]]
        scale = self._scale(at[held], *rows, self._reach(hidden, rows[0]))
        ways: tuple[float | None, ...] = (None, *(_NUGGETS if len(held) >= _FEWEST else ()))
        points = [self._between(at[held], *rows, way) for way in ways]
        typical = np.array([_typical(geo.chord_km(found, self._points[held])) for found in points])
        weight = (typical.min() / typical) ** _PICKY
        # Two ways at most: the others cost time and hardly count.
        kept = np.argsort(-weight, kind="stable")[:2]
        blend = {ways[way]: float(weight[way]) for way in kept if weight[way] > 0.4}
        total = sum(blend.values())
        blend = {way: part / total for way, part in blend.items()}
        off = geo.chord_km(self._blended(at[held], *rows, blend), self._points[held])
        # Hidden gaps are wider than asked for, and guesses by time get worse faster than gaps get wider.
        return blend, _factor(off / scale * (wide / hidden) ** (0.3 if self._timed else 0))

    def _blended(self, at: Floats, before: Indices, after: Indices, blend: Blend) -> Floats:
        found = [part * self._between(at, before, after, way) for way, part in blend.items()]
        return _unit(np.sum(found, axis=0))

    def _jump(self, at: float, before: int, after: int, reach: float) -> tuple[float, float]:
        """How probable it is that the camera went from one fix to the next at once, in one of the pauses
        between photographs, and that it had not yet gone; `reach` is how far it gets in that time, in km.
        """
        start, end = self._at[before], self._at[after]
        low, high = np.searchsorted(self._shots, (start, end))
        stops = np.unique(np.concatenate([[start], self._shots[low:high], [at, end]]))
        pauses = np.diff(stops)
        km = geo.chord_km(self._points[before], self._points[after])
        far, odd = km / (km + _FAR_KM), km**2 / (km**2 + 9 * reach**2 + 1e-12)
        room = np.ones(len(pauses))
        if self._timed:
            needed = float(_hours(np.asarray(km))) * _HOUR
            room = np.maximum(0, pauses - needed)
            if not room.any():
                return float(0.02 * far * odd), float((end - at) / (end - start))
            # The fewer pauses are long enough, the less it is chance that there is one.
            fits = room.sum() / (end - start - needed)
            odd = max(odd / (odd + (1 - odd) * max(fits, 0.1)), room.max() / (end - start - needed))
        done = room[: np.searchsorted(stops, at)].sum() / room.sum()
        return float(far * odd), float(1 - done)

    def _outliers(self) -> NDArray[np.bool_]:
        """Fixes that do not fit between their neighbours: getting there and back needs an impossible speed,
        or leads six times as far off as this camera usually goes. Of several in a row the worst goes first.
        """
        count = len(self._at)
        wrong = np.zeros(count, bool)
        if count < 3:
            return wrong
        own = np.arange(1, count - 1)
        before, after = own - 1, own + 1
        start, end = self._at[before], self._at[after]
        there, back = (
            geo.chord_km(self._points[before], self._points[own]),
            geo.chord_km(self._points[own], self._points[after]),
        )
        across = geo.chord_km(self._points[before], self._points[after])
        detour = there + back - across
        share = np.clip((self._at[own] - start) / np.maximum(end - start, 1e-9), 0.05, 0.95)
        way = self._at[own]
        speed = np.minimum(there / np.maximum(way - start, 1.0), back / np.maximum(end - way, 1.0)) * (
            _HOUR if self._timed else 0
        )
        line = self._points[before] * (1 - share)[:, None] + self._points[after] * share[:, None]
        off = geo.chord_km(_unit(line), self._points[own])
        scale = (
            np.sqrt(share * (1 - share) * (across**2 + usual_km(end - start, timed=self._timed) ** 2)) + 0.1
        )
        strange = off / scale
        typical = np.median(strange)
        score = np.where(
            (speed > _IMPOSSIBLE_KMH) & (detour > 1.0),
            np.inf,
            np.where(detour > 1.2 * np.maximum(there, back), strange / max(typical, 0.15), 0),
        )
        size = np.where(score > _OUTLIER, detour, 0)
        padded = np.concatenate([[0], size, [0]])
        wrong[1:-1] = (size > 0) & (size >= padded[:-2]) & (size >= padded[2:])
        return wrong


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.sqrt(np.square(vectors).sum(axis=-1, keepdims=True)))


def _factor(ratios: Floats) -> float:
    """The ratio of distance to width that 80 % do not exceed; until there are many, also what is usual."""
    prior = np.array([0.15, 0.4, 0.9])
    both = np.concatenate([ratios, prior])
    weight = np.concatenate([np.ones(len(ratios)), np.full(3, 0.7)])
    order = np.argsort(both)
    heavy = weight[order].cumsum()
    return float(both[order][np.searchsorted(heavy, 0.8 * heavy[-1])])


def _typical(km: Floats) -> float:
    """What a way's errors are like: large ones count, but none counts for all."""
    return float(np.mean(np.sqrt(km + LEAST_KM / 10)))
