"""GeoCLIP as one model file by the contract: `python -m export.from_geoclip geoclip.onnx`.

CLIP's image encoder, GeoCLIP's layers and its gallery of 100,000 places, embedded once, in one graph that
takes uint8 pixels; `--half` keeps the encoder in float16, which halves the file and is what a GPU wants.
The answer is GeoCLIP's own first place, and `cells` are its probabilities for all of them. Whether the file
says what GeoCLIP says is shown by `python -m export.parity`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from export import backbone
from export.gallery import INSIDE, KNOWN, LEAST_KM, Gallery, embed
from export.int8 import program, two
from export.to_onnx import IR_VERSION, OUTPUTS
from geotag import predict

if TYPE_CHECKING:
    from geoclip import GeoCLIP

REPORTED = {"1": 14, "25": 34, "200": 51, "750": 70, "2500": 84}
"""Percent of Im2GPS3k's photographs within so many km, as the authors report (arXiv:2309.16020, table 1)."""


class Sight(nn.Module):  # type: ignore[misc]
    """CLIP's image encoder: normalised pixels [batch, 3, height, width] to projected features."""

    def __init__(self, clip: Any) -> None:
        super().__init__()
        self.vision_model, self.projection = clip.vision_model, clip.visual_projection

    def forward(self, pixels: Tensor) -> Tensor:
        return self.projection(self.vision_model(pixel_values=pixels).pooler_output)


def graph(model: GeoCLIP, features: Tensor, half: bool) -> tuple[Gallery, tuple[int, int]]:
    """GeoCLIP as a graph by the contract, and the height and width of its input.

    `features` are the gallery's, from `export.gallery.embed`. With `half` the encoder becomes float16.
    """
    eyes = model.image_encoder
    # From a folder or a hub it comes with a tokenizer around it.
    how = getattr(eyes.image_processor, "image_processor", eyes.image_processor)
    if (how.size, how.resample) != ({"shortest_edge": how.crop_size["height"]}, 3):
        raise SystemExit(f"this CLIP wants its pictures otherwise than by centre crop and bicubic: {how}")
    made = Gallery(
        Sight(eyes.CLIP),
        eyes.mlp,
        features,
        model.gps_gallery,
        float(model.logit_scale.detach().exp()),
        list(how.image_mean),
        list(how.image_std),
        torch.float16 if half else torch.float32,
    )
    return made.eval(), (how.crop_size["height"], how.crop_size["width"])


def texts(places: Tensor, size: tuple[int, int], half: bool, seed: int | None) -> dict[str, str]:
    """What the file says of itself: the contract's metadata."""
    weights = "float16, compared in float32" if half else "float32"
    trained = (
        "GeoCLIP (Vivanco Cepeda et al. 2023, arXiv:2309.16020), trained by its authors on MP-16, 4.7 "
        "million photographs of Flickr, on CLIP ViT-L/14 (Radford et al. 2021)"
    )
    by_chance = f"image encoder drawn by chance from seed {seed}: for tests only, the answers mean nothing"
    metrics: dict[str, Any] = {"weights": weights}
    if seed is None:
        metrics["percent of Im2GPS3k within km, as its authors report"] = REPORTED
    stated = {
        "contract": predict.CONTRACT,
        "name": "GeoCLIP" if seed is None else "GeoCLIP-by-chance",
        "version": backbone.release(),
        "licence": "MIT",
        "licence_text": backbone.licence(),
        "resize": "shorter",
        "crop": f"{size[0]}x{size[1]}",
        "filter": "bicubic",
        "training_data": trained if seed is None else by_chance,
        "calibration": f"not calibrated: the circle about the answer that holds {INSIDE / KNOWN:.0%} of the "
        f"probability, {LEAST_KM:g} km at least; `geotag calibrate` fits it to a collection",
        "metrics": json.dumps(metrics),
    }
    pairs = [[round(float(degree), 6) for degree in place] for place in places]
    return {f"geotag.{name}": text for name, text in stated.items()} | {"cell_coordinates": json.dumps(pairs)}


def write(made: Gallery, size: tuple[int, int], stated: dict[str, str], target: Path) -> predict.Card:
    """Write a graph as one file with its metadata, and load it as `geotag` does: by the contract."""
    exported = program(made, two(*size, 3, kind=torch.uint8), "image", OUTPUTS)
    file = exported.model
    file.ir_version = min(file.ir_version, IR_VERSION)
    file.producer_name, file.doc_string = "geotag export", None
    file.metadata_props.clear()
    file.metadata_props.update(stated)
    for node in file.graph.all_nodes():
        # The exporter leaves its own source lines on every node: paths of the machine that nobody needs.
        node.metadata_props.clear()
        node.doc_string = None
        # It names values after what made them, and one may be called as an output of the contract is.
        for value in (*node.inputs, *node.outputs):
            if value is not None and value.name in OUTPUTS and not value.is_graph_output():
                value.name = f"inner_{value.name}"
    exported.save(str(target), external_data=False)
    return predict.load(str(target), device="cpu", threads=1).card


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m export.from_geoclip", description=__doc__)
    parser.add_argument("target", type=Path, help="the file to write")
    parser.add_argument("--half", action="store_true", help="the image encoder in float16")
    backbone.arguments(parser)
    options = parser.parse_args()
    model = backbone.load(options.backbone, options.random_backbone)
    print(f"embedding {len(model.gps_gallery):,} places", flush=True)
    features = embed(model.location_encoder, model.gps_gallery)
    made, size = graph(model, features, options.half)
    stated = texts(model.gps_gallery, size, options.half, options.random_backbone)
    card = write(made, size, stated, options.target)
    print(f"{options.target}: {card.title}, {card.size / 1e6:,.0f} MB, SHA-256 {card.sha256}")
    print(f"now: geotag models add {options.target}")


if __name__ == "__main__":
    main()
