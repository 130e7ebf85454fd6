"""Corrected records, read back: what somebody changed in an export becomes decisions."""

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection

from lichang.errors import LichangError, SourceError
from lichang.export.corrections import Change, compare
from lichang.records import Record
from lichang.review.decisions import add, decide
from lichang.store import events as log
from lichang.store.judged import CLAIM_FIELDS
from lichang.store.open import Store
from lichang.store.results import read_record


class Taken(msgspec.Struct):
    """What came of a file of corrections."""

    records: int = 0  # read
    changed: int = 0  # of these, how many had changes
    decisions: int = 0
    problems: list[str] = []  # a sentence for each record that could not be taken


def take_corrections(store: Store, path: str, reviewer: str) -> Taken:
    """Compare the records of a file with the store's and enter the differences as decisions of a reviewer.

    What was decided before is not decided again, so that a file may be taken twice. A record whose
    article the store does not have, or in another text, is a problem. Raises SourceError for a file
    that cannot be read.
    """
    taken = Taken()
    for place, corrected in _read(path):
        taken.records += 1
        try:
            with store.write() as connection:
                made = _take(connection, corrected, reviewer)
        except LichangError as error:
            taken.problems.append(f"{place}: {error}")
            continue
        taken.changed += made > 0
        taken.decisions += made
    return taken


def _read(path: str) -> Iterator[tuple[str, Record]]:
    try:
        with open(path, "rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield f"{path}:{number}", msgspec.json.decode(line, type=Record)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}; name a file of records") from error
    except msgspec.DecodeError as error:
        raise SourceError(f"{path}: not a file of records: {error}; export one as .jsonl first") from error


def _take(connection: Connection, corrected: Record, reviewer: str) -> int:
    """Enter the changes of one record; how many decisions they took."""
    record = read_record(connection, corrected.id)
    key = log.record_key(connection, corrected.id)
    if record is None or key is None:
        raise SourceError(f"the store has no record of {corrected.id}; ingest its article first")
    decided = {(event.item, event.field, repr(event.value)) for event in log.history(connection, key)}
    made = 0
    for change in compare(record, corrected):
        for item, field, value in _decisions(change):
            if field == "add":
                if not _is_added(connection, key, value):
                    made += _add(connection, key, value, reviewer)
            elif (item, field, repr(value)) not in decided:
                after = log.latest(connection, key, item)
                decide(
                    connection,
                    record=key,
                    item=item,
                    reviewer=reviewer,
                    field=field,
                    value=value,
                    after=after,
                )
                made += 1
    return made


def _camp_first(field: str) -> bool:
    """Sorts the camp before all else: without one a claim takes no attitude."""
    return field != "camp"


def _decisions(change: Change) -> Iterator[tuple[str, str, Any]]:
    if change.field == "remove":
        yield change.claim, "verdict", "reject"
    elif change.field == "span":
        yield change.claim, "span", {"start": change.new[0], "end": change.new[1]}
    elif change.field != "attitude" or change.new is not None:  # that it has none goes with the camp
        yield change.claim, change.field, change.new


def _is_added(connection: Connection, key: int, claim: dict[str, Any]) -> bool:
    span = (claim["start"], claim["end"])
    return any(
        event.field == "add" and (event.value["start"], event.value["end"]) == span
        for event in log.history(connection, key)
    )


def _add(connection: Connection, key: int, claim: dict[str, Any], reviewer: str) -> int:
    """Add a claim that the pipeline missed, then all that the corrector said of it."""
    span = {"start": claim["start"], "end": claim["end"]}
    item, event = add(connection, record=key, reviewer=reviewer, what="claim", **span)
    fields = sorted(CLAIM_FIELDS - {"span"}, key=_camp_first)
    said = [(field, claim.get(field)) for field in fields if claim.get(field)]
    for field, value in said:
        event = decide(
            connection, record=key, item=item, reviewer=reviewer, field=field, value=value, after=event.id
        )
    return 1 + len(said)
