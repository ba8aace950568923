"""Which part of a picture a recipe takes, in pixels: plain arithmetic that never sees a pixel."""

from __future__ import annotations

Box = tuple[float, float, float, float]
"""Left, upper, right and lower edge."""

WholeBox = tuple[int, int, int, int]

_LONGEST = 16
"""Of a strip that is longer than so many times its width, a middle part will do."""


def middle(across: int, down: int, width: int, height: int) -> Box:
    """The largest middle part of a picture, across x down, that has the shape of width x height."""
    scale = min(across / width, down / height)
    # Rounding may leave the box a hair outside the picture, which Pillow refuses.
    left, top = max(0.0, (across - width * scale) / 2), max(0.0, (down - height * scale) / 2)
    return (left, top, across - left, down - top)


def of_strip(across: int, down: int) -> WholeBox:
    """The whole picture, or the middle of a strip, so that what is made of it has an end."""
    left, top = max(0, (across - _LONGEST * down) // 2), max(0, (down - _LONGEST * across) // 2)
    return (left, top, across - left, down - top)


def in_whole_pixels(across: int, down: int, width: int, height: int) -> tuple[tuple[int, int], WholeBox]:
    """The size to which a picture, across x down, is brought first, and the part of that which is kept.

    The shorter side fits, the longer one is rounded down, and so is half of what is cut off: so resize and
    centre crop follow each other in CLIP's preprocessing (Radford et al. 2021, "Learning Transferable Visual
    Models From Natural Language Supervision", released code).
    """
    wide, tall = max(width, across * height // down), max(height, down * width // across)
    left, top = (wide - width) // 2, (tall - height) // 2
    return (wide, tall), (left, top, left + width, top + height)
