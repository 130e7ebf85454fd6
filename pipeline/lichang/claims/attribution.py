"""Attributions: a cue, and the mention that stands as its subject, inside one unit."""

import re

import msgspec

from lichang.claims.cues import FRAME, NOUN_IS, VERB, VERB_KIND
from lichang.claims.mentions import Mention, shape_of, subject

_CLAUSE = re.compile(r"[，。：；！？\n,;!?…”」』]|——")
_COLON_QUOTE = re.compile(r"：(?=[“「])")
# 博主“拆机老万”说: what is quoted names the speaker
_QUOTED_NAME = re.compile(r"[\u4e00-\u9fff][“「『][^，。：；！？“”「」『』\n]{1,14}[”」』]$")
_NOT_A_CUE = re.compile(
    r"小说|传说|学说|据说|说明书|说服|说客|说不定|说到底|说起|说白了|说穿了|说实话|再说|按说|话说|说来|难说|可以说|不用说|换句话说|简单[来地]?说|总的来说"
    r"|称霸|名称|职称|号称|所谓|堪称|称得上|统计局|统计师|调查局|预测值|估计数|分析师|分析员|分析人士|分析机构|评论员|评论家|评论区|观察家|发布会|报道称赞|指数|指标|指望|指挥|指导|指令|指纹|指向|指引"
    r"|声明书|建议书|要求书|讲话|讲座|讲台|写字|写作|写代码|写入|写进|写着|算力|算法|算子|算账|计算机|计算力|算盘|问题|问答|疑问|访问|答案|支持者|反对者|批评者|批评人士|解释器|显示器|显示屏|显示卡|提供商|转发量|叫板|笑话|评价体系|顾问|询问|访问|提问者|指头|谈判|写程式|写字楼|贷款|称其为|公布的|发布的|提供的|提出的|规定的|发现的|担心的是|希望的|要求的"
)


_REACH = 60  # characters before a cue in which its subject is sought
_MOST = 8  # attributions read in one unit: more only in text that is no prose


class Attribution(msgspec.Struct, frozen=True):
    """One cue in a unit; ``subject`` is None where the clause does not name one."""

    start: int  # of the cue
    end: int
    verb: str  # the cue's word: 说, 理由, 测算
    kind: str  # say, think, urge, reckon, noun, frame, colon
    subject: Mention | None
    follow: str  # what stands after the cue: "：" before a quotation, "，", "。" at the end, or "x"
    gap: str  # what stands between subject and cue: "0" nothing, "s" a few characters, "l" more


def find_attributions(text: str, start: int, end: int, skip: list[tuple[int, int]]) -> list[Attribution]:
    """The attributions of ``text[start:end]``, in order; spans in ``skip`` (quotations) are not read.

    >>> [(a.verb, text[a.subject.start:a.subject.end]) for text in ["据CSET测算，H200快10倍。"]
    ...     for a in find_attributions(text, 0, len(text), [])]
    [('测算', 'CSET')]
    >>> find_attributions("这本小说卖了三万册。", 0, 10, [])
    []
    """
    found: list[Attribution] = []
    for pattern, make in ((FRAME, _framed), (NOUN_IS, _noun), (VERB, _verb), (_COLON_QUOTE, _colon)):
        for match in pattern.finditer(text, start, end):
            at = match.start()
            if len(found) >= _MOST:
                break
            # 他说：“…”: the colon behind a cue is no cue of its own
            if _inside(at, skip) or any(a.start <= at < a.end + (make is _colon) for a in found):
                continue
            if made := make(text, match, start, end):
                found.append(made)
    found.sort(key=lambda a: a.start)
    return found


def _inside(at: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in spans)


def _follow(text: str, at: int, end: int) -> str:
    if at >= end:
        return "。"
    char = text[at]
    if char in "：:":
        return "：“" if text[at + 1 : at + 2] in "“「" and at + 1 < end else "："
    if char in "“「":
        return "“"
    if char in "，,":
        return "，“" if text[at + 1 : at + 2] in "“「" and at + 1 < end else "，"
    return "。" if char in "。！？；\n" else "x"


def _clause_start(text: str, at: int, start: int) -> int:
    """Where the clause that holds a cue begins; a name in quotation marks is part of its clause."""
    begin = max(start, at - _REACH)
    for boundary in _CLAUSE.finditer(text, begin, at):
        if boundary[0] in "”」』" and _QUOTED_NAME.search(
            text, max(begin, boundary.end() - 20), boundary.end()
        ):
            continue
        begin = boundary.end()
    return begin


def _gap(subject_end: int, cue_start: int) -> str:
    return "0" if cue_start == subject_end else "s" if cue_start - subject_end <= 2 else "l"


def _framed(text: str, match: re.Match[str], start: int, end: int) -> Attribution | None:
    group = next(g for g in ("look", "accord", "cite") if match[g])
    begin, stop = match.span(group)
    phrase = match[group]
    tail = text[stop : match.end()].lstrip("的")
    return Attribution(
        match.start(),
        match.end(),
        tail,
        group,
        Mention(begin, stop, shape_of(phrase)),
        _follow(text, match.end(), end),
        "0",
    )


def _verb(text: str, match: re.Match[str], start: int, end: int) -> Attribution | None:
    at, stop, verb = match.start(), match.end(), match["verb"]
    near = text[max(start, at - 3) : stop + 3]
    if bad := _NOT_A_CUE.search(near):
        offset = max(start, at - 3)
        if offset + bad.start() < stop and offset + bad.end() > at:
            return None
    begin = _clause_start(text, at, start)
    named = subject(text, begin, at)
    gap = _gap(named.end, at) if named else "0"
    return Attribution(at, stop, verb, VERB_KIND[verb], named, _follow(text, stop, end), gap)


def _noun(text: str, match: re.Match[str], start: int, end: int) -> Attribution | None:
    at = match.start()
    begin = _clause_start(text, at, start)
    named = subject(text, begin, at)
    if named is None:
        return None
    return Attribution(
        at,
        match.end("noun"),
        match["noun"],
        "noun",
        named,
        _follow(text, match.end(), end),
        _gap(named.end, at),
    )


def _colon(text: str, match: re.Match[str], start: int, end: int) -> Attribution | None:
    at = match.start()
    begin = _clause_start(text, at, start)
    named = subject(text, begin, at)
    if named is None:
        return None
    return Attribution(at, match.end(), "：", "colon", named, _follow(text, at, end), _gap(named.end, at))
