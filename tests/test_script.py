"""Scripts: which one is printed, and foldings that keep the length."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gold_texts import train_texts
from lichang.characters import COMMON, SIMPLIFIED, TRADITIONAL
from lichang.script import detect, normalize_width, simplify

ANY_TEXT = (
    st.text(st.characters(), max_size=60)
    | st.text(TRADITIONAL + SIMPLIFIED, max_size=60)
    | st.text("著名隨覆回畫計面瞭明解藉憑由甚麼麽么", max_size=12)
)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("輝達執行長黃仁勳認為", "hant"),
        ("英伟达首席执行官黄仁勋认为", "hans"),
        ("皇后大道中，台北市", "hans"),  # printed alike in both
        ("他引用了「臺積電」：这只是报道里的写法", "hans"),
        ("Nvidia H20", "hans"),
        ("", "hans"),
    ],
)
def test_detects(text: str, script: str) -> None:
    assert detect(text) == script


@pytest.mark.parametrize("script", ["hans", "hant"])
def test_detects_the_script_of_gold(script: str) -> None:
    assert {detect(text) for text in train_texts(script)} == {script}


@pytest.mark.parametrize(
    ("text", "simple"),
    [
        ("裏裡為爲衞衛綫線", "里里为为卫卫线线"),
        ("意味著、隨著、看著", "意味着、随着、看着"),
        ("名著、顯著、著作、著稱", "名著、显著、著作、著称"),
        ("回覆、反覆、答覆、覆蓋、覆核", "回复、反复、答复、覆盖、覆核"),
        ("計畫、規畫、設計畫面", "计划、规划、设计画面"),
        ("瞭解、明瞭、瞭望", "了解、明了、瞭望"),
        ("藉由、藉口、憑藉、慰藉", "借由、借口、凭借、慰藉"),
        ("甚麼、甚至", "什么、甚至"),
        ("吃一群床", "吃一群床"),  # near misses: regional forms of 喫羣牀, and what simplified text prints
        ("昇騰、提升", "昇腾、提升"),
        ("\uf914", "乐"),
        ("禁令２０％", "禁令２０％"),
    ],
)
def test_simplifies(text: str, simple: str) -> None:
    assert simplify(text) == simple


def test_gold_in_simplified_script_stays() -> None:
    changed = [text for text in train_texts("hans") if simplify(text) != text]
    assert len(changed) < 0.02 * len(train_texts("hans"))  # 手塚 may change, 昇腾 may not


@given(ANY_TEXT)
def test_foldings_keep_the_length(text: str) -> None:
    assert len(simplify(text)) == len(normalize_width(text)) == len(text)


@given(ANY_TEXT)
@example("\ufa5f")  # a rare form of 著
def test_simplified_once_is_simplified(text: str) -> None:
    assert simplify(simplify(text)) == simplify(text)


def test_width_folds_letters_and_numbers_only() -> None:
    assert normalize_width("ＡｚＺ０９．％") == "AzZ09.%"
    assert normalize_width("，；：！？（）“”＋－／～　") == "，；：！？（）“”＋－／～　"


def test_tables_are_sound() -> None:
    assert len(TRADITIONAL) == len(SIMPLIFIED) == len(set(TRADITIONAL))
    assert not set(TRADITIONAL) & set(SIMPLIFIED)
    assert len(COMMON) == len(set(COMMON)) == 3000
    assert len(set(COMMON) & set(TRADITIONAL)) < 20


@given(st.text(alphabet=st.sampled_from("輝達著名隨著意味著１２％．abc芯片国國\ud800😀𠀀\n"), max_size=30))
def test_long_texts_are_folded_like_short_ones(text: str) -> None:
    """Long ones go another way, by arrays."""
    long = (text + "\n") * 40
    for work in (simplify, normalize_width):
        assert work(long) == "".join(work(text + "\n") for _ in range(40))
    assert detect(long + "。" * 400) == detect(text)
