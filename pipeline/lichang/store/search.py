"""Full-text search that finds every Chinese word, two characters and one included.

Of each article the index keeps a *set of words*: every dictionary word that stands anywhere in it
(jieba's full mode: 发展中国家 gives 发展, 中国, 国家 and itself), every single character, and every
run of letters and digits. A term that is typed is cut into words too; each of them must be in the
set, since whatever jieba makes of a piece of text it also finds in the whole. So nothing is missed,
however differently the two were cut. A term of several words is then looked for as printed, among
the few articles that are left.

Letters and digits match as whole runs: ``H20`` does not find H200.
"""

import re
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Select, func, literal_column, select, text

from lichang.script import normalize_width, simplify
from lichang.store.schema import passages

if TYPE_CHECKING:
    import rjieba

# The Chinese characters that SQLite's unicode61 tokenizer (Unicode 6.1) takes for letters; terms with
# other ones, or with punctuation, are found by the look at the text itself.
_HAN = "㐀-䶵一-鿌"
_RUN = re.compile(f"[{_HAN}]+|[0-9a-z]+")
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def fold(text: str) -> str:
    """The text in simplified script, half width and lower case, as long as it was.

    >>> fold("輝達Ｈ２００晶片")
    '辉达h200晶片'
    """
    return normalize_width(simplify(text)).translate(_LOWER)


@cache
def _segmenter() -> "rjieba.Jieba":
    import rjieba

    return rjieba.Jieba()  # our own: words that others add to the shared one must not change the index


def index_words(folded: str) -> str:
    """The set of words to index for a folded text, parted by spaces, in order of first appearance.

    >>> index_words(fold("上瘾派与H20"))
    '上 瘾 派 与 上瘾 h20'
    """
    words: dict[str, None] = {}
    for run in _RUN.findall(folded):
        if run[0] <= "z":
            words[run] = None
        else:
            words.update(dict.fromkeys(run))
            words.update(dict.fromkeys(_segmenter().cut_all(run)))
    return " ".join(words)


def term_words(term: str) -> list[str]:
    """The words that a folded term is made of, all of which an article with the term has.

    >>> term_words("出口管制"), term_words("h200，断供"), term_words("！")
    (['出口', '管制'], ['h200', '断', '供'], [])
    """
    words: dict[str, None] = {}
    for run in _RUN.findall(term):
        words.update(dict.fromkeys([run] if run[0] <= "z" else _segmenter().cut(run, False)))
    return list(words)


def terms_of(query: str) -> list[str]:
    """The folded terms of a query: what blanks part.

    >>> terms_of(" 輝達　H20 ")
    ['辉达', 'h20']
    """
    return fold(query).split()


def matching(query: str, *, sqlite: bool) -> Select[tuple[int]]:
    """Documents that hold every term of the query, as a statement that selects their keys."""
    terms = terms_of(query)
    words = list(dict.fromkeys(word for term in terms for word in term_words(term)))
    found = select(passages.c.document)
    if words:
        found = found.where(_has_words_sqlite(words) if sqlite else _has_words_postgresql(words))
    for term in terms:
        if term_words(term) != [term]:
            found = found.where(contains(passages.c.folded, term, sqlite=sqlite))
    return found


def contains(column: ColumnElement[str], term: str, *, sqlite: bool) -> ColumnElement[bool]:
    """Does the column hold the term, as it stands?"""
    place: ColumnElement[int] = func.instr(column, term) if sqlite else func.strpos(column, term)
    return place > 0


def _has_words_sqlite(words: list[str]) -> ColumnElement[bool]:
    hits = text("SELECT rowid FROM passages_fts WHERE passages_fts MATCH :words").bindparams(
        words=" AND ".join(f'"{word}"' for word in words)
    )
    return passages.c.document.in_(hits.columns(literal_column("rowid")).scalar_subquery())


def _has_words_postgresql(words: list[str]) -> ColumnElement[bool]:
    query = " & ".join(f"'{word}'" for word in words)  # words hold no quotation mark
    vector: ColumnElement[str] = literal_column("passages.vector")
    return vector.op("@@", is_comparison=True)(func.to_tsquery(text("'simple'"), query))
