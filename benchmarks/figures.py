"""Speed of figures.find beside its peers, on the same text, in one run.

python benchmarks/figures.py TEXT.jsonl... [--hostile] [--seconds 5] [--json]

Each line of a file holds an object with a ``text``. Only the peers that are installed run, the others are
named: recognizers-text-suite (ms-recognizers-text-suite on PyPI), jionlp, duckling-chinese. They are no
dependencies of lichang; install them in an environment of their own, together with lichang.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from lichang.figures import find

Reader = Callable[[str], object]
HOSTILE: dict[str, Callable[[int], str]] = {
    "1,234, over and over": lambda size: "1,234," * (size // 6),
    "a digit and blanks": lambda size: "5" + " " * size,
    "nothing but 一": lambda size: "一" * size,
    "nothing but 1": lambda size: "1" * size,
    "亿 after 亿": lambda size: "3亿" * (size // 2),
    "ranges of ranges": lambda size: "3-" * (size // 2),
    "bound words": lambda size: "约" * size + "3元",
    "ranges begun": lambda size: "从1到" * (size // 3),
    "ordinals": lambda size: "第" * size,
    "a column of numbers": lambda size: "7," * (size // 2),
    "percentages begun": lambda size: "百分之" * (size // 3),
    "fractions": lambda size: "三分之" * (size // 3),
    "years": lambda size: "2025年" * (size // 5),
    "one endless sentence": lambda size: "昇腾出货3万张，" * (size // 8),
}


def lichang() -> Reader:
    """Every figure, with what it measures."""
    return lambda text: list(find(text, published="2025-12-10"))


def ms_recognizers() -> Reader:
    """All models of the suite that read numbers, units and times."""
    try:
        import ms_recognizers_suite as suite
    except ImportError:
        import recognizers_suite as suite
    models = [
        suite.recognize_number,
        suite.recognize_percentage,
        suite.recognize_ordinal,
        suite.recognize_currency,
        suite.recognize_dimension,
        suite.recognize_temperature,
        suite.recognize_age,
        suite.recognize_datetime,
    ]
    return lambda text: [_attempt(model, text, suite.Culture.Chinese) for model in models]


def jionlp() -> Reader:
    """Money and times, all that it extracts."""
    from jionlp.algorithm.ner import extract_money, extract_time

    return lambda text: [_attempt(extract_money, text), _attempt(extract_time, text)]


def duckling_chinese() -> Reader:
    """Its dimensions of numbers and times, paragraph by paragraph."""
    import duckling_chinese as duckling_module

    duckling = duckling_module.Duckling()
    dimensions = duckling_module.DucklingDimension
    names = (
        "CURRENCY",
        "FRACTION",
        "MULTIPLE",
        "NUMERAL",
        "ORDINAL",
        "QUANTITY",
        "DISTANCE",
        "AREA",
        "TEMPERATURE",
    )
    targets = {getattr(dimensions, name) for name in (*names, "TIME", "DATE", "DURATION")}
    context, options = duckling.gen_context(), duckling.gen_options(targets=targets)
    return lambda text: [
        _attempt(duckling.analyze, sentence, context, options) for sentence in text.split("\n") if sentence
    ]


def _attempt(read: Callable[..., object], *arguments: object) -> object:
    """What a peer returns; some raise on real text, which costs them nothing here."""
    try:
        return read(*arguments)
    except Exception:
        return None


READERS = {
    "lichang": lichang,
    "ms-recognizers": ms_recognizers,
    "jionlp": jionlp,
    "duckling-chinese": duckling_chinese,
}


def texts(paths: list[Path]) -> list[str]:
    """The texts of JSON Lines files."""
    return [
        json.loads(line)["text"] for path in paths for line in path.read_text("utf-8").splitlines() if line
    ]


def speed(reader: Reader, corpus: list[str], seconds: float) -> float:
    """Characters a second of processor time; the first text is read once beforehand."""
    reader(corpus[0][:500])
    done, start = 0, time.process_time()
    for turn in count():
        reader(corpus[turn % len(corpus)])
        done += len(corpus[turn % len(corpus)])
        if time.process_time() - start >= seconds:
            break
    return done / (time.process_time() - start)


def growth(length: int) -> Iterator[tuple[str, float, float]]:
    """Each hostile input: its name, seconds at ``length`` characters, and how much longer than at half of it."""
    for name, make in HOSTILE.items():
        spent = []
        for size in (length // 2, length):
            start = time.process_time()
            list(find(make(size)))
            spent.append(time.process_time() - start)
        yield name, spent[1], spent[1] / max(spent[0], 1e-9)


def main() -> None:
    """Measure, print a table or JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--hostile", action="store_true")
    parser.add_argument(
        "--size", type=int, default=333_000, help="of hostile input; 333,000 Chinese characters are 1 MB"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result: dict[str, dict[str, object]] = {}
    corpus = texts(options.paths)
    for name, make in READERS.items() if corpus else ():
        try:
            result[name] = {"characters a second": round(speed(make(), corpus, options.seconds))}
        except ImportError as error:
            result[name] = {"missing": str(error)}
    for name, seconds, ratio in growth(options.size) if options.hostile else ():
        result[f"hostile: {name}"] = {"seconds": round(seconds, 2), "times half": round(ratio, 2)}
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
        return
    for name, row in result.items():
        print(f"{name:36}" + "  ".join(f"{key} {value}" for key, value in row.items()))


if __name__ == "__main__":
    main()
