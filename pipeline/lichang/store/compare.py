"""Finding, among all that the store holds, the article that a new one is a copy of.

`lichang.copies` says what a copy is. Here its index is kept in two tables, so that memory does not
grow with the store: the bands of every original, and the hash of its normalised text.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, delete, insert, select

from lichang import copies
from lichang.copies import Fingerprint
from lichang.records import Article
from lichang.store.bulk import among, insert_many
from lichang.store.schema import bands, documents, new_bands, signatures

METHOD = copies.METHOD

# Every so many documents the bands of the new ones join the others, in order: many rows to a page then.
SETTLED = 4096


class Original(msgspec.Struct, frozen=True):
    """The document that another one is a copy of."""

    key: int
    id: str
    similarity: float  # Jaccard; 1.0 for the same text but for script, marks and blanks


class Comparer:
    """Compares a few new articles, in their order, with the store and with one another.

    All of them are entered already; what the index says of them is fetched at once.
    """

    def __init__(
        self, connection: Connection, articles: Sequence[Article], prints: Sequence[Fingerprint]
    ) -> None:
        self._connection = connection
        self._bands = [copies.bands(one.minhash) for one in prints]
        self._prints = prints
        self._articles = articles
        self._exact = self._fetch_exact()
        self._crowds = self._fetch_crowds()
        self._minhashes = self._fetch_minhashes()
        self._signature_rows: list[tuple[int, bytes, bytes]] = []
        self._band_rows: list[tuple[int, int]] = []

    def _fetch_exact(self) -> dict[bytes, int]:
        wanted = select(signatures.c.exact, signatures.c.document).where(
            signatures.c.exact.in_([one.exact for one in self._prints])
        )
        rows = self._connection.execute(wanted.order_by(signatures.c.document.desc()))
        return {row.exact: row.document for row in rows}  # the first one seen comes last and stays

    def _fetch_crowds(self) -> defaultdict[int, list[int]]:
        crowds: defaultdict[int, list[int]] = defaultdict(list)
        wanted = {band for own in self._bands for band in own}
        for table in (bands, new_bands):
            chosen = among(self._connection, table.c.band, wanted)
            # All at once: row by row, the fetching takes longer than the database.
            for band, document in self._connection.execute(select(table).where(chosen)).all():
                crowds[band].append(document)
        return crowds

    def original(self, place: int) -> Original | None:
        """What the article at this place is a copy of: a document of the store or an article before it."""
        article, own = self._articles[place], self._prints[place]
        if (key := self._exact.get(own.exact)) is not None:
            (candidate,) = self._candidates([key])
            if candidate[1] != article.id:  # else it is a revision of itself
                return Original(key, candidate[1], 1.0)
        nearest = self._nearest(place)
        texts = {(key, id_): text for key, id_, text in self._candidates(nearest) if id_ != article.id}
        match = copies.best_match(article.text, texts.items()) if texts else None
        return None if match is None else Original(*match.original, match.similarity)

    def _nearest(self, place: int) -> list[int]:
        """The documents worth a real comparison: most bands in common, and signatures that are alike.

        Of 100,000 articles a dozen share a band with any other by chance; the signatures, of which only
        a few hundred bytes are read, leave hardly one of those.
        """
        nearest = self._most_in_common(place)
        if not nearest:
            return []
        own = np.frombuffer(self._prints[place].minhash, "<u4")
        alike = (np.stack([self._minhashes[key] for key in nearest]) == own).mean(axis=1)
        return [key for key, share in zip(nearest, alike, strict=True) if share >= copies.WORTH_A_LOOK]

    def _most_in_common(self, place: int) -> list[int]:
        shared = Counter(key for band in self._bands[place] for key in self._crowds[band])
        return [key for key, _ in shared.most_common(copies.CANDIDATES)]

    def _fetch_minhashes(self) -> dict[int, npt.NDArray[np.uint32]]:
        keys = {key for place in range(len(self._articles)) for key in self._most_in_common(place)}
        chosen = among(self._connection, signatures.c.document, keys)
        rows = self._connection.execute(
            select(signatures.c.document, signatures.c.minhash).where(chosen)
        ).all()
        return {key: np.frombuffer(minhash, "<u4") for key, minhash in rows}

    def _candidates(self, keys: Sequence[int]) -> list[tuple[int, str, str]]:
        if not keys:
            return []
        columns = (documents.c.key, documents.c.id, documents.c.text)
        rows = self._connection.execute(select(*columns).where(documents.c.key.in_(keys)))
        return [(key, id_, text) for key, id_, text in rows]

    def add(self, place: int, key: int) -> None:
        """The article at this place was entered under this key and is an original."""
        own = self._prints[place]
        self._exact.setdefault(own.exact, key)
        self._minhashes[key] = np.frombuffer(own.minhash, "<u4")
        self._signature_rows.append((key, own.exact, own.minhash))
        for band in self._bands[place]:
            crowd = self._crowds[band]
            if len(crowd) < copies.CROWD:
                crowd.append(key)
                self._band_rows.append((band, key))

    def save(self) -> None:
        """Keep what was added, for those that come later."""
        columns = ("document", "exact", "minhash")
        insert_many(self._connection, signatures, columns, self._signature_rows)
        insert_many(self._connection, new_bands, ("band", "document"), self._band_rows)
        keys = [row[0] for row in self._signature_rows]
        if keys and (keys[0] - 1) // SETTLED != keys[-1] // SETTLED:
            self._settle()

    def _settle(self) -> None:
        """Move the new bands to the others."""
        ordered = select(new_bands).order_by(new_bands.c.band, new_bands.c.document)
        self._connection.execute(insert(bands).from_select(["band", "document"], ordered))
        self._connection.execute(delete(new_bands))
