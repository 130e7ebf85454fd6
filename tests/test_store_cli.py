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


def test_export_and_import_go_round(tmp_path: Path) -> None:
    source = write(tmp_path, "依赖加深，封锁无效。", "天气很好，宜出行。")
    call(tmp_path, "ingest", source)
    target = tmp_path / "out.jsonl"
    done = call(tmp_path, "export", "--to", str(target), "--camp", "dependency")
    assert (done.exit_code, done.stderr) == (0, f"1 records to {target}\n")
    (row,) = map(json.loads, target.read_text("utf-8").splitlines())
    row["claims"][0]["camp"] = "containment"
    target.write_text(json.dumps(row), "utf-8")
    done = call(tmp_path, "import", str(target), "--reviewer", "安娜")
    assert (done.exit_code, done.stderr) == (0, "1 decisions on 1 of 1 records\n")
    done = call(tmp_path, "export", "--to", str(target), "--status", "corrected")
    assert done.stderr.startswith("1 records")
    row["claims"][0]["camp"] = "neither"
    row["claims"][0]["attitude"] = None
    target.write_text(json.dumps(row), "utf-8")
    assert call(tmp_path, "import", str(target)).exit_code == 0  # by whoever runs it


def test_explain_tells_where_an_article_came_from(tmp_path: Path) -> None:
    source = write(tmp_path, "依赖加深，封锁无效。")
    call(tmp_path, "ingest", source)
    told = call(tmp_path, "explain", "0").stdout
    assert f"from {source}" in told
    assert "revision 1 analyze: done by" in told


def test_explain_tells_where_a_date_was_found(tmp_path: Path) -> None:
    head = (
        '<meta property="article:published_time" content="2025-12-10T08:00:00+08:00"><title>两派之争</title>'
    )
    page = (
        f"<html><head>{head}</head><body><article><p>{'依赖加深，封锁无效。' * 9}</p></article></body></html>"
    )
    (tmp_path / "page.html").write_text(page, "utf-8")
    call(tmp_path, "ingest", str(tmp_path / "page.html"))
    told = call(tmp_path, "explain", "page").stdout
    assert "published: 2025-12-10 (found in: " in told


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
