"""Lay annotated articles out as corpora/camps: python corpora/build.py ../shared/train ../shared/gold corpora/written

Every key is written in every row, so that `datasets.load_dataset` gives each column one type.
The real article sa-01 is left out: its text is not ours to publish.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "camps"
FIGURE = ("text", "kind", "low", "high", "value", "unit", "bound", "mod", "of")
UNSEEN = ("ra", "rb", "re", "rh", "rq")  # never trained on: more units to measure on than validation has
SPLITS = {
    **dict.fromkeys(UNSEEN, "unseen"),
    **dict.fromkeys("ijklmnopqrtuvwxyz", "train"),
    "sb": "validation",
    "sa": "test",
}  # by the first letters of an id; the first that fits
REAL = {"sa-01"}


def row(article: dict[str, Any]) -> dict[str, Any]:
    """One article with the defaults of the guideline spelt out."""
    keys = ("id", "title", "source", "published", "genre", "script", "relevant", "balance")
    return {key: article.get(key) for key in keys} | {
        "paragraphs": [
            {
                "section": paragraph.get("section", "body"),
                "units": [unit_row(unit) for unit in paragraph["units"]],
            }
            for paragraph in article["paragraphs"]
        ]
    }


def unit_row(unit: dict[str, Any]) -> dict[str, Any]:
    """One unit; figures' numbers are floats, so that 2.5 and 3 share a column."""
    return {
        "text": unit["text"],
        "camp": unit.get("camp", "neither"),
        "attitude": unit.get("attitude"),
        "claim": unit.get("claim", "none"),
        "holder": unit.get("holder"),
        "cue": unit.get("cue"),
        "quote": unit.get("quote", "none"),
        "figures": [
            {
                key: float(f[key]) if key in ("low", "high") and f.get(key) is not None else f.get(key)
                for key in FIGURE
            }
            | {"bound": f.get("bound", "eq")}
            for f in unit.get("figures", [])
        ],
    }


def read(folder: Path) -> Iterator[dict[str, Any]]:
    """The articles of a folder: one a .json file, one a line of a .jsonl file."""
    for path in sorted(folder.glob("*.json*")):
        text = path.read_text("utf-8")
        yield from map(json.loads, text.splitlines() if path.suffix == ".jsonl" else [text])


def main(folders: list[str]) -> None:
    """Write a file a split, sorted by id."""
    splits: dict[str, list[dict[str, Any]]] = {name: [] for name in SPLITS.values()}
    for article in (article for folder in folders for article in read(Path(folder))):
        if article["id"] not in REAL:
            prefix = next(prefix for prefix in SPLITS if article["id"].startswith(prefix))
            splits[SPLITS[prefix]].append(row(article))
    for name, rows in splits.items():
        rows.sort(key=lambda article: article["id"])
        lines = (json.dumps(article, ensure_ascii=False, separators=(",", ":")) + "\n" for article in rows)
        (HERE / f"{name}.jsonl").write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
