"""`lichang train camps --tagger encoder`: fine-tune the base on annotated articles, window by window.

Every epoch reads each article once, varied anew; a checkpoint and a line of metrics end it, so that a run can
be watched, cut short and resumed. What is kept are the weights averaged over steps.
"""

import copy
import hashlib
import json
import math
import random
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from torch import Tensor

from lichang.corpus import GoldArticle
from lichang.errors import CorpusError
from lichang.records import Article
from lichang.segment import segment
from lichang.tagging.folder import Folder
from lichang.training.base import build
from lichang.training.export import WINDOW, export
from lichang.training.losses import loss_of
from lichang.training.network import Network, parameter_groups
from lichang.training.passages import Passage, passages_of
from lichang.training.passages import irrelevant as unlabelled
from lichang.training.predictions import FLOATS, evaluate, mark_known, temperatures
from lichang.training.recipe import FURTHER, Recipe
from lichang.training.restore import restore
from lichang.training.samples import Sample, batches, sampler_of
from lichang.training.targets import Pair, passage_of
from lichang.training.team import EVERY, Member, team_of

Progress = Callable[[str], None]

SEEN = 64  # windows that show how large activations get


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
    network, groups = Network(base), [passages_of(gold) for gold in corpus]
    trained = sum(p.numel() for p in network.parameters() if p.requires_grad)
    if start:
        progress("reading the corpus, to see what is known already")
        restore(network, start)
        groups = mark_known(network, sampler_of(base), groups)
    source = (groups, out, base, start, irrelevant, pairs, recipe)
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
        articles: Sequence[Sequence[Passage]],
        out: Path,
        base: Path,
        start: Path | None,
        irrelevant: Sequence[Passage],
        pairs: Sequence[Pair],
        recipe: Recipe,
    ) -> None:
        torch.manual_seed(recipe.seed)
        out.mkdir(parents=True, exist_ok=True)
        self.member, self.out, self.recipe, self.irrelevant = member, out, recipe, irrelevant
        self.articles = articles  # the passages of each
        self.pairs = [passage_of(pair) for pair in pairs]
        self.sampler = sampler_of(base)
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
        order = random.Random(f"{self.recipe.seed}/{epoch}").sample(self.articles, len(self.articles))
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


def soup(states: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of the weights of runs that branched from one."""
    return {name: torch.stack([state[name].float() for state in states]).mean(0) for name in states[0]}


def finish(
    runs: Sequence[Path], base: Path, out: Path, *, dev: Sequence[GoldArticle], notes: dict[str, Any]
) -> None:
    """Export the averaged weights of `runs` as the model folder `out`, its probabilities calibrated on `dev`."""
    network = Network(base)
    network.load_state_dict(soup([torch.load(run / "network.pt") for run in runs]))
    sampler = sampler_of(base)
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
