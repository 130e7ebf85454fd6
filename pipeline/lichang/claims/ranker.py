"""The choice of each unit's holder: candidates, what is said for each, and the weights that decide."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import islice

import msgspec

from lichang.claims.attribution import Attribution
from lichang.claims.holders import FIRST_PERSON, NUMBER, WRITER, Scene, resolve
from lichang.claims.mentions import Mention, anaphor

Weights = Mapping[str, float]
# In another witness, beside the sums of weights: log odds add up. On `unseen` 0.5 to 1 are as good.
TRUST = 0.7
_ANAPHORIC = ("pronoun", "document", "generic")
Features = dict[str, list[str]]  # candidate's name → what is said for it


class Past(msgspec.Struct):
    """Who held the units so far, latest last."""

    held: list[str]  # one name a unit, WRITER for the writer
    speakers: list[str]  # names other than the writer's, each once, in the order of their last turn
    last_cue: int = -9  # unit of the last cue of the latest speaker
    times: dict[str, int] = {}


def new_past() -> Past:
    """No unit read yet."""
    return Past([], [], -9, {})


def remember(past: Past, i: int, name: str, cued: bool) -> None:
    """Add the holder of unit ``i``, the next one."""
    past.held.append(name)
    if name != WRITER:
        if cued or not past.speakers or past.speakers[-1] != name:
            past.last_cue = i
        if name in past.speakers:
            past.speakers.remove(name)
        past.speakers.append(name)
        past.times[name] = past.times.get(name, 0) + 1


def features(scene: Scene, past: Past, i: int) -> Features:
    """Every candidate for unit ``i`` with the strings that speak for it; a commenter's words are not the writer's."""
    around = _around(scene, past, i)
    found: Features = {WRITER: ["W"] + ["W&" + word for word in around]}
    if scene.turns[i].asks:
        found[WRITER].append("W&asks")
    pronouns: list[tuple[str, str]] = []
    for order, cue in enumerate(scene.attributions[i]):
        _by_cue(scene, past, i, cue, order, found, pronouns)
    first = scene.first[i]
    if first is not None:
        if first.shape in _ANAPHORIC:
            pronouns.append(("F", _anaphor(scene, first)))
        if name := resolve(scene, first):
            cues = min(2, len(scene.attributions[i]))
            _add(found, name, ["F", f"F&{_shape(scene, first)}", f"F&{scene.quoted[i]}", f"F&cues{cues}"])
    for how, word in pronouns:
        if owner := scene.owners[i].get(word[-2:]):
            _add(found, owner, ["O", f"O&{how}", f"O&{word}"])
    _by_memory(scene, past, i, around, pronouns, found)
    _by_quotation(scene, i, found)
    _by_name(scene, found)
    _by_turn(scene, past, i, found)
    if scene.turns[i].name and scene.units[i].section == "comment":
        del found[WRITER]
    return found


def _add(found: Features, name: str, words: Iterable[str]) -> None:
    found.setdefault(name, []).extend(words)


def _around(scene: Scene, past: Past, i: int) -> list[str]:
    """What the unit looks like, whoever holds it."""
    unit, text = scene.units[i], scene.text
    body = text[unit.start : unit.end]
    cues = scene.attributions[i]
    held = past.held[-1] if past.held else WRITER
    gap = min(4, i - past.last_cue) if held != WRITER else 0
    first = scene.first[i]
    words = [
        unit.section, "q=" + scene.quoted[i], "line" if scene.heads[i] else "run",
        "b1=" + body[:1], "b2=" + body[:2], "cues=" + str(min(3, len(cues))), f"gap={gap}",
        "first=" + (first.shape if first else "none"),
    ]  # fmt: skip
    before = scene.units[i - 1] if i else None
    if before and not scene.heads[i]:
        words.append("after=" + text[before.end - 1 : before.end])
        words.append(f"after={scene.quoted[i - 1]}&{scene.quoted[i]}")
    words.append(words[1] + words[2] + f"{gap}")
    if FIRST_PERSON.search(body):
        words.append("me")
    if body.rstrip("”」 ").endswith(("？", "?")):
        words.append("asks?")
    if NUMBER.search(body):
        words.append("number")
    if not cues and scene.heads[i]:
        words.append("line&nocue")
    return words


def _anaphor(scene: Scene, mention: Mention) -> str:
    return anaphor(scene.text[mention.start : mention.end], mention.shape)


def _by_cue(
    scene: Scene,
    past: Past,
    i: int,
    cue: Attribution,
    order: int,
    found: Features,
    pronouns: list[tuple[str, str]],
) -> None:
    """A cue speaks for its subject, and against or for the writer by its kind."""
    named = cue.subject
    shape = _shape(scene, named) if named else "none"
    line = [
        f"verb={cue.verb}",
        f"kind={cue.kind}&{shape}",
        f"kind={cue.kind}&{cue.follow}",
        f"kind={cue.kind}&{cue.gap}",
        f"follow={cue.follow}&{shape}",
        f"verb={cue.verb}&{cue.follow}",
        f"{cue.follow}&{cue.gap}&{shape}",
        f"gap={cue.gap}",
        f"order={order}&{shape}",
        f"q={scene.quoted[i]}&{shape}",
        f"floor={_floor(scene, i)}&{shape}",
    ]
    found[WRITER].extend("W&A&" + word for word in line)
    if named is None:
        pronouns.append(("E", cue.kind))
        first = scene.first[i]
        if first is not None and first.end <= cue.start and (name := resolve(scene, first)):
            _add(found, name, ["EF", "EF&" + cue.kind, "EF&" + first.shape, "EF&" + cue.follow])
        return
    if shape in _ANAPHORIC:
        pronouns.append(("S", _anaphor(scene, named)))
        pronouns.append(("S", cue.kind))
    if name := resolve(scene, named):
        _add(found, name, ["S"] + ["S&" + word for word in line])


def _floor(scene: Scene, i: int) -> str:
    """Whether somebody has the floor at a unit, and asks or answers."""
    turn = scene.turns[i]
    return "none" if turn.name is None else "asks" if turn.asks else "answers"


def _shape(scene: Scene, mention: Mention) -> str:
    """What a mention is: of a known name what that is, else what its form tells."""
    name = resolve(scene, mention)
    return scene.names[name].shape if name in scene.names else mention.shape


def _shape_of_name(scene: Scene, name: str) -> str:
    return scene.names[name].shape if name in scene.names else "unknown"


def _by_memory(
    scene: Scene, past: Past, i: int, around: list[str], pronouns: list[tuple[str, str]], found: Features
) -> None:
    """Those who spoke or were named shortly before may go on, or be meant by a pronoun."""
    here = {canonical(scene, name) for name in scene.present[i]}
    held = past.held[-1] if past.held else WRITER
    crowd = "only" if len(past.speakers) == 1 else "among"
    for rank, name in enumerate(reversed(past.speakers[-4:])):
        words = [f"P{rank}", f"P{rank}&{crowd}"]
        if name == held:
            words = [
                "P",
                *("P&" + word for word in around),
                f"P&times={min(4, past.times[name])}",
                *words[1:],
            ]
        shape = _shape_of_name(scene, name)
        words += [f"P{rank}&{how}&{word}" for how, word in pronouns]
        words += [f"P{rank}&{how}&{word}&{shape}" for how, word in pronouns]
        if here:
            words.append(f"P{rank}&here" if canonical(scene, name) in here else f"P{rank}&others")
        _add(found, name, words)
    for back in range(min(3, i + 1)):
        near = dict.fromkeys(canonical(scene, name) for name in scene.present[i - back])
        for place, name in enumerate(islice(near, 4)):
            shape = _shape_of_name(scene, name)
            words = [f"M{back}&{min(place, 2)}", f"M{back}&{shape}", f"M{back}&{scene.quoted[i]}"]
            words += [f"M{back}&{how}&{word}&{shape}" for how, word in pronouns]
            if back and _opens(scene, i - back, name):
                words += [f"MF{back}", f"MF{back}&{scene.quoted[i]}"]
                words += [f"MF{back}&{how}&{word}" for how, word in pronouns]
            _add(found, name, words)


def _by_turn(scene: Scene, past: Past, i: int, found: Features) -> None:
    """In a conversation or a comment whoever has the floor speaks, unless a cue names another."""
    turn = scene.turns[i].name
    if turn is None:
        return
    kind = "asks" if scene.turns[i].asks else scene.units[i].section
    cues = min(2, sum(a.subject is not None for a in scene.attributions[i]))
    opens = i == 0 or scene.turns[i - 1].name != turn
    went_on = bool(past.held) and past.held[-1] == turn
    line = [
        kind,
        f"{kind}&{cues}",
        f"{kind}&{opens}&{went_on}",
        f"{kind}&{scene.quoted[i]}",
        f"{kind}&{scene.heads[i]}",
    ]
    _add(found, turn, ["T", *("T&" + word for word in line)])
    found[WRITER] += ["W&T", *("W&T&" + word for word in line)]


def _by_name(scene: Scene, found: Features) -> None:
    """What the name itself tells, and how often it is the subject of a cue anywhere."""
    for name, words in found.items():
        if name != WRITER:
            span = scene.names.get(name)
            words += [
                f"N&{span.shape if span else '-'}",
                f"N&spoken{min(3, scene.spoken[name])}",
                f"N&long{min(12, len(name)) // 2}",
                f"N&last={name[-1]}",
                f"N&first={name[0]}",
            ]


def _opens(scene: Scene, i: int, name: str) -> bool:
    first = scene.first[i]
    return first is not None and resolve(scene, first) == name


def canonical(scene: Scene, name: str) -> str:
    """The fullest form of a name."""
    span = scene.names.get(name)
    return scene.text[span.start : span.end] if span else name


def _by_quotation(scene: Scene, i: int, found: Features) -> None:
    """An attribution holds for every unit of its quotation, and one just after a quotation looks back."""
    group = scene.group[i]
    for j in range(max(0, i - 4), min(len(scene.units), i + 5)):
        if j == i or (j < i and scene.group[j] != group) or group < 0 or scene.group[j] != group:
            continue
        for cue in scene.attributions[j]:
            if cue.subject and (name := resolve(scene, cue.subject)):
                _add(found, name, [f"QG{'-' if j < i else '+'}", f"QG{'-' if j < i else '+'}&{cue.follow}"])
    if scene.quoted[i] in ("whole", "in", "opens") and i + 1 < len(scene.units) and not scene.heads[i + 1]:
        for cue in scene.attributions[i + 1][:1]:
            if cue.subject and (name := resolve(scene, cue.subject)):
                _add(found, name, ["N", "N&" + cue.follow])


def choose(found: Features, weights: Weights, odds: float = 0.0) -> str:
    """The candidate with the largest sum of weights; the first of them, so rather the writer, on a tie.

    `odds` are log odds that somebody else than the writer speaks, by another witness; 0 where there is none.
    """
    return max(
        found,
        key=lambda name: (
            sum(weights.get(word, 0.0) for word in found[name]) - (name == WRITER) * TRUST * odds
        ),
    )


def follow(scene: Scene, weights: Weights, odds: Sequence[float] = ()) -> list[str]:
    """The holder of every unit in order, each choice resting on those before it; empty for the writer.

    `odds` holds, if anything, what `choose` takes for each unit.
    """
    past = new_past()
    for i in range(len(scene.units)):
        name = choose(features(scene, past, i), weights, odds[i] if odds else 0.0)
        remember(past, i, name, cued=bool(scene.attributions[i]))
    return past.held


@cache
def default_weights() -> Weights:
    """The weights in the package, learnt by ``lichang.claims.train``."""
    raw = resources.files("lichang.claims").joinpath("weights.json").read_bytes()
    return msgspec.json.decode(raw, type=dict[str, float])
