"""What the model looks at: parts of a picture are covered one after the other, and the answer watched.

Occlusion (Zeiler, Fergus 2014, "Visualizing and understanding convolutional networks", section 4.2): the more
the probability of the answer falls when a part is covered, the more the answer rests on that part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geotag import geo, parallel
from geotag.decode import decode
from geotag.errors import PhotoError
from geotag.predict import Model
from geotag.renderings import plots
from geotag.types import Prediction

REGIONS = 3
"""So many of the most probable regions are shown."""

_STEPS = 14
_COVER = 4
_GREY = 124
_BATCH = 16


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """A model's answer, and how much it rests on each part of the picture: float64 [rows, columns], 1 the
    most, 0 nothing or even the contrary.
    """

    prediction: Prediction
    heat: NDArray[np.float64]


def explain(source: str, model: Model) -> Explanation:
    """Cover a picture part by part; raises PhotoError when it cannot be read or the model has no answer."""
    recipe = model.card.recipe
    pixels = decode(source, recipe)
    whole = model.predict(pixels[np.newaxis])[0]
    if whole is None:
        raise PhotoError("the model gave no answer that lies on the Earth; try another --model")
    heat = np.zeros((_STEPS, _STEPS))
    spots = [(row, column) for row in range(_STEPS) for column in range(_STEPS)]
    for window in parallel.windows(spots, _BATCH):
        covered = np.stack([_covered(pixels, *spot) for spot in window])
        for (row, column), answer in zip(window, model.predict(covered), strict=True):
            heat[row, column] = 0.0 if answer is None else _fall(whole, answer)
    top = float(heat.max())
    return Explanation(whole, np.clip(heat / top, 0, 1) if top > 0 else np.zeros_like(heat))


def _covered(pixels: NDArray[np.uint8], row: int, column: int) -> NDArray[np.uint8]:
    """The picture with a grey square over a cell of the grid and its neighbourhood."""
    height, width = pixels.shape[0] / _STEPS, pixels.shape[1] / _STEPS
    half = _COVER / 2
    top, bottom = (row + 0.5 - half) * height, (row + 0.5 + half) * height
    left, right = (column + 0.5 - half) * width, (column + 0.5 + half) * width
    covered = pixels.copy()
    covered[max(0, round(top)) : round(bottom), max(0, round(left)) : round(right)] = _GREY
    return covered


def _fall(whole: Prediction, answer: Prediction) -> float:
    """How much of the answer is gone: the probability near it, where the model gives any, else the way that
    the point went in km.
    """
    if whole.regions and answer.regions:
        return _near(whole, whole) - _near(whole, answer)
    return geo.gap_km(whole.location, answer.location)


def _near(whole: Prediction, answer: Prediction) -> float:
    """What `answer` gives to the likeliest region of `whole`: the share of its regions that lies there."""
    likeliest = whole.regions[0]
    held = 0.0
    for region in answer.regions:
        off = geo.distance_km(
            likeliest.location.lat, likeliest.location.lon, region.location.lat, region.location.lon
        )
        # Both are clouds: two round Gaussians of these radii overlap so much (80 % radii, see regions.py).
        reach = likeliest.radius_km**2 + region.radius_km**2
        held += region.probability * float(np.exp(np.log(0.2) * off**2 / reach))
    return held


def draw(source: str, model: Model, path: str) -> str:
    """Explain a picture into a PNG file: heat over the picture, the likeliest regions on a world map."""
    found = explain(source, model)
    recipe = model.card.recipe
    title = f"{model.card.title}: within {found.prediction.error_km:,.0f} km in 8 of 10 such cases"
    return plots.explanation(
        decode(source, recipe),
        found.heat,
        found.prediction.location,
        found.prediction.regions[:REGIONS],
        title,
        path,
    )
