"""From a trained network to a model folder: int8 ONNX, tokenizer, config with temperatures and hash."""

import copy
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor, nn
from transformers import BertModel

from lichang import __version__
from lichang.tagging.folder import Folder, digest
from lichang.tagging.windows import OUTPUTS, TOKEN_LABELS, Arrays, Window, collate
from lichang.training.network import Network
from lichang.training.quantize import quantize

OPSET = 17
# As in training; windows of 320 tokens cost attention, and camp F1 0.02 on nine sets left out.
WINDOW, OVERLAP = 192, 1
# How much of what is uneven between channels goes from the activations into the weights, from 0 to 1.
SMOOTHING = 0.8
FEED_FORWARD = ("intermediate", "output")  # a layer's two large matrices, as transformers calls them
INPUTS = Arrays._fields
RESULTS = ("units", "tokens")


def export(
    network: Network,
    base: Path,
    out: Path,
    *,
    windows: Sequence[Window],
    temperatures: dict[str, float],
    notes: dict[str, Any],
) -> None:
    """Write `out`: model.onnx (matrices and embeddings in 8 bits), tokenizer, config.json with `notes`.

    `windows` are some of what the network will read, to see how large its activations get.
    """
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as temporary:
        full = Path(temporary) / "full.onnx"
        to_onnx(network, windows, full)
        quantize(full, windows, out / "model.onnx")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(base / name, out / name)
    config = network.bert.config.to_diff_dict()
    Folder(out).write_config(
        json.loads(json.dumps(config, default=str))
        | {
            "lichang": __version__,
            "weights": "model.onnx",
            "sha256": digest(out / "model.onnx"),
            "labels": {head: list(labels) for head, labels in OUTPUTS.items()},
            "token_labels": list(TOKEN_LABELS),
            "window": WINDOW,
            "overlap": OVERLAP,
            "temperatures": {head: round(value, 4) for head, value in temperatures.items()},
        }
        | notes
    )


def to_onnx(network: Network, windows: Sequence[Window], file: Path) -> None:
    """Write the network in single precision, free in batch, length and units."""
    plain = Plain(network, peaks(network, windows)).eval()
    shapes = [
        Window([0, 5, 6, 2, 7, 2], [5, 5, 5, 3, 3, 3], [0, 1], [(1, 4), (4, 6)], 2),
        Window([0, 8, 2], [5, 3, 3], [0], [(1, 3)], 1),
    ]
    example = tuple(torch.from_numpy(array) for array in collate(shapes))
    torch.onnx.export(
        plain,
        example,
        file,
        input_names=list(INPUTS),
        output_names=list(RESULTS),
        opset_version=OPSET,
        dynamo=False,
        dynamic_axes={
            **{name: {0: "batch", 1: "length"} for name in INPUTS[:3]},
            "pool": {0: "batch", 1: "unit", 2: "length"},
            "last": {0: "batch", 1: "unit"},
            "units": {0: "batch", 1: "unit"},
            "tokens": {0: "batch", 1: "length"},
        },
    )


@torch.no_grad()
def peaks(network: Network, windows: Sequence[Window]) -> dict[str, Tensor]:
    """The largest size of what each channel holds that goes into a feed-forward matrix, by the matrix's name."""
    found: dict[str, Tensor] = {}

    def look(name: str) -> Any:
        def keep(module: nn.Module, inputs: tuple[Tensor]) -> None:
            seen = inputs[0].abs().flatten(0, -2).amax(0)
            found[name] = torch.maximum(seen, found.get(name, seen))

        return keep

    layers: Any = network.bert.encoder.layer
    hooks = [
        getattr(layer, name).dense.register_forward_pre_hook(look(f"{number}.{name}"))
        for number, layer in enumerate(layers)
        for name in FEED_FORWARD
    ]
    for window in windows:
        network(*map(torch.from_numpy, collate([window])))
    for hook in hooks:
        hook.remove()
    return found


class Plain(nn.Module):
    """The network in elementary operations alone: the exporters know no more, and runtimes fuse these best.

    A few channels of what goes into the feed-forward matrices are twenty times as large as the others, and would spoil
    the one scale that all channels have in eight bits: they are made smaller, and their weights larger by as much
    (SmoothQuant, Xiao et al. 2023).
    """

    def __init__(self, network: Network, peaks: dict[str, Tensor]) -> None:
        super().__init__()
        self.bert: BertModel = copy.deepcopy(network.bert)
        self.factors = nn.ParameterDict()
        for number, layer in enumerate(self.bert.encoder.layer):
            for name in FEED_FORWARD:
                weights = getattr(layer, name).dense.weight.data
                own = peaks[f"{number}.{name}"].clamp(min=1e-5) ** SMOOTHING
                own /= weights.abs().amax(0).clamp(min=1e-5) ** (1 - SMOOTHING)
                weights *= own
                self.factors[f"{number}_{name}"] = 1 / own
        self.units, self.tokens = network.units, network.tokens
        words = self.bert.embeddings.word_embeddings.weight.detach()
        self.scale = words.abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
        self.table = (words / self.scale).round().to(torch.int8)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor, pool: Tensor, last: Tensor
    ) -> tuple[Tensor, Tensor]:
        """As `Network.forward`."""
        embed = self.bert.embeddings
        places = embed.position_embeddings.weight[: input_ids.shape[1]]
        words = self.table[input_ids].float() * self.scale[input_ids]
        hidden = words + places + embed.token_type_embeddings(token_type_ids)
        hidden = embed.LayerNorm(hidden)
        bias = (1.0 - attention_mask[:, None, None, :].float()) * -10000.0
        for number, layer in enumerate(self.bert.encoder.layer):
            hidden = self._layer(number, layer, hidden, bias)
        ends = hidden.gather(1, last.unsqueeze(-1).expand(-1, -1, hidden.shape[-1]))
        pooled = torch.cat([torch.matmul(pool, hidden), ends], -1)
        return self.units(pooled), self.tokens(hidden)

    def _layer(self, number: int, layer: Any, hidden: Tensor, bias: Tensor) -> Tensor:
        own = layer.attention.self
        heads, width = own.num_attention_heads, own.attention_head_size
        batch, length, size = hidden.shape

        def split(linear: nn.Module) -> Tensor:
            split: Tensor = linear(hidden).view(batch, length, heads, width).transpose(1, 2)
            return split

        query, key, value = split(own.query), split(own.key), split(own.value)
        weights = torch.softmax(torch.matmul(query, key.transpose(-1, -2)) / width**0.5 + bias, -1)
        mixed = torch.matmul(weights, value).transpose(1, 2).reshape(batch, length, size)
        attended: Tensor = layer.attention.output.LayerNorm(layer.attention.output.dense(mixed) + hidden)
        inner = nn.functional.gelu(
            layer.intermediate.dense(attended * self.factors[f"{number}_intermediate"])
        )
        outer = layer.output.dense(inner * self.factors[f"{number}_output"])
        result: Tensor = layer.output.LayerNorm(outer + attended)
        return result
