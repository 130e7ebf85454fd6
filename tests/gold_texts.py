"""The texts of the training gold, laid out as the scorer does; tests that need them skip without."""

import json
from functools import cache
from pathlib import Path

import pytest

TRAIN = Path(__file__).parents[2] / "shared" / "train"


@cache
def _articles() -> tuple[tuple[str, str], ...]:
    gold = (json.loads(path.read_text("utf-8")) for path in sorted(TRAIN.glob("*.json")))
    return tuple(
        (
            article["script"],
            "\n".join("".join(u["text"] for u in paragraph["units"]) for paragraph in article["paragraphs"]),
        )
        for article in gold
    )


def train_texts(script: str | None = None) -> list[str]:
    """All texts, or those in one script."""
    if not TRAIN.is_dir():
        pytest.skip("../shared/train is not here")
    return [text for printed_in, text in _articles() if script in (None, printed_in)]
