"""The encoder: its view, its windows, its spans, and that what is exported says what was trained."""

import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lichang
from lichang.errors import CorpusError, ModelError
from lichang.records import STANCES, Article, Unit
from lichang.segment import segment
from lichang.tagging.encoder import EncoderTagger, Page
from lichang.tagging.view import view
from lichang.tagging.windows import HEADS, OUTPUTS, TARGET_TYPE, UNIT_LIMIT, Window, collate, cut

# torch and the quantiser warn of their own deprecations.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning"),
]

NEWS = (
    "輝達求解禁\n晶片商輝達執行長說：「全面斷供只會逼出華為。」議員反駁，任何一顆都不該賣。\n"
    "英伟达股价收涨３．５％。今天天气很好。"
)


def test_a_view_says_where_its_characters_are_printed() -> None:
    seen = view(NEWS)
    assert "英伟达首席执行官说：“全面断供" in seen.text
    assert len(seen.text) == len(seen.starts) == len(seen.ends)
    for seen_word, printed_word in (
        ("英伟达求", "輝達求"),
        ("芯片商", "晶片商"),
        ("3.5%", "３．５％"),
        ("。", "。"),
    ):
        at = seen.text.index(seen_word)
        start, end = seen.printed(at, at + len(seen_word))
        assert NEWS[start:end] == printed_word


def test_windows_read_every_unit_once_and_know_what_stood_before() -> None:
    units = [[10 + i] * size for i, size in enumerate((5, 30, 2, 9, 400, 3, 3))]
    windows = list(cut(units, [3] * 7, [7, 7], budget=48, overlap=1))
    fresh = [index for window in windows for index in window.units[len(window.units) - window.fresh :]]
    assert fresh == list(range(7))
    assert all(
        window.units[0] == previous.units[-1]
        for previous, window in pairwise(windows)
        if window.fresh < len(window.units)
    )
    for window in windows:
        assert window.ids[:4] == [0, 7, 7, 2]
        for index, (begin, end) in zip(window.units, window.spans, strict=True):
            assert window.ids[begin : end - 1] == units[index][:UNIT_LIMIT]
            assert window.ids[end - 1] == 2
    assert all(len(window.ids) <= 48 for window in windows if 4 not in window.units)


def test_a_unit_is_the_mean_of_its_own_tokens() -> None:
    arrays = collate(list(cut([[5, 6], [7]], [3, 3], [], budget=99)))
    assert arrays.pool.sum(2).tolist() == [[pytest.approx(1), pytest.approx(1)]]
    assert np.nonzero(arrays.pool[0, 1])[0].tolist() == [4, 5]
    assert arrays.last.tolist() == [[3, 5]]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny base with a character vocabulary."""
    pytest.importorskip("torch")
    import torch
    from transformers import BertConfig, BertModel

    from lichang.training.base import make_tokenizer

    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("tiny")
    characters = sorted(set(view(NEWS).text) - {" ", "\n"})
    pieces = [(name, 0.0) for name in ("<s>", "<pad>", "</s>", "<unk>")] + [("▁", -2.0)]
    make_tokenizer([*pieces, *[(character, -3.0) for character in characters]]).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(pieces) + len(characters) + 1,
        hidden_size=32,
        num_hidden_layers=4,
        num_attention_heads=2,
        intermediate_size=128,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def windows(base: Path) -> list[Window]:
    """What the network reads, to see how large its activations get."""
    from tokenizers import Tokenizer

    [(article, units)] = batch_of(NEWS)
    return list(Page(article, units, Tokenizer.from_file(str(base / "tokenizer.json"))).cut(320, 2))


@pytest.fixture(scope="module")
def network(base: Path) -> Any:
    import torch

    from lichang.training.network import Network

    torch.manual_seed(1)
    network = Network(base).eval()
    # Wide enough apart that labels differ from unit to unit, and no wider: large logits make much of a rounded sum.
    torch.nn.init.normal_(network.units.weight, std=0.3)
    torch.nn.init.normal_(network.tokens.weight, std=0.3)
    return network


@pytest.fixture(scope="module")
def folder(base: Path, network: Any, windows: list[Window], tmp_path_factory: pytest.TempPathFactory) -> Path:
    from lichang.training.export import export

    out = tmp_path_factory.mktemp("model")
    export(network, base, out, windows=windows, temperatures=dict.fromkeys(OUTPUTS, 2.0), notes={})
    return out


def batch_of(*texts: str) -> list[tuple[Article, Sequence[Unit]]]:
    articles = [Article(id=str(i), text=text, title=text.partition("\n")[0]) for i, text in enumerate(texts)]
    return [(article, segment(article.text)) for article in articles]


ROUNDING = 0.05  # how far eight bits may move a probability of this network


def test_the_exported_model_says_what_was_trained(base: Path, network: Any, folder: Path) -> None:
    import torch
    from tokenizers import Tokenizer

    [(article, units)] = batch_of(NEWS)
    page = Page(article, units, Tokenizer.from_file(str(base / "tokenizer.json")))
    [window] = page.cut(320, 2)
    with torch.no_grad():
        logits = network(*map(torch.from_numpy, collate([window])))[0][0]
    [readings] = EncoderTagger(folder).read([(article, units)])
    start = 0
    for head, labels in HEADS.items():
        wanted = torch.softmax(logits[:, start : start + len(labels)] / 2.0, -1).numpy()
        got = np.array([reading.probabilities[head] for reading in readings if reading])
        assert np.abs(got - wanted).max() < ROUNDING
        start += len(labels)


def test_tags_do_not_depend_on_company(folder: Path) -> None:
    tagger = EncoderTagger(folder)
    batch = batch_of(NEWS, "天气很好。", NEWS * 9, "")
    together = tagger.tag(batch)
    assert [len(tags) for tags in together] == [len(units) for _, units in batch]
    for entry, tags in zip(batch, together, strict=True):
        [alone] = tagger.tag([entry])
        assert alone == tags
    assert tagger.tag([]) == []


def test_an_exported_encoder_can_be_gone_on_from(
    base: Path, network: Any, windows: list[Window], folder: Path
) -> None:
    from lichang.training.export import Plain, peaks
    from lichang.training.network import Network
    from lichang.training.restore import restore

    again = Network(base)
    restore(again, folder)
    factors = {
        f"bert.encoder.layer.{key.replace('_', '.')}.dense.weight": factor
        for key, factor in Plain(network, peaks(network, windows)).factors.items()
    }
    for name, weights in network.state_dict().items():
        rounded = 1 / factors.get(name, 1)  # times which the weights were rounded
        step = (weights * rounded).abs().max() / 127
        assert ((again.state_dict()[name] - weights) * rounded).abs().max() <= step, name
    shallow = Network(base)
    shallow.units = type(shallow.units)(8, 17)
    with pytest.raises(ModelError, match=r"holds no units\.weight of shape \(17, 8\); start from another"):
        restore(shallow, folder)


def test_stances_are_asked_under_the_target(base: Path, network: Any, folder: Path, tmp_path: Path) -> None:
    import torch
    from tokenizers import Tokenizer

    from lichang.stance import read_stances

    [(article, units)] = batch_of(NEWS)
    page = Page(article, units, Tokenizer.from_file(str(base / "tokenizer.json")), target="晶片")
    [window] = page.cut(320, 2)
    assert TARGET_TYPE in window.types
    with torch.no_grad():
        logits = network(*map(torch.from_numpy, collate([window])))[0][0, :, -len(STANCES) :]
    tagger = EncoderTagger(folder)
    got = tagger.stances(article, units, "晶片")
    assert np.abs(got - torch.softmax(logits / 2.0, -1).numpy()).max() < ROUNDING
    assert np.any(got != tagger.stances(article, units, "天气"))
    [found] = read_stances([article], "晶片", encoder=tagger)
    assert [(unit.start, unit.end) for unit in found.units] == [(unit.start, unit.end) for unit in units]
    assert found.scores[found.stance] == max(found.scores.values())
    assert sum(found.scores.values()) == pytest.approx(1, abs=1e-3)
    with pytest.raises(ModelError, match="target is empty"):
        next(read_stances([article], " "))


def test_an_encoder_without_targets_says_so(folder: Path) -> None:
    [(article, units)] = batch_of(NEWS)
    tagger = EncoderTagger(folder)
    tagger.temperatures = dict.fromkeys(HEADS, 1.0)
    with pytest.raises(ModelError, match="trained without targets"):
        tagger.stances(article, units, "晶片")


def test_only_chosen_units_are_given(folder: Path) -> None:
    tagger = EncoderTagger(folder)
    batch = batch_of(NEWS, "天气很好。")
    wanted = [np.arange(len(units)) % 3 == 1 for _, units in batch]
    found = list(tagger.read(batch, wanted))
    assert [[reading is not None for reading in row] for row in found] == [row.tolist() for row in wanted]
    assert list(tagger.read(batch[:1], [np.zeros(len(batch[0][1]), bool)])) == [[None] * len(batch[0][1])]
    # Units that stand apart share a window, and its title.
    [window] = Page(*batch[0], tagger.tokenizer, wanted[0]).cut(tagger.budget, tagger.overlap)
    assert window.units == wanted[0].nonzero()[0].tolist()
    assert len(window.units) > 1


def test_a_long_article_is_read_in_parts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tagger = EncoderTagger(folder)
    batch = batch_of(NEWS * 5, NEWS)
    wanted = [np.arange(len(units)) % 4 != 2 for _, units in batch]
    whole = tagger.read(batch, wanted), tagger.read(batch)
    monkeypatch.setattr("lichang.tagging.encoder.PART", 4)
    monkeypatch.setattr("lichang.tagging.encoder.TOGETHER", 8)
    for rows, parts in zip(whole, (tagger.read(batch, wanted), tagger.read(batch)), strict=True):
        for row, part in zip(rows, parts, strict=True):
            assert [reading is None for reading in row] == [reading is None for reading in part]


def test_spans_lie_within_their_unit(folder: Path) -> None:
    batch = batch_of(NEWS)
    [tags] = EncoderTagger(folder).tag(batch)
    spans = [
        (unit, span) for unit, tag in zip(batch[0][1], tags, strict=True) for span in tag.holders + tag.cues
    ]
    assert spans
    assert all(unit.start <= start < end <= unit.end for unit, (start, end) in spans)


def test_damaged_weights_are_refused(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.onnx").write_bytes((folder / "model.onnx").read_bytes()[:-1])
    with pytest.raises(ModelError, match="are damaged"):
        EncoderTagger(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(ModelError, match=r"tokenizer\.json cannot be read"):
        EncoderTagger(tmp_path)


def test_what_is_known_is_mostly_left_out() -> None:
    from lichang.training.passages import STILL_READ, Labelled, Passage, focus

    units = tuple(Labelled(str(i), 3, (2, 0, 0, 0, 0), known=i % 2 == 0) for i in range(400))
    kept = focus(Passage("题", units), random.Random(1)).units
    assert [unit for unit in kept if not unit.known] == list(units[1::2])
    assert sum(unit.known for unit in kept) == pytest.approx(200 * STILL_READ, rel=0.3)


def test_a_network_knows_what_it_is_right_about(base: Path, network: Any) -> None:
    import torch

    from lichang.training.losses import WEIGHTS
    from lichang.training.passages import IGNORE, Labelled, Passage
    from lichang.training.predictions import KNOWN, mark_known, predict
    from lichang.training.samples import sampler_of

    sampler = sampler_of(base)
    texts = ("今天天气很好。", "任何一顆都不該賣。", "全面斷供只會逼出華為。" * 9)
    blank = [
        Passage("輝達", tuple(Labelled(text, 3, (0, *[IGNORE] * 4)) for text in chosen))
        for chosen in (texts, texts[:1])
    ]
    logits = predict(network, sampler, blank)
    assert logits.shape == (4, 17)
    alone = predict(network, sampler, blank[1:])
    assert logits[3] == pytest.approx(alone[0], abs=0.05)
    likely = torch.tensor(logits[:, :3]).softmax(1)
    for camp in range(3):
        asked = [
            [Passage(one.title, tuple(Labelled(u.text, 3, (camp, *[IGNORE] * 4)) for u in one.units))]
            for one in blank
        ]
        [[first], [second]] = mark_known(network, sampler, asked)
        known = [unit.known for unit in (*first.units, *second.units)]
        assert known == [bool(share > np.exp(-KNOWN / WEIGHTS["camp"])) for share in likely[:, camp]]


def test_training_learns_resumes_and_exports(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import json
    import shutil

    from lichang.corpus import lay_out
    from lichang.training import encoder
    from lichang.training.recipe import Recipe
    from lichang.training.targets import Pair

    def unit(text: str, camp: str) -> dict[str, Any]:
        attitude = None if camp == "neither" else "for"
        return {"text": text, "camp": camp, "attitude": attitude, "claim": "opinion", "holder": "作者"}

    row = {
        "id": "ta-1",
        "title": "輝達",
        "relevant": True,
        "balance": "balanced",
        "paragraphs": [
            {
                "units": [
                    unit("全面斷供只會逼出華為。", "dependency"),
                    unit("任何一顆都不該賣。", "containment"),
                    unit("今天天气很好。", "neither"),
                ]
            }
        ],
    }
    corpus = [lay_out(row | {"id": f"ta-{i}"}) for i in range(6)]
    monkeypatch.setattr(encoder, "build", lambda out: shutil.copytree(base, out))
    out, work = tmp_path / "model", tmp_path / "work"
    others = [Article(id="o", text="今天天气很好。")]
    pairs = [Pair("今天天气很好。", "天气", "favour"), Pair("今天天气很好。", "华为", "neither")] * 3
    for epochs in (2, 12):
        recipe = Recipe(epochs=epochs, rate=8e-3, averaging=0.5, batch_tokens=100)
        encoder.fit(
            corpus,
            out,
            dev=corpus[:1],
            work=work,
            irrelevant=others,
            pairs=pairs,
            recipe=recipe,
            workers=2,
            progress=lambda _: None,
        )
    [log] = work.glob("run-*/metrics.jsonl")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["epoch"] for line in lines] == list(range(1, 13))
    article, units = corpus[0].article, [gold.unit for gold in corpus[0].units]
    [tags] = EncoderTagger(out).tag([(article, units)])
    assert [tag.camp for tag in tags] == ["dependency", "containment", "neither"]
    assert (out / "curves.svg").stat().st_size > 1000
    with pytest.raises(CorpusError, match="needs articles"):
        encoder.fit(corpus, out, dev=[], work=work)
    further = tmp_path / "further"
    recipe = Recipe(epochs=1, rate=1e-9, head_factor=1)
    encoder.fit(corpus, further, dev=corpus[:1], work=work, start=out, recipe=recipe, progress=lambda _: None)
    assert [tag.camp for tag in EncoderTagger(further).tag([(article, units)])[0]] == [
        tag.camp for tag in tags
    ]
    assert len(list(work.glob("run-*"))) == 2


def test_varying_keeps_labels_and_spans() -> None:
    from lichang.training.passages import IGNORE, Labelled, Passage, vary

    cue = Labelled("AMD认为，H20不该卖。", 3, (1, 0, 1, 1, IGNORE), ((0, 3, "holder"), (3, 5, "cue")))
    plain = Labelled("今天天气很好。", 3, (2, IGNORE, 0, 0, IGNORE))
    rng = random.Random(4)
    varied = [unit for _ in range(200) for unit in vary(Passage("AMD", (cue, plain)), rng).units]
    assert {unit.text for unit in varied} > {cue.text, plain.text}
    for unit in varied:
        assert unit.labels[0] == (1 if "不该卖" in unit.text else 2)
        for start, end, kind in unit.spans:
            assert kind == "holder" or unit.text[start:end] == "认为"
    assert any("很好" in unit.text and "不该" in unit.text for unit in varied)


def test_a_camp_says_what_its_holder_thinks_of_a_target() -> None:
    from lichang.training.passages import IGNORE, Labelled
    from lichang.training.targets import ACCESS, CURBS, ELSEWHERE, HOOK, ask

    units = tuple(
        Labelled(text, 3, (camp, attitude, 1, 0, IGNORE))
        for text, camp, attitude in (
            ("卖了才离不开。", 0, 0),
            ("一颗都不能卖。", 1, 0),
            ("那是一厢情愿。", 0, 1),
            ("收盘了。", 2, IGNORE),
        )
    )
    favour, against, neither = range(3)
    wanted = {
        ACCESS: [favour, against, IGNORE, neither],
        CURBS: [against, favour, IGNORE, neither],
        HOOK: [favour, IGNORE, against, neither],
        ELSEWHERE: [neither] * 4,
    }
    rng, seen = random.Random(1), set()
    for _ in range(60):
        for asked in ask(units, rng):
            [targets] = [targets for targets in wanted if asked.title in targets]
            assert [unit.labels[-1] for unit in asked.units] == wanted[targets]
            assert asked.title_type == TARGET_TYPE
            seen.add(targets)
    assert len(seen) == len(wanted)


def test_pairs_with_an_unknown_stance_are_refused(tmp_path: Path) -> None:
    from lichang.training.targets import read_pairs

    (tmp_path / "pairs.jsonl").write_text('{"text": "好", "target": "天气", "stance": "pro"}\n')
    with pytest.raises(CorpusError, match=r"pair 1: stance 'pro' is not one of favour, against, neither"):
        read_pairs(tmp_path / "pairs.jsonl")
    with pytest.raises(CorpusError, match="cannot be read as pairs"):
        read_pairs(tmp_path / "missing.jsonl")


def test_the_shipped_encoder_loads_and_scores() -> None:
    from transformers import AutoConfig, AutoTokenizer

    from lichang.corpus import read_corpus
    from lichang.scoring import compare, score
    from lichang.tagging.folder import models_dir

    shipped = models_dir() / "camps-encoder"
    assert AutoConfig.from_pretrained(shipped).num_hidden_layers == 12
    assert len(AutoTokenizer.from_pretrained(shipped)("立场")["input_ids"]) > 2
    assert (shipped / "model.onnx").stat().st_size < 40_000_000
    gold = read_corpus("corpora/camps", "validation")
    found = score(compare(gold, lichang.load("auto").pipe(one.article for one in gold)))
    # Far below what was measured (see the card), far above what a wrong tokenizer or a broken head would give.
    assert found.camp_f1 > 0.7
    assert found.claim_kind_macro_f1 > 0.6
    assert found.holder.f1 > 0.7
