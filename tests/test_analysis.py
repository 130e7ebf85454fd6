"""The whole flow, on the sample, the corpus and any text at all."""

import json
import subprocess
import sys

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lichang
from lichang.corpus import read_corpus
from lichang.errors import ModelError, SourceError
from lichang.records import Record

PIECES = st.sampled_from(
    [
        "黄仁勋说：“",
        "”",
        "。",
        "\n",
        "卖50万-100万张",
        "@网友：",
        "#话题#",
        "【题】",
        "😀",
        "𠮷",
        "，",
        "H200",
        "参议员警告",
    ]
)


def assert_sound(record: Record) -> None:
    """What holds for every record: spans slice to what they name, units tile, ids name what is there."""
    text, units = record.text, record.units
    covered = [False] * len(text)
    for before, unit in zip((None, *units), units, strict=False):
        assert unit.start < unit.end
        assert before is None or before.end <= unit.start
        covered[unit.start : unit.end] = [True] * (unit.end - unit.start)
        assert (unit.attitude is None) == (unit.camp == "neither")
        assert sum(unit.scores.values()) == pytest.approx(1, abs=1e-3)
    assert all(done or sign.isspace() for done, sign in zip(covered, text, strict=True))
    for claim in record.claims:
        unit = units[claim.unit]
        assert (claim.start, claim.end, claim.camp) == (unit.start, unit.end, unit.camp)
        if claim.holder is not None:
            assert text[claim.holder_start : claim.holder_end] == claim.holder
    claims = {claim.id: claim for claim in record.claims}
    for figure in record.figures:
        assert text[figure.start : figure.end] == figure.text
        assert figure.claim is None or figure.id in claims[figure.claim].figures
    assert len(claims) == len(record.claims)
    assert len({figure.id for figure in record.figures}) == len(record.figures)


def test_sample_becomes_a_record(analyze, sample):
    [article] = lichang.read([str(sample)])
    [record] = analyze.pipe([article])
    assert_sound(record)
    assert record.relevant
    assert {unit.camp for unit in record.units} == {"dependency", "containment", "neither"}
    assert {unit.section for unit in record.units} >= {"hashtag", "title", "body", "comment"}
    assert {"罗兰·贺维特", "埃德加·莫兰"} <= {claim.holder for claim in record.claims}
    figures = {figure.text: figure for figure in record.figures}
    assert (figures["60万-70万张"].low, figures["60万-70万张"].high) == (600000, 700000)
    assert figures["11月18日"].value == "2025-11-18"
    assert figures["42亿美元"].unit == "USD"


def test_corpus_articles_are_sound(analyze):
    corpus = read_corpus("corpora/camps", "validation")
    for record in analyze.pipe(gold.article for gold in corpus):
        assert_sound(record)
        assert msgspec.json.decode(msgspec.json.encode(record), type=Record) == record


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=30).map("".join))
def test_any_text_gives_a_sound_record(analyze, text):
    assert_sound(analyze(text))


def test_clauses_stay_apart_only_where_camps_differ(analyze):
    title = "美国商务部收紧对华芯片出口管制，参议员要求全面封锁英伟达H20。"
    same = analyze(title + "会议上午开了两小时；下午又开了三小时。")
    assert same.text[same.units[-1].start :] == "会议上午开了两小时；下午又开了三小时。"
    apart = analyze(
        title
        + "卖给对方阉割芯片，能让其开发者离不开美国的生态；任何先进芯片都会被解放军用于导弹，必须全面封锁。"
    )
    assert [unit.camp for unit in apart.units[-2:]] == ["dependency", "containment"]


@pytest.mark.parametrize("tagger", ["linear", "auto"])
def test_records_do_not_depend_on_the_batch(tagger):
    analyze = lichang.load(tagger)
    articles = [gold.article for gold in read_corpus("corpora/camps", "validation")[:8]]
    together = list(analyze.pipe(articles))
    assert list(analyze.pipe(reversed(articles))) == together[::-1]
    assert [next(analyze.pipe([article])) for article in articles] == together


def test_real_article(analyze, shared):
    row = json.loads((shared / "gold" / "sa-01.json").read_text("utf-8"))
    paragraphs = ("".join(unit["text"] for unit in one["units"]) for one in row["paragraphs"])
    record = analyze("\n".join(paragraphs), published=row["published"])
    assert_sound(record)
    assert record.relevant
    assert len(record.figures) >= 25


def test_pipe_takes_dicts_and_names_what_is_wrong(analyze):
    [record] = analyze.pipe([{"id": "a", "text": "芯片禁令升级。", "published": "2025/12/1"}])
    assert (record.id, record.published) == ("a", "2025-12-01")
    with pytest.raises(SourceError, match=r"no-text.*expected text in 'text'"):
        list(analyze.pipe([{"id": "a"}]))


def test_unknown_tagger_names_the_known():
    with pytest.raises(ModelError, match="no tagger 'crystal'; choose one of linear"):
        lichang.load("crystal")


def test_damaged_weights_say_what_to_do(tmp_path):
    folder = tmp_path / "camps-linear"
    folder.mkdir()
    (folder / "config.json").write_text('{"weights": "model.skops", "sha256": "00"}')
    (folder / "model.skops").write_bytes(b"not a model")
    with pytest.raises(ModelError, match="damaged"):
        lichang.load(models=tmp_path)
    with pytest.raises(ModelError, match="no model folder"):
        lichang.load(models=tmp_path / "nowhere")


def test_importing_the_package_is_light():
    heavy = "{'sklearn', 'numpy', 'jieba', 'trafilatura', 'transformers', 'torch', 'pyarrow'}"
    code = f"import sys, lichang, lichang.cli; print({heavy} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
