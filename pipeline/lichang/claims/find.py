"""Units and their tags → claims: who asserts what, by which word, quoted or in other words."""

from collections.abc import Sequence
from math import log

from lichang.claims.attribution import Attribution
from lichang.claims.holders import WRITER, Scene, read_scene, resolve
from lichang.claims.mentions import Mention, shape_of
from lichang.claims.ranker import default_weights, follow
from lichang.records import Article, Claim, Quote, Unit
from lichang.script import simplify
from lichang.tagging import Tag

FLOOR = 0.5  # log odds of a holder where somebody has the floor; on the `unseen` split 0.5 to 3 are as good
# A fifth of a unit in quotation marks is a quotation; less is a word that someone picked.
_QUOTED = ("in", "whole", "opens", "closes", "starts", "half", "part")


def find_claims(article: Article, units: Sequence[Unit], tags: Sequence[Tag]) -> list[Claim]:
    """One claim for every unit whose tag is not ``none``, in order, with ids ``c0``, ``c1``, …

    ``units`` must be in reading order; ``tags`` holds one tag a unit, else ValueError. The holder of the
    writer's own claims is None. Units without a claim still count as context: they may introduce
    whoever speaks next.

    >>> from lichang.records import Article, Unit
    >>> text = "CSET认为，差距在扩大。"
    >>> tag = Tag(scores={}, camp="neither", attitude=None, kind="opinion")
    >>> [c] = find_claims(Article(id="a", text=text), [Unit(start=0, end=len(text), section="body")], [tag])
    >>> c.holder, c.cue, c.quote
    ('CSET', '认为', 'indirect')
    """
    scene = read_scene(simplify(article.text), units)
    odds = [_odds(scene, i, tag) for i, (_, tag) in enumerate(zip(units, tags, strict=True))]
    holders = follow(scene, default_weights(), odds)
    claims: list[Claim] = []
    for i, (unit, tag) in enumerate(zip(units, tags, strict=True)):
        if tag.kind == "none":
            continue
        span = _span(scene, holders[i]) or _marked(scene, tag)
        name = scene.text[span.start : span.end] if span else WRITER
        cue = _cue(scene, i, name)
        claims.append(
            Claim(
                id=f"c{len(claims)}",
                unit=i,
                start=unit.start,
                end=unit.end,
                kind=tag.kind,
                holder=article.text[span.start : span.end] if span else None,
                holder_start=span.start if span else None,
                holder_end=span.end if span else None,
                cue=_printed(article.text, cue) if cue and span else None,
                quote=_quote(scene, i, name, tag),
                camp=tag.camp,
                attitude=tag.attitude,
            )
        )
    return claims


def _odds(scene: Scene, i: int, tag: Tag) -> float:
    """Log odds, by the tagger, that a unit is said in somebody's words; a comment is nobody's quotation, and who has
    the floor in a conversation needs no other witness."""
    turn = scene.turns[i]
    if tag.attributed is None or scene.units[i].section == "comment":
        return 0.0
    if turn.name and not turn.asks:
        return FLOOR
    share = min(max(tag.attributed, 0.01), 0.99)
    return log(share / (1 - share))


def _span(scene: Scene, name: str) -> Mention | None:
    """Where a holder is named; None for the writer."""
    return scene.names[name] if name != WRITER else None


def _marked(scene: Scene, tag: Tag) -> Mention | None:
    """The one whom the tagger marks as the holder where the grammar found the writer alone; None for a fragment,
    a pronoun, or several marks.

    On validation eight such marks in ten were right.
    """
    if len(tag.holders) != 1:
        return None
    [(start, end)] = tag.holders
    word = scene.text[start:end]
    shape = shape_of(word)
    if end - start < 2 or shape in ("pronoun", "self", "generic", "document"):
        return None
    return scene.names.get(word) or Mention(start, end, shape)


def _cue(scene: Scene, i: int, name: str) -> Attribution | None:
    """The cue in unit ``i`` whose subject is its holder, else the first whose subject is nobody else: 文章写道."""
    found = scene.attributions[i]
    own = [a for a in found if a.subject and resolve(scene, a.subject) == name]
    open_ = [
        a
        for a in found
        if a.subject is None or a.subject.shape == "document" or resolve(scene, a.subject) is None
    ]
    return next(iter(own + open_), None)


def _printed(text: str, cue: Attribution) -> str:
    """The cue as printed; a frame with … for the holder between its halves: 据…测算."""
    if cue.kind in ("look", "accord", "cite") and cue.subject:
        return f"{text[cue.start : cue.subject.start]}…{text[cue.subject.end : cue.end]}"
    return text[cue.start : cue.end]


def _quote(scene: Scene, i: int, name: str, tag: Tag) -> Quote:
    if name == WRITER:
        return "none"
    if tag.quote is not None and tag.quote != "none":
        return tag.quote
    if scene.turns[i].name == name:  # an answer in a printed interview; a comment is nobody's quotation
        return "none" if scene.units[i].section == "comment" else "direct"
    return "direct" if scene.quoted[i] in _QUOTED else "indirect"
