"""Which part of an article each line is: title, hashtag, byline, body or comment.

A printed article has a head (title, topics, who wrote it), a body, and at times a tail (who edited it,
what readers said). The rules read the lines from both ends towards the body.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lichang.records import Section
from lichang.script import simplify

# Everything that str.splitlines takes for a line end.
_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")

_TOPIC = r"#[^#\s](?:[^#\n]{0,40}[^#\s])?#"
_TOPICS = re.compile(rf"(?:{_TOPIC}\s*)+|(?:#[^#\s]{{1,30}}(?:\s+|\Z)){{1,12}}")
_TOPICS_AT_END = re.compile(rf"(?<=[。！？!?…”」）\s]){_TOPIC}(?:\s*{_TOPIC}){{0,11}}\Z")
_BRACKETED = re.compile(r"【[^【】]{6,80}】")

# Patterns are in simplified characters and read simplified text, which has the same offsets.
_ROLE = (
    "(?:本报驻?|本刊驻?|特约|特派|驻|学生|实习)?"
    "(?:记者|通讯员|实习生|作者|文|撰文|撰稿人?|编译|编辑|责编|责任编辑|校对|审校|审核|翻译|译者|整理|主持人?|主播|嘉宾|执笔|笔者|主笔"
    "|摄影|图源|监制|出品|采访|采写|策划|来源|原标题|原载|转自|数据|测试|首席分析师|分析师|联系人|楼主|答主|回答者|主理人|评论员|原创|落款"
    "|时间|发布时间|发表时间|会议时间|地点|记录|节目笔记|专栏|逐字稿整理|受访者)"
)
_SIGNED = re.compile(
    rf"\W?{_ROLE}(?:\s*[/／｜|：:—]\s*\S|\s+\S)"  # 文/陈平, 作者：…, 本报记者 陈平
    r"|\S.{0,30}?\s?[/／]\s?(?:文|图|摄|(?:综合)?报[道导])\W?\Z"  # 唐牧/文, 記者王平／台北報導
    r"|.{0,30}(?:报[道导]|专电|综合电|外电)\W?\Z"
    r"|.{0,30}(?:整理|编译|执笔|摘编|编辑部|评论员|专栏|社论|社评)\W?\Z"
    rf"|\W?[^，。：]{{0,20}}(?:社|网|报|讯|财经|电)[^，。：]{{0,20}}{_ROLE}\s*\S"  # 新华财经记者 陈平
    r"|.{0,30}人赞同了该回答\Z"
    r"|[^，。！？]{1,40}\s\d{4}([-./])\d{1,2}\1\d{1,2}(?:\s\d{1,2}:\d\d(?::\d\d)?)?\Z"  # 某网 · 2024-12-23 19:39
    r"|\W?(?:发布于|更新于|编辑于)?\s?\d{4}[-./年]\d{1,2}[-./月]\d{1,2}日?(?:\s|\Z)"
    r"|\W?[^，。]{0,30}\d{1,2}日(?:专?电|讯|综合)"
)
# What stands under a picture above the text.
_CAPTION = re.compile(
    r"[▲▼△]\s?\S"
    r"|.{4,120}[（(](?:图|图片|翻摄|取自|资料)[^（）()]{0,20}[）)]。?\Z"
    r"|.{4,120}(?:资料照片?|示意图)[。，]?(?:来源[^。]{0,20})?。?\Z"
)
# Behind the article only the plainest forms count: its last line may well speak of reporters and sources.
_SIGNED_LAST = re.compile(
    r"[（(〔【]?(?:本报讯|本报|本刊|新华社)?\s?(?:记者|通讯员|责任编辑|责编|编辑|编译|作者|来源|文|撰文|校对|审核|监制|摄影|图源)"
    r"\s*[／/｜|：:\s]\s*[^。！？]{1,40}\Z"
    r"|[（(〔](?:综合|本报讯|编译|据|记者|来源|作者)[^。！？]{1,60}[）)〕]\Z"
    r"|[（(]?完[）)]?\Z"
    r"|数据截至[^，。]{2,12}，[^，。]{2,20}。?\Z"
)
# Before or behind the text of a run-on line.
_DATELINE = re.compile(
    r"[（(【〔]?[^，。！？：“”（）\n]{2,24}(?:电|讯|报[道导])"  # 新华社北京8月1日电, 本报讯
    r"(?:[（(](?:记者|通讯员|编辑|特约)[^（）()，。]{1,30}[）)]"
    r"|\s*记者\s?[^\s，。]{2,4}(?=[】〕）)\s])|(?<=日电)(?=[】〕）)\s]))[】〕）)]?\s*"
    r"|【[^【】]{0,20}(?:记者|编译|报[道导]|讯)[^【】]{0,20}】"
)
_SIGNED_OFF = re.compile(
    r"[（(](?:[^（）()，。]{0,6}(?:记者|责任编辑|责编|编辑|编译)[^（）()。]{1,30}|完)[）)]\Z"
)

_FRONTS: tuple[tuple[re.Pattern[str], Section], ...] = (
    (_TOPICS, "hashtag"),
    (_DATELINE, "byline"),
    (_BRACKETED, "title"),
    (_TOPICS, "hashtag"),
    (_DATELINE, "byline"),
)

_COMMENT_AREA = re.compile(
    r"[【\[（(]?(?:全部|热门|最新|精彩|精选|网友|读者)?(?:评论|热评|留言|跟帖|回帖|回复)(?:区|摘录|精选|选登)?"
    r"\s*[（(]?\d{0,7}条?[）)]?[】\]）)]?[：:]?\Z"
)
_COMMENT = re.compile(
    r"[@＠][^\s：:@]{1,24}[：:]"  # @夜航船：…
    r"|[^\s：:，。]{0,12}(?:回复|回覆)\s?[@＠]?[^\s：:，。]{0,24}[：:]"  # 博主回复@夜航船：…
    r"|\d{1,5}\s?[楼F#]\s?[^：:，。]{0,24}[：:]"  # 3楼 夜航船：…
    r"|(?:网友|读者)[^：:，。]{1,20}[：:]"
    r"|[推嘘→]\s[\w-]{1,20}\s?[：:]"  # PTT: 推 waferboy：…
)
_NAMED = re.compile(r"([^\s，,。！？!?、：:；;“”「」（）()《》]{1,16})\s?[：:](?=.)")
_NAMED_AGAIN = re.compile(r"(?<=[。！？!?])\s*[^\s，,。！？!?、：:；;“”「」（）()《》]{2,16}[：:]")
# What stands before a colon without being somebody who comments.
_LABEL = re.compile(
    r"(?:问|答|[QA]\d*|记者|主持人?|嘉宾|专家|注|附|编后|编者按|点评|背景|事件|结论|来源|声明|提示|数据|编辑|责编|作者)\Z"
    r"|(?:第?[一二三四五六七八九十\d]+|其[一二三四五])\Z"
    r"|.*(?:提示|建议|观点|要点|结论|观察|预告|声明|按|角|账|问|说|道|称|表示|认为|如下)\Z|.*[是我]"
)
_NUMBERED = re.compile(
    r"[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[、.．）)\s]|第[一二三四五六七八九十\d]+[章节部]|[▍■●◆#*]"
)
_SCREEN_NAME = re.compile(r"[^\s，,。！？!?、：:；;“”「」（）()《》【】#/／｜|]{1,16}\Z")

_CLOSERS = "”’」』）)】》\"'"


class Line(NamedTuple):
    """A line, or a part of a run-on line, without the blanks around it."""

    start: int
    end: int
    text: str
    section: Section | None = None  # where its form alone tells


def lines(text: str) -> Iterator[Line]:
    r"""The lines of a text that are not blank.

    >>> [line.text for line in lines("　甲\n\n乙 ")]
    ['甲', '乙']
    """
    for match in _LINE.finditer(text):
        yield from _shown(match.group(), match.start())


def sections(text: str, *, title: str | None = None) -> list[tuple[int, int, Section]]:
    r"""Spans ``(start, end, section)`` that cover the text but for line ends and blanks around lines.

    A line is one span, except where a run-on line starts with topics, a bracketed title or a dateline,
    or ends with topics or a signature. ``title`` is the title as the source gives it, if it does.

    >>> text = "#芯片#\n【谁怕H20】\n文/陈平\n芯片卖了。\n夜航船\n那就不买。"
    >>> for start, end, section in sections(text):
    ...     print(section, text[start:end])
    hashtag #芯片#
    title 【谁怕H20】
    byline 文/陈平
    body 芯片卖了。
    comment 夜航船
    comment 那就不买。
    """
    parts = list(_parts(simplify(text)))
    head = _head(parts, simplify(title) if title else None)
    tail = _tail(parts[len(head) :])
    body = _body(parts[len(head) : len(parts) - len(tail)])
    return [(part.start, part.end, section) for part, section in zip(parts, head + body + tail, strict=True)]


def _shown(text: str, offset: int, section: Section | None = None) -> Iterator[Line]:
    shown = text.strip()
    if shown:
        start = offset + len(text) - len(text.lstrip())
        yield Line(start, start + len(shown), shown, section)


def _parts(text: str) -> Iterator[Line]:
    """The lines, run-on lines taken apart."""
    for number, line in enumerate(lines(text)):
        at, end = 0, len(line.text)
        for form, section in _FRONTS:
            front = form.match(line.text, at)
            stands = front and (form is _TOPICS or "。" in line.text[front.end() :])
            # A bracketed title opens an article or follows its topics; elsewhere it is a subheading.
            if front and stands and (form is not _BRACKETED or at or not number):
                yield from _shown(front.group(), line.start + at, section)
                at = front.end()
        behind = _TOPICS_AT_END.search(line.text, at) or _SIGNED_OFF.search(line.text, at)
        if behind and behind.start() > at:
            end = behind.start()
        yield from _shown(line.text[at:end], line.start + at)
        if end < len(line.text):
            yield from _shown(
                line.text[end:], line.start + end, "hashtag" if line.text[end] == "#" else "byline"
            )


def _head(parts: Sequence[Line], title: str | None) -> list[Section]:
    """The sections of the parts before the body begins."""
    found: list[Section] = []
    for number, part in enumerate(parts[:12]):
        section = part.section or _head_section(part.text, title, found, parts[number + 1 :])
        if section is None:
            break
        found.append(section)
    # A text of nothing but head is a body: a post of one line, a list of names.
    return found if len(found) < len(parts) else [part.section or "body" for part in parts[: len(found)]]


def _head_section(
    text: str, title: str | None, before: Sequence[Section], after: Sequence[Line]
) -> Section | None:
    """The section of a part that only head stands before; None where the body begins."""
    if _TOPICS.fullmatch(text):
        return "hashtag"
    if _CAPTION.match(text) and "byline" not in before:
        return "body"
    if _is_title(text, title, before, after):
        return "title"
    if len(text) <= 120 and "。" not in text and not _COMMENT.match(text) and _SIGNED.match(text):
        return "byline"
    return "byline" if "title" in before and _is_name_line(text, before, after) else None


def _is_title(text: str, title: str | None, before: Sequence[Section], after: Sequence[Line]) -> bool:
    if title and _letters(text) == _letters(title) != "":
        return True
    if "title" in before:
        return text.startswith("——") and not _ends(text)
    if text.startswith("【") and text.endswith("】"):
        return True
    # A question may head an article, a statement with its full stop does not.
    fits = (
        len(text) <= 60
        and text[-1] not in "。；;：:"
        and not _SIGNED.match(text)
        and not _NUMBERED.match(text)
    )
    text_follows = any(len(part.text) > len(text) or _ends(part.text) for part in after)
    return "byline" not in before and fits and text_follows


def _is_name_line(text: str, before: Sequence[Section], after: Sequence[Line]) -> bool:
    """Is this a name and what its bearer does, as it stands alone between title and text?"""
    opens = text[0].isalnum() or text[0] in "（(《「〔@—"
    plain = opens and not _ends(text) and text[-1] not in "：:" and not _NUMBERED.match(text)
    short = len(text) <= 40 and text.count("，") + text.count(",") <= 2
    paragraph_follows = any(len(part.text) > max(40, 2 * len(text)) for part in after[:3])
    return plain and short and paragraph_follows and before.count("byline") < 3


def _ends(text: str) -> bool:
    return text.rstrip(_CLOSERS)[-1:] in tuple("。！？!?…；;")


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _tail(parts: Sequence[Line]) -> list[Section]:
    """The sections of the signatures and topics behind the body and its comments."""
    found: list[Section] = []
    for part in reversed(parts[-4:]):
        if _TOPICS.fullmatch(part.text):
            found.append("hashtag")
        elif part.section:
            found.append(part.section)
        elif len(part.text) <= 80 and not _COMMENT.match(part.text) and _SIGNED_LAST.match(part.text):
            found.append("byline")
        else:
            break
    return found[::-1] if len(found) < len(parts) else []


def _body(parts: Sequence[Line]) -> list[Section]:
    """The sections of the parts between head and tail."""
    first = _first_comment(parts)
    found: list[Section] = []
    for number, part in enumerate(parts):
        comment = number >= first or _COMMENT.match(part.text)
        found.append(part.section or ("comment" if comment else "body"))
    return found


def _first_comment(parts: Sequence[Line]) -> int:
    """Index of the first part of the readers' comments that end the article, or the number of parts."""
    for number, part in enumerate(parts):
        if number and _COMMENT_AREA.match(part.text):
            return number
    return min(_named_comments(parts), _paired_comments(parts))


def _named_comments(parts: Sequence[Line]) -> int:
    """Comments printed as name：text, on lines of their own or run together on the last line."""
    first = len(parts)
    while first and _commenter(parts[first - 1].text):
        first -= 1
    run = parts[first:]
    if not first or not run:
        return len(parts)
    if len(run) == 1 and not _COMMENT.match(run[0].text) and not _NAMED_AGAIN.search(run[0].text):
        return len(parts)
    before = "\n".join(part.text for part in parts[:first])
    # Those who speak in an interview are introduced; readers come from nowhere.
    names = {name for part in run[:20] if (name := _commenter(part.text))}
    return first if sum(name not in before for name in names) * 2 > len(names) else len(parts)


def _commenter(text: str) -> str | None:
    """Who says it in a line of the form name：text, or None."""
    if _COMMENT.match(text):
        return re.split("[：:]", text, maxsplit=1)[0]
    named = _NAMED.match(text)
    return named[1] if named and len(text) <= 200 and not _LABEL.match(named[1]) else None


def _paired_comments(parts: Sequence[Line]) -> int:
    """Comments printed as a screen name on its line, and the comment on the next."""
    first = len(parts)
    while first >= 3 and _is_name(parts[first - 2].text) and len(parts[first - 1].text) <= 200:
        first -= 2
    remarks = parts[first + 1 :: 2]
    # Verse and lists are short lines without stops, too: half of the remarks must be more than a name.
    if sum(not _is_name(remark.text) for remark in remarks) * 2 < len(remarks):
        return len(parts)
    if len(remarks) == 1:
        # One short line before a short last one may be a subheading, if the article has others.
        alone = not any(_is_name(part.text) for part in parts[:first])
        return first if alone and len(remarks[0].text) <= 60 and len(parts[first].text) <= 12 else len(parts)
    return first


def _is_name(text: str) -> bool:
    return bool(_SCREEN_NAME.match(text)) and not _NUMBERED.match(text)
