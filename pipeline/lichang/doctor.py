"""Whether an installation works: dictionary, weights, store, fonts, and all of it without a network."""

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from lichang.errors import LichangError

_ARTICLE = "黄仁勋说：“卖不出去的芯片，只会逼出华为。”"


class Finding(msgspec.Struct, frozen=True):
    """What one check found."""

    what: str
    works: bool
    detail: str  # what was found, or what to do


def examine(store: str | None = None, *, models: Path | None = None) -> Iterator[Finding]:
    """Check one thing after another; nothing is changed."""
    from lichang.tagging.folder import models_dir

    yield _try("dictionary and lexicon", _check_words)
    folder = models or models_dir()
    found = sorted(path for path in folder.glob("*") if (path / "config.json").exists())
    if not found:
        yield Finding("models", False, f"there are none in {folder}; reinstall lichang")
    for path in found:
        yield _try(f"weights of {path.name}", lambda path=path: _check_weights(path))  # type: ignore[misc]
    yield _try("analysis without a network", _check_analysis)
    yield _try("fonts for plots", _check_fonts)
    if store is not None:
        yield from examine_store(store)


def _try(what: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, check())
    except LichangError as error:
        return Finding(what, False, str(error))
    except Exception as error:  # a doctor reports whatever it finds
        return Finding(what, False, f"{type(error).__name__}: {error}; reinstall lichang")


def _check_words() -> str:
    from lichang import lexicon
    from lichang.words import RJieba

    segmenter = RJieba()
    cut = lexicon.check(segmenter)
    if cut:
        raise LichangError(f"these terms of the lexicon are cut: {' '.join(cut)}; raise their frequency")
    return f"rjieba {segmenter.version}, {len(lexicon.terms())} terms of lexicon {lexicon.version()} whole"


def _check_weights(path: Path) -> str:
    from lichang.tagging.folder import Folder

    folder = Folder(path)
    return (
        f"{folder.weights.name}, {folder.weights.stat().st_size / 1e6:.1f} MB, {folder.version}, as written"
    )


def _check_analysis() -> str:
    from lichang.analysis import load

    with _no_network():
        record = load()(_ARTICLE)
    holders = [claim.holder for claim in record.claims]
    if holders != ["黄仁勋"]:
        raise LichangError(f"the sentence {_ARTICLE} gave the holders {holders}; reinstall lichang")
    return f"a sentence gave its claim, by {record.provenance.tagger}"


@contextmanager
def _no_network() -> Iterator[None]:
    """Whatever opens a connection fails while the block runs."""

    def refuse(*_: Any) -> NoReturn:
        raise LichangError("the analysis tried to open a network connection")

    connect = socket.socket.connect
    socket.socket.connect = refuse  # type: ignore[method-assign]
    try:
        yield
    finally:
        socket.socket.connect = connect  # type: ignore[method-assign]


def _check_fonts() -> str:
    lister = shutil.which("fc-list")
    if lister is None:
        raise LichangError("fc-list is not here to tell; only plots need fonts: install fontconfig")
    families = subprocess.run([lister, ":lang=zh", "family"], capture_output=True, text=True, check=True)
    names = sorted({line.split(",")[0] for line in families.stdout.splitlines() if line})
    if not names:
        raise LichangError("no font has Chinese characters; plots need one, such as Debian's fonts-noto-cjk")
    return ", ".join(names[:3])


def examine_store(where: str) -> Iterator[Finding]:
    """Check a store: its file, what its tables say of one another, and its search index."""
    from lichang.store.checks import CHECKS
    from lichang.store.open import open_store

    try:
        store = open_store(where, create=False)
    except LichangError as error:
        yield Finding("store", False, str(error))
        return
    with closing(store):
        for what, check in CHECKS.items():
            yield _try(f"store: {what}", lambda check=check: check(store))  # type: ignore[misc]
