"""A model file by the contract: `python -m export.to_onnx work/geovision/model.pt models/geovision.onnx`.

Static int8 (QDQ, per channel) for CPUs, calibrated on training photographs; `--float` keeps float32, for
GPUs. The file is checked by ONNX's checker, compared with torch at batch 1 and 7, and for the shipped name a
golden file is written that the tests replay.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import torch

from export import golden, views
from export.bundle import Bundle, load
from export.int8 import export_float, quantize, session, spread, two
from export.model import RECIPE, GeoVision
from export.train import arguments, read
from geotag.geo import distance_km

if TYPE_CHECKING:
    from geotag.types import Pixels

IR_VERSION = 10
OUTPUTS = ("coordinates", "error_km", "cells", "embedding")
_PARITY_BATCHES = (1, 7)
_PARITY_KM, _PARITY_RADIUS = 1.0, 1e-3


class ParityError(Exception):
    """The exported file does not say what torch says."""


def describe(path: Path, card: dict[str, Any], kind: str) -> None:
    """Write the contract's metadata into a model file and settle its opset and IR version."""
    model = onnx.load(str(path))
    model.ir_version = min(model.ir_version, IR_VERSION)
    model.producer_name, model.doc_string = "geotag export", ""
    del model.metadata_props[:]
    sources = ", ".join(card["sources"])
    texts = {
        "contract": "1",
        "name": path.stem,
        "version": card["version"],
        "licence": "Apache-2.0",
        "resize": RECIPE.resize,
        "crop": f"{RECIPE.height}x{RECIPE.width}",
        "training_data": f"{card['photographs']} photographs, sha256:{card['data']}; sources: {sources}",
        "calibration": card["calibration"],
        "metrics": json.dumps({"weights": kind, **card["metrics"][kind]}),
    }
    helper = {f"geotag.{name}": text for name, text in texts.items()}
    helper["cell_coordinates"] = json.dumps(card["places"])
    onnx.helper.set_model_props(model, helper)
    for node in model.graph.node:
        # The exporter leaves its own source lines on every node: paths of the machine that nobody needs.
        del node.metadata_props[:]
        node.doc_string = ""
    onnx.save(model, str(path))
    onnx.checker.check_model(str(path), full_check=True)


def check_parity(model: GeoVision, path: Path, images: Pixels) -> None:
    """Compare torch with ONNX Runtime on pixels [n, height, width, 3] at batch 1 and 7.

    Raises ParityError when an answer moves by more than a km or a radius by more than a thousandth. An answer
    may change its place when two cost the same: then the cost must agree, which the radius shows.
    """
    run = session(path)
    for batch in _PARITY_BATCHES:
        part = np.ascontiguousarray(images[:batch])
        with torch.no_grad():
            wanted = [value.numpy() for value in model(torch.from_numpy(part))]
        found = run.run(list(OUTPUTS), {"image": part})
        away = distance_km(*wanted[0].T, *found[0].T)
        radius = np.abs(found[1] / wanted[1] - 1)
        if away.max() > _PARITY_KM or radius.max() > _PARITY_RADIUS:
            raise ParityError(
                f"{path} at batch {batch}: {away.max():.1f} km and {radius.max():.2%} of radius off"
            )
        print(f"parity at batch {batch}: {away.max():.3f} km, radius {radius.max():.1e}")


def cost_of_int8(first: Path, second: Path, batches: Iterable[Pixels]) -> dict[str, float]:
    """How far the answers of two files lie apart: median and 95 % quantile in km, and of the radius."""
    runs, away, radius = (session(first), session(second)), [], []
    for batch in batches:
        one, other = (run.run(["coordinates", "error_km"], {"image": batch}) for run in runs)
        away.append(distance_km(*one[0].T, *other[0].T))
        radius.append(np.abs(other[1] / one[1] - 1))
    km, change = np.concatenate(away), np.concatenate(radius)
    return {
        "same_answer_percent": round(100 * float(np.mean(km < 1)), 1),
        "answers_apart_median_km": round(float(np.median(km))),
        "answers_apart_95_percent_km": round(float(np.quantile(km, 0.95))),
        "radius_change_median_percent": round(100 * float(np.median(change)), 1),
    }


def make(bundle: Bundle, target: Path, some: list[Pixels], version: str, exact: bool = False) -> None:
    """Write the model file, checked and described, its int8 ranges from batches of training photographs."""
    calibration = f"{sum(map(len, some))} training photographs; radius from answers for cells never seen"
    card = {**bundle.card, "version": version, "calibration": calibration}
    card["places"] = bundle.atlas.places.round(4).tolist()
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder, target.name)
        kind = "float32" if exact else "int8"
        model = bundle.model(kind)
        image = two(RECIPE.height, RECIPE.width, 3, kind=torch.uint8)
        export_float(model, plain, image, "image", OUTPUTS)
        check_parity(model, plain, np.concatenate(some)[:7])
        if exact:
            describe(plain, card, kind)
            target.write_bytes(plain.read_bytes())
        else:
            quantize(plain, target, "image", some)
            print("int8 against float32:", json.dumps(cost_of_int8(plain, target, some)), flush=True)
            describe(target, card, kind)


def milliseconds(path: Path, batch: int) -> float:
    """Wall time of one photograph in batches of `batch` on two threads: the best of several runs."""
    run, image = session(path), np.zeros((batch, RECIPE.height, RECIPE.width, 3), np.uint8)
    times = []
    for _ in range(8):
        start = time.perf_counter()
        run.run(None, {"image": image})
        times.append(time.perf_counter() - start)
    return 1000 * min(times) / batch


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m export.to_onnx", description=__doc__)
    parser.add_argument("model", type=Path, help="model.pt from export.train")
    parser.add_argument("target", type=Path, help="the file to write")
    parser.add_argument("--float", dest="exact", action="store_true", help="float32 instead of int8")
    parser.add_argument("--version", default="1.0")
    parser.add_argument("--golden", type=Path, help="write what the model says of made-up pictures there")
    arguments(parser)
    options = parser.parse_args()
    write(load(options.model), options)


def write(bundle: Bundle, options: argparse.Namespace) -> None:
    """Export, quantise, describe, check and measure, as the options say."""
    photos = read(options.photos, options.layout, options.kinds, options.cell)
    if bundle.card["data"] != photos.fingerprint():
        raise SystemExit(
            "these are not the photographs that the model was trained on; name the same --photos"
        )
    some = list(spread(views.pixels(photos, 0, 0), len(photos)))
    make(bundle, options.target, some, options.version, options.exact)
    size = options.target.stat().st_size / 1e6
    speed = ", ".join(f"{milliseconds(options.target, n):.1f} ms a photograph at batch {n}" for n in (1, 32))
    print(f"{options.target}: {size:.1f} MB, {speed} on two threads")
    if options.golden:
        golden.write(options.target, options.golden)


if __name__ == "__main__":
    main()
