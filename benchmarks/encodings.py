"""How often the encoding of a short passage is told, beside charset-normalizer.

    python benchmarks/encodings.py [FOLDER OF GOLD]

Takes passages of each article at several lengths, writes them in each encoding that can hold them, and
counts how many come back character for character.
"""

import random
import sys
from collections.abc import Callable
from itertools import product

from charset_normalizer import from_bytes

from lichang.ingest import read_articles
from lichang.ingest.encodings import detect_encoding
from lichang.records import Article

LENGTHS = (10, 20, 50, 200)  # characters
ENCODINGS = {
    "hans": ("utf-8", "gb18030", "utf-16-le", "utf-16-be"),
    "hant": ("utf-8", "gb18030", "cp950", "big5hkscs", "utf-16-le", "utf-16-be"),
}


def with_lichang(data: bytes) -> str | None:
    encoding = detect_encoding(data).encoding
    return data.decode(encoding) if encoding else None


def with_charset_normalizer(data: bytes) -> str | None:
    best = from_bytes(data).best()
    return str(best) if best else None


def passages(articles: list[Article], length: int, encoding: str) -> list[tuple[str, bytes]]:
    """A passage of each article that the encoding can hold, the same in each run."""
    place = random.Random(length)
    starts = [place.randrange(max(1, len(article.text) - length)) for article in articles]
    texts = [article.text[start : start + length] for article, start in zip(articles, starts, strict=True)]
    written = [(text, text.encode(encoding, "ignore")) for text in texts]
    return [(text, data) for text, data in written if data.decode(encoding) == text]


def main() -> None:
    folder = sys.argv[1] if len(sys.argv) > 1 else "../shared/train"
    articles = [found for found in read_articles([folder]) if isinstance(found, Article)]
    detectors: list[Callable[[bytes], str | None]] = [with_lichang, with_charset_normalizer]
    print("script  encoding   length  passages  lichang  charset-normalizer")
    for script, length in product(ENCODINGS, LENGTHS):
        chosen = [article for article in articles if article.script == script][:200]
        for encoding in ENCODINGS[script]:
            pairs = passages(chosen, length, encoding)
            right = [sum(detect(data) == text for text, data in pairs) / len(pairs) for detect in detectors]
            print(f"{script:7} {encoding:10} {length:6} {len(pairs):9} {right[0]:8.1%} {right[1]:19.1%}")


if __name__ == "__main__":
    main()
