"""Figures: text → number, unit, bound, date, subject; cases are data in tests/cases/figures."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lichang.figures import conflicts, find
from lichang.figures.table import CONFLICT_COLUMNS, conflict_rows, rows
from lichang.records import Figure, Provenance, Record
from timing import cpu_seconds

CASES = Path(__file__).parent / "cases" / "figures"
PUBLISHED = "2025-12-10"
CORPUS = Path(__file__).parents[1] / "corpora" / "camps" / "validation.jsonl"


def told(figure: Figure) -> list[Any]:
    """A figure as the cases write it: text, kind, value or low, high and unit, bound unless eq, mod."""
    dated = figure.kind in ("date", "duration")
    value = [figure.value] if dated else [figure.low, figure.high, figure.unit]
    return [
        figure.text,
        figure.kind,
        *(value if figure.kind != "vague" else []),
        *([figure.bound] if figure.bound != "eq" else []),
        *([figure.mod] if figure.mod else []),
    ]


def cases(*names: str) -> list[Any]:
    """The rows of the case files, each with its label for a name."""
    files = [CASES / name for name in names] or [
        p for p in sorted(CASES.glob("*.json")) if p.stem not in LATER
    ]
    found = [(path.stem, row) for path in files for row in json.loads(path.read_text("utf-8"))]
    return [pytest.param(row, id=f"{stem}: {row['label']}: {row['text']}") for stem, row in found]


LATER = ("known_failures", "change")


@pytest.mark.parametrize("case", cases())
def test_case(case: dict[str, Any]) -> None:
    assert [told(figure) for figure in find(case["text"], published=PUBLISHED)] == case["figures"]


@pytest.mark.xfail(strict=True, reason="known failure: a fix announces itself here")
@pytest.mark.parametrize("case", cases("known_failures.json"))
def test_known_failure(case: dict[str, Any]) -> None:
    assert [told(figure) for figure in find(case["text"], published=PUBLISHED)] == case["figures"]


@pytest.mark.parametrize("case", cases("change.json"))
def test_change(case: dict[str, Any]) -> None:
    figures = [f for f in find(case["text"], published=PUBLISHED) if f.kind not in ("date", "duration")]
    assert [[figure.text, figure.change, figure.base] for figure in figures] == case["figures"]


# ------------------------------------------------------------------ values written, values read
SCALES = {"": 1, "万": 10**4, "亿": 10**8, "万亿": 10**12}
DIGITS = "零一二三四五六七八九"


def spelled(number: int) -> str:
    """A whole number below 10**8 in Chinese characters."""
    if number >= 10**4:
        rest = number % 10**4
        zero = "零" if 0 < rest < 1000 else ""
        return spelled(number // 10**4) + "万" + (zero + spelled(rest) if rest else "")
    text, gap = "", False
    for scale, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // scale % 10
        if digit:
            text += ("零" if gap and text else "") + DIGITS[digit] + name
            gap = False
        else:
            gap = True
    return text


@given(st.integers(2, 10**7))
def test_spelled_numbers_are_read_back(number: int) -> None:
    (figure,) = find(f"共{spelled(number)}颗芯片")
    assert (figure.low, figure.high, figure.unit) == (number, number, "颗")


@given(st.integers(1, 10**6), st.integers(0, 3), st.sampled_from(sorted(SCALES)))
def test_decimals_with_a_scale_are_exact(digits: int, places: int, scale: str) -> None:
    printed = f"{digits / 10**places:.{places}f}"
    (figure,) = find(f"营收{printed}{scale}美元")
    assert figure.low == pytest.approx(digits * SCALES[scale] / 10**places, rel=1e-9)
    if digits * SCALES[scale] % 10**places == 0:
        assert figure.low == digits * SCALES[scale] // 10**places
        assert isinstance(figure.low, int)


@given(st.integers(1, 9000), st.integers(1, 900), st.sampled_from(["-", "~", "至", "到", "—"]))
def test_ranges_keep_both_ends(low: int, more: int, join: str) -> None:
    (figure,) = find(f"出货{low}万{join}{low + more}万张")
    assert (figure.low, figure.high, figure.bound) == (low * 10**4, (low + more) * 10**4, "range")


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2190, 1, 1)))
def test_dates_are_read_back(day: date) -> None:
    (figure,) = find(f"{day.year}年{day.month}月{day.day}日发布")
    assert figure.value == day.isoformat()


@settings(deadline=None, max_examples=200)
@given(
    st.text(
        alphabet="零一二两三十百千万亿半几多年月日个张%元成倍到至约近约超过以上.,-~0123456789 H，。第前去今年底 \n",
        max_size=40,
    )
)
def test_any_text_gives_figures_in_order_that_slice_to_their_text(text: str) -> None:
    last = 0
    for figure in find(text, published=PUBLISHED):
        assert text[figure.start : figure.end] == figure.text
        assert last <= figure.start < figure.end
        last = figure.end
        assert figure.low is None or figure.high is None or figure.low <= figure.high
        assert (figure.kind in ("date", "duration", "vague")) == (figure.low is None)


@pytest.mark.parametrize(
    "piece",
    ["1,234,", "5 ", "一", "1", "3-", "三分之", "2025年", "约", "3亿", "7,", "从1到", "第", "百分之", "1:"],
)
def test_hostile_text_takes_linear_time(piece: str) -> None:
    def spent(size: int) -> float:
        text = piece * (size // len(piece))
        return cpu_seconds(lambda: list(find(text)))

    list(find("预热：昇腾出货3万张"))  # dictionary and weights are loaded once
    assert spent(4_000) < 8 * spent(1_000) + 0.005


# ------------------------------------------------------------------ subjects
@pytest.mark.parametrize(
    ("text", "figure", "words"),
    [
        ("H200配备141GB的HBM3E，带宽4.8TB/s。", "141GB", ("H200",)),
        ("H200配备141GB的HBM3E，带宽4.8TB/s。", "4.8TB/s", ("带宽",)),
        ("英伟达去年营收570亿美元，同比增长62%。", "570亿美元", ("英伟达", "营收")),
        ("据测算，昇腾今年出货约50万颗。", "约50万颗", ("昇腾", "出货")),
        ("中国市场规模达500亿美元。", "500亿美元", ("中国", "市场")),
    ],
)
def test_subjects_name_what_is_measured(text: str, figure: str, words: tuple[str, ...]) -> None:
    of = {f.text: f.of or "" for f in find(text, published=PUBLISHED)}[figure]
    assert all(word in of for word in words), of
    assert all(character in text for character in of)


def test_subjects_of_the_validation_articles_hold_their_floor() -> None:
    same = seen = 0
    for line in CORPUS.read_text("utf-8").splitlines():
        row = json.loads(line)
        text = "\n".join("".join(u["text"] for u in p["units"]) for p in row["paragraphs"])
        got = {f.text: f.of or "" for f in find(text, published=row["published"])}
        for gold in (f for p in row["paragraphs"] for u in p["units"] for f in u.get("figures") or ()):
            if gold.get("of") and gold["text"] in got:
                seen += 1
                same += len(set(gold["of"]) & set(got[gold["text"]])) * 2 >= len(set(gold["of"]))
    assert seen > 300
    assert same / seen > 0.75


# ------------------------------------------------------------------ conflicts
def record(name: str, text: str) -> Record:
    """A record of nothing but its figures."""
    return Record(
        id=name, title=None, source=None, published=PUBLISHED, script="hans", text=text,
        relevant=True, balance="neither", units=(), claims=(),
        figures=tuple(find(text, published=PUBLISHED)),
        provenance=Provenance(lichang="", tagger="", segmenter="", lexicon=""),
    )  # fmt: skip


def test_figures_of_one_subject_that_disagree_are_linked() -> None:
    one, other = record("a", "昇腾今年出货10万张。"), record("b", "昇腾今年出货7-8万张。")
    ((subject, *_, first, second),) = [
        (c.subject, c.first.figure.text, c.second.figure.text) for c in conflicts([one, other])
    ]
    assert "昇腾" in subject
    assert (first, second) == ("10万张", "7-8万张")
    assert next(conflict_rows(conflicts([one, other])))[1:] == ("a", "10万张", "b", "7-8万张")
    assert len(CONFLICT_COLUMNS) == 5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("昇腾今年出货10万张。", "昇腾今年出货约10.5万张。"),  # within what 约 allows
        ("昇腾今年出货10万张。", "昇腾今年出货超过9万张。"),
        ("昇腾去年出货10万张。", "昇腾今年出货20万张。"),  # two years
        ("昇腾今年出货10万张。", "昇腾今年营收20亿元。"),  # two kinds
        ("份额增长12%。", "份额下降5%。"),  # two directions
    ],
)
def test_figures_that_can_both_be_right_are_not(one: str, other: str) -> None:
    assert list(conflicts([record("a", one), record("b", other)])) == []


def test_rows_are_plain_text() -> None:
    ((article, at, text, kind, value, unit, bound, of, _),) = rows([record("a", "昇腾出货约50万颗。")])
    assert (article, at, text, kind, value, unit, bound) == (
        "a",
        "4",
        "约50万颗",
        "count",
        "500000",
        "颗",
        "approx",
    )
    assert "昇腾" in of


def test_figures_survive_encoding() -> None:
    for figure in find("去年昇腾出货50万-100万张，约占两成五，2027年底前翻一番。", published=PUBLISHED):
        assert msgspec.json.decode(msgspec.json.encode(figure), type=Figure) == figure
