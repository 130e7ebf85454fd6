"""As many articles as a measurement needs: the training gold with other names, numbers and order.

    python benchmarks/generated.py 100000 > articles.jsonl

Each is made of sentences of a few articles, shuffled, with the people renamed and the digits changed, and
depends on its number alone. They come as they do to a monitor, in the order of their dates but for a few days.
Every tenth is a repost of an earlier one under another title, cut at the end.
"""

import json
import random
import re
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path

GOLD = Path(__file__).parents[1] / "corpora" / "camps" / "train.jsonl"
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲健红波宇晨"
_OUTLETS = ("财新", "观察者", "第一财经", "联合早报", "界面", "澎湃", "端传媒", "信报")
_FIRST_DAY, _A_DAY = date(2025, 1, 4), 300
_DIGITS = re.compile("[0-9]+")


@cache
def _pool() -> list[tuple[str, list[str], list[str]]]:
    """Title, sentences and short names of each article of the gold (contrast sets are none)."""
    pool = []
    for line in GOLD.read_text("utf-8").splitlines():
        article = json.loads(line)
        body = [p["units"] for p in article["paragraphs"] if p["section"] == "body"]
        sentences = [unit["text"] for units in body for unit in units]
        if article["id"].startswith("t") and len(sentences) > 5:
            holders = {
                u["holder"] for units in body for u in units if u["holder"] and len(u["holder"]) in (2, 3)
            }
            pool.append((article["title"], sentences, sorted(holders - {"作者"})))
    return pool


def article(number: int, copies: float = 0.1) -> dict[str, str]:
    """The article of this number: id, title, source, published, text."""
    if is_copy(number, copies):
        return _repost(number)
    return _original(number)


def is_copy(number: int, copies: float = 0.1) -> bool:
    """Is the article of this number a repost?"""
    return number > 0 and random.Random(number).random() < copies


def _original(number: int) -> dict[str, str]:
    chance = random.Random(f"original {number}")
    sources = chance.sample(_pool(), 4)
    sentences = [s for _, own, _ in sources for s in chance.sample(own, min(len(own), chance.randint(5, 10)))]
    chance.shuffle(sentences)
    names = [name for *_, own in sources for name in own]
    text = _rename("\n".join(_paragraphs(sentences, chance)), names, chance)
    return {
        "id": f"g{number}",
        "title": sources[0][0],
        "source": chance.choice(_OUTLETS),
        "published": _published(number, chance),
        "text": _DIGITS.sub(lambda digits: _change(digits[0], chance), text),
    }


def _published(number: int, chance: random.Random) -> str:
    return str(_FIRST_DAY + timedelta(days=number // _A_DAY - min(3, chance.getrandbits(3))))


def _paragraphs(sentences: list[str], chance: random.Random) -> Iterator[str]:
    while sentences:
        length = chance.randint(2, 5)
        yield "".join(sentences[:length])
        sentences = sentences[length:]


def _rename(text: str, names: list[str], chance: random.Random) -> str:
    for name in names:
        new = chance.choice(_SURNAMES) + "".join(chance.choices(_GIVEN, k=len(name) - 1))
        text = text.replace(name, new)
    return text


def _change(digits: str, chance: random.Random) -> str:
    if len(digits) == 4 and digits.startswith("20"):
        return digits  # years stay years
    return digits[0] + "".join(chance.choices("0123456789", k=len(digits) - 1))


def _repost(number: int) -> dict[str, str]:
    chance = random.Random(f"repost {number}")
    of = chance.randrange(number)
    while is_copy(of):
        of = chance.randrange(number)
    first = _original(of)
    cut = first["text"][: int(len(first["text"]) * chance.uniform(0.8, 1))]
    new = {
        "id": f"g{number}",
        "title": f"转载：{first['title']}",
        "source": "转载网",
        "published": _published(number, chance),
    }
    return {**first, **new, "text": f"【转载】{cut}"}


def write(path: Path, count: int, copies: float = 0.1, first: int = 0) -> None:
    """Write articles from number `first` on as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(first, first + count):
            file.write(json.dumps(article(number, copies), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    for number in range(int(sys.argv[1])):
        print(json.dumps(article(number), ensure_ascii=False))
