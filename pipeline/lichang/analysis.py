"""The whole flow: Article → Units → Tags → Claims, Figures → Record."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress, islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace

from lichang import __version__, figures, lexicon, script
from lichang.claims import find_claims
from lichang.clauses import rejoin
from lichang.clean import clean_line, clean_text
from lichang.errors import SourceError
from lichang.ingest.published import parse_date
from lichang.ingest.rows import DEFAULT_FIELDS, Row, make_article, text_digest
from lichang.records import Article, Claim, Figure, Provenance, Record, Unit
from lichang.segment import segment
from lichang.tagging import TAGGERS, Batch, Tag, Tagger, check_name, features, join_tags
from lichang.tagging.folder import Folder, models_dir
from lichang.tagging.gate import Gate
from lichang.tagging.linear import LinearTagger
from lichang.tagging.verdict import Verdict, without_camp

# The probability of being relevant, by n-grams, up to which the slower taggers don't read an article.
HOPELESS = 0.02


class Analyzer:
    """A loaded pipeline. Call it with one text, or `pipe` many articles through it."""

    def __init__(self, linear: LinearTagger, gate: Gate, verdict: Verdict, tagger: Tagger) -> None:
        """`linear` reads everything, `tagger` what may be relevant; they may be the same."""
        self.linear, self.gate, self.verdict, self.tagger = linear, gate, verdict, tagger
        segmenter = gate.segmenter
        # Gate and verdict come with the linear weights, whichever tagger reads the units.
        version = tagger.version if linear.version in tagger.version else f"{linear.version}+{tagger.version}"
        self.provenance = Provenance(
            lichang=__version__,
            tagger=f"{tagger.name}@{version}",
            segmenter=f"{segmenter.name} {segmenter.version}",
            lexicon=lexicon.version(),
        )

    def __call__(
        self,
        text: str,
        *,
        id: str | None = None,
        title: str | None = None,
        source: str | None = None,
        published: str | None = None,
    ) -> Record:
        """The record of one text. `published` is a date in any common form; ValueError if it is none."""
        cleaned = clean_text(text)
        article = Article(
            id=id or text_digest(cleaned),
            text=cleaned,
            title=clean_line(title) if title else None,
            source=clean_line(source) if source else None,
            published=parse_date(published),
            script=script.detect(cleaned),
        )
        return self._analyze([article])[0]

    def pipe(
        self, articles: Iterable[Article | Mapping[str, Any]], *, batch_size: int = 64
    ) -> Iterator[Record]:
        """One record an article, in order. A dict has the keys id, title, source, published and text.

        Raises SourceError for a dict that cannot be an article; `lichang.read` turns such away instead.
        """
        stream = map(_as_article, articles)
        while batch := list(islice(stream, batch_size)):
            yield from self._analyze(batch)

    def _analyze(self, articles: Sequence[Article]) -> list[Record]:
        batch = [(article, segment(article.text, title=article.title)) for article in articles]
        odds = self.odds(articles)
        tagged = self.tags(batch, odds)
        return [
            self._record(article, units, tags, logit)
            for (article, units), tags, logit in zip(batch, tagged, odds, strict=True)
        ]

    def odds(self, articles: Sequence[Article]) -> list[float]:
        """Log odds of each article that it is about the debate, by the gate alone."""
        return [
            float(logit) for logit in self.gate.logits([features.plain(article.text) for article in articles])
        ]

    def tags(self, batch: Batch, odds: Sequence[float]) -> list[list[Tag]]:
        """Tags by `linear`, and by `tagger` in their place where they leave a hope that the article is relevant."""
        counted = self.linear.probabilities(batch)
        tags = self.linear.tag(batch, counted)
        if self.tagger is self.linear:
            return tags
        hopeful = [
            self.verdict(logit, units, own)[0] > HOPELESS
            for logit, (_, units), own in zip(odds, batch, tags, strict=True)
        ]
        of_units = np.repeat(hopeful, [len(units) for _, units in batch])
        rows = {head: found[of_units] for head, found in counted.items()}
        careful = iter(self.tagger.tag(list(compress(batch, hopeful)), rows))
        return [next(careful) if hope else own for hope, own in zip(hopeful, tags, strict=True)]

    def _record(
        self, article: Article, units: Sequence[Unit], tags: Sequence[Tag], gate_logit: float
    ) -> Record:
        relevant, balance = self.verdict(gate_logit, units, tags)
        if relevant <= 0.5:
            tags = [without_camp(tag, relevant) for tag in tags]
        units, tags = _rejoin(article.text, units, tags)
        claims = find_claims(article, units, tags)
        found = figures.find(article.text, published=article.published)
        claims, numbered = _link(claims, found)
        return Record(
            id=article.id,
            title=article.title,
            source=article.source,
            published=article.published,
            script=article.script,
            text=article.text,
            relevant=relevant > 0.5,
            balance=balance,
            units=tuple(
                replace(unit, camp=tag.camp, attitude=tag.attitude, scores=tag.scores)
                for unit, tag in zip(units, tags, strict=True)
            ),
            claims=tuple(claims),
            figures=tuple(numbered),
            provenance=self.provenance,
        )


def load(tagger: str = "auto", *, models: str | Path | None = None) -> Analyzer:
    """A pipeline with the tagger of that name; `models` is a folder of model folders, by default our own.

    Raises ModelError for an unknown tagger and for missing or damaged weights.
    """
    check_name(tagger)
    folder = Path(models) if models else models_dir()
    weights = Folder(folder / "camps-linear")
    weights.check_features(features.VERSION)
    model = weights.load_skops()
    linear = LinearTagger(model, weights.version)
    gate = Gate(model["gate"]["idf"], model["gate"]["weights"], model["gate"]["intercept"])
    return Analyzer(linear, gate, Verdict(model["verdict"]), TAGGERS[tagger](folder, linear))


def _rejoin(text: str, units: Sequence[Unit], tags: Sequence[Tag]) -> tuple[list[Unit], list[Tag]]:
    """Units and tags with the clauses put together that turned out to carry the same camp."""
    labels = [(tag.camp, tag.attitude) for tag in tags]
    groups = rejoin(text, [(unit.start, unit.end) for unit in units], labels)
    joined = [replace(units[group[0]], end=units[group[-1]].end) for group in groups]
    return joined, [join_tags([tags[index] for index in group]) for group in groups]


def _link(claims: Sequence[Claim], found: Iterable[Figure]) -> tuple[list[Claim], list[Figure]]:
    """Claims and figures that name each other by id; a figure belongs to the claim that its start lies in."""
    linked: list[Figure] = []
    inside: dict[str, list[str]] = {claim.id: [] for claim in claims}
    ahead = iter(claims)
    claim = next(ahead, None)
    for number, figure in enumerate(found):
        while claim and claim.end <= figure.start:
            claim = next(ahead, None)
        owner = claim.id if claim and claim.start <= figure.start else None
        linked.append(replace(figure, id=f"f{number}", claim=owner))
        if owner:
            inside[owner].append(f"f{number}")
    return [replace(claim, figures=tuple(inside[claim.id])) for claim in claims], linked


def _as_article(found: Article | Mapping[str, Any]) -> Article:
    if isinstance(found, Article):
        return found
    article = make_article(Row("article", "article", None, found), DEFAULT_FIELDS)
    if isinstance(article, Article):
        return article
    raise SourceError(f"{article.where} {article.id or ''}: {article.reason}: {article.detail}")


def write(records: Iterable[Record], path: str | Path) -> None:
    """Write records as JSON lines; raises SourceError where the file cannot be written."""
    encode = msgspec.json.Encoder().encode
    try:
        with open(path, "wb") as stream:
            stream.writelines(encode(record) + b"\n" for record in records)
    except OSError as error:
        raise SourceError(f"{path} cannot be written: {error.strerror}; name another file") from error
