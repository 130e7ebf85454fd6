"""A store of as many articles as an archive has, made in seconds: a few texts, told apart by title, outlet and date."""

from datetime import date, timedelta

import msgspec
from msgspec.structs import replace

from fake_pipeline import FakeAnalyzer, fake_record
from lichang.records import Article, Figure, Record
from lichang.store.bulk import insert_many
from lichang.store.lease import now
from lichang.store.open import Store
from lichang.store.results import note_provenance, write
from lichang.store.rows import prepare
from lichang.store.schema import documents

CLAIMS = 10  # an article
OUTLETS = ("财新", "观察者", "第一财经", "联合早报", "界面", "澎湃")
_NAMES = ("黄仁勋", "苏姿丰", "张忠谋", "王传福", "任正非", "梁孟松", "尹志尧", "陈大同")
_FIRST_DAY = date(2025, 1, 1)
_CHUNK = 500
_PATTERNS = 40  # texts that are unlike
_KINDS = ("opinion", "fact", "prediction", "proposal")


def article(number: int) -> Article:
    """The article of this number: ten claims, of which two have a camp."""
    name, template = _NAMES[number % len(_NAMES)], number % _PATTERNS
    lines = [
        f"{name}说，依赖会加深到{template + 2}成。",
        f"他说，封锁{template}个月也无效。",
        f"第{template}组的出货量，今年达到{30 + template}万张。",
        *(f"还有人谈到第{template}条供应链，说法是第{line}种。" for line in range(CLAIMS - 3)),
    ]
    published = _FIRST_DAY + timedelta(days=number % 365)
    return Article(
        id=f"m{number}",
        title=f"第{number}篇：算力往哪里去",
        source=OUTLETS[number % len(OUTLETS)],
        published=published.isoformat(),
        text="\n".join(lines),
    )


def record_of(one: Article) -> Record:
    """What the tests' pipeline reads in it, with holders, kinds and what the figures measure."""
    record = fake_record(one, FakeAnalyzer().provenance)
    name = one.text[:3]
    claims = [replace(c, kind=_KINDS[place % 4]) for place, c in enumerate(record.claims)]
    claims[0] = replace(claims[0], holder=name, holder_start=0, holder_end=3)
    owners = {figure: claim.id for claim in claims for figure in claim.figures}
    figures = tuple(_with_subject(figure, owners) for figure in record.figures)
    return replace(record, claims=tuple(claims), figures=figures)


def _with_subject(figure: Figure, owners: dict[str, str]) -> Figure:
    of = "高端芯片出货量" if (figure.low or 0) >= 30 else None
    return replace(figure, claim=owners.get(figure.id), of=of, unit="张" if of else None)


def fill(store: Store, count: int) -> None:
    """Enter that many articles with their records, past all comparing: texts repeat."""
    columns = ("key", "id", "revision", "hash", "outlet", "published", "path", "seen", "head", "text")
    patterns = [record_of(article(number)) for number in range(_PATTERNS)]
    at = now()
    with store.write() as connection:
        made_by = note_provenance(connection, patterns[0].provenance)
        for first in range(0, count, _CHUNK):
            numbered = [(number + 1, article(number)) for number in range(first, min(count, first + _CHUNK))]
            rows = [
                (key, one.id, 1, one.id, one.source, one.published, "archive", at, _head(one), one.text)
                for key, one in numbered
            ]
            insert_many(connection, documents, columns, rows)
            write(connection, [prepare(key, _named(patterns, key, one)) for key, one in numbered], made_by)


def _head(one: Article) -> bytes:
    return msgspec.json.encode(replace(one, text=""))


def _named(patterns: list[Record], key: int, one: Article) -> Record:
    pattern = patterns[(key - 1) % _PATTERNS]
    return replace(pattern, id=one.id, title=one.title, source=one.source, published=one.published)
