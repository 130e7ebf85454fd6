"""Numerals that count nothing: parts of words, of product names, of places."""

import re


def listed(*lines: str) -> tuple[str, ...]:
    """The words of some lines, which keeps long tables readable."""
    return tuple(word for line in lines for word in line.split())


# Words that begin with a numeral.
_WORDS = listed(
    "一些 一直 一定 一起 一般 一样 一切 一旦 一致 一边 一面 一律 一再 一向 一时 一度 一共 一同 一方",
    "一番 一带 一体 一线 一手 一流 一路 一口气 一把手 一揽子 一系列 一部分 一会儿 一下子 一分钱 二手",
    "二维码 二次元 二进制 二极管 二线 二级市场 三维 三角 三国演义 三方 三亚 三峡 三明治 三轮车 三甲",
    "三农 三八线 三线 三元 四川 四面 四处 四环 四方 四海 四轮 四周围 五角大楼 五金 五官 五花 五星级",
    "五环 六安 六合 六神 六本木 七夕 七星 八卦 八方 八成新 九州 九江 九龙 十足 十全 十字 十月革命 十堰",
    "百度 百货 百姓 百科 百家乐 百般 百年 百合 百事 百川 百济 千万别 千万不 千万要 千问 千里马 千家",
    "千方百计 千兆 千岛 千瓦 千克 千卡 千禧 千古 万一 万科 万达 万能 万物 万岁 万分 万向 万维 万事",
    "万里 万象 万华 万亿级 亿欧 亿纬 亿滋 亿航 亿联 两会 两岸 两旁 两侧 两难 两极 两用 两栖 两手 两头",
    "两边 两面 两党 两院 两半 两端 两样 两回事 两码事 两口 两性 两三点 半导体 半球 半岛 半夜 半途 半路",
    "半空 半封闭 半径 半决赛 半成品 半信半疑 半壁 半截 半点 半场 半边 半山 几乎 几何 几率 零售 零件",
    "零部件 零食 零散 零星 零和 零碎 零信任 零距离 零时差 零日 零配件 零钱 零头 零组件 零下 零工 零担",
    "腰斩过",
)
_GUARDED = re.compile(
    "三星(?!期)|十分(?!之|钟|半)|百分(?!之|点|[一二三四五六七八九十])|千米(?!每|/)"
    "|零点(?![一二三四五六七八九零0-9])"
)
_BY_FIRST: dict[str, tuple[str, ...]] = {}
for _word in _WORDS:
    _BY_FIRST[_word[0]] = (*_BY_FIRST.get(_word[0], ()), _word)

# What may stand before a lone numeral and makes it the tail of a word: 统一, 之一, 张三, 大半.
_BEFORE = {
    "一": "统唯之万任单同专第某另每逐划如始归合不初高",
    "三": "再第李张老小",
    "四": "张老",
    "五": "老",
    "半": "大多过",
}
# Product families whose number is a name even without a Latin letter.
_FAMILY = re.compile(
    "(?:昇腾|升腾|麒麟|鲲鹏|思元|海光|龙芯|骁龙|天玑|酷睿|锐龙|至强|霄龙|寒武纪|曙光|玄铁|天河|神威"
    "|代码|编号|电话|热线|型号)[ ]?$"
)
_RUN = re.compile(r"[A-Za-z0-9.+/%-]*+")


def word_at(plain: str, start: int) -> int:
    """The end of the word that has the numeral at ``start`` for its beginning; 0 where there is none.

    >>> word_at("五角大楼", 0), word_at("五角钱", 0)
    (4, 0)
    """
    if plain.startswith("九天", start) and plain.endswith("华大", 0, start):
        return start + 2  # 华大九天, a maker of design tools
    if guarded := _GUARDED.match(plain, start):
        return guarded.end()
    for word in _BY_FIRST.get(plain[start], ()):
        if plain.startswith(word, start):
            return start + len(word)
    return 0


def name_at(plain: str, start: int) -> int:
    """The end of the product name, version or address that the digit at ``start`` stands in, or 0.

    >>> name_at("H200卡", 1), name_at("昇腾910B", 2), name_at("共200卡", 1)
    (4, 6, 0)
    """
    if not start:
        return 0
    before = plain[start - 1]
    inside = before == "_" or (before.isascii() and before.isalpha())
    if before in "-." and start > 1 and plain[start - 2].isascii():
        # GPT-4 and v2.1, but not the second end of 50-100.
        inside = plain[start - 2].isalpha() or (before == "." and plain[start - 2].isdigit())
    if not inside and not _FAMILY.search(plain, max(0, start - 4), start):
        return 0
    run = _RUN.match(plain, start)
    return run.end() if run else start + 1


def ends_word(plain: str, start: int, end: int) -> bool:
    """Whether the numeral ``plain[start:end]`` is the tail of a word: 统一, 之一, 张三."""
    return end == start + 1 and start > 0 and plain[start - 1] in _BEFORE.get(plain[start], "")
