"""lichang (立场): stance, claims and figures from Chinese commentary on the AI chip debate.

>>> import lichang
>>> analyze = lichang.load()
>>> record = analyze("黄仁勋说：“断供只会逼出华为。”", published="2025-12-10")
>>> [(claim.holder, claim.cue, claim.quote) for claim in record.claims]
[('黄仁勋', '说', 'direct')]
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Article", "Record", "Rejection", "load", "read", "write"]

if TYPE_CHECKING:
    from lichang.analysis import load, write
    from lichang.ingest import read_articles as read
    from lichang.records import Article, Record, Rejection

_HOMES = {
    "Article": "lichang.records",
    "Record": "lichang.records",
    "Rejection": "lichang.records",
    "load": "lichang.analysis",
    "read": "lichang.ingest",
    "write": "lichang.analysis",
}


def __getattr__(name: str) -> Any:
    """Import the public verbs when they are first used: `lichang --help` needs none of them."""
    if name not in _HOMES:
        raise AttributeError(f"module 'lichang' has no attribute {name!r}")
    from importlib import import_module

    home = import_module(_HOMES[name])
    return home.read_articles if name == "read" else getattr(home, name)
