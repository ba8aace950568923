"""Runs the model: uint8 pixels in batches to predictions. The only module that knows ONNX Runtime.

The contract a model file keeps: input `image` uint8 [batch, height, width, 3], RGB and upright; outputs
`coordinates` float32 [batch, 2], degrees, and `error_km` float32 [batch]; `geotag.*` metadata says the rest.
`geotag.resize`, `geotag.crop` and `geotag.filter` (bilinear unless it is given) are the recipe for pixels.
A model may also give `cells` float32 [batch, K], probabilities over the places that its metadata
`cell_coordinates` lists (JSON, K pairs of degrees), and `embedding` float32 [batch, D], of unit length.
"""

from __future__ import annotations

import json
import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise, repeat
from typing import TYPE_CHECKING, Any

import numpy as np

from geotag.errors import ModelError, UsageError
from geotag.evidence.regions import Partition, partition
from geotag.models import onnxfile, pace
from geotag.types import Location, Prediction, Recipe, Region

if TYPE_CHECKING:
    import onnxruntime
    from numpy.typing import NDArray

    from geotag.types import Pixels

CONTRACT = "1"
FARTHEST_KM = 20015.2
"""No radius is larger than half way round the Earth."""

_PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
_FILTERS = ("bilinear", "bicubic")
_LARGEST_INPUT = 4096
_SHARE = 4
"""A thread gets at least so many photos at once: fewer cost more each."""

_FLOAT = "tensor(float)"


@dataclass(frozen=True, slots=True)
class Card:
    """What a model file says of itself; `identity` names it in every journal and manifest row."""

    path: str
    name: str
    version: str
    licence: str
    sha256: str
    size: int
    recipe: Recipe
    training_data: str
    calibration: str
    metrics: dict[str, Any]
    origin: str

    @property
    def title(self) -> str:
        """Name and version, as it is written into files."""
        return f"{self.name} {self.version}"

    @property
    def identity(self) -> str:
        """Name, version and the SHA-256 of the model file."""
        return f"{self.title} sha256:{self.sha256}"


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A loaded model; `device` is what the session really runs on, `note` a remark on that for people.

    `places` are those its distribution is about, None where it gives none. A batch is shared out among
    `threads` threads.
    """

    card: Card
    device: str
    note: str
    session: onnxruntime.InferenceSession
    places: Partition | None
    threads: int

    def predict(self, batch: Pixels) -> list[Prediction | None]:
        """Locate a batch of pixels, uint8 [n, height, width, 3].

        None stands where the model gave no finite answer on the Earth. Raises ModelError when it breaks down.
        """
        parts = min(self.threads, max(1, len(batch) // _SHARE))
        ends = [len(batch) * number // parts for number in range(parts + 1)]
        shares = [batch[start:end] for start, end in pairwise(ends)]
        with ThreadPoolExecutor(parts, "model") as team:
            return [answer for share in team.map(self._answers, shares) for answer in share]

    def _answers(self, batch: Pixels) -> list[Prediction | None]:
        wanted = ["coordinates", "error_km", *(["cells"] if self.places else [])]
        try:
            coordinates, errors, *cells = self._run(wanted, batch)
        except Exception as error:
            # ONNX Runtime raises classes of its own, with no common base (no memory left, device lost).
            hint = "try a smaller --batch-size or --device cpu"
            raise ModelError(f"{self.card.path}: {error}; {hint}") from error
        regions = map(self.places.regions, cells[0]) if self.places else repeat((), len(errors))
        return [
            _prediction(lat, lon, km, spread)
            for (lat, lon), km, spread in zip(coordinates, errors, regions, strict=True)
        ]

    def _run(self, wanted: list[str], batch: Pixels) -> list[NDArray[np.float32]]:
        if self.device == "cpu":
            return list(self.session.run(wanted, {"image": batch}))
        return bound(self.session, wanted, batch, self.device)

    @property
    def dimensions(self) -> int:
        """How long the model's vectors are; raises ModelError when it gives none."""
        for output in self.session.get_outputs():
            if output.name == "embedding" and len(output.shape) == 2 and isinstance(output.shape[1], int):
                return int(output.shape[1])
        raise ModelError(
            f"{self.card.path}: gives no `embedding` to compare pictures by; name another --model"
        )

    def embed(self, batch: Pixels) -> NDArray[np.float32]:
        """The model's view of a batch of pixels, uint8 [n, height, width, 3]: unit vectors, float32 [n, D].

        Raises ModelError when the model gives none, or breaks down.
        """
        length = self.dimensions
        try:
            vectors = self._run(["embedding"], batch)[0]
        except Exception as error:
            # As above: ONNX Runtime's classes have no common base.
            raise ModelError(f"{self.card.path}: {error}; try --device cpu") from error
        vectors = np.asarray(vectors, np.float32).reshape(len(batch), length)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True).clip(min=1e-9)
        return np.asarray(vectors / lengths, np.float32)


def bound(
    session: onnxruntime.InferenceSession, wanted: list[str], batch: Pixels, device: str
) -> list[NDArray[np.float32]]:
    """Run a session with its input and outputs bound to where they are needed: the pixels go to the device at
    once, and only what is wanted comes back.
    """
    import onnxruntime

    binding = session.io_binding()
    pixels = onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(batch), device, 0)
    binding.bind_ortvalue_input("image", pixels)
    for name in wanted:
        binding.bind_output(name, "cpu")
    session.run_with_iobinding(binding)
    return [value.numpy() for value in binding.get_outputs()]


def _prediction(lat: float, lon: float, error_km: float, regions: tuple[Region, ...]) -> Prediction | None:
    try:
        location = Location(float(lat), float(lon))
    except ValueError:
        return None
    if not (math.isfinite(error_km) and error_km > 0):
        return None
    return Prediction(location, min(float(error_km), FARTHEST_KM), regions)


def load(path: str, *, device: str, threads: int) -> Model:
    """Load a model file on a device: "cpu", "cuda", or "auto" for the best that works.

    `threads` is how many of the CPU's work on a batch. Raises ModelError when the file is missing, damaged,
    refused by `onnxfile` or not by the contract, UsageError when "cuda" was wanted and the session got none.
    """
    onnxfile.check(path)
    # Importing it costs 0.4 s, which commands that predict nothing do not pay.
    import onnxruntime

    # The fall-back from CUDA is printed from C++; we say it ourselves, in one line.
    onnxruntime.set_default_logger_severity(4)
    options = onnxruntime.SessionOptions()
    cpu = pace.chosen(os.path.getsize(path), "cpu", threads)
    options.intra_op_num_threads = cpu.together
    options.log_severity_level = 4
    # What was looked at is read as what it was looked at as, whatever its name ends in.
    options.add_session_config_entry("session.load_model_format", "ONNX")
    wanted = ["CPUExecutionProvider"]
    gpu = device != "cpu" and "CUDAExecutionProvider" in onnxruntime.get_available_providers()
    if gpu and pace.has_gpu():
        onnxruntime.preload_dlls()
        wanted.insert(0, "CUDAExecutionProvider")
    sha256 = onnxfile.digest(path)
    try:
        session = onnxruntime.InferenceSession(path, options, providers=wanted)
    except Exception as error:
        # ONNX Runtime raises classes of its own, with no common base, for whatever is wrong with a file.
        raise ModelError(
            f"{path}: not a model that can be loaded: {error}; name another with --model"
        ) from error
    got = "cuda" if session.get_providers()[0] == _PROVIDERS["cuda"] else "cpu"
    if device == "cuda" and got != "cuda":
        raise UsageError("--device cuda: no CUDA device could be used; `geotag doctor` says what is missing")
    note = ""
    if device == "auto" and got == "cpu" and pace.has_gpu():
        note = "a GPU is here but cannot be used, so the CPU is; `geotag doctor` says what is missing"
    try:
        card, places = _card(path, sha256, session), _places(session)
    except UnicodeDecodeError as error:
        raise ModelError(f"{path}: what it says of itself is no UTF-8; name another with --model") from error
    return Model(card, got, note, session, places, cpu.shares if got == "cpu" else 1)


def _card(path: str, sha256: str, session: onnxruntime.InferenceSession) -> Card:
    meta = session.get_modelmeta().custom_metadata_map
    wrong = _breaches(meta, session)
    if wrong:
        raise ModelError(f"{path}: not by the model contract: {'; '.join(wrong)}; name another with --model")
    height, width = _size(meta["geotag.crop"])
    return Card(
        path=path,
        name=meta["geotag.name"],
        version=meta["geotag.version"],
        licence=meta["geotag.licence"],
        sha256=sha256,
        size=os.path.getsize(path),
        recipe=Recipe(meta["geotag.resize"], height, width, meta.get("geotag.filter", _FILTERS[0])),
        training_data=meta.get("geotag.training_data", ""),
        calibration=meta.get("geotag.calibration", ""),
        metrics=_metrics(meta.get("geotag.metrics", "")),
        origin=meta.get("geotag.origin", ""),
    )


def _places(session: onnxruntime.InferenceSession) -> Partition | None:
    """The places of a session that keeps the contract."""
    if all(output.name != "cells" for output in session.get_outputs()):
        return None
    coordinates = _coordinates(session.get_modelmeta().custom_metadata_map)
    return partition(*zip(*coordinates, strict=True))


def _coordinates(meta: dict[str, str]) -> list[tuple[float, float]]:
    """Where the places of `cells` lie, in degrees; empty where the metadata do not say so."""
    try:
        places = [Location(*map(float, pair)) for pair in json.loads(meta.get("cell_coordinates", ""))]
    except (ValueError, TypeError, OverflowError, RecursionError):
        return []
    return [(place.lat, place.lon) for place in places]


def _metrics(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _size(crop: str) -> tuple[int, int]:
    height, _, width = crop.partition("x")
    numbers = height.isdecimal() and width.isdecimal() and len(crop) < 20
    return (int(height), int(width)) if numbers else (0, 0)


def _breaches(meta: dict[str, str], session: onnxruntime.InferenceSession) -> list[str]:
    """What a session does not keep of the contract, in words."""
    if meta.get("geotag.contract") != CONTRACT:
        return [f'metadata geotag.contract is not "{CONTRACT}"']
    keys = ("geotag.name", "geotag.version", "geotag.licence", "geotag.resize", "geotag.crop")
    wrong = [f"metadata {key} is missing" for key in keys if not meta.get(key)]
    if wrong:
        return wrong
    height, width = _size(meta["geotag.crop"])
    if meta["geotag.resize"] not in ("shorter", "squash", "pad"):
        wrong.append(f"geotag.resize is {meta['geotag.resize']!r}, not shorter, squash or pad")
    if meta.get("geotag.filter", _FILTERS[0]) not in _FILTERS:
        wrong.append(f"geotag.filter is {meta['geotag.filter']!r}, not {' or '.join(_FILTERS)}")
    if not (0 < height <= _LARGEST_INPUT and 0 < width <= _LARGEST_INPUT):
        wrong.append(f"geotag.crop is {meta['geotag.crop']!r}, not HEIGHTxWIDTH up to {_LARGEST_INPUT}")
    inputs = {value.name: value for value in session.get_inputs()}
    image = inputs.get("image")
    if image is None or len(inputs) != 1 or image.type != "tensor(uint8)":
        wrong.append("the one input is not `image`, uint8")
    elif not _batched(image.shape, (height, width, 3)):
        wrong.append(f"`image` has shape {image.shape}, not [batch, {height}, {width}, 3]")
    outputs = {value.name: value for value in session.get_outputs()}
    for name, rest in (("coordinates", (2,)), ("error_km", ())):
        output = outputs.get(name)
        if output is None or output.type != _FLOAT or not _batched(output.shape, rest):
            wrong.append(f"output `{name}` is not float32 {['batch', *rest]}")
    cells, places = outputs.get("cells"), len(_coordinates(meta))
    if cells is not None and not (places and cells.type == _FLOAT and _batched(cells.shape, (places,))):
        wrong.append("output `cells` is not float32 [batch, K] with K places in metadata cell_coordinates")
    return wrong


def _batched(shape: list[Any], rest: tuple[int, ...]) -> bool:
    return len(shape) == len(rest) + 1 and not isinstance(shape[0], int) and tuple(shape[1:]) == rest
