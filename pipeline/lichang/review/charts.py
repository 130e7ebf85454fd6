"""The overview's plots as Vega-Lite specifications, the same for the page, the HTML file and the PNG file."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from lichang.figures.conflicts import Conflict
from lichang.review.overview import Overview

Spec = dict[str, Any]
# Blue and orange are told apart by nearly everyone; luminance tells them apart in print.
COLOURS = {"dependency": "#e9a23b", "containment": "#2f6db3", "neither": "#d5d5d0"}
# Lighter: described rather than advanced; darker: rejected.
_SHADES = {
    ("dependency", "for"): "#e9a23b",
    ("dependency", "reports"): "#f7d9a3",
    ("dependency", "against"): "#8a5a0c",
    ("containment", "for"): "#2f6db3",
    ("containment", "reports"): "#b3cfec",
    ("containment", "against"): "#123a66",
}
_FONT = "'Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
_WIDTH = 420  # of a plot in the picture
_SQUARE = 260
_MOST_SUBJECTS = 12  # with figures in conflict
CONFIG: Spec = {
    "font": _FONT,
    "background": "white",
    "view": {"stroke": None},
    "axis": {"labelColor": "#44484d", "titleColor": "#44484d", "gridColor": "#eceae4", "titleFontWeight": "normal"},
    "title": {"anchor": "start", "fontSize": 13, "color": "#1d2125"},
    "legend": {"orient": "top", "title": None, "labelColor": "#1d2125"},
}  # fmt: skip


def charts(overview: Overview, disputes: Sequence[Conflict], words: Mapping[str, str]) -> dict[str, Spec]:
    """The plots by name, as wide as what they stand in; those that have nothing to show are left out."""
    found = {
        "over_time": _shares(overview.months, "month", "x", words),
        "by_outlet": _shares(overview.outlets, "outlet", "y", words),
        "holders": _holders(overview.holders, words),
        "reliability": _reliability(overview.reliability, words),
        "quoted_figures": _quoted(overview.quoted, words),
        "disputed_figures": _disputed(spread := spread_of(disputes), words),
    }
    rows: dict[str, Sequence[Spec]] = {
        "over_time": overview.months,
        "by_outlet": overview.outlets,
        "holders": overview.holders,
        "reliability": overview.reliability,
        "quoted_figures": overview.quoted,
        "disputed_figures": spread,
    }
    return {name: {"config": CONFIG, **spec} for name, spec in found.items() if rows[name]}


def one_picture(specs: Mapping[str, Spec], words: Mapping[str, str]) -> Spec:
    """All plots under one another, each under its title."""
    parts = [
        {**spec, "title": words[name], "width": _SQUARE if name == "reliability" else _WIDTH}
        for name, spec in specs.items()
    ]
    for part in parts:
        del part["config"]  # of the whole picture
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "config": CONFIG,
        "vconcat": parts,
        "resolve": {"scale": {"color": "independent"}},
    }


def _colour(words: Mapping[str, str]) -> Spec:
    return {
        "field": "name",
        "type": "nominal",
        "scale": {"domain": [words[camp] for camp in COLOURS], "range": list(COLOURS.values())},
    }


def _shares(rows: Sequence[Spec], field: str, axis: str, words: Mapping[str, str]) -> Spec:
    """Stacked shares of the camps; upright over time, lying for names."""
    other = "y" if axis == "x" else "x"
    sort = None if axis == "x" else [row[field] for row in rows]
    values = [{**row, "name": words[row["camp"]], "place": list(COLOURS).index(row["camp"])} for row in rows]
    share = {
        "field": "count",
        "type": "quantitative",
        "stack": "normalize",
        "title": words["share"],
        "axis": {"format": "%"},
    }
    return {
        "width": "container",
        "height": 180 if axis == "x" else {"step": 20},
        "data": {"values": values},
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            axis: {"field": field, "type": "ordinal", "title": None, "sort": sort, "axis": {"labelLimit": 120}},
            other: share,
            "color": _colour(words),
            "order": {"field": "place", "type": "quantitative"},
        },
    }  # fmt: skip


def _holders(rows: Sequence[Spec], words: Mapping[str, str]) -> Spec:
    """Claims of each holder, a shade a camp and attitude."""
    names = {pair: f"{words[pair[0]]}·{words[pair[1]]}" for pair in _SHADES}
    places = list(_SHADES)
    values = [
        {**row, "name": names[pair], "place": places.index(pair)}
        for row in rows
        for pair in [(row["camp"], row["attitude"] or "for")]
    ]
    totals: Counter[str] = Counter()
    for row in rows:
        totals[row["holder"]] += row["count"]
    order = [holder for holder, _ in totals.most_common()]
    return {
        "width": "container",
        "height": {"step": 20},
        "data": {"values": values},
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "y": {"field": "holder", "type": "ordinal", "title": None, "sort": order, "axis": {"labelLimit": 140}},
            "x": {"field": "count", "type": "quantitative", "title": words["number"], "axis": {"tickMinStep": 1}},
            "color": {
                "field": "name", "type": "nominal", "legend": {"columns": 3},
                "scale": {"domain": list(names.values()), "range": list(_SHADES.values())},
            },
            "order": {"field": "place", "type": "quantitative"},
        },
    }  # fmt: skip


def _reliability(rows: Sequence[Spec], words: Mapping[str, str]) -> Spec:
    scale = {"domain": [0, 1]}
    x = {"field": "said", "type": "quantitative", "scale": scale, "title": words["said"]}
    y = {"field": "kept", "type": "quantitative", "scale": scale, "title": words["kept"]}
    ideal = {
        "data": {"values": [{"said": 0, "kept": 0}, {"said": 1, "kept": 1}]},
        "mark": {"type": "line", "strokeDash": [4, 4], "color": "#9a9a94"},
        "encoding": {"x": x, "y": y},
    }
    points = {
        "data": {"values": list(rows)},
        "mark": {"type": "circle", "color": "#1d2125", "size": 90, "tooltip": True},
        "encoding": {"x": x, "y": y},
    }
    counts = {
        "data": {"values": list(rows)},
        "mark": {"type": "text", "dy": -12, "color": "#1d2125"},
        "encoding": {"x": x, "y": y, "text": {"field": "count", "type": "quantitative", "format": ","}},
    }
    return {"width": "container", "height": _SQUARE, "layer": [ideal, points, counts]}


def _quoted(rows: Sequence[Spec], words: Mapping[str, str]) -> Spec:
    """In how many articles each figure stands."""
    values = [{"label": _label(row), "count": row["count"]} for row in rows]
    return {
        "width": "container",
        "height": {"step": 20},
        "data": {"values": values},
        "mark": {"type": "bar", "color": "#6e757c", "tooltip": True},
        "encoding": {
            "y": {"field": "label", "type": "ordinal", "title": None, "sort": None, "axis": {"labelLimit": 240}},
            "x": {"field": "count", "type": "quantitative", "title": words["articles"], "axis": {"tickMinStep": 1}},
        },
    }  # fmt: skip


def _label(row: Spec) -> str:
    """What a figure measures, and its value."""
    low, high = f"{row['low']:,.15g}", f"{row['high']:,.15g}"
    return f"{row['of']} {low if low == high else f'{low}–{high}'} {row['unit'] or ''}".strip()


def _disputed(rows: Sequence[Spec], words: Mapping[str, str]) -> Spec:
    """The figures of each subject in conflict, as multiples of the smallest one."""
    y = {"field": "subject", "type": "ordinal", "title": None, "sort": None, "axis": {"labelLimit": 200}}
    x = {"field": "times", "type": "quantitative", "title": words["times"], "scale": {"type": "log"}}
    spread = {"mark": {"type": "rule", "color": "#9a9a94"}, "encoding": {"y": y, "x": {**x, "aggregate": "min"},
              "x2": {"field": "times", "aggregate": "max"}}}  # fmt: skip
    points = {
        "mark": {"type": "circle", "size": 70, "color": "#a3211b", "tooltip": True},
        "encoding": {
            "y": y,
            "x": x,
            "tooltip": [{"field": "subject"}, {"field": "text"}, {"field": "article"}],
        },
    }
    return {
        "width": "container",
        "height": {"step": 22},
        "data": {"values": list(rows)},
        "layer": [spread, points],
    }


def spread_of(disputes: Sequence[Conflict]) -> list[Spec]:
    """Rows for the plot of figures in conflict: each with how many times the smallest of its subject it is."""
    found: dict[str, dict[tuple[str, str], Spec]] = {}
    for conflict in disputes:
        subject = f"{conflict.subject} ({conflict.first.figure.unit or ''})"
        for place in (conflict.first, conflict.second):
            one = place.figure
            middle = ((one.low or 0) + (one.high or 0)) / 2
            if middle > 0:  # a multiple of nothing, or of a loss, says nothing
                row = {"subject": subject, "text": one.text, "article": place.record, "times": middle}
                found.setdefault(subject, {})[place.record, one.id] = row
    rows = []
    for places in list(found.values())[:_MOST_SUBJECTS]:
        smallest = min(row["times"] for row in places.values())
        rows += [{**row, "times": round(row["times"] / smallest, 3)} for row in places.values()]
    return rows
