"""What people changed in an export: the differences between two versions of a record, field by field."""

from collections.abc import Iterator
from typing import Any

import msgspec

from lichang.errors import SourceError
from lichang.records import Claim, Record

_FIELDS = ("camp", "attitude", "kind", "holder", "cue", "quote")


class Change(msgspec.Struct, frozen=True):
    """One correction of one claim."""

    record: str  # Record.id
    claim: str  # Claim.id
    field: str  # that was mended, or span, add, remove
    old: Any  # as in JSON; None for add
    new: Any  # None for remove


def compare(record: Record, corrected: Record) -> Iterator[Change]:
    """What has to be done to a record's claims to make them those of its corrected version, in order of place.

    Raises SourceError if the two are not versions of one article.
    """
    if (record.id, record.text) != (corrected.id, corrected.text):
        raise SourceError(
            f"{corrected.id}: its text is not that of the record; corrections leave the text as it is"
        )
    before = {claim.id: claim for claim in record.claims}
    after = {claim.id: claim for claim in corrected.claims}
    for id_, claim in before.items():
        if id_ not in after:
            yield Change(record.id, id_, "remove", msgspec.to_builtins(claim), None)
        else:
            yield from _compare(record.id, claim, after[id_])
    for id_, claim in after.items():
        if id_ not in before:
            yield Change(record.id, id_, "add", None, msgspec.to_builtins(claim))


def _compare(record: str, old: Claim, new: Claim) -> Iterator[Change]:
    if (old.start, old.end) != (new.start, new.end):
        yield Change(record, old.id, "span", [old.start, old.end], [new.start, new.end])
    for field in _FIELDS:
        was, is_ = getattr(old, field), getattr(new, field)
        if was != is_:
            yield Change(record, old.id, field, was, is_)
