"""What goes to a worker and comes back: articles out, rows in.

Workers make rows of the records, which is most of the work of storing them, so that the one process
that writes only has to hand them to the database.
"""

import zlib
from typing import Any

import msgspec

from lichang.records import Article, Claim, Figure, Record
from lichang.store.words import fold, index_words

CLAIM_COLUMNS = (
    "document", "id", "start", "end", "kind", "camp", "attitude", "holder", "quote", "certainty",
    "outlet", "published",
)  # fmt: skip
FIGURE_COLUMNS = (
    "document", "id", "claim", "start", "end", "kind", "low", "high", "value", "unit", "bound", "of",
)  # fmt: skip
ClaimRow = tuple[Any, ...]
FigureRow = tuple[Any, ...]


class Waiting(msgspec.Struct, frozen=True):
    """An article that is to be analysed."""

    key: int  # documents.key
    article: Article
    tries: int = 0  # that ended without a result


class Failure(msgspec.Struct, frozen=True):
    """A try at a document that ended without a record."""

    document: int
    reason: str  # a stable word: error, crash, timeout
    detail: str  # a sentence for a person


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A record as rows."""

    document: int
    relevant: bool
    balance: str
    body: bytes  # the record's JSON, deflated
    claims: list[ClaimRow]  # values of CLAIM_COLUMNS
    figures: list[FigureRow]  # values of FIGURE_COLUMNS
    folded: str
    words: str


def prepare(document: int, record: Record) -> Prepared:
    """Turn a record into the rows that the store keeps of it."""
    folded = fold(record.text)
    return Prepared(
        document=document,
        relevant=record.relevant,
        balance=record.balance,
        # Level 1 halves the time of the default and costs a tenth more room.
        body=zlib.compress(msgspec.json.encode(record), 1),
        claims=[_claim_row(document, claim, record) for claim in record.claims],
        figures=[figure_row(document, figure) for figure in record.figures],
        folded=folded,
        words=index_words(folded),
    )


def decode(body: bytes) -> Record:
    """The record that a records.body holds."""
    return msgspec.json.decode(zlib.decompress(body), type=Record)


def _claim_row(document: int, claim: Claim, record: Record) -> ClaimRow:
    return (
        document,
        claim.id,
        claim.start,
        claim.end,
        claim.kind,
        claim.camp,
        claim.attitude,
        claim.holder,
        claim.quote,
        record.units[claim.unit].scores.get(claim.camp, 1.0),
        record.source,
        record.published,
    )


def figure_row(document: int, figure: Figure) -> FigureRow:
    """The values of FIGURE_COLUMNS."""
    return (
        document,
        figure.id,
        figure.claim,
        figure.start,
        figure.end,
        figure.kind,
        figure.low,
        figure.high,
        figure.value,
        figure.unit,
        figure.bound,
        figure.of,
    )
