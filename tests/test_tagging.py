"""The linear tagger's parts: features, gate, verdict, folder, and training on a small corpus."""

import json
import shutil

import numpy as np
import pytest
from msgspec.structs import replace

from lichang.analysis import Analyzer, load
from lichang.corpus import read_corpus
from lichang.errors import CorpusError, ModelError
from lichang.records import Article, Unit
from lichang.segment import segment
from lichang.tagging import Tag, join_tags
from lichang.tagging.features import FORM, WIDTH, neighbours, plain, unit_texts
from lichang.tagging.folder import Folder, models_dir
from lichang.tagging.linear import make_tag
from lichang.tagging.verdict import shares

DEBATE = "美国商务部拟收紧对华芯片出口管制，英伟达H20被禁，参议员称芯片会落入解放军之手。黄仁勋说断供只会逼出华为。"
WEATHER = "今天多云转晴，市民可适当增加户外活动。公园的菊花展将持续到月底，门票十元。"


def entry(text: str) -> tuple[Article, list[Unit]]:
    return Article(id="a", text=text), segment(text)


def test_plain_keeps_every_offset():
    text = "「輝達」H２０,占25%！\n(見圖)"
    assert len(plain(text)) == len(text)
    assert plain(text) == "“辉达”H00，占00%！\n（见图）"


def test_regional_words_and_signs_are_one_feature():
    assert unit_texts([entry("輝達的晶片,被禁。")]) == unit_texts([entry("英伟达的芯片，被禁。")])


def test_neighbours_do_not_cross_articles():
    rows = np.arange(1, 6).reshape(5, 1)
    before, after = neighbours([2, 0, 3])
    assert (before @ rows).ravel().tolist() == [0, 1, 0, 3, 4]
    assert (after @ rows).ravel().tolist() == [2, 0, 4, 5, 0]


def test_rows_have_the_declared_width_and_unseen_ngrams_weigh_nothing(analyze):
    rows = analyze.linear.features.transform([entry(DEBATE), entry("龘靐齉爩。")])
    assert rows.shape == (len(segment(DEBATE)) + 1, WIDTH)
    own = rows[-1, : WIDTH - 3 * FORM]
    assert own.nnz < rows[0, : WIDTH - 3 * FORM].nnz / 4


def test_an_empty_batch_and_an_empty_article(analyze):
    assert analyze.linear.tag([]) == []
    assert analyze.linear.tag([(Article(id="a", text=""), [])]) == [[]]


def test_gate_tells_the_debate_from_the_weather(analyze):
    debate, weather = analyze.gate.logits([plain(DEBATE), plain(WEATHER)])
    assert debate > 0 > weather


def test_slow_taggers_read_every_relevant_article_of_validation_and_no_weather(analyze):
    corpus = [gold for gold in read_corpus("corpora/camps", "validation") if gold.relevant]
    articles = [gold.article for gold in corpus]
    read = []

    class Slow:
        name, version = "slow", "s"

        def tag(self, batch, counted):
            read.extend(article.id for article, _ in batch)
            return analyze.linear.tag(batch, counted)

    slow = Analyzer(analyze.linear, analyze.gate, analyze.verdict, Slow())
    list(slow.pipe([*articles, Article(id="weather", text=WEATHER * 9)]))
    assert read == [article.id for article in articles]


def test_shares_count_camps_by_attitude():
    def tag(camp, attitude, dependency, containment):
        scores = {
            "dependency": dependency,
            "containment": containment,
            "neither": 1 - dependency - containment,
        }
        return Tag(scores=scores, camp=camp, attitude=attitude, kind="opinion")

    units = [Unit(start=0, end=1, section=section) for section in ("body", "body", "comment", "byline")]
    tags = [
        tag("dependency", "for", 0.8, 0.1),
        tag("dependency", "against", 0.6, 0.2),
        tag("containment", "reports", 0.1, 0.9),
        tag("containment", "for", 0.0, 1.0),  # a byline argues nothing
    ]
    assert shares(units, tags) == pytest.approx([1 / 3, 1 / 3, 0, 0, 0.5, 0, 0, 1 / 3, 0, 0.4])


@pytest.mark.parametrize(
    ("probabilities", "camp"),
    [
        ((0.42, 0.08, 0.5), "dependency"),
        ((0.1, 0.41, 0.49), "containment"),
        ((0.38, 0.12, 0.5), "neither"),
        ((0.36, 0.33, 0.31), "neither"),
        ((0.52, 0.34, 0.14), "dependency"),
        ((0.44, 0.48, 0.08), "neither"),  # which of the two, nobody could say
    ],
)
def test_a_camp_is_carried_from_two_fifths_on_unless_the_other_is_near(probabilities, camp):
    rest = [np.full(n, 1 / n, np.float32) for n in (3, 5, 3)]
    tag = make_tag(np.array(probabilities, np.float32), *rest)
    assert tag.camp == camp
    assert (tag.attitude is None) == (camp == "neither")


@pytest.mark.parametrize(
    ("probabilities", "kind"),
    [
        ((0.1, 0.5, 0.3, 0, 0.1), "prediction"),
        ((0.5, 0.1, 0.0, 0.26, 0.14), "proposal"),
        ((0.1, 0.6, 0.28, 0, 0.02), "opinion"),
        ((0.5, 0.3, 0.1, 0.1, 0), "fact"),
        ((0.0, 0.2, 0.2, 0.1, 0.5), "none"),
    ],
)
def test_a_rare_kind_is_chosen_where_it_is_more_than_half_as_likely(probabilities, kind):
    rest = [np.full(n, 1 / n, np.float32) for n in (3, 3)]
    assert make_tag(*rest, np.array(probabilities, np.float32), np.full(3, 1 / 3, np.float32)).kind == kind


def test_joined_tags_average_their_scores():
    scores = ({"dependency": 0.2, "neither": 0.8}, {"dependency": 0.6, "neither": 0.4})
    first, second = (
        Tag(scores=s, camp="neither", attitude=None, kind=k)
        for s, k in zip(scores, ("none", "fact"), strict=True)
    )
    joined = join_tags([first, second])
    assert joined.kind == "fact"
    assert joined.scores == pytest.approx({"dependency": 0.4, "neither": 0.6})


def test_weights_are_those_of_the_config():
    folder = Folder(models_dir() / "camps-linear")
    assert folder.weights.stat().st_size < 40_000_000
    assert len(folder.version) == 12


def test_config_without_weights_is_named(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"labels": {}}))
    with pytest.raises(ModelError, match="names no weights file"):
        _ = Folder(tmp_path).weights


def test_weights_for_other_features_are_refused(tmp_path):
    shutil.copytree(models_dir() / "camps-linear", tmp_path / "camps-linear")
    folder = Folder(tmp_path / "camps-linear")
    folder.write_config({key: value for key, value in folder.config.items() if key != "features"})
    with pytest.raises(ModelError, match="run `lichang train camps` again"):
        load("linear", models=tmp_path)


def test_too_small_a_corpus_says_how_much_is_needed(tmp_path):
    from lichang.training.linear import train

    corpus = read_corpus("corpora/camps", "train")[:5]
    with pytest.raises(
        CorpusError, match=r"5 articles of 1 writers are too few.*at least 20 articles of 3 writers"
    ):
        train(corpus, tmp_path)


def test_a_corpus_without_variety_says_what_it_lacks(tmp_path):
    from lichang.training.linear import train

    corpus = [gold for gold in read_corpus("corpora/camps", "train") if gold.writer in ("ta", "tb", "te")]
    with pytest.raises(
        CorpusError, match=r"every article is about the debate; give some .* --irrelevant FILE"
    ):
        train([gold for gold in corpus if gold.relevant], tmp_path)
    with pytest.raises(CorpusError, match="no article is about the debate"):
        train([gold for gold in corpus if not gold.relevant] * 2, tmp_path)
    bare = [replace(gold, units=tuple(u for u in gold.units if u.unit.camp == "neither")) for gold in corpus]
    with pytest.raises(CorpusError, match=r"units have but one camp \(neither\); annotate more articles"):
        train(bare, tmp_path)
    with pytest.raises(CorpusError, match=r"have but one balance \(balanced\)"):
        train([replace(gold, balance="balanced") for gold in corpus], tmp_path)


def test_training_on_three_writers_beats_chance(tmp_path):
    from lichang.evaluate import evaluate
    from lichang.training.linear import train

    chosen = [gold for gold in read_corpus("corpora/camps", "train") if gold.writer in ("ta", "tb", "te")]
    steps: list[str] = []
    irrelevant = [Article(id=f"w{n}", text=WEATHER * n) for n in range(1, 9)]
    train(chosen, tmp_path / "camps-linear", irrelevant=irrelevant, progress=steps.append)
    assert steps[-1] == "fitting on the whole corpus"
    scores = evaluate("corpora/camps", "validation", load("linear", models=tmp_path)).scores
    assert scores.camp_f1 > 0.5
    assert scores.relevant_accuracy > 0.8
