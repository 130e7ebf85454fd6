"""The commands on a store: what they say, and how they end."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fake_pipeline import unlike
from lichang.batch.watch import watch
from lichang.cli_store import COMMANDS
from lichang.store.open import open_store
from test_batch import fake

VERBS = {command.name: command for command in COMMANDS}


@pytest.fixture(autouse=True)
def fake_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lichang.batch.pipeline.pipeline_of", lambda tagger: fake())


def call(folder: Path, verb: str | None, *arguments: str) -> Result:
    store = str(folder / "lichang.db")
    return CliRunner().invoke(VERBS[verb], [*arguments, "--store", store], catch_exceptions=False)


def write(folder: Path, *texts: str) -> str:
    path = folder / "a.jsonl"
    rows = [{"id": str(n), "text": f"{unlike(n)}。{text}"} for n, text in enumerate(texts)]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return str(path)


def test_ingest_says_what_it_did(tmp_path: Path) -> None:
    source = write(tmp_path, "依赖加深，封锁无效。", "依赖加深，封锁无效。")
    first = call(tmp_path, "ingest", source)
    assert (first.exit_code, first.stderr) == (0, "2 analysed, 2 new, 0 copies, 0 inputs unchanged\n")
    again = call(tmp_path, "ingest", source)
    assert (again.exit_code, again.stderr) == (0, "0 analysed, 0 new, 0 copies, 1 inputs unchanged\n")


def test_trouble_ends_with_exit_3_and_a_table_of_reasons(tmp_path: Path) -> None:
    source = write(tmp_path, "依赖加深，封锁无效。", "〔坏〕")
    (tmp_path / "b.txt").write_bytes(b"")
    done = call(tmp_path, "ingest", source, str(tmp_path / "b.txt"), "--tries", "1")
    assert done.exit_code == 3
    assert "1 rejected: empty" in done.stderr
    assert "1 in quarantine: error" in done.stderr
    status = call(tmp_path, "status")
    assert status.exit_code == 0
    assert "1 records\n" in status.stdout
    assert "analyze: 1 done, 1 quarantined" in status.stdout
    assert "analyze: error, such as: ValueError: a text that is bad" in status.stdout
    assert call(tmp_path, "retry", "--failed", "--tries", "1").exit_code == 3


def test_status_of_a_missing_store_makes_none(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="no such store"):
        call(tmp_path, "status")
    assert list(tmp_path.iterdir()) == []


def test_watch_reads_what_comes(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    passes: list[int] = []

    def come_and_go(seconds: float) -> None:
        if len(passes) == 2:
            raise KeyboardInterrupt
        (inbox / f"{len(passes)}.txt").write_text(f"{unlike(len(passes))}。依赖加深，封锁无效。", "utf-8")

    store = open_store(str(tmp_path / "lichang.db"))
    with pytest.raises(KeyboardInterrupt):
        watch(
            [str(inbox)],
            store,
            fake(),
            on_pass=lambda report: passes.append(report.analyzed),
            sleep=come_and_go,
        )
    store.close()
    assert passes == [1, 1]
