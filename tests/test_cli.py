"""Every verb through the real command, with good input and bad."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from lichang.cli import main

TEXT = "美国商务部宣布收紧对华芯片出口管制，参议员警告：“任何一颗芯片都会变成导弹的眼睛。”"


def run(*arguments: str | Path, **options):
    return CliRunner().invoke(main, list(map(str, arguments)), **options)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A folder with one good article and every kind of bad input."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "good.txt").write_text(TEXT, "utf-8")
    (folder / "gb.txt").write_bytes((TEXT * 3).encode("gb18030"))
    (folder / "empty.txt").write_bytes(b"")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 8)
    (folder / "english.txt").write_text("No Chinese here at all, only English.", "utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    rows = [
        json.dumps({"id": "1", "text": TEXT, "published": "2025-12-10"}, ensure_ascii=False),
        "[1, 2]",
        "{broken",
        json.dumps({"id": "2", "body": TEXT}, ensure_ascii=False),
        json.dumps({"id": "3", "text": TEXT, "published": "昨天下午"}, ensure_ascii=False),
        json.dumps({"id": "4", "text": "芯片\ud800管制\x00升级。"}),
    ]
    (folder / "rows.jsonl").write_text("\n".join(rows), "utf-8")
    return folder


def test_every_input_ends_as_a_record_or_a_named_rejection(inbox, tmp_path):
    out, rejects = tmp_path / "records.jsonl", tmp_path / "rejects.jsonl"
    result = run("analyze", inbox, "-o", out, "--rejects", rejects)
    assert result.exit_code == 3
    records = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    turned_away = [json.loads(line) for line in rejects.read_text("utf-8").splitlines()]
    assert [record["id"] for record in records] == ["gb", "good", "1", "4"]
    assert sorted(reject["reason"] for reject in turned_away) == sorted(
        ["empty", "binary", "no-chinese", "unsupported", "not-json", "not-json", "no-text", "bad-date"]
    )
    for reject in turned_away:
        assert reject["where"]
        assert reject["detail"]
    assert "Traceback" not in result.output


def test_workers_give_the_same_records_in_the_same_order(tmp_path):
    source = tmp_path / "many.jsonl"
    rows = [json.dumps({"id": str(n), "text": f"第{n}篇。{TEXT}"}, ensure_ascii=False) for n in range(150)]
    source.write_text("\n".join(rows), "utf-8")
    run("analyze", source, "-o", tmp_path / "one.jsonl")
    command = [sys.executable, "-m", "lichang.cli", "analyze", source, "-o", tmp_path / "two.jsonl"]
    subprocess.run([*command, "--workers", "2"], check=True, capture_output=True)
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()


def test_standard_input_to_standard_output():
    result = run("analyze", "-", input=json.dumps({"id": "x", "text": TEXT}))
    assert result.exit_code == 0
    assert json.loads(result.stdout)["id"] == "x"


def test_columns_by_other_names(tmp_path):
    source = tmp_path / "a.csv"
    source.write_text(f"nr,body\n7,{TEXT}\n", "utf-8")
    result = run("analyze", source, "--id-field", "nr", "--text-field", "body")
    assert json.loads(result.stdout)["id"] == "7"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["analyze", "nowhere"], "nowhere: no such file"),
        (["analyze", __file__], "not a format that lichang reads"),
        (["analyze", "README.md", "-o", "/nowhere/records.jsonl"], "cannot be written"),
        (["analyze", "README.md", "--tagger", "crystal"], "there is no tagger 'crystal'"),
        (["analyze"], "Missing argument"),
        (["evaluate", "nowhere"], "no corpus folder nowhere"),
        (["evaluate", "corpora/camps", "--split", "dev"], "split 'dev'"),
        (["train", "camps", "--start", "models/camps-encoder"], "add --tagger encoder"),
    ],
)
def test_wrong_usage_gives_one_clear_line(arguments, message):
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_missing_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "torch", None)
    result = run("train", "base", "--out", tmp_path)
    assert result.exit_code == 2
    assert "pip install 'lichang[train]'" in result.stderr


def test_show_prints_camps_claims_and_figures(sample):
    result = run("show", sample)
    assert result.exit_code == 0
    assert "[依赖·主张]" in result.output
    assert "罗兰·贺维特" in result.output
    assert "600,000..700,000" in result.output


def test_figures_are_listed_by_tabs_when_piped(sample):
    lines = run("figures", sample).output.splitlines()
    header, rows = lines[0].split("\t"), [line.split("\t") for line in lines[1:]]
    found = {row[header.index("text")]: dict(zip(header, row, strict=True)) for row in rows}
    assert found["42亿美元"]["value"] == "4200000000"
    assert found["200万张以上"]["bound"] == "ge"


def test_figures_in_conflict_are_paired(tmp_path):
    (tmp_path / "a.txt").write_text("寒武纪今年出货量为10万张。", "utf-8")
    (tmp_path / "b.txt").write_text("寒武纪今年出货量为7-8万张。", "utf-8")
    lines = run("figures", "--conflicts", tmp_path).output.splitlines()
    assert len(lines) == 2
    assert {"10万张", "7-8万张"} <= set(lines[1].split("\t"))


def test_schema_is_the_records_schema(analyze, sample):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(run("schema").output)
    record = json.loads(run("analyze", sample).stdout)
    jsonschema.validate(record, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(record | {"balance": "undecided"}, schema)


def test_lexicon_takes_effect():
    result = run("lexicon", "check")
    assert result.exit_code == 0
    assert "come out whole" in result.output


def test_interrupt_leaves_whole_lines(tmp_path):
    source, out = tmp_path / "many.jsonl", tmp_path / "out.jsonl"
    row = json.dumps({"text": TEXT * 40}, ensure_ascii=False)
    source.write_text("\n".join(row.replace("宣布", f"第{n}次宣布") for n in range(20_000)), "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "lichang.cli", "analyze", source, "-o", out, "--tagger", "linear"],
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (out.exists() and out.stat().st_size):
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    lines = out.read_bytes().splitlines(keepends=True)
    assert 0 < len(lines) < 20_000
    assert all(line.endswith(b"\n") and json.loads(line)["id"] for line in lines)
    assert "Traceback" not in errors


def test_full_disk_is_one_line(sample):
    result = run("analyze", sample, "-o", "/dev/full")
    assert result.exit_code == 2
    assert "free some space" in result.stderr


def test_nothing_touches_the_network(sample):
    program = (
        "import socket\n"
        "def refuse(*_): raise OSError('no network')\n"
        "socket.socket.connect = refuse\n"
        f"from lichang.cli import main\nmain(['analyze', {str(sample)!r}], standalone_mode=False)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(found.stdout)["relevant"]


def test_stance_says_for_or_against_what_is_named(tmp_path):
    source, out = tmp_path / "a.txt", tmp_path / "stances.jsonl"
    source.write_text(
        "任何一颗先进芯片都不该卖给中国，它们会喂大解放军的武器，必须从源头封死。\n英伟达股价收涨3.5%。",
        "utf-8",
    )
    result = run("stance", "--target", "放宽对华芯片出口", str(source), "-o", str(out))
    assert result.exit_code == 0
    assert "反对" in result.output
    [found] = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert found["stance"] == "against"
    assert [unit["stance"] for unit in found["units"]] == ["against", "neither"]
    refused = run("stance", "--target", " ", str(source))
    assert refused.exit_code == 2
    assert "the target is empty" in refused.output
