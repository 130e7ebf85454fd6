"""What the documents show is what the program does."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

import lichang
from lichang import records
from lichang.cli import main

ROOT = Path(__file__).parents[1]
DOCUMENTS = ["README.md", "docs/records.md"]


def blocks(document: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / document).read_text("utf-8"), re.M | re.S)


@pytest.fixture(scope="module")
def record(analyze, sample) -> dict[str, Any]:
    [article] = lichang.read([str(sample)])
    return msgspec.to_builtins(next(analyze.pipe([article])))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_shown_json_is_in_the_samples_record(document, record):
    shown = [json.loads(block) for block in blocks(document, "json")]
    assert shown
    every = [*record["units"], *record["claims"], *record["figures"]]
    for block in shown:
        for item in [*block.get("claims", []), *block.get("figures", [])] if "claims" in block else [block]:
            assert any(item.items() <= _hashable(found).items() for found in every), item


def _hashable(item: dict[str, Any]) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in item.items()}


def test_shown_python_runs(capsys):
    for block in blocks("README.md", "python"):
        exec(compile(block, "README.md", "exec"), {})
    assert "1 True" in capsys.readouterr().out


def test_every_field_is_explained():
    text = (ROOT / "docs/records.md").read_text("utf-8")
    for struct in (records.Record, records.Unit, records.Claim, records.Figure, records.Rejection):
        for field in struct.__struct_fields__:
            assert f"`{field}`" in text, f"{struct.__name__}.{field}"


def test_every_verb_of_the_readme_exists():
    verbs = re.findall(r"^lichang (\w+)", (ROOT / "README.md").read_text("utf-8"), re.M)
    assert len(verbs) >= 6
    for verb in verbs:
        assert CliRunner().invoke(main, [verb, "--help"]).exit_code == 0
