"""The corpus loads with `datasets`, agrees with its card, and lays out with true offsets."""

import re
from collections import Counter
from pathlib import Path

import pytest

from lichang.corpus import GoldArticle, lay_out, read_corpus
from lichang.errors import CorpusError, LabelError

CAMPS = Path(__file__).parents[1] / "corpora" / "camps"


@pytest.fixture(scope="module")
def splits() -> dict[str, list[GoldArticle]]:
    return {split: read_corpus(CAMPS, split) for split in ("train", "validation", "test", "unseen")}


def test_spans_say_what_they_should(splits):
    for article in splits["train"] + splits["validation"] + splits["unseen"]:
        text = article.article.text
        spans = [gold.unit for gold in article.units]
        assert "".join(text[unit.start : unit.end] for unit in spans) == text.replace("\n", "")
        for figure in (figure for gold in article.units for figure in gold.figures):
            assert text[figure.start : figure.end] == figure.text


def test_no_article_is_in_two_splits_and_the_real_one_in_none(splits):
    ids = Counter(gold.article.id for split in splits.values() for gold in split)
    assert max(ids.values()) == 1
    assert "sa-01" not in ids


def test_card_counts_what_is_there(splits):
    card = (CAMPS / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| (train|validation|test|unseen) \| `(\w)\w.*?\| ([\d,]+) \| (.+) \|$", card, re.M)
    assert len(rows) == 20
    for split, letter, articles, counts in rows:
        chosen = [gold for gold in splits[split] if gold.article.id.startswith(letter)]
        units = [unit for gold in chosen for unit in gold.units]
        camps = Counter(gold.unit.camp for gold in units)
        found = [
            len(units),
            *(camps[name] for name in ("dependency", "containment", "neither")),
            sum(len(gold.figures) for gold in units),
        ]
        assert int(articles.replace(",", "")) == len(chosen)
        assert [int(count.replace(",", "")) for count in counts.split(" | ")] == found


def test_unknown_label_is_named():
    row = {
        "id": "n-1",
        "relevant": True,
        "balance": "neither",
        "paragraphs": [{"section": "body", "units": [{"text": "一句。", "camp": "neutrl"}]}],
    }
    with pytest.raises(
        LabelError, match=r"n-1: camp 'neutrl' is not one of dependency, containment, neither"
    ):
        lay_out(row)


def test_missing_corpus_says_what_to_name():
    with pytest.raises(CorpusError, match="no corpus folder nowhere"):
        read_corpus("nowhere", "train")


def test_unknown_split_is_a_corpus_error():
    with pytest.raises(CorpusError, match="split 'dev'"):
        read_corpus(CAMPS, "dev")


def test_a_rewritten_corpus_is_read_anew(tmp_path):
    row = '{{"id": "n-{}", "relevant": false, "balance": "neither", "paragraphs": []}}\n'
    for count in (1, 2):
        (tmp_path / "train.jsonl").write_text("".join(row.format(number) for number in range(count)), "utf-8")
        assert len(read_corpus(tmp_path, "train")) == count
