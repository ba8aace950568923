"""What is installed, which device a session really gets, and what is missing."""

from __future__ import annotations

import platform
from importlib import metadata as installed

from geotag import __version__, parallel, predict, shelf
from geotag.decode import HEIF
from geotag.errors import GeotagError
from geotag.raws import RAW

_PACKAGES = (
    "onnxruntime-gpu",
    "onnxruntime",
    "numpy",
    "pillow",
    "pillow-heif",
    "rawpy",
    "piexif",
    "joblib",
    "distributed",
)


def examine(model: str) -> dict[str, str]:
    """Findings by topic, in words."""
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
    findings["HEIC"] = "can be read" if HEIF else "cannot be read: pip install 'geovision-geotag[heif]'"
    findings["camera raw"] = "can be read" if RAW else "cannot be read: pip install rawpy"
    try:
        loaded = shelf.load(model, "auto")
    except GeotagError as error:
        return findings | {"model": f"not usable: {error}"}
    findings["model"] = f"{loaded.card.identity} ({loaded.card.path})"
    findings["device"] = f"{loaded.device} (what a session of this model really got)"
    if loaded.device == "cpu":
        findings["GPU"] = _why_no_gpu()
    return findings


def _version(package: str) -> str:
    try:
        return installed.version(package)
    except installed.PackageNotFoundError:
        return "none"


def _why_no_gpu() -> str:
    if not predict.has_gpu():
        return "none on this machine; the CPU does the work"
    return "here, but CUDA 13 and cuDNN 9 are missing: pip install 'geovision-geotag[cuda]' brings them"
