"""`lichang train camps --tagger encoder`: fine-tune the base on annotated articles, window by window.

Every epoch reads each article once, varied anew; a checkpoint and a line of metrics end it, so that a run can
be watched, cut short and resumed. What is kept are the weights averaged over steps.
"""

import copy
import hashlib
import json
import math
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from lichang.corpus import GoldArticle
from lichang.errors import CorpusError
from lichang.records import Article
from lichang.segment import segment
from lichang.tagging.folder import Folder
from lichang.tagging.linear import HEADS
from lichang.tagging.windows import OUTPUTS, TOKEN_LABELS, Arrays, Window, collate, cut, padded
from lichang.training.base import build
from lichang.training.export import OVERLAP, WINDOW, export
from lichang.training.network import Network, parameter_groups
from lichang.training.passages import IGNORE, Labelled, Passage, passages_of, vary
from lichang.training.passages import irrelevant as unlabelled
from lichang.training.restore import restore
from lichang.training.targets import Pair, ask, passage_of
from lichang.training.team import EVERY, Member, team_of

Progress = Callable[[str], None]

# of the heads' losses
WEIGHTS = {"camp": 1.5, "attitude": 0.5, "kind": 0.5, "quote": 0.4, "token": 0.6, "stance": 1.0}

STEP = 16  # lengths are padded to multiples of it: each new shape is a new kernel to compile and new holes in the heap
SEEN = 64  # windows that show how large activations get


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """How to train."""

    epochs: int = 5
    rate: float = 3e-4
    layer_decay: float = 0.9
    head_factor: float = 5.0
    batch_tokens: int = 1536
    budget: int = 192  # tokens of a window, at most
    warmup: float = 0.08  # share of all steps
    masking: float = 0.06  # share of tokens that are hidden
    smoothing: float = 0.05  # of labels
    dropout: float = 0.1  # within the encoder; an eighth of a step
    averaging: float = 0.99  # of the weights, a step
    irrelevant_share: float = 0.08  # of windows
    alone_share: float = 0.1  # of units, read once more as the cascade reads them: without neighbours
    asked_share: float = 0.5  # of articles, some units of which are read once more under two targets
    pair_share: float = 0.1  # of windows, where there are articles
    seed: int = 0


# From a trained encoder on: fewer steps and smaller ones, so that what it knows is kept. Over a large corpus, varied and
# masked text is noise enough.
FURTHER = Recipe(epochs=3, rate=2.4e-4, averaging=0.995, dropout=0.0, asked_share=0.2, pair_share=0.05)


class Sample(msgspec.Struct, frozen=True):
    """A window with what is to be learnt from it."""

    window: Window
    labels: list[tuple[int, ...]]  # of each unit
    tokens: list[int]  # of each token


class Sampler:
    """Cuts passages into samples; keeps the tokenizer."""

    def __init__(self, tokenizer: Any) -> None:
        """`tokenizer` is a `tokenizers.Tokenizer`."""
        self.tokenizer = tokenizer

    def epoch(
        self,
        groups: Sequence[Sequence[Passage]],
        irrelevant: Sequence[Passage],
        pairs: Sequence[Passage],
        recipe: Recipe,
        rng: random.Random,
    ) -> list[Sample]:
        """Each passage once, varied; `groups` holds the passages of one article each, `pairs` texts under targets."""
        samples: list[Sample] = []
        for group in groups:
            passages = [vary(passage, rng) for passage in rng.sample(group, len(group))]
            units = tuple(unit for passage in passages for unit in passage.units)
            samples += self.cut(Passage(passages[0].title, units), rng.randint(96, recipe.budget))
            for alone in rng.sample(units, math.ceil(len(units) * recipe.alone_share)):
                samples += self.cut(Passage(passages[0].title, (alone,)), recipe.budget)
            if rng.random() < recipe.asked_share:
                for asked in ask(units, rng):
                    samples += self.cut(asked, recipe.budget)
        wanted = len(samples) * recipe.irrelevant_share
        for passage in rng.sample(irrelevant, len(irrelevant)):
            if wanted <= 0:
                break
            windows = list(self.cut(passage, rng.randint(96, recipe.budget)))
            chosen = rng.sample(windows, min(2, len(windows)))
            samples += chosen
            wanted -= len(chosen)
        most = int(len(samples) * recipe.pair_share) if groups else len(pairs)
        for passage in rng.sample(pairs, min(most, len(pairs))):
            samples += self.cut(passage, recipe.budget)
        return samples

    def cut(self, passage: Passage, budget: int, overlap: int = 0) -> Iterator[Sample]:
        """The passage in windows of `budget` tokens."""
        encoded = self.tokenizer.encode_batch([u.text for u in passage.units], add_special_tokens=False)
        title = self.tokenizer.encode(passage.title, add_special_tokens=False).ids if passage.title else []
        ids, types = [e.ids for e in encoded], [unit.type for unit in passage.units]
        windows = cut(ids, types, title, budget=budget, overlap=overlap, title_type=passage.title_type)
        for window in windows:
            tokens = [IGNORE] * len(window.ids)
            for index, (begin, end) in zip(window.units, window.spans, strict=True):
                unit = passage.units[index]
                if unit.tagged:
                    tokens[begin : end - 1] = token_labels(unit, encoded[index].offsets)[: end - 1 - begin]
            yield Sample(window, [passage.units[i].labels for i in window.units], tokens)


def token_labels(unit: Labelled, offsets: Sequence[tuple[int, int]]) -> list[int]:
    """Index into TOKEN_LABELS of each token: whether it shares a character with a span, and begins it."""
    labels = [0] * len(offsets)
    for start, end, kind in unit.spans:
        inside = [i for i, (a, b) in enumerate(offsets) if a < end and b > start]
        for i in inside:
            labels[i] = TOKEN_LABELS.index(f"I-{kind}")
        if inside:
            labels[inside[0]] = TOKEN_LABELS.index(f"B-{kind}")
    return labels


def batches(samples: Sequence[Sample], tokens: int, rng: random.Random) -> list[list[Sample]]:
    """Samples of like length together, at most `tokens` a batch with padding, batches in random order."""
    by_length: dict[int, list[Sample]] = {}
    for sample in rng.sample(samples, len(samples)):
        by_length.setdefault(padded(len(sample.window.ids), STEP), []).append(sample)
    result = []
    for length, alike in by_length.items():
        size = max(1, tokens // length)
        result += [alike[first : first + size] for first in range(0, len(alike), size)]
    rng.shuffle(result)
    return result


def tensors(arrays: Arrays) -> list[Tensor]:
    """The arrays as the network takes them."""
    return [torch.from_numpy(array) for array in arrays]


# bfloat16 where the processor has it; where not, imitating it takes ten times as long.
FLOATS = torch.bfloat16 if torch.cpu.get_capabilities().get("avx512_bf16", False) else torch.float32


def halves() -> torch.autocast:
    """Arithmetic of FLOATS for a network that keeps its weights in full."""
    return torch.autocast("cpu", torch.bfloat16, enabled=FLOATS is torch.bfloat16)


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
    total = WEIGHTS["token"] * _mean_loss(marks, torch.from_numpy(tokens), 0.0)
    start = 0
    for column, (head, names) in enumerate(OUTPUTS.items()):
        logits = units[..., start : start + len(names)]
        target = torch.from_numpy(labels[..., column])
        total = total + WEIGHTS[head] * _mean_loss(logits, target, recipe.smoothing)
        start += len(names)
    return total


def _mean_loss(logits: Tensor, target: Tensor, smoothing: float) -> Tensor:
    logits, target = logits.float().flatten(0, 1), target.flatten()
    if not bool((target != IGNORE).any()):
        return logits.sum() * 0
    return cross_entropy(logits, target, ignore_index=IGNORE, label_smoothing=smoothing)


def train(
    corpus: Sequence[GoldArticle],
    out: Path,
    *,
    base: Path,
    start: Path | None = None,
    irrelevant: Sequence[Passage] = (),
    pairs: Sequence[Pair] = (),
    dev: dict[str, Sequence[GoldArticle]] | None = None,
    recipe: Recipe | None = None,
    workers: int = 1,
    progress: Progress = print,
) -> None:
    """Fine-tune and leave `network.pt` (averaged weights), `state.pt` (to resume) and `metrics.jsonl` in `out`.

    `start` is the model folder of an encoder to go on from, with the tokenizer of `base`. `workers` processes read a
    share of the articles each.
    """
    recipe = recipe or (FURTHER if start else Recipe())
    source = (corpus, out, base, start, irrelevant, pairs, recipe)
    trained = sum(p.numel() for p in Network(base).parameters() if p.requires_grad)
    with team_of(workers, trained, _follow, *source) as member:
        run = _Run(member, *source)
        _lead(run, dev or {}, progress)


def _follow(member: Member, *source: Any) -> None:
    """What every process but the first does; the first one saves for all."""
    run = _Run(member, *source)
    while run.epoch < run.recipe.epochs:
        run.train_epoch(lambda _: None)


def _lead(run: "_Run", dev: dict[str, Sequence[GoldArticle]], progress: Progress) -> None:
    while run.epoch < run.recipe.epochs:
        loss = run.train_epoch(progress)
        line: dict[str, Any] = {"epoch": run.epoch, "loss": round(loss, 4)}
        for name, articles in dev.items():
            line[name] = evaluate(run.averaged, run.sampler, articles)
        with (run.out / "metrics.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
        progress(json.dumps(line))
        run.save()


def fit(
    corpus: Sequence[GoldArticle],
    out: Path,
    *,
    dev: Sequence[GoldArticle],
    work: Path,
    start: Path | None = None,
    irrelevant: Sequence[Article] = (),
    pairs: Sequence[Pair] = (),
    recipe: Recipe | None = None,
    workers: int = 1,
    progress: Progress = print,
) -> None:
    """From corpus to the model folder `out`: base, training (from `start` on), calibration on `dev`, export.

    `work` keeps the base and the checkpoints: with the same `work`, corpus and `start`, a run that was cut short goes
    on. `workers` is as `train` has it. Raises CorpusError where there is nothing to learn from or to calibrate on,
    ModelError for an unfit `start`.
    """
    if not corpus or not dev:
        raise CorpusError("training the encoder needs articles to learn from and others to calibrate on")
    base = work / "base"
    if not (base / "tokenizer.json").exists():
        progress("reading the base model")
        build(base)
    passages = [unlabelled(article, segment(article.text, title=article.title)) for article in irrelevant]
    run = work / _run_name(corpus, start)
    train(
        corpus,
        run,
        base=base,
        start=start,
        irrelevant=passages,
        pairs=pairs,
        dev={"dev": dev},
        recipe=recipe,
        workers=workers,
        progress=progress,
    )
    units = sum(len(gold.units) for gold in corpus)
    trained_on = {"articles": len(corpus), "units": units, "irrelevant": len(irrelevant)}
    finish([run], base, out, dev=dev, notes={"trained_on": trained_on})


def _run_name(corpus: Sequence[GoldArticle], start: Path | None) -> str:
    """Another corpus or start is another run."""
    told = hashlib.sha256(Folder(start).version.encode() if start else b"")
    for gold in corpus:
        told.update(msgspec.json.encode(gold))
    return f"run-{told.hexdigest()[:8]}"


class _Run:
    """A training run between epochs, or one process's part of it."""

    def __init__(
        self,
        member: Member,
        corpus: Sequence[GoldArticle],
        out: Path,
        base: Path,
        start: Path | None,
        irrelevant: Sequence[Passage],
        pairs: Sequence[Pair],
        recipe: Recipe,
    ) -> None:
        from tokenizers import Tokenizer

        torch.manual_seed(recipe.seed)
        out.mkdir(parents=True, exist_ok=True)
        self.member, self.out, self.recipe, self.irrelevant = member, out, recipe, irrelevant
        self.groups = [passages_of(gold) for gold in corpus]
        self.pairs = [passage_of(pair) for pair in pairs]
        self.sampler = Sampler(Tokenizer.from_file(str(base / "tokenizer.json")))
        self.mask_id = self.sampler.tokenizer.token_to_id("<mask>")
        self.network = Network(base, dropout=recipe.dropout)
        if start:
            restore(self.network, start)
        self.averaged = Network(base)
        self.averaged.load_state_dict(self.network.state_dict())
        self.trained = [p for p in self.network.parameters() if p.requires_grad]
        # What reads and gives gradients; the weights themselves are kept in full, or small steps would be lost.
        self.reader = copy.deepcopy(self.network).to(FLOATS)
        self.read = [p for p in self.reader.parameters() if p.requires_grad]
        groups = parameter_groups(
            self.network, rate=recipe.rate, decay=recipe.layer_decay, heads=recipe.head_factor
        )
        self.optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)
        self.steps = recipe.epochs * member.least(len(self._batches(0)))
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self._factor)
        self.epoch = self.step = 0
        if (out / "state.pt").exists():
            self._resume()

    def _factor(self, step: int) -> float:
        """Up in a straight line, then down along a cosine."""
        warm = max(1.0, self.recipe.warmup * self.steps)
        if step < warm:
            return (step + 1) / warm
        return 0.02 + 0.98 * 0.5 * (
            1 + math.cos(math.pi * min(1.0, (step - warm) / max(1.0, self.steps - warm)))
        )

    def _batches(self, epoch: int) -> list[list[Sample]]:
        order = random.Random(f"{self.recipe.seed}/{epoch}").sample(self.groups, len(self.groups))
        own = self.member.share(order)
        rng = random.Random(f"{self.recipe.seed}/{epoch}/{self.member.rank}")
        samples = self.sampler.epoch(own, self.irrelevant, self.pairs, self.recipe, rng)
        return batches(samples, self.recipe.batch_tokens, rng)

    def train_epoch(self, progress: Progress) -> float:
        """One pass; the mean loss."""
        self.reader.train()
        losses = []
        every = self._batches(self.epoch)
        every = every[: self.member.least(len(every))]
        for number, batch in enumerate(every):
            if number % EVERY == 0:
                self.member.average(self.trained)
            self._hand_over()
            loss = loss_of(self.reader, batch, self.recipe, self.mask_id)
            loss.backward()  # type: ignore[no-untyped-call]
            self._step()
            losses.append(loss.item())
            if number % 20 == 0:
                progress(f"epoch {self.epoch} step {number}/{len(every)} loss {np.mean(losses[-20:]):.3f}")
        self.epoch += 1
        return float(np.mean(losses))

    def _step(self) -> None:
        """Move the weights by the gradients that the reader found."""
        for weight, read in zip(self.trained, self.read, strict=True):
            weight.grad = None if read.grad is None else read.grad.float()
        self.reader.zero_grad()
        torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        self.optimizer.step()
        self.schedule.step()
        self._average()

    @torch.no_grad()
    def _hand_over(self) -> None:
        """Give the reader the weights as they are now."""
        for weight, read in zip(self.trained, self.read, strict=True):
            read.copy_(weight)

    @torch.no_grad()
    def _average(self) -> None:
        self.step += 1
        keep = min(self.recipe.averaging, self.step / (self.step + 10))
        for mean, now in zip(self.averaged.parameters(), self.network.parameters(), strict=True):
            if now.requires_grad:
                mean.lerp_(now, 1 - keep)

    def save(self) -> None:
        """Everything that a resumed run needs."""
        torch.save(self.averaged.state_dict(), self.out / "network.pt")
        state = {
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "epoch": self.epoch,
            "step": self.step,
        }
        torch.save(state, self.out / "state.tmp")
        (self.out / "state.tmp").replace(self.out / "state.pt")

    def _resume(self) -> None:
        state = torch.load(self.out / "state.pt")
        self.network.load_state_dict(state["network"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.epoch, self.step = state["epoch"], state["step"]


@torch.no_grad()
def predict(network: Network, sampler: Sampler, passage: Passage) -> np.ndarray[Any, Any]:
    """Unit logits of a passage, shape `(n_units, 17)`, read in windows as the tagger reads them."""
    network.eval()
    rows: list[np.ndarray[Any, Any]] = []
    for sample in sampler.cut(passage, WINDOW, OVERLAP):
        with halves():
            units, _ = network(*tensors(collate([sample.window])))
        rows.extend(units[0, len(sample.window.units) - sample.window.fresh :].float().numpy())
    return np.array(rows)


def evaluate(network: Network, sampler: Sampler, articles: Sequence[GoldArticle]) -> dict[str, float]:
    """Macro F1 of both camps, of kinds and quotes, attitude accuracy where the camp is right."""
    from sklearn.metrics import f1_score

    passages = [passage for gold in articles for passage in passages_of(gold)]
    logits = np.concatenate([predict(network, sampler, passage) for passage in passages])
    labels = np.array([unit.labels for passage in passages for unit in passage.units])
    found, start = [], 0
    for names in HEADS.values():
        found.append(logits[:, start : start + len(names)].argmax(1))
        start += len(names)
    camp, attitude, kind, quote = found
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
    logits = torch.from_numpy(np.concatenate([predict(network, sampler, passage) for passage in passages]))
    labels = torch.tensor([unit.labels for passage in passages for unit in passage.units])
    found, start = {}, 0
    for column, (head, names) in enumerate(OUTPUTS.items()):
        own, wanted = logits[:, start : start + len(names)], labels[:, column]

        def loss(log: float, own: Tensor = own, wanted: Tensor = wanted) -> float:
            return float(cross_entropy(own / math.exp(log), wanted, ignore_index=IGNORE))

        found[head] = math.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x)
        start += len(names)
    return found


def soup(states: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of the weights of runs that branched from one."""
    return {name: torch.stack([state[name].float() for state in states]).mean(0) for name in states[0]}


def finish(
    runs: Sequence[Path], base: Path, out: Path, *, dev: Sequence[GoldArticle], notes: dict[str, Any]
) -> None:
    """Export the averaged weights of `runs` as the model folder `out`, its probabilities calibrated on `dev`."""
    from tokenizers import Tokenizer

    network = Network(base)
    network.load_state_dict(soup([torch.load(run / "network.pt") for run in runs]))
    sampler = Sampler(Tokenizer.from_file(str(base / "tokenizer.json")))
    passages = (passage for gold in dev for passage in passages_of(gold))
    seen = islice((sample.window for passage in passages for sample in sampler.cut(passage, WINDOW)), SEEN)
    own = temperatures(network, sampler, dev)
    export(network.eval(), base, out, windows=list(seen), temperatures=own, notes=notes)
    plot_curves(runs, out / "curves.svg")


def plot_curves(runs: Sequence[Path], file: Path) -> None:
    """Draw the loss and the scores of every epoch of `runs`."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    for run in runs:
        lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text("utf-8").splitlines()]
        epochs = [line["epoch"] for line in lines]
        left.plot(epochs, [line["loss"] for line in lines], marker="o", label=run.name)
        for name, scores in ((name, line) for line in lines[:1] for name, line in line.items()):
            if isinstance(scores, dict):
                right.plot(
                    epochs, [line[name]["camp_f1"] for line in lines], marker="o", label=f"{run.name} {name}"
                )
    for axes, title in ((left, "loss"), (right, "camp F1")):
        axes.set(title=title, xlabel="epoch")
        if axes.lines:
            axes.legend()
    figure.savefig(file, metadata={"Date": None})
