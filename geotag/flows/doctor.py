"""What is installed, which device a session really gets, and what is missing."""

from __future__ import annotations

import os
import platform
import time
from importlib import metadata as installed

import numpy as np

from geotag import __version__, parallel, predict
from geotag.errors import GeotagError
from geotag.models import modelfolder, pace, shelf
from geotag.pixels import raws, readers

_TRY_S = 1.0
"""A model is tried for so many seconds, and at least once."""

_PACKAGES = (
    "onnxruntime-gpu",
    "onnxruntime",
    "numpy",
    "pillow",
    "pillow-heif",
    "simplejpeg",
    "rawpy",
    "piexif",
    "joblib",
    "distributed",
)


def examine(model: str, device: str = "auto", jobs: int | None = None) -> dict[str, str]:
    """Findings by topic, in words; a model that can be loaded is tried on made-up pictures, and has a `pace`
    if it works.
    """
    findings = {
        "geotag": __version__,
        "python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        "cores": str(parallel.cores()),
    }
    findings |= {name: _version(name) for name in _PACKAGES}
    if "none" not in (findings["onnxruntime"], findings["onnxruntime-gpu"]):
        findings["conflict"] = (
            "onnxruntime and onnxruntime-gpu overwrite each other: uninstall both, keep one"
        )
    findings["HEIC"] = _read(readers.reads_heif(), "'geovision-geotag[heif]'")
    findings["camera raw"] = _read(raws.available(), "rawpy")
    before = _resident()
    try:
        loaded = shelf.load(model, device, jobs)
    except GeotagError as error:
        return findings | {"model": f"not usable: {error}"}
    findings["model"] = f"{loaded.card.identity} ({loaded.card.path})"
    findings["device"] = f"{loaded.device} (what a session of this model really got)"
    if loaded.device == "cpu":
        findings["GPU"] = _why_no_gpu()
    return findings | _measured(loaded, jobs, before)


def _read(able: bool, package: str) -> str:
    return "can be read" if able else f"cannot be read: pip install {package}"


def _measured(model: predict.Model, jobs: int | None, before: int) -> dict[str, str]:
    """What a model costs here; without it and ONNX Runtime this process held `before` bytes."""
    suited = _pace(model, jobs)
    try:
        speed = _tried(model, jobs)
        held = _resident() - before
        ratio = _beside_shipped(model, speed, jobs)
    except GeotagError as error:
        return {"speed": f"not measured: {error}"}
    side_by_side = f"parts side by side: {suited.shares}, threads on a part: {suited.together}"
    return {
        "pace": f"batches of {suited.batch}, {side_by_side}",
        "speed": f"{_few(speed)} photos a second, decoding not counted{ratio}",
        "memory": f"{max(0, held) / 1e6:,.0f} MB of this machine after a few batches, ONNX Runtime included"
        if before
        else "not known here",
    }


def _beside_shipped(model: predict.Model, speed: float, jobs: int | None) -> str:
    """How many photos a second these are beside the shipped model's on the CPU; empty for that one itself."""
    if model.device == "cpu" and model.card.path == shelf.find(modelfolder.SHIPPED):
        return ""
    shipped = shelf.load(modelfolder.SHIPPED, "cpu", jobs)
    usual = _tried(shipped, jobs)
    return (
        f"; {_few(speed / usual)} times as many as {shipped.card.title} on the CPU ({_few(usual)} a second)"
    )


def _few(value: float) -> str:
    """A number with three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _pace(model: predict.Model, jobs: int | None) -> pace.Pace:
    return pace.chosen(model.card.size, model.device, jobs or parallel.cores())


def _tried(model: predict.Model, jobs: int | None) -> float:
    """Photos a second: the best of some batches, the first of which does not count."""
    recipe, size = model.card.recipe, _pace(model, jobs).batch
    shape = size, recipe.height, recipe.width, 3
    batch = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    model.predict(batch)
    best, until = 0.0, time.monotonic() + _TRY_S
    while not best or time.monotonic() < until:
        start = time.perf_counter()
        model.predict(batch)
        best = max(best, size / (time.perf_counter() - start))
    return best


def _resident() -> int:
    """Bytes of memory that this process holds; 0 where the system does not say (proc(5): statm)."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def _version(package: str) -> str:
    try:
        return installed.version(package)
    except installed.PackageNotFoundError:
        return "none"


def _why_no_gpu() -> str:
    if not pace.has_gpu():
        return "none on this machine; the CPU does the work"
    return "here, but CUDA 13 and cuDNN 9 are missing: pip install 'geovision-geotag[cuda]' brings them"
