"""What `doctor` finds in sound and in damaged installations."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from fake_pipeline import unlike
from lichang.batch.run import ingest
from lichang.doctor import _check_analysis, _check_weights, _check_words, _no_network, _try, examine_store
from lichang.errors import LichangError
from lichang.store.open import open_store
from lichang.tagging.folder import Folder, models_dir
from test_batch import fake


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    rows = [{"id": str(n), "text": f"{unlike(n)}。依赖加深，封锁无效。"} for n in range(3)]
    (folder / "a.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    store = open_store(str(folder / "lichang.db"))
    ingest([str(folder / "a.jsonl")], store, fake())
    store.close()
    return folder / "lichang.db"


@pytest.fixture
def where(sound: Path, tmp_path: Path) -> str:
    return str(shutil.copy(sound, tmp_path))


def spoil(where: str, *statements: str) -> None:
    connection = sqlite3.connect(where)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def failures(where: str) -> list[str]:
    return [finding.what for finding in examine_store(where) if not finding.works]


def test_a_sound_store_passes(where: str) -> None:
    found = list(examine_store(where))
    assert all(finding.works for finding in found)
    assert [finding.what for finding in found] == [
        f"store: {w}" for w in ("file", "ledger", "records", "search")
    ]


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("DELETE FROM documents WHERE id = '1'", "file"),
        ("DELETE FROM records WHERE document = 1", "ledger"),
        ("DELETE FROM ledger WHERE document = 2 AND stage = 'analyze'", "ledger"),
        ("UPDATE records SET body = x'00' WHERE document = 3", "records"),
        ("INSERT INTO passages_fts(passages_fts) VALUES ('delete-all')", "search"),
    ],
)
def test_damage_is_found(where: str, statement: str, check: str) -> None:
    spoil(where, statement)
    assert f"store: {check}" in failures(where)


def test_a_missing_store_is_a_finding(tmp_path: Path) -> None:
    assert failures(str(tmp_path / "none.db")) == ["store"]


def test_the_lexicon_is_whole() -> None:
    assert "terms of lexicon" in _check_words()


def test_spoilt_weights_are_found(tmp_path: Path) -> None:
    Folder(tmp_path).write_config({"weights": "w", "sha256": "0"})
    (tmp_path / "w").write_bytes(b"1")
    assert not _try("weights", lambda: _check_weights(tmp_path)).works


def test_the_network_is_out_of_reach() -> None:
    import socket

    with _no_network(), socket.socket() as connection, pytest.raises(LichangError, match="network"):
        connection.connect(("127.0.0.1", 9))


@pytest.mark.skipif(not (models_dir() / "camps-linear").is_dir(), reason="no model here")
def test_an_analysis_needs_no_network() -> None:
    assert "a sentence gave its claim" in _check_analysis()
