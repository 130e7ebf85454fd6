"""Full-text search that finds every Chinese word, two characters and one included.

Every word of a term must be among an article's words (see `words`); a term of several words is then
looked for as printed, among the few articles that are left. Claims are looked for in the articles that
have the words, by their own text. Letters and digits match as whole runs: ``H20`` does not find H200.
"""

import re

from sqlalchemy import ColumnElement, Select, func, literal_column, select, text

from lichang.store.schema import claim_texts, passages
from lichang.store.words import term_words, terms_of


def matching(query: str, *, sqlite: bool) -> Select[tuple[int]]:
    """Documents that hold every term of the query, as a statement that selects their keys."""
    found = _with_words(query, sqlite=sqlite)
    for term in terms_of(query):
        if term_words(term) != [term]:
            found = found.where(contains(passages.c.folded, term, sqlite=sqlite))
    return found


def matching_claims(query: str, *, sqlite: bool) -> Select[tuple[int]]:
    """Claims whose own text holds every term of the query, as a statement that selects their keys."""
    found = select(claim_texts.c.claim).where(
        *(contains(claim_texts.c.folded, term, sqlite=sqlite) for term in terms_of(query))
    )
    if _words_of(query):
        found = found.where(claim_texts.c.document.in_(_with_words(query, sqlite=sqlite)))
    return found


def contains(column: ColumnElement[str], term: str, *, sqlite: bool) -> ColumnElement[bool]:
    """Does the column hold the term, as it stands and as whole runs of letters and digits?"""
    place: ColumnElement[int] = func.instr(column, term) if sqlite else func.strpos(column, term)
    first, last = (_OTHER if _is_plain(edge) else "" for edge in (term[0], term[-1]))
    if not first and not last:
        return place > 0
    if sqlite:
        as_it_stands = _GLOB_SIGN.sub(r"[\g<0>]", term)
        pattern = f"*{first}{as_it_stands}{last}*"
        return (place > 0) & (" " + column + " ").op("GLOB", is_comparison=True)(pattern)
    return (place > 0) & (" " + column + " ").op("~", is_comparison=True)(first + re.escape(term) + last)


_GLOB_SIGN = re.compile("[*?[]")
_OTHER = "[^0-9a-z]"  # what parts runs in folded text, for GLOB and for regular expressions


def _is_plain(character: str) -> bool:
    return re.fullmatch("[0-9a-z]", character) is not None


def _words_of(query: str) -> list[str]:
    return list(dict.fromkeys(word for term in terms_of(query) for word in term_words(term)))


def _with_words(query: str, *, sqlite: bool) -> Select[tuple[int]]:
    """Documents that have all words of the query among theirs."""
    words, found = _words_of(query), select(passages.c.document)
    if not words:
        return found
    return found.where(_has_words_sqlite(words) if sqlite else _has_words_postgresql(words))


def _has_words_sqlite(words: list[str]) -> ColumnElement[bool]:
    hits = text("SELECT rowid FROM passages_fts WHERE passages_fts MATCH :words").bindparams(
        words=" AND ".join(f'"{word}"' for word in words)
    )
    return passages.c.document.in_(hits.columns(literal_column("rowid")).scalar_subquery())


def _has_words_postgresql(words: list[str]) -> ColumnElement[bool]:
    query = " & ".join(f"'{word}'" for word in words)  # words hold no quotation mark
    vector: ColumnElement[str] = literal_column("passages.vector")
    return vector.op("@@", is_comparison=True)(func.to_tsquery(text("'simple'"), query))
