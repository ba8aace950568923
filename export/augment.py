"""Makes photographs look like what archives hold: cropped, grey, sepia, faded, grainy, bordered, blurred.

Pure NumPy on float32 pixels [height, width, 3] from 0 to 255; every look takes its chances from the caller's
generator, so that a seed repeats it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from geotag.types import Pixels

Picture = NDArray[np.float32]

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of grey: ITU-R BT.601, 2.5.1."""

_SEPIA = np.array([[1.07, 0.86, 0.62], [18, 8, -6]], np.float32)


def view(pixels: Pixels, height: int, width: int, rng: np.random.Generator) -> Pixels:
    """One random look at a picture, uint8 [h, w, 3]: a crop, perhaps mirrored, and the marks of an archive.

    Returns uint8 [height, width, 3].
    """
    picture = resized(crop(pixels, rng).astype(np.float32), height, width)
    if rng.random() < 0.5:
        picture = picture[:, ::-1]
    picture = jitter(picture, rng)
    look = rng.random()
    if look < 0.2:
        picture = grey(picture)
    elif look < 0.35:
        picture = sepia(picture)
    elif look < 0.5:
        picture = faded(picture, float(rng.uniform(0.3, 0.7)))
    for chance, mark in ((0.25, grain), (0.1, border), (0.15, blurred), (0.25, blocky)):
        if rng.random() < chance:
            picture = mark(picture, rng)
    return to_bytes(picture)


def to_bytes(picture: Picture) -> Pixels:
    """Round to uint8, values outside 0 to 255 held there; same shape."""
    return np.clip(np.round(picture), 0, 255).astype(np.uint8)


def crop(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A random window of 40 to 100 % of the area whose shape differs from the picture's by up to a half."""
    height, width = pixels.shape[:2]
    area, stretch = rng.uniform(0.4, 1.0), np.exp(rng.uniform(-0.4, 0.4))
    tall = max(1, min(height, round(height * np.sqrt(area / stretch))))
    wide = max(1, min(width, round(width * np.sqrt(area * stretch))))
    top, left = rng.integers(height - tall + 1), rng.integers(width - wide + 1)
    return pixels[top : top + tall, left : left + wide]


@lru_cache(maxsize=4096)
def _triangle(size: int, wanted: int) -> Picture:
    """Weights [wanted, size] of an anti-aliased linear resize, as Pillow's BILINEAR filters."""
    scale = size / wanted
    centre = (np.arange(wanted)[:, None] + 0.5) * scale - 0.5
    weights = np.maximum(0, 1 - np.abs(np.arange(size) - centre) / max(scale, 1.0))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def resized(picture: Picture, height: int, width: int) -> Picture:
    """Resize to height x width pixels with a triangle filter."""
    tall = np.tensordot(_triangle(picture.shape[0], height), picture, axes=(1, 0))
    both = np.tensordot(_triangle(picture.shape[1], width), tall, axes=(1, 1))
    return np.asarray(both.transpose(1, 0, 2), np.float32)


def jitter(picture: Picture, rng: np.random.Generator) -> Picture:
    """Brightness, contrast, saturation and the balance of colours, each off by up to a quarter."""
    grey_value = (picture @ _LUMA)[..., None]
    saturation, contrast = np.float32(rng.uniform(0.75, 1.25)), np.float32(rng.uniform(0.75, 1.25))
    coloured = grey_value + (picture - grey_value) * saturation
    middle = coloured.mean()
    gain = (rng.uniform(0.92, 1.08, 3) * rng.uniform(0.8, 1.2)).astype(np.float32)
    return np.asarray((middle + (coloured - middle) * contrast) * gain, np.float32)


def grey(picture: Picture) -> Picture:
    """Black and white."""
    return np.repeat((picture @ _LUMA)[..., None], 3, axis=2)


def sepia(picture: Picture) -> Picture:
    """The brown of an old print: grey, warmed in the lights and lifted in the shadows."""
    return np.asarray(grey(picture) * _SEPIA[0] + _SEPIA[1], np.float32)


def faded(picture: Picture, strength: float) -> Picture:
    """Colours and contrast gone by `strength` (0 to 1) towards a pale yellowish paper."""
    paper = np.array([205, 195, 170], np.float32)
    return np.asarray(picture + (paper - picture) * np.float32(strength), np.float32)


def grain(picture: Picture, rng: np.random.Generator) -> Picture:
    """The grain of a film: grey noise of 4 to 18 levels."""
    noise = rng.standard_normal(picture.shape[:2], np.float32) * np.float32(rng.uniform(4, 18))
    return np.asarray(picture + noise[..., None], np.float32)


def border(picture: Picture, rng: np.random.Generator) -> Picture:
    """The mount or the film's edge that a scan shows around the picture, of 2 to 8 % on each side."""
    framed = np.full_like(picture, rng.choice([8.0, 128.0, 244.0]))
    height, width = picture.shape[:2]
    edge = rng.uniform(0.02, 0.08)
    top, left = max(1, round(height * edge)), max(1, round(width * edge))
    framed[top:-top, left:-left] = resized(picture, height - 2 * top, width - 2 * left)
    return framed


def blurred(picture: Picture, rng: np.random.Generator) -> Picture:
    """Out of focus, or a small print enlarged: made 1.5 to 3 times smaller and large again."""
    height, width = picture.shape[:2]
    factor = rng.uniform(1.5, 3)
    return resized(resized(picture, round(height / factor), round(width / factor)), height, width)


@lru_cache(maxsize=1)
def _cosines() -> Picture:
    """The 8 x 8 discrete cosine transform (ITU-T T.81, A.3.3)."""
    k, n = np.arange(8)[:, None], np.arange(8)
    basis = np.cos((2 * n + 1) * k * np.pi / 16) / 2
    basis[0] /= np.sqrt(2)
    return np.asarray(basis, np.float32)


def blocky(picture: Picture, rng: np.random.Generator) -> Picture:
    """What a low JPEG quality leaves: 8 x 8 blocks with their fine waves rounded away."""
    height, width = picture.shape[:2]
    padded = np.pad(picture, ((0, -height % 8), (0, -width % 8), (0, 0)), mode="edge")
    blocks = padded.reshape(padded.shape[0] // 8, 8, padded.shape[1] // 8, 8, 3).transpose(0, 2, 4, 1, 3)
    basis = _cosines()
    waves = basis @ blocks @ basis.T
    step = np.float32(rng.uniform(2, 10)) * (1 + np.add.outer(np.arange(8), np.arange(8))).astype(np.float32)
    blocks = basis.T @ (np.round(waves / step) * step) @ basis
    whole = blocks.transpose(0, 3, 1, 4, 2).reshape(padded.shape)
    return np.asarray(whole[:height, :width], np.float32)
