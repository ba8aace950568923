"""A guest's graph cut down to what is wanted of it, its names out of the way, its shapes in words.

Works on the messages of onnx.proto3 (ONNX IR 10) as the package `onnx` reads them, without knowing it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnx


def prune(graph: onnx.GraphProto, wanted: Iterable[str]) -> None:
    """Leave only the nodes, weights and inputs that the wanted outputs depend on."""
    needed = set(wanted)
    kept = []
    # The nodes of a graph stand in the order of what they need (ONNX IR, "Graphs").
    for node in reversed(graph.node):
        if not needed.isdisjoint(node.output):
            needed.update(_used(node))
            kept.append(node)
    kept.reverse()
    if len(kept) < len(graph.node):
        graph.ClearField("node")
        graph.node.extend(kept)
    # One by one, in place: what stays may be gigabytes, which are not to be copied.
    for field in (graph.initializer, graph.input):
        for at in reversed(range(len(field))):
            if field[at].name not in needed:
                del field[at]


def _used(node: onnx.NodeProto) -> Iterator[str]:
    """All names that a node and the graphs in it use."""
    yield from node.input
    for inner in _inner(node):
        yield from (value.name for value in inner.output)
        for deeper in inner.node:
            yield from _used(deeper)


def _inner(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def rename(graph: onnx.GraphProto, prefix: str, batch: str) -> None:
    """Put a prefix before every name in a graph and in the graphs in it, but for those left out ("").

    `batch` is what the graph calls its free batch axis, "" where it is not free; it is called "batch" then.
    """
    for node in graph.node:
        node.name = node.name and prefix + node.name
        for names in (node.input, node.output):
            for at, name in enumerate(names):
                names[at] = name and prefix + name
        for inner in _inner(node):
            rename(inner, prefix, batch)
    if not batch:
        # What it says about values in between is about a batch of one.
        graph.ClearField("value_info")
    for values in (graph.initializer, graph.input, graph.output, graph.value_info):
        for value in values:
            value.name = prefix + value.name
    for value in graph.value_info:
        for axis in value.type.tensor_type.shape.dim:
            if axis.dim_param == batch:
                axis.dim_param = "batch"


def axes(value: onnx.ValueInfoProto) -> list[int] | None:
    """The axes that an input or output states, 0 for a free one; None where it states none."""
    kind = value.type.tensor_type
    if not kind.HasField("shape"):
        return None
    return [axis.dim_value if axis.dim_value > 0 else 0 for axis in kind.shape.dim]


def batch(value: onnx.ValueInfoProto) -> str:
    """What the first axis of an input is called where it is free; "" where it is not, or not stated."""
    dim = value.type.tensor_type.shape.dim
    return str(dim[0].dim_param) if dim else ""


def shape(stated: Iterable[int]) -> str:
    """Axes in words: the first is the batch."""
    rest = [str(axis) if axis else "?" for axis in list(stated)[1:]]
    return f"[{', '.join(['batch', *rest])}]"


def listed(names: Iterable[str]) -> str:
    """A stranger's names, such that they do nothing to a terminal."""
    shown = [ascii(name[:60]) for name in names]
    return ", ".join(shown[:20]) + (f" and {len(shown) - 20} more" if len(shown) > 20 else "") or "none"
