"""How records look in a terminal: camps in colour and by letter, claims, figures. Returns rich renderables."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from lichang.records import STANCES, Attitude, Camp, Claim, Figure, Record, Stance, Unit
from lichang.stance import ArticleStance

# Blue and orange are told apart by nearly everyone; the letter tells them apart on any screen.
CAMP_STYLES: dict[Camp, str] = {
    "dependency": "black on #f6c177",
    "containment": "white on #2f6db3",
    "neither": "",
}
CAMP_NAMES: dict[Camp, str] = {"dependency": "依赖", "containment": "遏制", "neither": "–"}
ATTITUDE_NAMES: dict[Attitude | None, str] = {"for": "主张", "against": "反对", "reports": "转述", None: ""}
KIND_NAMES = {"fact": "事实", "opinion": "观点", "prediction": "预测", "proposal": "建议"}
QUOTE_NAMES = {"direct": "直接引语", "indirect": "间接引语", "none": ""}
BALANCE_NAMES = {
    "dependency": "依赖派占优",
    "containment": "遏制派占优",
    "balanced": "两派相当",
    "neither": "两派皆无",
}
BOUND_SIGNS = {"eq": "", "approx": "≈", "ge": "≥", "le": "≤", "range": ""}


def article_view(record: Record) -> RenderableType:
    """The whole article: head, text, claims, figures."""
    return Group(
        _head(record), Text(), _body(record), Text(), claims_table(record), figures_table(record.figures)
    )


def _head(record: Record) -> Text:
    head = Text()
    head.append(f"{record.title or record.id}\n", "bold")
    head.append(" · ".join(filter(None, (record.source, record.published, record.id))) + "\n", "dim")
    head.append("相关 " if record.relevant else "与争论无关 ", "bold green" if record.relevant else "dim")
    if record.relevant:
        head.append(BALANCE_NAMES[record.balance])
        head.append("   ")
        for camp in ("dependency", "containment"):
            count = sum(unit.camp == camp for unit in record.units)
            head.append(f" {CAMP_NAMES[camp]} {count} ", CAMP_STYLES[camp])
            head.append(" ")
    return head


def _body(record: Record) -> Text:
    """The text as printed; a camp's unit is coloured and followed by its camp and attitude."""
    body = Text()
    at = 0
    for unit in record.units:
        body.append(record.text[at : unit.start])
        body.append_text(_unit(record, unit))
        at = unit.end
    body.append(record.text[at:])
    for figure in record.figures:
        body.stylize("underline", *_shifted(record, figure.start, figure.end))
    return body


def _unit(record: Record, unit: Unit) -> Text:
    text = Text(
        record.text[unit.start : unit.end], CAMP_STYLES[unit.camp] or _SECTION_STYLES.get(unit.section, "")
    )
    if unit.camp != "neither":
        text.append(_mark(unit), "bold dim")
    return text


_SECTION_STYLES = {"title": "bold", "hashtag": "cyan", "byline": "dim", "comment": "italic"}


def _mark(unit: Unit) -> str:
    return f"[{CAMP_NAMES[unit.camp]}·{ATTITUDE_NAMES[unit.attitude]}]"


def _shifted(record: Record, start: int, end: int) -> tuple[int, int]:
    """A span of the article's text as a span of the view, which has the marks of earlier camp units in it."""
    before = sum(len(_mark(unit)) for unit in record.units if unit.camp != "neither" and unit.end <= start)
    return start + before, end + before


def claims_table(record: Record) -> Table:
    """Who asserts what, by which word, in whose words."""
    table = Table(title="论断 claims", title_justify="left", box=None, header_style="bold", pad_edge=False)
    table.add_column("编号", no_wrap=True)
    table.add_column("谁说", max_width=22, overflow="fold")
    table.add_column("怎么说", no_wrap=True)
    table.add_column("阵营", no_wrap=True)
    table.add_column("原文", ratio=1, overflow="fold")
    for claim in record.claims:
        how = " ".join(filter(None, (KIND_NAMES[claim.kind], QUOTE_NAMES[claim.quote])))
        camp = Text(CAMP_NAMES[claim.camp] + ATTITUDE_NAMES[claim.attitude], CAMP_STYLES[claim.camp])
        table.add_row(claim.id, _speaker(claim), how, camp, record.text[claim.start : claim.end].strip())
    return table


def _speaker(claim: Claim) -> Text:
    """The holder and the cue; the writer is no more than noted."""
    if claim.holder is None:
        return Text("作者", "dim")
    return Text(claim.holder) + (Text(f" {claim.cue}", "dim") if claim.cue else Text())


def figures_table(figures: Iterable[Figure]) -> Table:
    """Every figure as printed, as read, and what it measures."""
    table = Table(title="数字 figures", title_justify="left", box=None, header_style="bold", pad_edge=False)
    for column in ("编号", "原文", "类型", "数值", "单位", "何物", "变化"):
        table.add_column(column, no_wrap=column != "何物", overflow="fold")
    for figure in figures:
        change = {"up": "↑", "down": "↓", None: ""}[figure.change] + (
            f" 较{figure.base}" if figure.base else ""
        )
        table.add_row(
            figure.id, figure.text, figure.kind, value(figure), figure.unit or "", figure.of or "", change
        )
    return table


def value(figure: Figure) -> str:
    """The normalised value for a person: a sign for the bound, thousands set apart.

    >>> value(Figure(start=0, end=9, text="50万-100万张", kind="count", low=500000, high=1000000, bound="range"))
    '500,000..1,000,000'
    >>> value(Figure(start=0, end=4, text="1/3兆", kind="count", low=333333333333.3, high=333333333333.3))
    '333,333,333,333.3'
    >>> value(Figure(start=0, end=5, text="2023年底", kind="date", value="2023", mod="end"))
    '2023 (end)'
    """
    if figure.value is not None:
        return BOUND_SIGNS[figure.bound] + figure.value + (f" ({figure.mod})" if figure.mod else "")
    if figure.low is None:
        return ""
    if figure.low != figure.high:
        return f"{_number(figure.low)}..{_number(figure.high)}"
    return BOUND_SIGNS[figure.bound] + _number(figure.low)


def _number(number: float | None) -> str:
    if number is None:
        return ""
    return f"{number:,}".removesuffix(".0")


STANCE_STYLES: dict[Stance, str] = {
    "favour": "black on #8fd19e",
    "against": "white on #a63d57",
    "neither": "dim",
}
STANCE_NAMES: dict[Stance, str] = {"favour": "支持", "against": "反对", "neither": "未表态"}


def stance_view(found: ArticleStance) -> RenderableType:
    """An article's stance to a target, and the units that take one."""
    head = Text(f"{found.title or found.id}\n", "bold")
    head.append(f" {STANCE_NAMES[found.stance]} ", STANCE_STYLES[found.stance])
    head.append(f" {found.target}   ")
    head.append("  ".join(f"{STANCE_NAMES[name]} {found.scores[name]:.2f}" for name in STANCES), "dim")
    rows = Table.grid("stance", "score", "span", Column("text", overflow="fold"), padding=(0, 1))
    for unit in found.units:
        if unit.stance != "neither":
            label = Text(f" {STANCE_NAMES[unit.stance]} ", STANCE_STYLES[unit.stance])
            text = found.text[unit.start : unit.end]
            rows.add_row(label, f"{unit.scores[unit.stance]:.2f}", f"{unit.start}–{unit.end}", text)
    return Group(head, rows, Text())
