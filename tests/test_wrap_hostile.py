"""Guests that mean harm: each is refused in one sentence, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from onnx import TensorProto, helper, numpy_helper

from geotag.cli import main
from geotag.errors import Exit
from geotag.models import apart, describe, onnxfile, wrap
from tests import guests
from tests.guests import Guest, refused

Change = Callable[[onnx.ModelProto], object]
INT64, BOOL, STRING = int(TensorProto.INT64), int(TensorProto.BOOL), int(TensorProto.STRING)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOTAG_MODELS", str(tmp_path / "mine"))
    return tmp_path / "mine"


def changed(change: Change) -> Guest:
    guest = guests.osv5m()
    made = onnx.load_from_string(guest.content)
    change(made)
    return Guest(bytes(made.SerializeToString()), guest.described, guest.truth, {})


def then(*nodes: onnx.NodeProto, **constants: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> Guest:
    """The guest with more behind it: nodes from `seen` to `gps`."""

    def change(made: onnx.ModelProto) -> None:
        made.graph.node[-1].output[0] = "seen"
        made.graph.node.extend(nodes)
        made.graph.initializer.extend(
            numpy_helper.from_array(value, name) for name, value in constants.items()
        )

    return changed(change)


def test_memory_without_end(tmp_path: Path) -> None:
    guest = then(
        helper.make_node("ConstantOfShape", ["huge"], ["zeros"]),
        helper.make_node("ReduceSum", ["zeros"], ["sum"], keepdims=0),
        helper.make_node("Add", ["seen", "sum"], ["gps"]),
        huge=np.array([1 << 45]),
    )
    assert "model.onnx: " in refused(tmp_path, guest, Exit.NO_MODEL)


def test_time_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call = apart.call
    monkeypatch.setattr(apart, "call", partial(call, seconds=1.0))
    body = helper.make_graph(
        [helper.make_node("Identity", ["on"], ["on2"]), helper.make_node("Sin", ["value"], ["value2"])],
        "body",
        [
            helper.make_tensor_value_info("turn", INT64, []),
            helper.make_tensor_value_info("on", BOOL, []),
            helper.make_tensor_value_info("value", guests.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("on2", BOOL, []),
            helper.make_tensor_value_info("value2", guests.FLOAT, None),
        ],
    )
    guest = then(
        helper.make_node("Loop", ["many", "yes", "seen"], ["gps"], body=body),
        many=np.array(1 << 62),
        yes=np.array(True),
    )
    said = refused(tmp_path, guest, Exit.NO_MODEL)
    assert "ONNX Runtime breaks down on it: it came to no end in 1 s; not added" in said


def test_names_that_talk_to_the_terminal(tmp_path: Path) -> None:
    def change(made: onnx.ModelProto) -> None:
        made.graph.node[2].name = "\x1b[2J\x1b]0;pwned\x07"
        made.graph.initializer[0].CopyFrom(numpy_helper.from_array(np.ones((11, 2), np.float32), "turn"))

    said = refused(tmp_path, changed(change), Exit.NO_MODEL)
    assert "pwned" in said
    assert "\x1b" not in said
    assert "\x07" not in said


def twice(made: onnx.ModelProto) -> None:
    made.graph.node.append(made.graph.node[-1])


def circle(made: onnx.ModelProto) -> None:
    made.graph.node[0].input[0] = "bent"


def only_weights(made: onnx.ModelProto) -> None:
    made.graph.output[0].name = "turn"


def only_the_input(made: onnx.ModelProto) -> None:
    made.graph.output[0].name = "pixels"


def no_numbers(made: onnx.ModelProto) -> None:
    nothing = np.full(2, np.nan, np.float32)
    made.graph.initializer[1].CopyFrom(numpy_helper.from_array(nothing, "half"))


def no_tensor(made: onnx.ModelProto) -> None:
    made.graph.node[-1].output[0] = "seen"
    made.graph.node.append(helper.make_node("SequenceConstruct", ["seen"], ["gps"]))
    made.graph.output[0].CopyFrom(helper.make_tensor_sequence_value_info("gps", guests.FLOAT, None))


def of_the_future(made: onnx.ModelProto) -> None:
    made.ir_version = 9999


def of_later_operators(made: onnx.ModelProto) -> None:
    made.opset_import[0].version = 9999


def no_picture(made: onnx.ModelProto) -> None:
    made.graph.input[0].type.tensor_type.elem_type = STRING


def without_width(made: onnx.ModelProto) -> None:
    made.graph.initializer[0].CopyFrom(numpy_helper.from_array(np.zeros((12, 0), np.float32), "turn"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (twice, "Duplicate definition"),
        (circle, "depends on 0 inputs"),
        (only_weights, "depends on 0 inputs"),
        (only_the_input, "not by the model contract"),
        (no_numbers, "not on the Earth, such as latitude nan"),
        (no_tensor, "not a model that can be loaded"),
        (of_the_future, "not a model that can be loaded"),
        (of_later_operators, "not a model that can be loaded"),
        (no_picture, "its input is of type STRING, and no picture"),
        (without_width, "not a model that can be loaded"),
    ],
)
def test_graphs_that_make_no_sense(tmp_path: Path, change: Change, said: str) -> None:
    assert said in refused(tmp_path, changed(change), Exit.NO_MODEL)


def test_numbers_out_of_range(tmp_path: Path) -> None:
    guest = then(helper.make_node("Gather", ["seen", "far"], ["gps"], axis=1), far=np.array([1 << 40, -5]))
    assert "it breaks down" in refused(tmp_path, guest, Exit.NO_MODEL)


def test_more_weights_than_can_be_sorted_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrap, "MOST_WEIGHTS", 1)
    assert "more than 1 weights by name" in refused(tmp_path, guests.osv5m(), Exit.NO_MODEL)


def test_lies_about_values_in_between_are_no_answers(tmp_path: Path) -> None:
    """What a file says of its values is checked by nobody; here it must not change what is computed."""

    def change(made: onnx.ModelProto) -> None:
        lie = helper.make_tensor_value_info("pooled", guests.FLOAT, ["axis0", 1, 1, 1])
        made.graph.value_info.append(lie)

    guest = changed(change)
    recipe = describe.read(guest.saved(tmp_path / "it")[1]).picture.recipe
    guests.add(guest.saved(tmp_path / "it", golden=guests.golden(tmp_path / "it", guest, recipe)))


def test_what_is_only_for_training_is_left_out(tmp_path: Path, folder: Path) -> None:
    def change(made: onnx.ModelProto) -> None:
        weight = made.training_info.add().algorithm.initializer.add()
        weight.name, weight.data_location = "w", TensorProto.EXTERNAL
        weight.external_data.add(key="location", value="/etc/passwd")
        made.doc_string = "read me"
        made.metadata_props.add(key="geotag.licence", value="MIT")

    guests.add(changed(change).saved(tmp_path / "it"))
    content = (folder / "guest.onnx").read_bytes()
    assert b"passwd" not in content
    assert b"read me" not in content
    meta = {item.key: item.value for item in onnx.load_from_string(content).metadata_props}
    assert meta["geotag.licence"] == "CC BY-SA 4.0"


def test_what_is_wrapped_is_looked_at_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    check = onnxfile.check

    def counting(path: str, *, named: bool = True) -> None:
        seen.append(named)
        check(path, named=named)

    monkeypatch.setattr(onnxfile, "check", counting)
    guests.add(guests.osv5m().saved(tmp_path / "it"))
    # As a guest before it is copied and before it is wrapped; as a model in a process of its own.
    assert seen == [False, False]
    result = CliRunner().invoke(main, ["models", "show", "guest"])
    assert result.exit_code == Exit.OK
    assert seen == [False, False, True]
