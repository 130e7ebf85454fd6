"""What the pages ask the store: the worklist with its counts, articles with their copies and revisions."""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any, Literal, get_args

import msgspec
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    any_,
    func,
    literal,
    select,
)

from lichang.records import Article, Provenance
from lichang.store import events as log
from lichang.store.documents import Copy, article_of, copies_of
from lichang.store.judged import Judged, judge
from lichang.store.listing import Filter, conditions
from lichang.store.results import decode
from lichang.store.schema import claims, documents, provenances, records
from lichang.store.search import matching_claims
from lichang.store.words import terms_of

Order = Literal["worth", "newest", "oldest", "uncertain"]
ORDERS: tuple[Order, ...] = get_args(Order)
PAGE = 40
_MOST_NAMED = 5000  # claims that a search names one by one; more are looked for anew by each statement
_SMALL = ("status", "camp", "attitude", "kind")  # one index holds them all
_WIDE = ("holder", "outlet")
_MOST_VALUES = 12  # shown of a facet with many values
Facets = dict[str, list[tuple[str | None, int]]]


class Worklist(msgspec.Struct, frozen=True, kw_only=True):
    """A page of claims or articles, and what the whole filter holds."""

    rows: tuple[Any, ...]
    total: int  # claims
    in_conflict: int  # of these, with figures in conflict
    more: bool
    facets: Facets


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the worklist is to show."""

    filter: Filter
    order: Order = "worth"
    page: int = 0
    articles: bool = False  # one row an article
    among: frozenset[int] | None = None  # keys of the only claims to show
    disputed: frozenset[int] = frozenset()  # keys of claims with figures in conflict: worth checking


class ClaimRow(msgspec.Struct, frozen=True, kw_only=True):
    """A claim in the worklist."""

    key: int
    document: int
    id: str
    text: str
    title: str | None
    camp: str
    attitude: str | None
    kind: str
    holder: str | None
    outlet: str | None
    published: str | None
    certainty: float
    status: str


class ArticleRow(msgspec.Struct, frozen=True, kw_only=True):
    """An article in the worklist."""

    document: int
    title: str | None
    outlet: str | None
    published: str | None
    claims: int  # that pass the filter
    dependency: int
    containment: int
    least: float  # certainty of the least certain one


def list_work(connection: Connection, wanted: Wanted) -> Worklist:
    """A page of the worklist with the counts beside the filters that have few values."""
    wanted = _look_up_text(connection, wanted)
    facets, total, of_camp = _facets(connection, wanted)
    if wanted.articles:
        rows: Sequence[Any] = _articles(connection, wanted)
    else:
        rows = _claims(connection, wanted, total, of_camp)
    return Worklist(
        rows=tuple(rows[:PAGE]),
        total=total,
        in_conflict=sum(_count_disputed(connection, wanted).values()),
        more=len(rows) > PAGE,
        facets=facets,
    )


def _look_up_text(connection: Connection, wanted: Wanted) -> Wanted:
    """The same with the claims that hold the text named by their keys, where they are not very many.

    So words are looked for once, not once a statement.
    """
    text = wanted.filter.text or ""
    if not terms_of(text):
        return wanted
    holding = matching_claims(text, sqlite=connection.dialect.name == "sqlite").limit(_MOST_NAMED + 1)
    keys = frozenset(connection.scalars(holding))
    if len(keys) > _MOST_NAMED:
        return wanted
    among = keys if wanted.among is None else keys & wanted.among
    return msgspec.structs.replace(wanted, filter=replace(wanted.filter, text=None), among=among)


def _is_among(
    connection: Connection, column: ColumnElement[int], keys: Collection[int]
) -> ColumnElement[bool]:
    """Is the column one of these? As one value: databases take some thousands at most."""
    if connection.dialect.name == "sqlite":
        listed = func.json_each(json.dumps(list(keys))).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(literal(list(keys), ARRAY(BigInteger)))


def _where(connection: Connection, wanted: Wanted, **changed: str | None) -> list[ColumnElement[bool]]:
    found = conditions(connection, replace(wanted.filter, **changed))
    if wanted.among is not None:
        found.append(_is_among(connection, claims.c.key, wanted.among))
    return found


def _scanned(connection: Connection, wanted: Wanted, **changed: str | None) -> list[ColumnElement[bool]]:
    """The same for counts over most rows, which are faster read in order than singly by the index on status."""
    status = changed.get("status", wanted.filter.status)
    found = _where(connection, wanted, **{**changed, "status": None})
    # SQLite takes no index for an expression.
    return found if status is None else [*found, func.coalesce(claims.c.status, "") == status]


def _facets(connection: Connection, wanted: Wanted) -> tuple[Facets, int, int]:
    """The counts beside the filters, the number of claims, and of those that have a camp.

    A facet is counted as if it were not filtered by: that is what a click on another value would give.
    """
    columns = [claims.c[name] for name in _SMALL]
    where = _where(connection, wanted, **dict.fromkeys(_SMALL))
    rows = connection.execute(select(*columns, func.count()).where(*where).group_by(*columns)).all()
    chosen = {name: getattr(wanted.filter, name) for name in _SMALL}
    facets: dict[str, Counter[str | None]] = {name: Counter() for name in _SMALL}
    total = of_camp = 0
    for *values, count in rows:
        differing = [
            n for n, v in zip(_SMALL, values, strict=True) if chosen[n] is not None and v != chosen[n]
        ]
        for name, value in zip(_SMALL, values, strict=True):
            if not differing or differing == [name]:
                facets[name][value] += count
        if not differing:
            total += count
            of_camp += count if values[1] != "neither" else 0
    return {name: counts.most_common() for name, counts in facets.items()}, total, of_camp


def count_wide(connection: Connection, wanted: Wanted) -> Facets:
    """The most frequent holders and outlets, and the latest months; they take longer than the rest."""
    wanted = _look_up_text(connection, wanted)
    counts = {name: _count_wide(connection, wanted, name) for name in _WIDE}
    return {**counts, "months": _count_months(connection, wanted)}


def _count_months(connection: Connection, wanted: Wanted) -> list[tuple[str | None, int]]:
    # Days come counted out of the index; months would have to be sorted first.
    rows = connection.execute(
        select(claims.c.published, func.count())
        .where(*_scanned(connection, wanted, since=None, until=None), claims.c.published.is_not(None))
        .group_by(claims.c.published)
    )
    months: Counter[str | None] = Counter()
    for day, count in rows:
        months[day[:7]] += count
    return sorted(months.items(), reverse=True, key=itemgetter(0))[:_MOST_VALUES]


def _count_wide(connection: Connection, wanted: Wanted, name: str) -> list[tuple[str | None, int]]:
    column = claims.c[name]
    rows = connection.execute(
        select(column, func.count())
        .where(*_scanned(connection, wanted, **{name: None}))
        .group_by(column)
        .order_by(func.count().desc(), column)
        .limit(_MOST_VALUES)
    )
    return [(value, count) for value, count in rows]


_ORDERS = {
    "newest": (claims.c.published.desc().nulls_last(), claims.c.key.desc()),
    "oldest": (claims.c.published.nulls_first(), claims.c.key),
    "uncertain": (claims.c.certainty, claims.c.key),
}


def _claims(connection: Connection, wanted: Wanted, total: int, of_camp: int) -> list[ClaimRow]:
    """A page of claims and one more."""
    offset, where = wanted.page * PAGE, _where(connection, wanted)
    if wanted.order != "worth":
        return _page(connection, where, _ORDERS[wanted.order], offset, PAGE + 1)
    found: list[ClaimRow] = []
    for group, size in _by_worth(connection, wanted, total, of_camp):
        if offset < size:
            rest = PAGE + 1 - len(found)
            found += _page(connection, [*where, *group], _ORDERS["uncertain"], offset, rest)
        offset = max(0, offset - size)
        if len(found) > PAGE:
            break
    return found


def _by_worth(
    connection: Connection, wanted: Wanted, total: int, of_camp: int
) -> list[tuple[list[ColumnElement[bool]], int]]:
    """The groups that are worth checking one after the other, each as a condition with its size.

    Claims of a camp come before others, and in both those with figures in conflict come first.
    """
    camp, other = claims.c.camp != "neither", claims.c.camp == "neither"
    sizes = _count_disputed(connection, wanted)
    if not sizes:
        return [([camp], of_camp), ([other], total - of_camp)]
    disputed = _is_among(connection, claims.c.key, wanted.disputed)
    first, third = sizes.get(True, 0), sizes.get(False, 0)
    return [
        ([camp, disputed], first),
        ([camp, ~disputed], of_camp - first),
        ([other, disputed], third),
        ([other, ~disputed], total - of_camp - third),
    ]


def _count_disputed(connection: Connection, wanted: Wanted) -> dict[bool, int]:
    """How many claims of the filter have figures in conflict, by whether they have a camp."""
    if not wanted.disputed:
        return {}
    camp = claims.c.camp != "neither"
    where = [*_where(connection, wanted), _is_among(connection, claims.c.key, wanted.disputed)]
    counts = connection.execute(select(camp, func.count()).where(*where).group_by(camp))
    return {bool(has_camp): size for has_camp, size in counts}


def first_claims(connection: Connection, wanted: Wanted, limit: int) -> list[ClaimRow]:
    """The first claims of the filter in the order they were entered."""
    wanted = _look_up_text(connection, wanted)
    return _page(connection, _where(connection, wanted), (claims.c.key,), 0, limit)


def _page(
    connection: Connection, where: Sequence[Any], order: Sequence[Any], offset: int, limit: int
) -> list[ClaimRow]:
    names = (
        "key",
        "document",
        "id",
        "camp",
        "attitude",
        "kind",
        "holder",
        "outlet",
        "published",
        "certainty",
        "status",
    )
    # The page's keys first: sorting rows that carry the articles' texts would move megabytes.
    keys = select(claims.c.key).where(*where).order_by(*order).offset(offset).limit(limit)
    text = func.substr(documents.c.text, claims.c.start + 1, claims.c.end - claims.c.start)
    rows = connection.execute(
        select(*(claims.c[name] for name in names), text.label("text"), documents.c.head)
        .join(documents, documents.c.key == claims.c.document)
        .where(claims.c.key.in_(connection.scalars(keys).all()))
        .order_by(*order)
    ).mappings()
    return [ClaimRow(title=_title(row["head"]), **{n: row[n] for n in (*names, "text")}) for row in rows]


class _Head(msgspec.Struct):
    title: str | None = None


_HEADS = msgspec.json.Decoder(_Head)


def _title(head: bytes) -> str | None:
    return _HEADS.decode(head).title


def _articles(connection: Connection, wanted: Wanted) -> list[ArticleRow]:
    """A page of articles and one more, those with most claims of a camp first; a conflict counts as one."""
    dependency = func.sum((claims.c.camp == "dependency").cast(Integer))
    containment = func.sum((claims.c.camp == "containment").cast(Integer))
    # Asked of the document, once an article, not of every claim.
    disputed = _is_among(connection, claims.c.document, _documents_of(connection, wanted.disputed))
    orders = {
        "worth": (dependency + containment + disputed.cast(Integer)).desc(),
        "newest": func.max(claims.c.published).desc().nulls_last(),
        "oldest": func.max(claims.c.published).nulls_first(),
        "uncertain": func.min(claims.c.certainty),
    }
    rows = connection.execute(
        select(claims.c.document, func.count(), dependency, containment, func.min(claims.c.certainty))
        .where(*_scanned(connection, wanted))
        .group_by(claims.c.document)
        .order_by(orders[wanted.order], claims.c.document)
        .offset(wanted.page * PAGE)
        .limit(PAGE + 1)
    ).all()
    columns = (documents.c.key, documents.c.outlet, documents.c.published, documents.c.head)
    wanted_keys = [row[0] for row in rows]
    heads = {
        row.key: row for row in connection.execute(select(*columns).where(documents.c.key.in_(wanted_keys)))
    }
    return [_article_row(heads[row[0]], row) for row in rows]


def _documents_of(connection: Connection, keys: Collection[int]) -> Collection[int]:
    """The documents of these claims."""
    if not keys:
        return ()
    wanted = select(claims.c.document).distinct().where(_is_among(connection, claims.c.key, keys))
    return connection.scalars(wanted).all()


def _article_row(head: Any, row: Sequence[Any]) -> ArticleRow:
    document, count, dependency, containment, least = row
    return ArticleRow(
        document=document,
        title=_title(head.head),
        outlet=head.outlet,
        published=head.published,
        claims=count,
        dependency=dependency,
        containment=containment,
        least=least,
    )


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an article as it came in."""

    document: int
    revision: int
    seen: str


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """An article with its record as people left it, its copies and its revisions."""

    document: int
    record: int  # records.key
    article: Article
    judged: Judged
    is_current: bool  # is this the record that lists are drawn from
    copies: tuple[Copy, ...]
    revisions: tuple[Revision, ...]
    made_by: Provenance


def read_article(connection: Connection, document: int) -> Reading | None:
    """The article of a documents.key with its record; None where there is no such, or no record yet."""
    row = connection.execute(
        select(
            documents, records.c.key.label("record"), records.c.current, records.c.body, provenances.c.body
        )
        .join(records, records.c.document == documents.c.key)
        .join(provenances, provenances.c.hash == records.c.made_by)
        .where(documents.c.key == document)
        .order_by(records.c.current.desc(), records.c.key.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return Reading(
        document=document,
        record=row.record,
        article=article_of(row.head, row.text),
        judged=judge(decode(row[-2]), log.history(connection, row.record)),
        is_current=row.current,
        copies=tuple(copies_of(connection, row.id)),
        revisions=tuple(_revisions(connection, row.id)),
        made_by=msgspec.json.decode(row[-1], type=Provenance),
    )


def _revisions(connection: Connection, article: str) -> list[Revision]:
    rows = connection.execute(
        select(documents.c.key, documents.c.revision, documents.c.seen)
        .where(documents.c.id == article)
        .order_by(documents.c.revision)
    )
    return [Revision(document=key, revision=revision, seen=seen) for key, revision, seen in rows]


def keys_of(connection: Connection, items: Collection[tuple[str, str]]) -> frozenset[int]:
    """The keys of the claims with these pairs of article id and claim id."""
    rows = connection.execute(
        select(documents.c.id, claims.c.id, claims.c.key)
        .join(documents, documents.c.key == claims.c.document)
        .where(documents.c.id.in_({article for article, _ in items}))
    )
    return frozenset(key for article, claim, key in rows if (article, claim) in items)
