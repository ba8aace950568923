"""The golden file: what the shipped model says of made-up pictures, and which file says it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import onnxruntime

from tests.golden_pictures import pictures


def write(model: Path, target: Path) -> None:
    """Run a model file on the made-up pictures and write its SHA-256 and answers to a JSON file."""
    run = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    height, width = run.get_inputs()[0].shape[1:3]
    coordinates, error_km = run.run(["coordinates", "error_km"], {"image": pictures(height, width)})
    value = {
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "coordinates": [[round(float(degree), 4) for degree in row] for row in coordinates],
        "error_km": [round(float(km), 1) for km in error_km],
    }
    target.write_text(json.dumps(value, indent=1) + "\n")
    print(f"{target}: {len(error_km)} answers of {model}")
