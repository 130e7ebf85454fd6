"""What a network in training says of labelled text: its scores, how sure it is, and what it does not know yet."""

import copy
import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from msgspec.structs import replace
from torch import Tensor
from torch.nn.functional import cross_entropy

from lichang.corpus import GoldArticle
from lichang.tagging.encoder import alike
from lichang.tagging.linear import HEADS
from lichang.tagging.windows import COLUMNS, OUTPUTS, collate
from lichang.training.export import OVERLAP, WINDOW
from lichang.training.losses import losses, tensors
from lichang.training.network import Network
from lichang.training.passages import IGNORE, Passage, passages_of
from lichang.training.samples import STEP, Sampler
from lichang.training.targets import ask

Floats = npt.NDArray[np.float32]

KNOWN = 0.6  # loss of a unit: two thirds of those that an encoder was trained on, one in two of others

# bfloat16 where the processor has it; where not, imitating it takes ten times as long.
FLOATS = torch.bfloat16 if torch.cpu.get_capabilities().get("avx512_bf16", False) else torch.float32


@torch.no_grad()
def predict(network: Network, sampler: Sampler, passages: Sequence[Passage]) -> Floats:
    """Logits of all units of the passages, shape `(n_units, 17)`, read in windows as the tagger reads them."""
    reader = copy.deepcopy(network).to(FLOATS).eval()
    firsts = np.cumsum([0, *(len(passage.units) for passage in passages)])
    windows = [
        (first, sample.window)
        for first, passage in zip(firsts.tolist(), passages, strict=False)
        for sample in sampler.cut(passage, WINDOW, OVERLAP)
    ]
    found = np.zeros((firsts[-1], sum(map(len, OUTPUTS.values()))), np.float32)
    for group in alike(windows):
        logits, _ = reader(*tensors(collate([window for _, window in group], step=STEP)))
        for (first, window), own in zip(group, logits.float().numpy(), strict=True):
            fresh = slice(len(window.units) - window.fresh, len(window.units))
            found[[first + unit for unit in window.units[fresh]]] = own[fresh]
    return found


def mark_known(
    network: Network, sampler: Sampler, groups: Sequence[Sequence[Passage]]
) -> list[list[Passage]]:
    """The passages of each article, with those units marked that the network is hardly wrong about."""
    passages = [passage for group in groups for passage in group]
    units = [unit for passage in passages for unit in passage.units]
    right = iter(losses(predict(network, sampler, passages), units) < KNOWN)

    def marked(passage: Passage) -> Passage:
        own = tuple(replace(unit, known=bool(next(right))) for unit in passage.units)
        return replace(passage, units=own)

    return [[marked(passage) for passage in group] for group in groups]


def evaluate(network: Network, sampler: Sampler, articles: Sequence[GoldArticle]) -> dict[str, float]:
    """Macro F1 of both camps, of kinds and quotes, attitude accuracy where the camp is right."""
    from sklearn.metrics import f1_score

    passages = [passage for gold in articles for passage in passages_of(gold)]
    logits = predict(network, sampler, passages)
    labels = np.array([unit.labels for passage in passages for unit in passage.units])
    camp, attitude, kind, quote = (logits[:, COLUMNS[head]].argmax(1) for head in HEADS)
    right = (camp == labels[:, 0]) & (labels[:, 0] < 2)
    claims = labels[:, 2] < 4

    def f1(gold: Any, said: Any, of: Sequence[int]) -> float:
        return float(f1_score(gold, said, labels=of, average="macro", zero_division=0))

    scores = {
        "camp_f1": f1(labels[:, 0], camp, [0, 1]),
        "attitude": float((attitude == labels[:, 1])[right].mean()) if right.any() else 0.0,
        "kind_f1": f1(labels[claims, 2], kind[claims], [0, 1, 2, 3]),
        "claim_f1": float(f1_score(claims, kind < 4)),
        "quote_f1": f1(labels[claims, 3], quote[claims], [0, 1, 2]),
    }
    return {name: round(value, 4) for name, value in scores.items()}


def temperatures(network: Network, sampler: Sampler, articles: Sequence[GoldArticle]) -> dict[str, float]:
    """For each head of OUTPUTS, the divisor of its logits that makes the labels of `articles` likeliest."""
    from scipy.optimize import minimize_scalar

    passages = [passage for gold in articles for passage in passages_of(gold)]
    rng = random.Random(0)
    passages += [asked for passage in passages for asked in ask(passage.units, rng)]
    logits = torch.from_numpy(predict(network, sampler, passages))
    labels = torch.tensor([unit.labels for passage in passages for unit in passage.units])
    found = {}
    for column, (head, place) in enumerate(COLUMNS.items()):
        own, wanted = logits[:, place], labels[:, column]

        def loss(log: float, own: Tensor = own, wanted: Tensor = wanted) -> float:
            return float(cross_entropy(own / math.exp(log), wanted, ignore_index=IGNORE))

        found[head] = math.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x)
    return found
