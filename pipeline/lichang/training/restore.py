"""A trained network read back from its model folder, so that training can go on from there.

What `lichang.training.export` rounded to eight bits stays rounded, which is near enough to start from.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch

from lichang.errors import ModelError
from lichang.tagging.folder import Folder
from lichang.training.network import Network
from lichang.training.quantize import PRODUCT, constants

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
    model = onnx.load(Folder(folder).weights)
    kept = constants(model)
    depth = network.bert.config.num_hidden_layers
    names = [f"bert.encoder.layer.{layer}.{name}" for layer in range(depth) for name in LAYER]
    matrices = dict(zip([*names, "units", "tokens"], _matrices(model, kept), strict=False))
    state = network.state_dict()
    for name in state.keys() - {"bert.embeddings.word_embeddings.weight"}:
        found = matrices.get(name.removesuffix(".weight")) if name not in kept else kept[name]
        if found is None or found.shape != state[name].shape:
            raise ModelError(
                f"{folder} holds no {name} of shape {tuple(state[name].shape)}; start from another"
            )
        state[name] = torch.from_numpy(found.copy())
    network.load_state_dict(state)


def _matrices(model: onnx.ModelProto, kept: dict[str, Any]) -> Iterator[Floats]:
    """The matrices that hidden states are multiplied by, in that order, of shape `(to, from)`."""
    makers = {name: node for node in model.graph.node for name in node.output}
    for node in model.graph.node:
        if node.op_type == PRODUCT:
            rounded, whole, _, scale = node.input[:4]
            columns = kept[whole].astype(np.float32) * kept[scale]
            made = makers.get(makers[rounded].input[0])
            factor = kept.get(made.input[1]) if made is not None and made.op_type == "Mul" else None
            if factor is not None and factor.ndim == 1:  # one of those of `export.Plain`
                columns *= factor[:, None]
            yield np.ascontiguousarray(columns.T, np.float32)
