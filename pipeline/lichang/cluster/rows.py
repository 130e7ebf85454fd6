"""Articles as rows of Arrow tables: what Ray Data hands from node to node."""

from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from itertools import islice
from typing import Any

import msgspec
import pyarrow as pa

from lichang.batch.pool import WorkerError
from lichang.cluster.sources import File, read_file
from lichang.copies import fingerprint
from lichang.ingest import Fields
from lichang.records import Article, Rejection
from lichang.store.documents import content_hash

ARTICLE_ROW = pa.schema(
    [
        (
            "order",
            pa.int64(),
        ),  # of arrival: the number of the file and the place in it; below 0: an earlier run's
        ("key", pa.int64()),  # hash of the id
        ("content", pa.int64()),  # hash of all that an analysis goes by, the id included
        ("minhash", pa.binary()),
        ("date", pa.string()),  # "" without one
        ("outlet", pa.string()),  # "" without one
        ("path", pa.string()),  # the file that it came in
        ("article", pa.binary()),  # msgpack; null for what was turned away
        ("rejection", pa.binary()),  # msgpack; null for an article
    ]
)
COPY_ROW = pa.schema(
    [
        ("of", pa.string()),  # the id of the article that it is a copy of
        ("similarity", pa.float64()),  # Jaccard
        ("id", pa.string()),
        ("outlet", pa.string()),
        ("published", pa.string()),
        ("url", pa.string()),
        ("content", pa.int64()),
        ("order", pa.int64()),
    ]
)
RESULT_ROW = pa.schema([("analyzed", pa.int64()), ("rejections", pa.binary()), ("problem", pa.string())])
_CHUNK = 256  # articles in memory
_FILE = 1 << 32  # places in a file


def rows_of_file(number: int, file: File, fields: Fields) -> Iterator[pa.Table]:
    """All that a file holds, a few hundred rows at a time; the file's number comes first in their order."""
    found = read_file(file, fields)
    start = number * _FILE
    while some := list(islice(found, _CHUNK)):
        rows = [_row(start + place, one, file.where) for place, one in enumerate(some)]
        yield pa.Table.from_pylist(rows, ARTICLE_ROW)
        start += len(some)


def rows_of_articles(articles: Iterable[Article], orders: Iterable[int], path: str = "") -> pa.Table:
    """Articles that did not come from a file of this run."""
    rows = [_row(order, article, path) for order, article in zip(orders, articles, strict=True)]
    return pa.Table.from_pylist(rows, ARTICLE_ROW)


def _row(order: int, found: Article | Rejection, path: str) -> dict[str, Any]:
    if isinstance(found, Rejection):
        return {"order": order, "path": path, "rejection": msgspec.msgpack.encode(found)}
    return {
        "order": order,
        "key": key_of(found.id),
        "content": content_key(content_hash(found)),
        "minhash": fingerprint(found.text).minhash,
        "date": found.published or "",
        "outlet": found.source or "",
        "path": path,
        "article": msgspec.msgpack.encode(found),
    }


def articles_of(table: pa.Table) -> list[Article]:
    """The articles of rows that have one."""
    decode = msgspec.msgpack.Decoder(Article).decode
    return [decode(packed) for packed in table["article"].to_pylist()]


def rejections_of(table: pa.Table) -> list[Rejection]:
    """What was turned away, of rows that say so."""
    decode = msgspec.msgpack.Decoder(Rejection).decode
    return [decode(packed) for packed in table["rejection"].to_pylist() if packed is not None]


def tell(analyze: Callable[[pa.Table], tuple[int, list[Rejection]]], table: pa.Table) -> pa.Table:
    """What came of a table as a `RESULT_ROW`: how many records, and what was given up.

    What keeps a node from working at all is told too instead of raised, since Ray would bury it in traces.
    """
    try:
        analyzed, given_up = analyze(table)
        row = {"analyzed": analyzed, "rejections": msgspec.msgpack.encode(given_up), "problem": None}
    except WorkerError as error:
        row = {"analyzed": 0, "rejections": msgspec.msgpack.encode([]), "problem": str(error)}
    return pa.Table.from_pylist([row], RESULT_ROW)


def key_of(id_: str) -> int:
    """Eight bytes that stand for an id: of ten million, two share them once in 400,000 runs."""
    return int.from_bytes(blake2b(id_.encode(), digest_size=8).digest(), signed=True)


def content_key(content: str) -> int:
    """Eight bytes of a `content_hash`."""
    return int.from_bytes(bytes.fromhex(content[:16]), signed=True)
