"""How many photos a model takes at a time and how threads share them, by what one photo costs it.

The size of its file tells which kind a model is, before it is loaded and without trying. A small network
takes milliseconds for a photo: threads do best with photos of their own, for two that work on one layer wait
for each other at its end. A large one takes seconds, most of them in a few huge products: there all threads
work on one layer, and what they hold in memory is that of one batch instead of one a thread. Of ViT-L/14
(1.2 GB) every photo more takes some 20 MB and none is faster in company (`tests/vit.py`, on two cores).
"""

from __future__ import annotations

import os
from dataclasses import dataclass

LARGE_BYTES = 1 << 26
"""Files over 64 MiB are large models: the shipped one has 11 MB, ViT-L/14 600 MB in half precision."""

_SMALL, _EACH = 16, 8
"""A small model's photos: at least so many, and so many for each thread."""

_LARGE = 4
_ON_GPU = {False: 64, True: 32}


@dataclass(frozen=True, slots=True)
class Pace:
    """`batch` photos at a time, in `shares` parts that run side by side, `together` threads on each part."""

    batch: int
    shares: int
    together: int


def chosen(size: int, device: str, threads: int) -> Pace:
    """The pace of a model file of so many bytes on "cpu" or "cuda", with so many threads of the CPU."""
    large = size > LARGE_BYTES
    if device == "cuda":
        return Pace(_ON_GPU[large], 1, 1)
    if large:
        return Pace(_LARGE, 1, threads)
    return Pace(max(_SMALL, _EACH * threads), threads, 1)


def has_gpu() -> bool:
    """Whether the machine shows an NVIDIA device at all (on Windows we cannot tell, so perhaps)."""
    return os.name == "nt" or any(map(os.path.exists, ("/dev/nvidiactl", "/proc/driver/nvidia/version")))
