"""Both segmenters give exact offsets for any text, and the same words."""

import logging
import subprocess
import sys
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_texts import train_texts
from lichang import lexicon
from lichang.words import SEGMENTERS, Jieba, RJieba, Segmenter, load

cached = cache(load)
MIXED = st.text(
    st.one_of(st.sampled_from("昇腾H20断供 　\r\n\t😀𠮷.-%#&_“”，。"), st.characters(exclude_categories=[]))
)


@pytest.mark.parametrize("name", SEGMENTERS)
@given(text=MIXED)
@settings(deadline=None)  # the first example pays for loading
def test_words_are_the_text_with_exact_offsets(name: str, text: str) -> None:
    words = cached(name).words(text)
    assert "".join(word for word, _, _ in words) == text
    assert [start for _, start, _ in words] == [0, *(end for _, _, end in words)][: len(words)]
    assert all(text[start:end] == word for word, start, end in words)
    assert cached(name).cut(text) == [word for word, _, _ in words]


@pytest.mark.parametrize("name", SEGMENTERS)
def test_the_lexicon_takes_effect(name: str) -> None:
    words = cached(name).cut("英伟达称，实体清单挡不住昇腾910B，信创市场在涨")
    assert {"英伟达", "实体清单", "昇腾910B", "信创"} <= set(words)
    plain: Segmenter = RJieba(()) if name == "rjieba" else Jieba(())
    assert "实体清单" not in plain.cut("实体清单")
    assert lexicon.check(plain, ["实体清单", "贸易战"]) == ["实体清单"]


def test_unknown_words_are_not_guessed() -> None:
    assert (
        cached("rjieba").cut("记者陆承远") == cached("jieba").cut("记者陆承远") == ["记者", "陆", "承", "远"]
    )


def test_the_two_agree_on_the_training_texts() -> None:
    for text in train_texts()[::10]:
        assert cached("rjieba").cut(text) == cached("jieba").cut(text)


def test_the_callers_jieba_is_left_alone(capfd: pytest.CaptureFixture[str]) -> None:
    import jieba

    level = logging.getLogger("jieba").level
    Jieba()
    assert not jieba.dt.initialized
    assert logging.getLogger("jieba").level == level
    assert capfd.readouterr() == ("", "")


def test_importing_loads_no_library() -> None:
    code = "import sys, lichang.words; assert not {'jieba', 'rjieba'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_segmenter_is_named() -> None:
    with pytest.raises(ValueError, match="'jeba' is not one of rjieba, jieba"):
        load("jeba")


def test_a_segmenter_is_known_by_name_and_version() -> None:
    for name in SEGMENTERS:
        segmenter: Segmenter = cached(name)
        assert segmenter.name == name
        assert segmenter.version[0].isdigit()
