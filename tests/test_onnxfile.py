"""Model files from outside: what is refused before a session is made, each by a file that has just that."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from geotag import predict
from geotag.errors import ModelError
from geotag.models import onnxfile
from tests import models

TINY = models.model()


def no_session(*_: object, **__: object) -> None:
    raise AssertionError("a session was made")


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], str]:
    """Loads a model that has to be refused before any session; gives the reason."""
    monkeypatch.setattr(onnxruntime, "InferenceSession", no_session)

    def load(content: bytes) -> str:
        path = models.saved(tmp_path / "guest.onnx", content)
        with pytest.raises(ModelError, match=r"guest\.onnx: ") as caught:
            predict.load(path, device="cpu", threads=1)
        return str(caught.value)

    return load


def changed(change: Callable[[onnx.ModelProto], object]) -> bytes:
    made = onnx.load_from_string(TINY)
    change(made)
    return bytes(made.SerializeToString())


def nested(depth: int) -> onnx.GraphProto:
    """An If in the branch of an If, `depth` times."""
    inner = helper.make_graph([], "leaf", [], [])
    for _ in range(depth):
        inner = helper.make_graph(
            [helper.make_node("If", ["yes"], ["out"], then_branch=inner, else_branch=inner)], "branch", [], []
        )
    return inner


def test_the_shipped_model_is_welcome(model: Path) -> None:
    onnxfile.check(str(model))


def test_cells_embeddings_and_shallow_graphs_are_welcome(tmp_path: Path) -> None:
    content = models.with_embedding(models.with_cells(TINY, [[0, 0], [1, 1], [2, 2]]))
    onnxfile.check(models.saved(tmp_path / "a.onnx", content))
    onnxfile.check(
        models.saved(tmp_path / "b.onnx", changed(lambda made: made.graph.node.extend(nested(3).node)))
    )


@pytest.mark.parametrize("domain", ["evil.example", "com.microsoft", "ai.onnx.contrib", "\x1b[31m"])
def test_custom_operators(refused: Callable[[bytes], str], domain: str) -> None:
    node = helper.make_node("EPContext", ["image"], ["x"], domain=domain)
    said = refused(changed(lambda made: made.graph.node.append(node)))
    assert "refused before it was loaded: custom operator 'EPContext' of domain" in said
    assert "\x1b" not in said


def test_custom_operators_in_a_branch(refused: Callable[[bytes], str]) -> None:
    branch = nested(2)
    inner = branch.node[0].attribute[0].g
    inner.node.append(helper.make_node("Hidden", [], ["x"], domain="evil.example"))
    assert "'Hidden'" in refused(changed(lambda made: made.graph.node.extend(branch.node)))


def test_arithmetic_of_the_runtime_is_welcome(tmp_path: Path) -> None:
    node = helper.make_node("Gelu", ["colour"], ["x"], domain="com.microsoft")
    onnxfile.check(models.saved(tmp_path / "a.onnx", changed(lambda made: made.graph.node.append(node))))


def test_functions(refused: Callable[[bytes], str]) -> None:
    function = helper.make_function("mine", "F", ["a"], ["b"], [helper.make_node("Relu", ["a"], ["b"])], [])
    assert "functions of its own" in refused(changed(lambda made: made.functions.append(function)))


@pytest.mark.parametrize("location", ["weights.bin", "/etc/passwd", "../../secret"])
def test_external_data(refused: Callable[[bytes], str], location: str) -> None:
    def outside(made: onnx.ModelProto) -> None:
        tensor = made.graph.initializer[1]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=location)

    def stated_only(made: onnx.ModelProto) -> None:
        made.graph.initializer[1].data_location = TensorProto.EXTERNAL

    assert "other files (external data)" in refused(changed(outside))
    assert "other files (external data)" in refused(changed(stated_only))


def test_external_data_of_a_constant(refused: Callable[[bytes], str]) -> None:
    tensor = numpy_helper.from_array(np.zeros(3, np.float32), "c")
    tensor.external_data.add(key="location", value="elsewhere")
    node = helper.make_node("Constant", [], ["c"], value=tensor)
    assert "external data" in refused(changed(lambda made: made.graph.node.append(node)))


@pytest.mark.parametrize("axes", [[1 << 20, 1 << 20], [-1], [1 << 62, 0], [4, 2], [1] * 40])
def test_absurd_weights(refused: Callable[[bytes], str], axes: list[int]) -> None:
    def absurd(made: onnx.ModelProto) -> None:
        del made.graph.initializer[1].dims[:]
        made.graph.initializer[1].dims.extend(axes)

    assert "weights 'weights' claim the shape" in refused(changed(absurd))


@pytest.mark.parametrize("kind", [0, 99])
def test_weights_of_no_known_type(refused: Callable[[bytes], str], kind: int) -> None:
    def odd(made: onnx.ModelProto) -> None:
        made.graph.initializer[1].data_type = kind

    assert "no known type" in refused(changed(odd))


@pytest.mark.parametrize("kind", [name for name in TensorProto.DataType.keys() if name != "UNDEFINED"])  # noqa: SIM118
def test_weights_of_every_type_are_welcome(tmp_path: Path, kind: str) -> None:
    number = TensorProto.DataType.Value(kind)
    values = [b"a", b"", b"c"] if kind == "STRING" else [1, 0, 1]
    tensor = helper.make_tensor("w", number, [3], values)
    path = models.saved(tmp_path / "a.onnx", changed(lambda made: made.graph.initializer.append(tensor)))
    onnxfile.check(path)


def test_sparse_weights(refused: Callable[[bytes], str]) -> None:
    values = numpy_helper.from_array(np.ones(1, np.float32), "v")
    indices = numpy_helper.from_array(np.zeros(1, np.int64), "i")
    sparse = helper.make_sparse_tensor(values, indices, [1 << 40])
    node = helper.make_node("Constant", [], ["c"], sparse_value=sparse)
    assert "sparse" in refused(changed(lambda made: made.graph.sparse_initializer.append(sparse)))
    assert "sparse" in refused(changed(lambda made: made.graph.node.append(node)))


def test_inputs_and_outputs_beside_the_contract(refused: Callable[[bytes], str]) -> None:
    more = helper.make_tensor_value_info("more", models.FLOAT, ["batch"])
    assert "not by the model contract: the one input" in refused(
        changed(lambda made: made.graph.input.append(more))
    )
    assert "not by the model contract: output 'more'" in refused(
        changed(lambda made: made.graph.output.append(more))
    )


@pytest.mark.parametrize(
    "axes", [["batch", 1 << 40], ["batch", 1 << 20, 1 << 20], [-1], ["x"] * 3 + [1] * 40]
)
def test_absurd_inputs_and_outputs(refused: Callable[[bytes], str], axes: list[str | int]) -> None:
    def absurd(made: onnx.ModelProto) -> None:
        made.graph.output.append(helper.make_tensor_value_info("embedding", models.FLOAT, axes))

    assert "'embedding' has the absurd shape" in refused(changed(absurd))


def test_graphs_nested_too_deep(refused: Callable[[bytes], str]) -> None:
    deep = nested(onnxfile.DEEPEST + 1)
    assert "nested more than" in refused(changed(lambda made: made.graph.node.extend(deep.node)))


def test_too_large_a_file(tmp_path: Path, refused: Callable[[bytes], str]) -> None:
    path = tmp_path / "sparse.onnx"
    with path.open("wb") as file:
        file.truncate(onnxfile.MOST_BYTES + 1)
    with pytest.raises(ModelError, match="more than an ONNX file can have"):
        onnxfile.check(str(path))


def test_too_many_parts(refused: Callable[[bytes], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnxfile, "MOST_PARTS", 20)
    assert "more than 20 parts" in refused(TINY)


def test_a_long_name(refused: Callable[[bytes], str]) -> None:
    node = helper.make_node("A" * 5000, [], ["x"])
    assert "absurdly long" in refused(changed(lambda made: made.graph.node.append(node)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Dear Sir or Madam",
        b"\x80" * 40,
        b"\x3a\xff\xff\xff\xff\x0f",
        b"\x38\x01",
        TINY + TINY,
        onnx.ModelProto(ir_version=9).SerializeToString(),
        b"\x3a\x02\x28\x01",
        TINY.replace(b"redness", b"red\xffess"),
        TINY.replace(b"keepdims", b"keep\xffims"),
    ],
)
def test_damaged_files(refused: Callable[[bytes], str], content: bytes) -> None:
    assert "not a model that can be loaded" in refused(content)


def test_a_value_twice(refused: Callable[[bytes], str]) -> None:
    first = helper.make_attribute("value", numpy_helper.from_array(np.ones(3, np.float32)))
    second = helper.make_attribute("value", numpy_helper.from_array(np.ones(9, np.float32)))
    attribute = first.SerializeToString() + second.SerializeToString()
    node = helper.make_node("Constant", [], ["c"]).SerializeToString() + b"\x2a" + _length(attribute)
    graph = onnx.load_from_string(TINY).graph.SerializeToString() + b"\x0a" + _length(node)
    assert "holds a value twice" in refused(b"\x3a" + _length(graph))


def _length(content: bytes) -> bytes:
    low, high = len(content) & 0x7F, len(content) >> 7
    assert high < 128
    return bytes([low | 0x80, high]) + content


def test_every_cut_off_model_is_refused(tmp_path: Path) -> None:
    """Cut between two fields after the graph, it lacks metadata, which the contract says."""
    graph = onnx.load_from_string(TINY).graph.SerializeToString()
    ends = TINY.index(graph) + len(graph)
    for length in range(ends):
        path = models.saved(tmp_path / "cut.onnx", TINY[:length])
        with pytest.raises(ModelError):
            onnxfile.check(path)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(TINY) - 1), st.binary(max_size=6), st.integers(0, 6)),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_the_bytes_there_is_one_answer(
    tmp_path: Path, changes: list[tuple[int, bytes, int]]
) -> None:
    content = TINY
    for at, new, old in changes:
        content = content[:at] + new + content[at + old :]
    path = models.saved(tmp_path / "odd.onnx", content)
    try:
        onnxfile.check(path)
    except ModelError as error:
        assert str(error).startswith(f"{path}: ")  # noqa: PT017


def test_weights_are_stepped_over(tmp_path: Path) -> None:
    """A model with a million times the weights costs the same number of looks."""

    def looks(elements: int) -> int:
        tensor = numpy_helper.from_array(np.zeros(elements, np.float32), "w")
        path = models.saved(tmp_path / "a.onnx", changed(lambda made: made.graph.initializer.append(tensor)))
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            reader = onnxfile._Reader(data)
            reader.model((0, len(data)))
            return reader.parts

    assert looks(4) == looks(4_000_000)
