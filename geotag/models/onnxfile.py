"""A model file from outside is looked at before ONNX Runtime is let near it: all but its weights.

Reads the protocol buffer by itself (Protocol Buffers, "Encoding": tags, varints, lengths; field numbers from
onnx.proto3 of ONNX IR 10) and steps over weights by their length, so that the cost is that of the graph.

Not checked: what a graph computes. Shapes that are worked out at run time (ConstantOfShape, Expand, Tile) and
how often a Loop turns are seen by nobody before they run.
"""

from __future__ import annotations

import hashlib
import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from geotag.errors import ModelError

MOST_BYTES = (1 << 31) - 1
"""No protocol buffer is longer (Protocol Buffers, "Proto Limits"), so no model in one file is."""

MOST_PARTS = 5_000_000
"""A large transformer has some hundred thousand fields; what has more only costs time."""

DEEPEST = 8
"""Graphs within graphs (If, Loop, Scan)."""

MOST_AXES = 32
MOST_VALUES = 4096 * 4096 * 3
"""A photo that goes in, and whatever comes out for it, is no larger than the largest picture."""

INPUTS = ("image",)
OUTPUTS = ("coordinates", "error_km", "cells", "embedding")

_STANDARD = frozenset({b"", b"ai.onnx", b"ai.onnx.ml"})
_CONTRIBUTED = frozenset(
    b"Attention BiasGelu DequantizeLinear DynamicQuantizeMatMul EmbedLayerNormalization FastGelu FusedConv "
    b"FusedGemm FusedMatMul Gelu MatMulIntegerToFloat MatMulNBits MultiHeadAttention QAttention QGemm "
    b"QLinearAdd QLinearAveragePool QLinearConcat QLinearConv QLinearGlobalAveragePool QLinearLeakyRelu "
    b"QLinearMul QLinearSigmoid QLinearSoftmax QuantizeLinear QuickGelu SkipLayerNormalization".split()
)
"""What ONNX Runtime's own quantiser and optimiser write in domain com.microsoft: arithmetic. EPContext, which
names other files to load, is not among them."""

_WIDTHS = (32, 8, 8, 16, 16, 32, 64, 16, 8, 16, 64, 32, 64, 64, 128, 16, 8, 8, 8, 8, 4, 4, 4, 8, 2, 2, 6, 6)
_SIZES = dict(enumerate(_WIDTHS, 1))
"""Bits of an element by TensorProto.DataType; a string takes two bytes, its tag and its length."""

_LISTS = (4, 5, 6, 7, 10, 11)
"""Fields of TensorProto that hold elements one by one, each in a byte or more."""

Span = tuple[int, int]


class _RefusedError(Exception):
    """The file is well formed, and not wanted."""


class _DamagedError(Exception):
    """The file is no ONNX file, or only part of one."""


def digest(path: str) -> str:
    """SHA-256 of a model file, its identity; raises ModelError when the file cannot be read."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}; name another with --model") from error


def check(path: str, *, named: bool = True) -> None:
    """Refuse a model file that is damaged, or that a stranger could do harm with.

    Refused are operators that are neither ONNX's nor ONNX Runtime's arithmetic, functions of the file's own,
    weights in other files, sparse weights, tensors that claim more than the file holds, inputs and outputs
    beside the contract's (unless `named` is false) or of absurd shapes, graphs nested too deep, and files
    over MOST_BYTES. Raises ModelError, which says what of these it was.
    """
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > MOST_BYTES:
                raise _RefusedError(f"{size:,} bytes are more than an ONNX file can have")
            if not size:
                raise _DamagedError("it is empty")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                _Reader(data, named).model((0, len(data)))
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}; name another with --model") from error
    except _DamagedError as error:
        raise ModelError(
            f"{path}: not a model that can be loaded: {error}; name another with --model"
        ) from None
    except _RefusedError as error:
        raise ModelError(
            f"{path}: refused before it was loaded: {error}; name another with --model"
        ) from None


@dataclass(slots=True)
class _Reader:
    """Walks through messages, each a span of the file, from byte `start` to before byte `end`."""

    data: mmap.mmap
    named: bool = True
    parts: int = 0
    held: set[bytes] = field(default_factory=set)
    given: list[bytes] = field(default_factory=list)

    def model(self, span: Span) -> None:
        """ModelProto."""
        graphs = []
        for number, value in self.fields(span):
            if number == 7:
                graphs.append(self.inner(value))
            elif number == 25:
                raise _RefusedError("it has functions of its own; inline them (onnx.inliner) and add it then")
        if len(graphs) != 1:
            raise _DamagedError("no ONNX file: it does not hold one graph")
        self.graph(graphs[0], 0)
        for name in self.given:
            if self.named and name not in self.held and name not in map(str.encode, INPUTS):
                raise _RefusedError(
                    f"not by the model contract: the one input is not `image`: {_shown(name)}"
                )

    def graph(self, span: Span, depth: int) -> None:
        """GraphProto; `depth` is how many graphs lie around it."""
        if depth > DEEPEST:
            raise _RefusedError(f"its graphs are nested more than {DEEPEST} deep")
        for number, value in self.fields(span):
            if number == 1:
                self.node(self.inner(value), depth)
            elif number == 5:
                self.held.add(self.tensor(self.inner(value)))
            elif number == 15:
                raise _RefusedError("it has sparse weights, which grow when they are loaded")
            elif number == 11 and not depth:
                self.given.append(self.value(self.inner(value)))
            elif number == 12 and not depth:
                name = self.value(self.inner(value))
                if self.named and name not in map(str.encode, OUTPUTS):
                    raise _RefusedError(
                        f"not by the model contract: output {_shown(name)} is neither output "
                        f"{', '.join(f'`{known}`' for known in OUTPUTS)}"
                    )

    def node(self, span: Span, depth: int) -> None:
        """NodeProto: its operator is known, its attributes are sound."""
        kind, domains = b"", [b""]
        for number, value in self.fields(span):
            if number == 4:
                kind = self.text(value)
            elif number == 7:
                domains.append(self.text(value))
            elif number == 5:
                self.attribute(self.inner(value), depth)
            elif number in (1, 2, 3):
                self.text(value)
        for domain in domains:
            if not (domain in _STANDARD or (domain == b"com.microsoft" and kind in _CONTRIBUTED)):
                raise _RefusedError(f"custom operator {_shown(kind)} of domain {_shown(domain)}")

    def attribute(self, span: Span, depth: int) -> None:
        """AttributeProto: tensors and graphs in it."""
        single = set()
        for number, value in self.fields(span):
            if number in (5, 6):
                # A second one would be merged into the first, and neither be what was looked at.
                if number in single:
                    raise _DamagedError("an attribute holds a value twice")
                single.add(number)
            if number == 1:
                self.text(value)
            elif number in (5, 10):
                self.tensor(self.inner(value))
            elif number in (6, 11):
                self.graph(self.inner(value), depth + 1)
            elif number in (22, 23):
                raise _RefusedError("it has sparse weights, which grow when they are loaded")

    def tensor(self, span: Span) -> bytes:
        """TensorProto: all in this file, and no larger than what the file holds of it; gives its name."""
        axes: list[int] = []
        kinds, name, raw, listed = [0], b"", 0, 0
        for number, value in self.fields(span):
            if number == 1:
                axes += self.integers(value)
            elif number == 2:
                kinds.append(self.integer(value))
            elif number == 8:
                name = self.text(value)
            elif number == 13 or (number == 14 and value != 0):
                raise _RefusedError("it keeps weights in other files (external data); save it as one file")
            elif number == 9:
                start, end = self.inner(value)
                raw = end - start
            elif number in _LISTS:
                listed += 2 + value[1] - value[0] if isinstance(value, tuple) else 1
        bits = _SIZES.get(kinds[-1])
        if bits is None:
            raise _DamagedError(f"weights {_shown(name)} are of no known type ({kinds[-1]})")
        room = max(raw * 8 // bits, listed * 8 // min(bits, 8))
        if len(axes) > MOST_AXES or _count(axes) > room or max(axes, default=0) > MOST_BYTES:
            raise _RefusedError(
                f"weights {_shown(name)} claim the shape {axes[:MOST_AXES]}, more than the file holds"
            )
        return name

    def value(self, span: Span) -> bytes:
        """ValueInfoProto of a tensor: of a sensible size as far as its axes are fixed; gives its name."""
        name, axes = b"", list[int]()
        for number, value in self.fields(span):
            if number == 1:
                name = self.text(value)
            elif number == 2:
                axes += self.axes(self.inner(value))
        if len(axes) > MOST_AXES or _count(axes) > MOST_VALUES:
            raise _RefusedError(f"{_shown(name)} has the absurd shape {axes[:MOST_AXES]}")
        return name

    def axes(self, span: Span) -> list[int]:
        """The fixed axes: TypeProto.tensor_type, its shape, the dimensions of that, their dim_value."""
        spans = [span]
        for wanted in (1, 2, 1):
            spans = [self.inner(value) for part in spans for value in self.only(wanted, part)]
        return [self.integer(value) for part in spans for value in self.only(1, part)]

    def only(self, wanted: int, span: Span) -> Iterator[int | Span]:
        """The fields of a message that have one number."""
        return (value for number, value in self.fields(span) if number == wanted)

    def fields(self, span: Span) -> Iterator[tuple[int, int | Span]]:
        """The fields of a message: numbers, each with its integer or the span of its content."""
        at, end = span
        while at < end:
            self.parts += 1
            if self.parts > MOST_PARTS:
                raise _RefusedError(f"it has more than {MOST_PARTS:,} parts")
            tag, at = self.varint(at, end)
            kind = tag & 7
            if kind == 0:
                value, at = self.varint(at, end)
                yield tag >> 3, value
                continue
            if kind == 2:
                length, at = self.varint(at, end)
            else:
                # Groups (3 and 4) are older than ONNX and never in it.
                length = {1: 8, 5: 4}.get(kind, -1)
            if length < 0 or at + length > end:
                raise _DamagedError(f"damaged, cut off or no ONNX file (at byte {at:,})")
            yield tag >> 3, (at, at + length)
            at += length

    def varint(self, at: int, end: int) -> tuple[int, int]:
        """An unsigned integer, of at most ten bytes, and where the next thing is."""
        value = 0
        for shift in range(0, 70, 7):
            if at >= end:
                break
            byte = self.data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, at
        raise _DamagedError(f"damaged, cut off or no ONNX file (at byte {at:,})")

    def inner(self, value: int | Span) -> Span:
        """The span of a field that has to hold a message, a text or bytes."""
        if isinstance(value, int):
            raise _DamagedError("no ONNX file: an integer where something longer has to be")
        return value

    def integer(self, value: int | Span) -> int:
        """The integer of a field that has to hold one."""
        if not isinstance(value, int):
            raise _DamagedError("no ONNX file: something longer where an integer has to be")
        return value

    def integers(self, value: int | Span) -> list[int]:
        """Integers of a repeated field: one, or many packed together, of which we want the first few."""
        if isinstance(value, int):
            return [value]
        at, end = value
        found: list[int] = []
        while at < end and len(found) <= MOST_AXES:
            number, at = self.varint(at, end)
            found.append(number)
        return found

    def text(self, value: int | Span) -> bytes:
        """The bytes of a name, which are few, and UTF-8: ONNX Runtime repeats it in what it says."""
        start, end = self.inner(value)
        if end - start > 1 << 12:
            raise _RefusedError("a name in it is absurdly long")
        name = self.data[start:end]
        try:
            name.decode("utf-8")
        except UnicodeDecodeError:
            raise _DamagedError("damaged: a name in it is no UTF-8") from None
        return name


def _count(axes: list[int]) -> int:
    count = 1
    for length in axes:
        count *= length
    return count


def _shown(name: bytes) -> str:
    """A stranger's name, such that it does nothing to a terminal."""
    return ascii(name[:60].decode("utf-8", "replace"))
