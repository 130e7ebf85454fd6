"""Whole articles and the records expected of them: python tests/refresh_golden.py writes the records anew.

Read the diff before you commit it: every line that changed is a change in what users get.
"""

from pathlib import Path
from typing import Any

import msgspec

import lichang
from lichang.analysis import Analyzer
from lichang.records import Article, Record

FOLDER = Path(__file__).parent / "golden"
NAMES = sorted(path.name.removesuffix(".article.json") for path in FOLDER.glob("*.article.json"))


def expected(name: str) -> Record:
    """The record as committed."""
    return msgspec.json.decode((FOLDER / f"{name}.record.json").read_bytes(), type=Record)


def regenerated(analyze: Analyzer) -> dict[str, Record]:
    """The records that the pipeline gives, by name; articles are read as a user's are."""
    found = lichang.read([str(FOLDER / f"{name}.article.json") for name in NAMES])
    articles = [article for article in found if isinstance(article, Article)]
    return dict(zip(NAMES, analyze.pipe(articles), strict=True))


def layout(record: Record) -> str:
    """JSON with one unit, claim or figure a line, so that a diff names what changed."""
    fields = (f'"{name}": {_value(value)}' for name, value in msgspec.structs.asdict(record).items())
    return "{\n" + ",\n".join(fields) + "\n}\n"


def _value(value: Any) -> str:
    if isinstance(value, tuple) and value:
        return "[\n  " + ",\n  ".join(map(_line, value)) + "\n]"
    return _line(value)


def _line(value: Any) -> str:
    return msgspec.json.encode(value).decode()


if __name__ == "__main__":
    for name, record in regenerated(lichang.load("linear")).items():
        (FOLDER / f"{name}.record.json").write_text(layout(record), "utf-8")
