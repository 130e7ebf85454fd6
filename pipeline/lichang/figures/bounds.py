"""Words that bound a number: 约, 超过, 不足 before it; 以上, 左右, 以内 behind it."""

import re
from typing import NamedTuple

from lichang.records import Bound

# What may stand between the bound word and the number: 约为4万, 至少还要三个季度, 约值新台币9亿元, 大于等于3.
_FILLER = r"(?:还要再?等?|还有|再延长|也?要|为|是|有|值|或?等于|少|多|了|再|[ ])?"
_BEFORE = re.compile(
    rf"(?:(?P<ge>超过|超逾|高过|至少|最少|不少于|不低于|不得低于|不小于|不下于|不下|不止|起码|突破|高于|多于|大于|少说|逾|超|≥|>)"
    rf"|(?P<le>(?:没有?|尚?未|不会|不可能)(?:突破|超过|达到|达)|不足|不到|未到|未满|不满|不超过|不得超过|不多于|不高于|至多|最多|低于|少于|小于|不出|不大于|最长|最迟|至迟|≤|<)"
    rf"|(?P<approx>大约|大概|大致|约莫|将近|接近|逼近|差不多|约|近|±)){_FILLER}$"
)
_WINDOW = 12
# 近 and 约 as parts of words: 最近3年 is a duration's own word, 合约12亿 a contract.
_NOT_NEAR = re.compile(
    "(?:[最附临远亲邻靠就晚新相]近|[条合节预纽契制签履租公邀违誓草毁失守解特缔立婚百续盟规]约|高超)$"
)
_AFTER = re.compile(
    r"[ ]?(?:(?P<ge>及以上|或以上|以上|开外|有余|还多|出头|往上|起(?![\u4e00-\u9fff])|起(?=售|跳|卖|租)"
    r"|强(?!烈|大|调|制|化|势|劲|迫|国|行|权|者|度|硬|手))"
    r"|(?P<le>及以下|或以下|以下|以内|之内|不到"
    r"|内(?!存|部|地|容|置|核|蒙|需|外|阁|政|衣|销|测|幕|心|饰|战|卷|嵌|资|网|行|务|在|涵|控|循|构|参|层|贸|镜))"
    r"|(?P<approx>左右|上下(?!文|游|级|班|车|铺|楼|其)|附近|前后))"
)


class Before(NamedTuple):
    """A bound word before a number: where it begins, and what it says."""

    start: int
    bound: Bound


def before(plain: str, start: int) -> Before | None:
    """The bound word that ends at ``start`` of folded text, or None.

    >>> before("产能约为4万", 4)
    Before(start=2, bound='approx')
    >>> before("最近3年", 2) is None
    True
    """
    low = max(0, start - _WINDOW)
    window = plain[low:start]
    match = _BEFORE.search(window)
    if not match:
        return None
    bound: Bound = "ge" if match["ge"] else "le" if match["le"] else "approx"
    word_end = match.end(bound)
    if bound != "le" and _NOT_NEAR.search(window[:word_end]):
        return None
    begin = match.start()
    # 约超过, 预计不超过: an outer word joins the span when it bounds too.
    outer = _BEFORE.search(window[:begin])
    if (
        outer
        and outer.end() == begin
        and outer["approx"]
        and not _NOT_NEAR.search(window[: outer.end("approx")])
    ):
        begin = outer.start()
    return Before(low + begin, bound)


def after(plain: str, end: int) -> tuple[int, Bound] | None:
    """The bound word that begins at ``end``: where it ends and what it says, or None.

    >>> after("三成以上的", 2)
    (4, 'ge')
    >>> after("5GB内存", 3) is None
    True
    """
    match = _AFTER.match(plain, end)
    if not match:
        return None
    bound: Bound = "ge" if match["ge"] else "le" if match["le"] else "approx"
    return match.end(), bound
