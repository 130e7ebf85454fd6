"""How wrong a network is: of a batch, with gradients, and of every unit, to tell what it knows."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from lichang.tagging.linear import HEADS
from lichang.tagging.windows import COLUMNS, OUTPUTS, Arrays, collate
from lichang.training.network import Network
from lichang.training.passages import IGNORE, Labelled
from lichang.training.recipe import Recipe
from lichang.training.samples import STEP, Sample

# of what is told of every unit; the weight of stances is the recipe's
WEIGHTS = {"camp": 2.0, "attitude": 0.5, "kind": 0.5, "quote": 0.4, "token": 0.6}


def tensors(arrays: Arrays) -> list[Tensor]:
    """The arrays as the network takes them."""
    return [torch.from_numpy(array) for array in arrays]


def loss_of(network: Network, batch: Sequence[Sample], recipe: Recipe, mask_id: int) -> Tensor:
    """The weighted sum of all heads' losses."""
    arrays = collate([sample.window for sample in batch], step=STEP)
    _, length = arrays.input_ids.shape
    width = arrays.last.shape[1]
    tokens = np.full(arrays.input_ids.shape, IGNORE, np.int64)
    labels = np.full((len(batch), width, len(OUTPUTS)), IGNORE, np.int64)
    for row, sample in enumerate(batch):
        tokens[row, : len(sample.tokens)] = sample.tokens
        labels[row, : len(sample.labels)] = sample.labels
    inputs = tensors(arrays)
    hidden = (torch.rand(len(batch), length) < recipe.masking) & (inputs[0] > 3)
    inputs[0] = inputs[0].masked_fill(hidden, mask_id)
    units, marks = network(*inputs)
    weights = WEIGHTS | {"stance": recipe.stances}
    total = weights["token"] * _mean_loss(marks, torch.from_numpy(tokens), 0.0)
    for column, (head, own) in enumerate(COLUMNS.items()):
        target = torch.from_numpy(labels[..., column])
        total = total + weights[head] * _mean_loss(units[..., own], target, recipe.smoothing)
    return total


def _mean_loss(logits: Tensor, target: Tensor, smoothing: float) -> Tensor:
    logits, target = logits.float().flatten(0, 1), target.flatten()
    if not bool((target != IGNORE).any()):
        return logits.sum() * 0
    return cross_entropy(logits, target, ignore_index=IGNORE, label_smoothing=smoothing)


def losses(logits: npt.NDArray[np.float32], units: Sequence[Labelled]) -> npt.NDArray[np.float32]:
    """The weighted sum of the heads' losses of each unit, shape `(n_units,)`; `logits` are those of `predict`."""
    labels = torch.tensor([unit.labels for unit in units])
    total = torch.zeros(len(units))
    for column, head in enumerate(HEADS):
        own = torch.from_numpy(logits[:, COLUMNS[head]])
        total += WEIGHTS[head] * cross_entropy(own, labels[:, column], ignore_index=IGNORE, reduction="none")
    return np.asarray(total)
