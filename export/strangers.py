"""How a model file fares on photographs of another kind than it learned from, such as historic ones.

`python -m export.strangers models/geovision.onnx --photos ../shared/photos --kinds heritage`: one vote per
photograph. The place may have been among the training photographs; the kind of picture was not.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from export import views
from export.int8 import session
from export.tables import figures
from export.train import read


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m export.strangers", description=__doc__)
    parser.add_argument("model", type=Path, help="a model file, .onnx")
    parser.add_argument("--photos", type=Path, nargs="+", required=True)
    parser.add_argument("--kinds", nargs="+", required=True, help="values of the table's column `kind`")
    options = parser.parse_args()
    photos, run = read(options.photos, None, options.kinds), session(options.model)
    parts = [run.run(["coordinates", "error_km"], {"image": batch}) for batch in views.pixels(photos, 0, 0)]
    lat, lon = np.concatenate([coordinates for coordinates, _ in parts]).astype(np.float64).T
    radius = np.concatenate([km for _, km in parts]).astype(np.float64)
    even = np.full(len(photos), 1 / len(photos))
    print(f"{len(photos)} photographs", json.dumps(figures(photos, lat, lon, radius, even)))
    print(f"radius: median {np.median(radius):.0f} km, least {radius.min():.0f}, most {radius.max():.0f}")
    print(f"would be written at 2,500 km: {100 * np.mean(radius <= 2500):.1f} %")


if __name__ == "__main__":
    main()
