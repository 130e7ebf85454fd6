"""The words that full-text search goes by: of a text, and of what is looked for.

Of each text the index keeps a *set of words*: every dictionary word that stands anywhere in it
(jieba's full mode: 发展中国家 gives 发展, 中国, 国家 and itself), every single character, and every
run of letters and digits. A term that is typed is cut into words too; each of them must be in the
set, since whatever jieba makes of a piece of text it also finds in the whole. So nothing is missed,
however differently the two were cut.
"""

import re
from functools import cache
from typing import TYPE_CHECKING

from lichang.script import normalize_width, simplify

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
    """The set of words to index for a folded text, parted by spaces.

    >>> index_words(fold("上瘾派与H20"))
    '上 瘾 派 与 上瘾 h20'
    """
    runs = _RUN.findall(folded)
    chinese = [run for run in runs if run[0] > "z"]
    words = dict.fromkeys("".join(chinese))
    # One call for all runs: the blanks keep it from finding words across them.
    words.update(dict.fromkeys(_segmenter().cut_all(" ".join(chinese))))
    words.pop(" ", None)
    words.update(dict.fromkeys(run for run in runs if run[0] <= "z"))
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
