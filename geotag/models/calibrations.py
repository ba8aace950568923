"""Calibrations as they are kept: a JSON file beside each model, or beside the first of models together."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from geotag.errors import ModelError, OutputError
from geotag.types import Calibration

_SUFFIX = ".calibrations.json"


def find(model_paths: Sequence[str], sha256: str, base: str) -> Calibration | None:
    """The calibration of models together that was kept for an archive, or a folder that holds it; None when
    there is none.

    `sha256` is theirs, joined by "+": what was measured with other files of the same names does not count.
    """
    return _innermost(kept(model_paths, sha256), base)


def outdated(model_paths: Sequence[str], sha256: str, base: str) -> bool:
    """Whether there is one for an archive, but measured with other files of the models' names."""
    others = [entry for model, entry in _read(beside(model_paths)) if model != sha256]
    return _innermost(others, base) is not None


def _innermost(calibrations: Sequence[Calibration], base: str) -> Calibration | None:
    fitting = [
        calibration
        for calibration in calibrations
        if base == calibration.base or base.startswith(os.path.join(calibration.base, ""))
    ]
    return max(fitting, key=lambda calibration: len(calibration.base), default=None)


def kept(model_paths: Sequence[str], sha256: str) -> list[Calibration]:
    """All calibrations of models together that were kept, `sha256` as in `find`; raises ModelError when they
    cannot be read.
    """
    return [calibration for model, calibration in _read(beside(model_paths)) if model == sha256]


def keep(model_paths: Sequence[str], sha256: str, calibration: Calibration) -> None:
    """Keep a calibration in place of an earlier one of the same folder, `sha256` as in `find`; raises
    OutputError.
    """
    path = beside(model_paths)
    others = [
        (model, entry) for model, entry in _read(path) if (model, entry.base) != (sha256, calibration.base)
    ]
    try:
        _write(path, [*others, (sha256, calibration)])
    except OSError as error:
        raise OutputError(
            f"{path}: {error.strerror}; copy the model to a folder of yours and name it with --model FILE"
        ) from error


def forget(model_path: str, sha256: str, folders: Iterable[str]) -> list[str]:
    """Remove what was calibrated for a model alone and, in these folders, for it together with others; gives
    the paths of files that are gone. Raises OSError.
    """
    name = _stem(model_path)
    paths = [os.path.join(folder, file) for folder in folders for file in os.listdir(folder)]
    gone = []
    for path in sorted({beside([model_path]), *paths}):
        stems = os.path.basename(path).removesuffix(_SUFFIX).split("+")
        if not (path.endswith(_SUFFIX) and name in stems and os.path.isfile(path)):
            continue
        entries = _read(path)
        left = [(models, entry) for models, entry in entries if sha256 not in models.split("+")]
        if path == beside([model_path]) or not left:
            os.unlink(path)
            gone.append(path)
        elif left != entries:
            _write(path, left)
    return gone


def _read(path: str) -> list[tuple[str, Calibration]]:
    """What a file holds: the models' SHA-256 and what was measured with them; raises ModelError."""
    try:
        with open(path, encoding="utf-8") as file:
            return [(entry.pop("model"), Calibration(**entry)) for entry in json.load(file)]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise ModelError(f"{path}: cannot be read ({error}); delete it and calibrate again") from error


def _write(path: str, entries: Sequence[tuple[str, Calibration]]) -> None:
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump([{"model": model} | asdict(entry) for model, entry in entries], file, indent=1)
    os.replace(path + ".new", path)


def beside(model_paths: Sequence[str]) -> str:
    """The file that keeps the calibrations of models together: it lies beside the first and bears the names
    of all.
    """
    first, *others = model_paths
    return "+".join([os.path.splitext(first)[0], *map(_stem, others)]) + _SUFFIX


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]
