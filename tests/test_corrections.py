"""Corrected exports come back as decisions."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from fake_pipeline import unlike
from lichang.errors import SourceError
from lichang.records import Claim, Record
from lichang.review.corrections import take_corrections
from lichang.review.decisions import load
from lichang.store.events import record_key
from lichang.store.open import Store, open_store
from lichang.store.results import read_record
from test_store import article, fill


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(str(tmp_path / "lichang.db"))
    fill(opened, article(1), article(2))
    yield opened
    opened.close()


def exported(store: Store, id_: str = "a1") -> Record:
    with store.read() as connection:
        record = read_record(connection, id_)
    assert record is not None
    return record


def write(tmp_path: Path, *records: Record) -> str:
    path = tmp_path / "corrected.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in records))
    return str(path)


def claims_of(store: Store, id_: str = "a1") -> list[tuple[Claim, str]]:
    with store.read() as connection:
        key = record_key(connection, id_)
        assert key is not None
        return [(one.claim, one.status) for one in load(connection, key).claims]


def test_an_unchanged_export_decides_nothing(store: Store, tmp_path: Path) -> None:
    taken = take_corrections(store, write(tmp_path, exported(store), exported(store, "a2")), "安娜")
    assert (taken.records, taken.changed, taken.decisions, taken.problems) == (2, 0, 0, [])


def test_changes_become_decisions_once(store: Store, tmp_path: Path) -> None:
    record = exported(store)
    mended = replace(
        record.claims[0], camp="containment", attitude="against", start=record.claims[0].start + 1
    )
    path = write(tmp_path, replace(record, claims=(mended,)))
    assert take_corrections(store, path, "安娜").decisions == 3
    ((claim, status),) = claims_of(store)
    assert (claim.camp, claim.attitude, claim.start, status) == (
        "containment",
        "against",
        mended.start,
        "corrected",
    )
    assert take_corrections(store, path, "安娜").decisions == 0
    assert exported(store) == record, "the pipeline's record stays as it was"


def test_a_camp_taken_away_takes_its_attitude_along(store: Store, tmp_path: Path) -> None:
    record = exported(store)
    mended = replace(record.claims[0], camp="neither", attitude=None)
    taken = take_corrections(store, write(tmp_path, replace(record, claims=(mended,))), "安娜")
    assert (taken.decisions, taken.problems) == (1, [])
    assert [(claim.camp, claim.attitude) for claim, _ in claims_of(store)] == [("neither", None)]


def test_removed_claims_are_rejected_and_new_ones_added(store: Store, tmp_path: Path) -> None:
    record = exported(store)
    new = Claim(
        id="x", unit=0, start=0, end=5, kind="fact", holder="黄仁勋", camp="dependency", attitude="for"
    )
    path = write(tmp_path, replace(record, claims=(new,)))
    for decisions in (7, 0):  # one rejects; one adds, and five say what the new one is
        assert take_corrections(store, path, "安娜").decisions == decisions
    found = {
        claim.start: (claim.kind, claim.holder, claim.camp, status) for claim, status in claims_of(store)
    }
    assert found[0] == ("fact", "黄仁勋", "dependency", "corrected")
    assert found[record.claims[0].start][-1] == "rejected"


def test_what_does_not_fit_is_a_problem_and_the_rest_is_taken(store: Store, tmp_path: Path) -> None:
    record = exported(store)
    foreign = replace(record, id="none")
    other_text = replace(exported(store, "a2"), text=unlike(9))
    good = replace(record, claims=(replace(record.claims[0], kind="fact"),))
    taken = take_corrections(store, write(tmp_path, foreign, other_text, good), "安娜")
    assert (taken.decisions, len(taken.problems)) == (1, 2)
    assert "corrected.jsonl:1: the store has no record of none" in taken.problems[0]
    assert "its text is not that of the record" in taken.problems[1]


@pytest.mark.parametrize("content", [b"{}", b"no json", b"\xff"])
def test_a_file_of_something_else_is_named(store: Store, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other.jsonl").write_bytes(content)
    with pytest.raises(SourceError, match="not a file of records"):
        take_corrections(store, str(tmp_path / "other.jsonl"), "安娜")
