"""Words with their offsets, by rjieba or jieba, both with the domain lexicon."""

import re
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from typing import Protocol

from lichang import lexicon

Word = tuple[str, int, int]  # the word, start, end

# Neither library guesses at unknown words here (HMM off): they come out character by character, which
# makes the two agree and the camp features no worse (docs/segmenters.md).


class Segmenter(Protocol):
    """Cuts a text into words; together they are the text, blanks and signs included."""

    name: str
    version: str  # of the library

    def cut(self, text: str) -> list[str]:
        """The words in order; ``"".join(cut(text)) == text`` for any text."""
        ...

    def words(self, text: str) -> list[Word]:
        """The words with their spans: ``text[start:end] == word``."""
        ...


class RJieba:
    """jieba's algorithm and dictionary in Rust: about twenty times as fast (docs/segmenters.md).

    >>> RJieba().words("昇腾910B被断供")
    [('昇腾910B', 0, 6), ('被', 6, 7), ('断供', 7, 9)]
    """

    name = "rjieba"

    def __init__(self, terms: Sequence[lexicon.Term] | None = None) -> None:
        import rjieba

        self.version = version("rjieba")
        self._jieba = rjieba.Jieba()
        for term in lexicon.terms() if terms is None else terms:
            self._jieba.add_word(term.word, term.frequency, term.tag)

    def cut(self, text: str) -> list[str]:
        """The words in order."""
        try:
            words: list[str] = self._jieba.cut(text, hmm=False)
        except UnicodeEncodeError:  # a lone surrogate, which Rust has no string for
            words = self._jieba.cut(re.sub("[\ud800-\udfff]", "\ufffd", text), hmm=False)
            return [text[start:end] for _, start, end in _placed(words)]
        return words

    def words(self, text: str) -> list[Word]:
        """The words with their spans."""
        return _placed(self.cut(text))


class Jieba:
    """The reference implementation, on a tokenizer of our own: the caller's jieba stays as it is."""

    name = "jieba"

    def __init__(self, terms: Sequence[lexicon.Term] | None = None) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it may import pkg_resources, which warns that it will go
            import jieba

        self.version = version("jieba")
        self._tokenizer = jieba.Tokenizer()
        # What initialize() does, without its log lines on standard error and without the cache that it
        # shares with whoever may write to the temporary directory; that would save 0.4 s.
        self._tokenizer.FREQ, self._tokenizer.total = self._tokenizer.gen_pfdict(
            self._tokenizer.get_dict_file()
        )
        self._tokenizer.initialized = True
        for term in lexicon.terms() if terms is None else terms:
            self._tokenizer.add_word(term.word, term.frequency, term.tag)

    def cut(self, text: str) -> list[str]:
        """The words in order."""
        words: list[str] = self._tokenizer.lcut(text, HMM=False)
        return words

    def words(self, text: str) -> list[Word]:
        """The words with their spans."""
        return _placed(self.cut(text))


def _placed(words: Sequence[str]) -> list[Word]:
    placed, start = [], 0
    for word in words:
        end = start + len(word)
        placed.append((word, start, end))
        start = end
    return placed


SEGMENTERS: dict[str, Callable[[], Segmenter]] = {"rjieba": RJieba, "jieba": Jieba}


@cache
def load(name: str = "rjieba") -> Segmenter:
    """A segmenter with the domain lexicon, ready to use; one for all who ask, since none changes it.

    Raises ``ValueError`` for an unknown name.
    """
    if name not in SEGMENTERS:
        raise ValueError(f"segmenter {name!r} is not one of {', '.join(SEGMENTERS)}; see docs/segmenters.md")
    return SEGMENTERS[name]()
