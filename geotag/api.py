"""The Python interface: what the command line does, for programs.

import geotag
prediction = geotag.locate("photo.jpg")
summary = geotag.run("archive", write_exif=True)
applied = geotag.apply("archive.geotag", "decisions.json")
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any, BinaryIO

import numpy as np

from geotag import pipeline, predict
from geotag.decode import decode
from geotag.errors import PhotoError
from geotag.flows import enact
from geotag.models import shelf
from geotag.observer import Observer, Silent
from geotag.types import Prediction, Settings


def run(
    *archive: str | os.PathLike[str], observer: Observer | None = None, **options: Any
) -> pipeline.Summary:
    """Locate folders or files of photographs as `geotag run` does.

    `options` are the fields of `geotag.types.Settings`: write_exif=True, max_error_km=500 and so on; of a
    single `model` its name will do.
    `observer` hears of every photo. Raises GeotagError for what ends the run; a photo's trouble only shows in
    the manifests and in the counts of the summary.
    """
    if isinstance(options.get("model"), str):
        options["model"] = (options["model"],)
    settings = Settings(tuple(os.fspath(path) for path in archive), **options)
    return pipeline.run(settings, observer or Silent())


def apply(
    output: str | os.PathLike[str],
    decisions: str | os.PathLike[str] | None = None,
    *,
    rest: bool = False,
    archive: str | os.PathLike[str] | None = None,
    observer: Observer | None = None,
    **options: Any,
) -> enact.Applied:
    """Write what a person decided about the answers of a run, as `geotag apply` does.

    `decisions` is a file that the map saved; with `rest` the answers that nobody decided about are written,
    too, as far as the run planned to; `archive` is where the photos are now, if they have moved. `options` of
    writing (write_exif, sidecar, only_sidecar, sidecar_dir, sidecar_style, backup, replace_gps) count instead
    of the run's. Raises GeotagError for what keeps anything from being applied; `refused` of what it returns
    tells of single photos.
    """
    file = None if decisions is None else os.fspath(decisions)
    where = None if archive is None else os.fspath(archive)
    return enact.enact(os.fspath(output), file, observer or Silent(), rest=rest, said=options, archive=where)


def locate(
    image: str | os.PathLike[str] | bytes | BinaryIO, model: str = "geovision", device: str = "auto"
) -> Prediction:
    """What the model makes of one picture, whatever position its file may have.

    `image` is a path, a file's content or a binary file. Returns a point in degrees and the radius in km that
    holds the true place for 80 % of photos. Raises PhotoError when the picture cannot be read, ModelError
    when there is no usable model. The model stays loaded for the next call.
    """
    loaded = _loaded(shelf.find(model), device)
    source = os.fspath(image) if isinstance(image, os.PathLike) else image
    prediction = loaded.predict(decode(source, loaded.card.recipe)[np.newaxis])[0]
    if prediction is None:
        raise PhotoError("the model gave no answer that lies on the Earth; try another model")
    return prediction


@lru_cache(maxsize=1)
def _loaded(path: str, device: str) -> predict.Model:
    return shelf.load(path, device)
