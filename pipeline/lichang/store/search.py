"""Full-text search that finds every Chinese word, two characters and one included.

Every word of a term must be among an article's words (see `words`); a term of several words is then
looked for as printed, among the few articles that are left. Letters and digits match as whole runs:
``H20`` does not find H200.
"""

from sqlalchemy import ColumnElement, Select, func, literal_column, select, text

from lichang.store.schema import passages
from lichang.store.words import term_words, terms_of


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
