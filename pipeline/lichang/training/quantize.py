"""From single precision to eight bits: matrices at a scale a column, what they multiply at one seen beforehand.

Of onnxruntime's own quantisers, one takes the scale from each batch as it comes, so that what a unit is called depends
on the articles beside it; the other rounds what stands beside the matrices too.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import ModelProto, NodeProto, helper, numpy_helper

from lichang.tagging.windows import Window, collate

PRODUCT = "MatMulIntegerToFloat"  # onnxruntime's own: rounded numbers by a rounded matrix, and a bias


def quantize(full: Path, windows: Sequence[Window], small: Path) -> None:
    """Write the network in `full` with its dense layers in 8 bits; `windows` are some of what it will read."""
    model = onnx.load(full)
    kept = constants(model)
    layers = list(_layers(model, kept))
    scales = _scales(model, {product.input[0] for product, _ in layers}, windows)
    made: dict[str, Any] = {}
    instead: dict[str, list[NodeProto]] = {}  # of the node with that output
    for product, total in layers:
        left, right = product.input
        steps = []
        if f"{left}_scale" not in made:
            made[f"{left}_scale"], made[f"{left}_zero"] = scales[left]
            inputs = [left, f"{left}_scale", f"{left}_zero"]
            steps.append(helper.make_node("QuantizeLinear", inputs, [f"{left}_rounded"]))
        columns = (np.abs(kept[right]).max(0) / 127).clip(min=1e-12)
        made[f"{right}_scale"] = columns.astype(np.float32)
        made[f"{right}_rounded"] = np.round(kept[right] / columns).astype(np.int8)
        [bias] = [name for name in total.input if name != product.output[0]]
        inputs = [f"{name}_{what}" for what in ("rounded", "scale") for name in (left, right)]
        inputs += [f"{left}_zero", "", bias]
        steps.append(helper.make_node(PRODUCT, inputs, total.output, domain="com.microsoft"))
        instead |= {product.output[0]: steps, total.output[0]: []}
    nodes = [one for node in model.graph.node for one in instead.get(node.output[0], [node])]
    used = {name for node in nodes for name in node.input}
    tensors = [tensor for tensor in model.graph.initializer if tensor.name in used]
    tensors += [numpy_helper.from_array(np.asarray(array), name) for name, array in made.items()]
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(tensors)
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    onnx.save(model, small)


def constants(model: ModelProto) -> dict[str, Any]:
    """The arrays that the model holds, by name."""
    kept = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    for node in model.graph.node:  # arrays that were equal are kept once
        if node.op_type == "Identity" and node.input[0] in kept:
            kept[node.output[0]] = kept[node.input[0]]
    return kept


def _layers(model: ModelProto, kept: dict[str, Any]) -> Iterator[tuple[NodeProto, NodeProto]]:
    """Products by a constant matrix, each with the sum that adds its bias."""
    sums = {name: node for node in model.graph.node if node.op_type == "Add" for name in node.input}
    for node in model.graph.node:
        if node.op_type == "MatMul" and node.input[1] in kept:
            yield node, sums[node.output[0]]


def _scales(
    model: ModelProto, names: set[str], windows: Sequence[Window]
) -> dict[str, tuple[np.float32, np.uint8]]:
    """The step at which what the windows show of each tensor fits into 8 bits, and what stands for zero."""
    probe = ModelProto()
    probe.CopyFrom(model)
    asked = sorted(names)
    del probe.graph.output[:]
    probe.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in asked)
    session = onnxruntime.InferenceSession(probe.SerializeToString(), providers=["CPUExecutionProvider"])
    lows, highs = np.zeros(len(asked)), np.zeros(len(asked))
    for window in windows:
        found = session.run(asked, collate([window])._asdict())
        lows = np.minimum(lows, [numbers.min() for numbers in found])
        highs = np.maximum(highs, [numbers.max() for numbers in found])
    steps = ((highs - lows) / 255).clip(min=1e-12)
    return {
        name: (np.float32(step), np.uint8(np.round(-low / step)))
        for name, low, step in zip(asked, lows, steps, strict=True)
    }
