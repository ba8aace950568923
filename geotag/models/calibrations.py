"""Calibrations as they are kept: a JSON file beside each model, or beside the first of models together."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict

from geotag.errors import ModelError, OutputError
from geotag.types import Calibration

_SUFFIX = ".calibrations.json"


def find(model_paths: Sequence[str], base: str) -> Calibration | None:
    """The calibration of models together that was kept for an archive, or a folder that holds it; None when
    there is none.
    """
    fitting = [
        calibration
        for calibration in kept(model_paths)
        if base == calibration.base or base.startswith(os.path.join(calibration.base, ""))
    ]
    return max(fitting, key=lambda calibration: len(calibration.base), default=None)


def kept(model_paths: Sequence[str]) -> list[Calibration]:
    """All calibrations of models together that were kept; raises ModelError when they cannot be read."""
    path = beside(model_paths)
    try:
        with open(path, encoding="utf-8") as file:
            return [Calibration(**entry) for entry in json.load(file)]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{path}: cannot be read ({error}); delete it and calibrate again") from error


def keep(model_paths: Sequence[str], calibration: Calibration) -> None:
    """Keep a calibration in place of an earlier one of the same folder; raises OutputError."""
    others = [entry for entry in kept(model_paths) if entry.base != calibration.base]
    path = beside(model_paths)
    try:
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump([asdict(entry) for entry in [*others, calibration]], file, indent=1)
        os.replace(path + ".new", path)
    except OSError as error:
        raise OutputError(
            f"{path}: {error.strerror}; copy the model to a folder of yours and name it with --model FILE"
        ) from error


def beside(model_paths: Sequence[str]) -> str:
    """The file that keeps the calibrations of models together: it lies beside the first and bears the names
    of all.
    """
    first, *others = model_paths
    stems = [os.path.splitext(os.path.basename(path))[0] for path in others]
    return "+".join([os.path.splitext(first)[0], *stems]) + _SUFFIX
