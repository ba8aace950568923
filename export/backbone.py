"""GeoCLIP as its authors publish it (PyPI `geoclip`), with CLIP's image encoder from a hub, a folder or dice.

The package brings GeoCLIP's own weights (location encoder, two layers behind CLIP, temperature) and its
gallery; CLIP's ViT-L/14 is loaded by `transformers`, from its hub when it is not on this machine yet.
"""

from __future__ import annotations

import argparse
from importlib import metadata
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from geoclip import GeoCLIP

_LOUD = 2.0
"""Weights drawn so many times as wide as training starts with make features that differ between pictures."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where the image encoder comes from."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--backbone", help="a folder with CLIP, or its name on the hub (GeoCLIP's own)")
    which.add_argument(
        "--random-backbone",
        type=int,
        metavar="SEED",
        help="weights drawn by chance, where no hub can be reached: for tests, its answers mean nothing",
    )


def load(backbone: str | None, seed: int | None) -> GeoCLIP:
    """GeoCLIP with the weights of its package, ready to answer; CLIP without its half for texts.

    Raises SystemExit with a sentence where the package is missing or CLIP cannot be had.
    """
    try:
        from geoclip import GeoCLIP
    except ImportError as error:
        raise SystemExit(f"GeoCLIP is not here ({error}): pip install -e '.[export,geoclip]'") from error
    if seed is not None:
        torch.manual_seed(seed)
        model = GeoCLIP(clip_pretrained=False)
        with torch.no_grad():
            for weight in model.image_encoder.CLIP.vision_model.parameters():
                weight *= _LOUD if weight.dim() > 1 else 1
    else:
        try:
            model = GeoCLIP(clip_path=backbone)
        except OSError as error:
            raise SystemExit(
                f"CLIP cannot be loaded: {error}\nconnect to the network once, or name a folder that holds "
                "it: --backbone FOLDER"
            ) from error
    del model.image_encoder.CLIP.text_model
    return model.eval()


def release() -> str:
    """The version of the package."""
    return metadata.version("geoclip")


def licence() -> str:
    """What the package says of its licence, as it must go with the weights; and whose CLIP's are."""
    files = metadata.files("geoclip") or []
    text = next(file.read_text() for file in files if file.name == "LICENSE")
    return f"GeoCLIP: {text.strip()}\n\nCLIP: MIT License, Copyright (c) 2021 OpenAI, in the same words."
