"""The overview to take away: one HTML file that needs no network, one PNG file with Chinese type."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from lichang.figures.conflicts import Conflict
from lichang.review.charts import charts, one_picture
from lichang.review.language import words
from lichang.review.overview import Overview
from lichang.terminal import value

_STATIC = Path(__file__).parent / "static"
_SCRIPTS = ("vendor/vega.min.js", "vendor/vega-lite.min.js", "vendor/vega-interpreter.js", "charts.js")
_SCALE = 2.0  # pixels a point: sharp on today's screens


def as_html(overview: Overview, disputes: Sequence[Conflict], language: str) -> str:
    """The overview as a page of its own; plots are drawn by the scripts inside it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template("overview_file.html").render(
        t=words(language),
        language=language,
        overview=overview,
        disputes=disputes,
        specs={name: _inline(spec) for name, spec in charts(overview, disputes, words(language)).items()},
        value=value,
        style=(_STATIC / "review.css").read_text("utf-8"),
        script=_scripts(),
    )


def _inline(spec: dict[str, Any]) -> str:
    # Text of articles is in here: "</script>" must not end the element.
    return json.dumps(spec, ensure_ascii=False).replace("<", "\\u003c")


@cache
def _scripts() -> str:
    return "\n".join((_STATIC / name).read_text("utf-8") for name in _SCRIPTS).replace(
        "</script", "<\\/script"
    )


def as_png(overview: Overview, disputes: Sequence[Conflict], language: str) -> bytes:
    """The plots as one picture; Chinese needs a font such as Noto Sans CJK (Debian: fonts-noto-cjk)."""
    import vl_convert

    picture = one_picture(charts(overview, disputes, words(language)), words(language))
    made: bytes = vl_convert.vegalite_to_png(json.dumps(picture), scale=_SCALE)
    return made
