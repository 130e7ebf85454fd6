"""The scores that taggers hold on validation: python tests/eval_floors.py

Measures the taggers of eval_floors.json and raises the floors that they surpass. `--tagger NAME` adds one.
A score that fell is refused unless `--lower MEASURE …` names it; that goes in its own commit, with the reason.
"""

import argparse
import sys
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import msgspec

import lichang
from lichang.evaluate import Evaluation, evaluate
from lichang.scoring import Prf

ROOT = Path(__file__).parents[1]
FILE = Path(__file__).with_suffix(".json")
TOLERANCE = 0.005  # how far a score may fall below its floor


class Floors(msgspec.Struct, frozen=True, kw_only=True):
    """What eval_floors.json holds."""

    corpus: str  # folder, from the root of the repository
    split: str
    digest: str  # of the split that the floors were measured on
    floors: dict[str, dict[str, float]]  # by tagger and measure


def read_floors() -> Floors:
    """The floors as committed."""
    return msgspec.json.decode(FILE.read_bytes(), type=Floors)


def measure(held: Floors, tagger: str) -> Evaluation:
    """Evaluate a tagger on the corpus of the floors."""
    return evaluate(ROOT / held.corpus, held.split, lichang.load(tagger))


def measures(evaluation: Evaluation) -> dict[str, float]:
    """The measures, turned so that more is better: rates, and F1 where there is precision and recall."""
    scores = evaluation.scores
    found = msgspec.structs.asdict(scores) | {
        "camp_not_swapped": 1 - scores.camp_swapped / (scores.dependency.n + scores.containment.n),
        "calibration": 1 - evaluation.calibration.error,
        "unit_boundaries": evaluation.boundaries,
    }
    numbers = {name: value.f1 if isinstance(value, Prf) else value for name, value in found.items()}
    return {name: round(value, 4) for name, value in numbers.items() if isinstance(value, float)}


def shortfalls(floors: Mapping[str, float], measured: Mapping[str, float]) -> dict[str, str]:
    """What fell, by measure: more than the tolerance below its floor, or no longer measured."""
    return {
        name: f"{name} is {measured.get(name)}, its floor {floor}"
        for name, floor in floors.items()
        if measured.get(name, -1.0) < floor - TOLERANCE
    }


def raised(
    floors: Mapping[str, float], measured: Mapping[str, float], lower: Collection[str] = ()
) -> dict[str, float]:
    """Floors at the higher of floor and score, and at the score where `lower` names the measure."""
    names = [name for name in {**floors, **measured} if name in measured or name not in lower]
    return {
        name: measured[name] if name in lower else max(floors.get(name, 0.0), measured.get(name, 0.0))
        for name in names
    }


def update(taggers: Iterable[str], lower: Collection[str]) -> list[str]:
    """Measure and rewrite the file, unless a score fell that `lower` does not name; returns what fell so."""
    held = read_floors()
    floors, fallen, digest = dict(held.floors), [], held.digest
    for tagger in dict.fromkeys([*held.floors, *taggers]):
        evaluation = measure(held, tagger)
        old, new = floors.get(tagger, {}), measures(evaluation)
        fallen += [f"{tagger}: {what}" for name, what in shortfalls(old, new).items() if name not in lower]
        floors[tagger], digest = raised(old, new, lower), evaluation.digest
    if not fallen:
        written = msgspec.json.encode(msgspec.structs.replace(held, digest=digest, floors=floors))
        FILE.write_bytes(msgspec.json.format(written) + b"\n")
    return fallen


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tagger", action="append", default=[])
    parser.add_argument("--lower", nargs="+", default=[], metavar="MEASURE")
    options = parser.parse_args()
    fallen = update(options.tagger, options.lower)
    print(*fallen, sep="\n", end="\n" if fallen else "")
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main())
