"""Regenerate ``tests/cases/copies.json``: labelled pairs of texts, copies and no copies, from corpora/camps.

    pip install opencc
    python tools/build_copies.py

A copy is made as desks and content farms make them: cut, retitled, framed by other bylines and notices,
converted to the other script with its vocabulary, retyped. What is no copy is the hardest that the corpus
has (the most alike of different articles), and what it has not: articles that quote a passage of another,
that share an outlet's notices, or that fill the same form with other numbers.
"""

import json
import random
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from pathlib import Path

import opencc

from lichang import copies
from lichang.corpus import read_corpus

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "tests" / "cases" / "copies.json"
EACH = 18  # copies of each kind
ALIKE = 150  # pairs of different articles

TO_TAIWAN = opencc.OpenCC("s2twp")
TO_MAINLAND = opencc.OpenCC("tw2sp")
NAMES = {
    "英偉達": "輝達",
    "黃仁勳": "黃仁勳",
    "特朗普": "川普",
    "人工智能": "人工智慧",
    "盧特尼克": "盧特尼克",
}

BYLINES = (
    "本报综合消息",
    "（记者 周明 北京报道）",
    "来源：环球财经观察  编辑：小满",
    "以下文章转载自网络，如有侵权请联系删除。",
)
NOTICES = (
    "责任编辑：刘洋 审核：王芳\n免责声明：本文观点仅代表作者本人，不构成投资建议。",
    "（本文为转载内容，版权归原作者所有。）\n点击关注我们，获取更多深度内容",
    "声明：本网登载此文出于传递更多信息之目的，并不意味着赞同其观点或证实其描述。文章内容仅供参考。",
)
TITLES = ("刚刚，重磅消息传来！", "深度：芯片博弈背后的真相", "怎么看？看完这篇就懂了", "突发！美方最新动向")
FORMS = (
    "国家统计局今天发布数据显示，{m}月份，全国居民消费价格同比上涨{a}%，环比上涨{b}%。其中，城市上涨{c}%，农村上涨{d}%；"
    "食品价格上涨{e}%，非食品价格上涨{f}%；消费品价格上涨{g}%，服务价格上涨{h}%。扣除食品和能源价格的核心居民消费价格同比上涨{i}%。",
    "截至{m}月{n}日收盘，沪指涨{a}%，报{p}点，深成指涨{b}%，创业板指涨{c}%。两市成交额{q}亿元，较上一交易日放量{r}亿元。"
    "盘面上，半导体板块领涨，涨幅为{d}%；银行板块下跌{e}%。北向资金净流入{s}亿元。个股方面，两市{t}只个股上涨。",
    "为维护银行体系流动性合理充裕，{m}月{n}日人民银行以固定利率、数量招标方式开展了{q}亿元7天期逆回购操作，操作利率1.40%，投标量与中标量均为{q}亿元。"
    "鉴于当日有{r}亿元逆回购到期，公开市场实现净投放{s}亿元。业内人士认为，央行此举意在平抑资金面波动，呵护市场流动性，预计后续仍将灵活运用多种工具。",
)


def lines_of(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def cut(text: str, head: float, tail: float) -> str:
    """The text without so much of its beginning and end, cut at the ends of sentences."""
    pieces = text.replace("。", "。\0").split("\0")
    kept, place = [], 0
    for piece in pieces:
        middle = (place + len(piece) / 2) / len(text)
        if head <= middle <= 1 - tail:
            kept.append(piece)
        place += len(piece)
    return "".join(kept)


def convert(text: str, script: str) -> str:
    """The text in the other script, with the words of its region."""
    if script == "hant":
        return TO_MAINLAND.convert(text)
    converted = TO_TAIWAN.convert(text)
    for name, other in NAMES.items():
        converted = converted.replace(name, other)
    return converted.replace("“", "「").replace("”", "」")


def frame(text: str, dice: random.Random) -> str:
    return f"{dice.choice(TITLES)}\n{dice.choice(BYLINES)}\n{text}\n{dice.choice(NOTICES)}"


def retitle(text: str, dice: random.Random) -> str:
    return "\n".join([dice.choice(TITLES), *lines_of(text)[1:]])


def retype(text: str, dice: random.Random) -> str:
    """Other punctuation, widths and blanks, and one character in sixty mistyped."""
    marks = {"，": ",", "：": ":", "“": '"', "”": '"', "；": ";", "%": "％", "、": "，"}
    typed = (marks.get(c, c) if dice.random() > 1 / 60 else dice.choice("的是在了") for c in text)
    return "　　" + "".join(typed).replace("\n", "\n\n　　")


def drop_middle(text: str, dice: random.Random) -> str:
    lines = lines_of(text)
    dropped = set(dice.sample(range(1, len(lines)), max(1, len(lines) // 4)))
    return "\n".join(line for number, line in enumerate(lines) if number not in dropped)


def reorder(text: str, dice: random.Random) -> str:
    lines = lines_of(text)
    body = lines[1:]
    dice.shuffle(body)
    return "\n".join([lines[0], *body])


def comment_on(text: str, other: str) -> str:
    """The text after some words of one's own, here a fifth of another article."""
    return cut(other, 0, 0.8) + "\n以下是原文：\n" + text


KINDS: dict[str, Callable[[str, str, str, random.Random], str]] = {
    "cut head": lambda text, _s, _o, dice: cut(text, dice.uniform(0.1, 0.4), 0),
    "cut tail": lambda text, _s, _o, dice: cut(text, 0, dice.uniform(0.1, 0.4)),
    "cut head and tail": lambda text, _s, _o, dice: cut(text, *(dice.uniform(0.05, 0.22) for _ in "ht")),
    "half kept": lambda text, _s, _o, dice: cut(text, *(dice.uniform(0.2, 0.25) for _ in "ht")),
    "changed title": lambda text, _s, _o, dice: retitle(text, dice),
    "framed": lambda text, _s, _o, dice: frame(text, dice),
    "other script": lambda text, script, _o, _d: convert(text, script),
    "other script, cut": lambda text, script, _o, dice: cut(convert(text, script), 0, dice.uniform(0.1, 0.3)),
    "other script, framed": lambda text, script, _o, dice: convert(frame(text, dice), script),
    "other script, cut, framed": lambda text, script, _o, dice: convert(
        frame(cut(text, *(dice.uniform(0.05, 0.15) for _ in "ht")), dice), script
    ),
    "retyped": lambda text, _s, _o, dice: retype(text, dice),
    "paragraphs dropped": lambda text, _s, _o, dice: drop_middle(text, dice),
    "paragraphs reordered": lambda text, _s, _o, dice: reorder(text, dice),
    "with a preface": lambda text, _s, other, _d: comment_on(text, other),
}


def make_copies(texts: dict[str, tuple[str, str]]) -> Iterator[dict[str, object]]:
    dice = random.Random(5)
    ids = sorted(texts)
    for label, change in KINDS.items():
        for number, id_ in enumerate(dice.sample(ids, EACH)):
            text, script = texts[id_]
            other = texts[dice.choice(ids)][0]
            yield {
                "label": label,
                "copy": True,
                "half": ("choose", "measure")[number % 2],
                "a": id_,
                "b": change(text, script, other, dice),
            }


def find_alike(texts: dict[str, tuple[str, str]]) -> Iterator[dict[str, object]]:
    """The most similar of different articles, by their two-character words; each article at most thrice."""
    sets = {id_: set(pairwise(folded)) for id_, folded in fold_all(texts)}
    pairs = sorted(
        combinations(sets, 2), key=lambda ab: -len(sets[ab[0]] & sets[ab[1]]) / len(sets[ab[0]] | sets[ab[1]])
    )
    used: dict[str, int] = {}
    number = 0
    for a, b in pairs:
        if max(used.get(a, 0), used.get(b, 0)) < 3:
            used[a], used[b] = used.get(a, 0) + 1, used.get(b, 0) + 1
            yield {"label": "alike", "copy": False, "half": ("choose", "measure")[number % 2], "a": a, "b": b}
            number += 1
        if number == ALIKE:
            return


def fold_all(texts: dict[str, tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for id_, (text, _) in texts.items():
        yield id_, copies.fold(text)


def make_strangers(texts: dict[str, tuple[str, str]]) -> Iterator[dict[str, object]]:
    """Different articles that share a passage, an outlet's notices or a form."""
    dice = random.Random(6)
    ids = sorted(texts)
    for number in range(EACH):
        half = ("choose", "measure")[number % 2]
        a, b = dice.sample(ids, 2)
        start = dice.uniform(0.1, 0.6)
        passage = cut(texts[a][0], start, 0.7 - start)
        quoting = f"{cut(texts[b][0], 0, 0.4)}\n{passage}\n{cut(texts[b][0], 0.6, 0)}"
        yield {"label": "quotes a passage", "copy": False, "half": half, "a": a, "b": quoting}
        notices = "\n".join(NOTICES)
        yield {
            "label": "same notices",
            "copy": False,
            "half": half,
            "a": cut(texts[a][0], 0, 0.5) + "\n" + notices,
            "b": cut(texts[b][0], 0, 0.5) + "\n" + notices,
        }
        form = FORMS[number // 2 % len(FORMS)]
        yield {
            "label": "same form",
            "copy": False,
            "half": half,
            "a": fill(form, dice),
            "b": fill(form, dice),
        }


def fill(form: str, dice: random.Random) -> str:
    small = {name: f"{dice.uniform(0.1, 4):.1f}" for name in "abcdefghi"}
    large = {name: str(dice.randint(100, 20000)) for name in "pqrst"}
    return form.format(**small, **large, m=dice.randint(1, 12), n=dice.randint(1, 28))


def main() -> None:
    gold = read_corpus(ROOT / "corpora" / "camps", "train")
    texts = {one.article.id: (one.article.text, one.article.script) for one in gold}
    rows = [*make_copies(texts), *find_alike(texts), *make_strangers(texts)]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    TARGET.write_text(f"[\n{lines}\n]\n", "utf-8")


if __name__ == "__main__":
    main()
