"""A pipeline for the tests of store and batch: no model, the same record for the same article.

Sentences are units, every unit with a comma is a claim, runs of digits are counts. Some texts make
it fail, as texts do: 〔坏〕 raises, 〔崩〕 kills the process, 〔卡〕 never ends.
"""

import os
import random
import re
import signal
import time
from collections.abc import Iterable, Iterator

from lichang.records import Article, Camp, Claim, Figure, Provenance, Record, Unit


class FakeAnalyzer:
    """What `lichang.load` returns, as far as a batch run uses it."""

    def __init__(self, version: str = "1", seconds_an_article: float = 0) -> None:
        self.provenance = Provenance(lichang="0", tagger=f"fake@{version}", segmenter="none", lexicon="none")
        self._seconds = seconds_an_article

    def pipe(self, articles: Iterable[Article], *, batch_size: int = 64) -> Iterator[Record]:
        for article in articles:
            time.sleep(self._seconds)
            yield self._analyze(article)

    def _analyze(self, article: Article) -> Record:
        if "〔坏〕" in article.text:
            raise ValueError("a text that is bad")
        if "〔崩〕" in article.text:
            os.kill(os.getpid(), signal.SIGKILL)
        if "〔卡〕" in article.text:
            time.sleep(3600)
        return fake_record(article, self.provenance)


def load(version: str = "1", seconds_an_article: float = 0) -> FakeAnalyzer:
    """The fake in place of `lichang.load`."""
    return FakeAnalyzer(version, seconds_an_article)


def broken_load() -> FakeAnalyzer:
    """A pipeline that cannot be loaded."""
    raise FileNotFoundError("models/linear is missing")


def unlike(number: int) -> str:
    """Twenty characters that no other number gives, so that articles are no copies of one another."""
    return "".join(random.Random(number).choices("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥", k=20))


def _camp(sentence: str) -> Camp:
    if "依赖" in sentence:
        return "dependency"
    return "containment" if "封锁" in sentence else "neither"


def fake_record(article: Article, provenance: Provenance) -> Record:
    """The record of an article."""
    units, claims, figures = [], [], []
    for number, sentence in enumerate(re.finditer(r"[^。\n]+。?", article.text)):
        camp = _camp(sentence[0])
        attitude = None if camp == "neither" else "for"
        units.append(
            Unit(start=sentence.start(), end=sentence.end(), section="body", camp=camp, attitude=attitude,
                 scores={"dependency": 0.25, "containment": 0.25, "neither": 0.25, camp: 0.5})
        )  # fmt: skip
        at = sentence.start()
        digits = [
            Figure(id=f"f{len(figures) + n}", start=at + d.start(), end=at + d.end(), text=d[0],
                   kind="count", low=int(d[0]), high=int(d[0]))
            for n, d in enumerate(re.finditer("[0-9]{1,9}", sentence[0]))
        ]  # fmt: skip
        figures += digits
        if "，" in sentence[0]:
            named = sentence[0].find("黄仁勋")
            holder = None if named < 0 else "黄仁勋"
            claims.append(
                Claim(id=f"c{len(claims)}", unit=number, start=at, end=sentence.end(), kind="opinion",
                      holder=holder, holder_start=None if named < 0 else at + named,
                      holder_end=None if named < 0 else at + named + 3, camp=camp, attitude=attitude,
                      figures=tuple(f.id for f in digits))
            )  # fmt: skip
    return Record(
        id=article.id, title=article.title, source=article.source, published=article.published,
        script=article.script, text=article.text, relevant=bool(claims), balance="neither",
        units=tuple(units), claims=tuple(claims), figures=tuple(figures), provenance=provenance,
    )  # fmt: skip
