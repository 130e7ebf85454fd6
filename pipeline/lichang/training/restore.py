"""A trained network read back from its model folder, so that training can go on from there.

What `lichang.training.export` rounded to eight bits stays rounded, which is near enough to start from.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from lichang.errors import ModelError
from lichang.tagging.folder import Folder
from lichang.training.network import Network

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

Floats = npt.NDArray[np.float32]

# The matrices of a layer in the order in which `export.Plain` multiplies by them.
LAYER = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)


def restore(network: Network, folder: Path) -> None:
    """Load the weights of the encoder in `folder` into `network`, but for the word embeddings, which never change.

    Raises ModelError where they are damaged or those of another network.
    """
    import onnx
    from onnx import numpy_helper

    model = onnx.load(Folder(folder).weights)
    kept = {weights.name: numpy_helper.to_array(weights) for weights in model.graph.initializer}
    for node in model.graph.node:  # weights that were equal are kept once
        if node.op_type == "Identity" and node.input[0] in kept:
            kept[node.output[0]] = kept[node.input[0]]
    depth = network.bert.config.num_hidden_layers
    names = [f"bert.encoder.layer.{layer}.{name}" for layer in range(depth) for name in LAYER]
    matrices = dict(zip([*names, "tokens", "units"], _matrices(model, kept), strict=False))
    state = network.state_dict()
    for name in state.keys() - {"bert.embeddings.word_embeddings.weight"}:
        found = matrices.get(name.removesuffix(".weight")) if name not in kept else kept[name]
        if found is None or found.shape != state[name].shape:
            raise ModelError(
                f"{folder} holds no {name} of shape {tuple(state[name].shape)}; start from another"
            )
        state[name] = torch.from_numpy(found.copy())
    network.load_state_dict(state)


def _matrices(model: "ModelProto", kept: dict[str, Any]) -> Iterator[Floats]:
    """The matrices that hidden states are multiplied by, in that order, of shape `(to, from)`."""
    for node in model.graph.node:
        if node.op_type == "MatMulInteger":
            yield _columns(node, kept)
        elif node.op_type == "MatMulNBits":
            yield _blocks(node, kept)


def _columns(node: "NodeProto", kept: dict[str, Any]) -> Floats:
    """One scale a column."""
    name = node.input[1].removesuffix("_quantized")
    whole = kept[f"{name}_quantized"].astype(np.float32) - kept[f"{name}_zero_point"]
    return np.ascontiguousarray((whole * kept[f"{name}_scale"]).T, np.float32)


def _blocks(node: "NodeProto", kept: dict[str, Any]) -> Floats:
    """One scale for each block of a row; 128 stands for zero."""
    whole = kept[node.input[1]].astype(np.float32) - 128
    scaled = whole * kept[node.input[2]].reshape(*whole.shape[:2], 1)
    # The last block is filled up.
    [width] = [attribute.i for attribute in node.attribute if attribute.name == "K"]
    return np.ascontiguousarray(scaled.reshape(len(whole), -1)[:, :width], np.float32)
