"""Networks to ONNX files, float32 and static int8 (QDQ, per channel), and quiet sessions to run them."""

from __future__ import annotations

import itertools
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

OPSET = 18
_BATCHES = 4096
_PHOTOGRAPHS = 400
"""How many photographs are enough for the ranges of the activations."""

Batch = TypeVar("Batch")


def program(
    model: torch.nn.Module, example: torch.Tensor, name: str, outputs: tuple[str, ...]
) -> torch.onnx.ONNXProgram:
    """A model of one input as ONNX with a free batch axis, as precise as its weights.

    `example` is a batch of two of the input called `name`.
    """
    with warnings.catch_warnings():
        # The exporter warns of its own deprecated insides; the parity check is what we go by.
        warnings.simplefilter("ignore")
        return torch.onnx.export(
            model,
            (example,),
            dynamo=True,
            opset_version=OPSET,
            input_names=[name],
            output_names=list(outputs),
            dynamic_shapes=({0: torch.export.Dim("batch", min=1, max=_BATCHES)},),
            verbose=False,
        )


def export_float(
    model: torch.nn.Module, path: Path, example: torch.Tensor, name: str, outputs: tuple[str, ...]
) -> None:
    """Write a model of one input as float32 ONNX, one file (see `program`)."""
    program(model, example, name, outputs).save(str(path), external_data=False)


class Calibration(CalibrationDataReader):  # type: ignore[misc]
    """What the input called `name` takes, one batch at a time, for the ranges of the activations."""

    def __init__(self, name: str, batches: Iterable[NDArray[Any]]) -> None:
        self._name, self._batches = name, iter(batches)

    def get_next(self) -> dict[str, NDArray[Any]] | None:
        """The next batch, None at the end."""
        batch = next(self._batches, None)
        return None if batch is None else {self._name: batch}


def quantize(source: Path, target: Path, name: str, batches: Iterable[NDArray[Any]]) -> None:
    """Make a float model static int8 (QDQ): convolutions and fully connected layers, each channel by itself.

    What follows the last fully connected layer (probabilities, distances, radius) stays float32. Weights have
    7 bits: of 8, two products may add up beyond 16 bits, where processors without VNNI cut them off, so that
    answers would be worse there and others elsewhere (Intel SDM, VPMADDUBSW).
    """
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder, "ready.onnx")
        quant_pre_process(str(source), str(ready), skip_symbolic_shape=True)
        quantize_static(
            str(ready),
            str(target),
            Calibration(name, batches),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Gemm", "MaxPool", "Relu"],
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
        )


def spread(batches: Iterable[Batch], photographs: int) -> Iterator[Batch]:
    """Every so many of a set's batches: some 400 photographs for the ranges of the activations."""
    return itertools.islice(batches, 0, None, max(1, photographs // _PHOTOGRAPHS))


def session(path: Path) -> onnxruntime.InferenceSession:
    """A quiet session on the CPU."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    # Threads of one layer wait for each other: on a busy machine one is faster, OMP_NUM_THREADS=1 says so.
    options.intra_op_num_threads = min(2, torch.get_num_threads())
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def quantized(
    model: torch.nn.Module,
    name: str,
    output: str,
    example: torch.Tensor,
    batches: Iterable[NDArray[Any]],
) -> onnxruntime.InferenceSession:
    """A model of one output, in int8 as the shipped file is, ready to run."""
    with tempfile.TemporaryDirectory() as folder:
        exact, small = Path(folder, "exact.onnx"), Path(folder, "small.onnx")
        export_float(model, exact, example, name, (output,))
        quantize(exact, small, name, batches)
        return session(small)


def two(*shape: int, kind: torch.dtype = torch.float32) -> torch.Tensor:
    """A batch of two zeros, the example that the exporter needs."""
    return torch.from_numpy(np.zeros((2, *shape))).to(kind)
