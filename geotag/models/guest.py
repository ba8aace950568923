"""A model of other people by its description: wrapped into a file by the contract, and tried on pictures."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geotag import geo, predict
from geotag.decode import decode
from geotag.errors import ModelError, PhotoError, UsageError
from geotag.models import onnxfile, placefile, wrap
from geotag.models.describe import Cells, Description, Golden
from geotag.predict import Card, Model

if TYPE_CHECKING:
    from geotag.types import Pixels

Answers = dict[str, NDArray[np.float32]]

_FREE_BATCH = "its tables have a row for each of its places, and its batch axis has to be free"
_ALIKE, _ALIKE_KM = 0.05, 50.0
_HINTS = "check layout, channels, range, mean, std and resize"


def wrapped(path: str, called: str, described: Description, target: str) -> None:
    """Wrap the model file at `path` by a description into a file by the contract, at `target`.

    `called` is what the model's file is called where it comes from. The file is looked at by `onnxfile`
    before anything else reads it. Raises ModelError for a file that is refused or not as described,
    UsageError for tables that are wrong or where the package that wraps is missing, OSError.
    """
    onnxfile.check(path, named=False)
    places = gallery = None
    made_from = [(called, path)]
    if described.places is not None:
        named = described.places
        places = placefile.coordinates(named.file, named.latitude, named.longitude)
        made_from.append((os.path.basename(named.file), named.file))
        if named.gallery:
            gallery = placefile.vectors(named.gallery, len(places))
            made_from.append((os.path.basename(named.gallery), named.gallery))
    origin = ", ".join(f"{name} sha256:{onnxfile.digest(file)}" for name, file in made_from)
    content = wrap.wrap(path, described, origin, places, gallery)
    with open(target, "wb") as file:
        file.write(content)


def looked_at(path: str, described: Description) -> tuple[Card, list[str]]:
    """Load a wrapped model and look whether it answers pictures as it should; its card, and what is to be
    known of that.

    Its answers have to have their shapes, lie on the Earth, sum to 1, and be the same alone as beside others;
    the golden picture has to be put where the description says. Raises ModelError where that is not so,
    UsageError when the golden picture cannot be read.
    """
    try:
        model = predict.load(path, device="cpu", threads=1)
    except ModelError as error:
        said = str(error).removeprefix(f"{path}: ").removesuffix("; name another with --model")
        hint = f"; {_FREE_BATCH}" if said.startswith("not by the model contract") else ""
        raise ModelError(f"{path}: not as {described.path} says: {said}{hint}") from error
    return model.card, _tried(model, described)


def _tried(model: Model, described: Description) -> list[str]:
    recipe = model.card.recipe
    pictures = _pictures(recipe.height, recipe.width)
    together = _run(model, described, pictures)
    _sound(model, described, together, len(pictures))
    alone = [_run(model, described, pictures[at : at + 1]) for at in range(len(pictures))]
    if _mixed(together, {name: np.concatenate([answer[name] for answer in alone]) for name in together}):
        raise _unfit(
            model, described, "answers depend on the pictures beside; export it with a free batch axis"
        )
    remarks = []
    if isinstance(described.output, Cells) and _flat(described.output, together["cells"]):
        remarks.append(
            f"{described.path}: its answers are nearly the same for all places, as they are when "
            'probabilities are called logits; is activation = "probabilities"?'
        )
    if described.golden is None:
        remarks.append(
            f"{described.path}: has no [golden] picture, so nobody has checked that the model sees what it "
            "saw where it was made"
        )
    else:
        _golden(model, described, described.golden)
    return remarks


def _pictures(height: int, width: int) -> Pixels:
    """Black, white, a ramp and noise: uint8 [5, height, width, 3]."""
    some = np.zeros((5, height, width, 3), np.uint8)
    some[1] = 255
    some[2] = np.linspace(0, 255, width).astype(np.uint8)[None, :, None]
    some[3:] = np.random.default_rng(0).integers(0, 256, (2, height, width, 3), dtype=np.uint8)
    return some


def _run(model: Model, described: Description, batch: Pixels) -> Answers:
    names = [output.name for output in model.session.get_outputs()]
    try:
        return dict(zip(names, model.session.run(names, {"image": batch}), strict=True))
    except Exception as error:
        # ONNX Runtime raises classes of its own, with no common base, for whatever a graph does wrong.
        raise _unfit(model, described, f"it breaks down: {str(error)[:300]}; {_FREE_BATCH}") from error


def _sound(model: Model, described: Description, answers: Answers, photos: int) -> None:
    """Raise ModelError unless answers have the contract's shapes and ranges."""
    widths = {"coordinates": (2,), "error_km": ()}
    for name, answer in answers.items():
        if answer.shape != (photos, *widths.get(name, answer.shape[1:2])):
            raise _unfit(model, described, f"`{name}` has shape {list(answer.shape)}")
    lat, lon = answers["coordinates"].T
    astray = ~((np.abs(lat) <= 90) & (np.abs(lon) <= 180))
    if 2 * np.count_nonzero(astray) >= photos:
        raise _unfit(
            model,
            described,
            f"answers are not on the Earth, such as latitude {lat[astray][0]:g}, longitude "
            f"{lon[astray][0]:g}; {_HINTS}, unit and first",
        )
    if not np.all(np.isfinite(answers["error_km"]) & (answers["error_km"] > 0)):
        raise _unfit(model, described, f"a radius is {answers['error_km'].min():g} km, and not above 0")
    if "cells" in answers:
        cells = answers["cells"].astype(np.float64)
        total = cells.sum(axis=1)
        if not (np.allclose(total, 1, atol=0.01) and cells.min() >= 0):
            raise _unfit(
                model,
                described,
                f"probabilities sum to {total[0]:g}, the least is {cells.min():g}; are they logits?",
            )


def _mixed(together: Answers, alone: Answers) -> bool:
    """Whether answers differ by more than rounding explains: distributions, or else places."""
    if "cells" in together:
        one, other = together["cells"], alone["cells"]
        return one.shape != other.shape or bool(np.abs(one - other).max() > _ALIKE * other.max())
    one, other = together["coordinates"], alone["coordinates"]
    return one.shape != other.shape or bool(np.any(geo.distance_km(*one.T, *other.T) > _ALIKE_KM))


def _flat(output: Cells, cells: NDArray[np.float32]) -> bool:
    """Whether a softmax had only numbers from 0 to 1 to work on, for every picture."""
    steepest = np.log(cells.max(axis=1) / cells.min(axis=1).clip(min=1e-30)) * output.temperature
    return output.activation == "logits" and bool(np.all(steepest <= 1.0))


def _golden(model: Model, described: Description, golden: Golden) -> None:
    if not os.path.isfile(golden.image):
        raise UsageError(f"{golden.image}: no such file; {described.path} names it as its golden image")
    try:
        pixels = decode(golden.image, model.card.recipe)
    except PhotoError as error:
        raise UsageError(f"{golden.image}: the golden image cannot be read: {error}") from error
    (found,) = model.predict(pixels[np.newaxis])
    wanted = golden.location
    expected = f"{wanted.lat:.6g}, {wanted.lon:.6g} was expected, to within {golden.tolerance_km:g} km"
    if found is None:
        raise _unfit(model, described, f"{golden.image} got no answer on the Earth, and {expected}; {_HINTS}")
    at = found.location
    off = geo.gap_km(at, wanted)
    if off > golden.tolerance_km:
        raise _unfit(
            model,
            described,
            f"{golden.image} is put at {at.lat:.6g}, {at.lon:.6g}, {off:,.1f} km off: {expected}; {_HINTS}",
        )


def _unfit(model: Model, described: Description, what: str) -> ModelError:
    return ModelError(f"{model.card.path}: not as {described.path} says: {what}")
