"""Every format comes in, everything bad is turned away by name, and the run goes on."""

import csv
import gzip
import io
import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from gold_texts import TRAIN, train_texts
from lichang.errors import SourceError
from lichang.ingest import READERS, Fields, read_articles
from lichang.ingest.reasons import MAX_BYTES, MAX_CHARACTERS, REASONS
from lichang.ingest.rows import Place, Row
from lichang.records import Article, Rejection

TEXT = "依赖派认为，卖次级芯片会让对手上瘾。"
OTHER = "遏制派主张，应在制造端最严格地封锁。"
HTML = f"""<html><head><title>两派之争 - 某报</title><meta property="og:site_name" content="某报">
<meta property="article:published_time" content="2025-12-10T08:00:00+08:00"></head><body><nav>首页 科技</nav>
<article><h1>两派之争</h1>{"".join(f"<p>{n}、{TEXT * 8}</p>" for n in "一二三")}</article>
<footer>版权所有</footer></body></html>"""


def write(path: Path, content: str | bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def jsonl(*rows: Any) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def articles(*sources: str, **options: Any) -> list[Article]:
    found = list(read_articles(sources, **options))
    assert all(isinstance(item, Article) for item in found), found
    return [item for item in found if isinstance(item, Article)]


def reasons(*sources: str, **options: Any) -> list[str]:
    found = read_articles(sources, **options)
    return [item.reason if isinstance(item, Rejection) else "article" for item in found]


ROW = {"id": "a-1", "title": "两派", "source": "某报", "published": "2025-12-10", "text": TEXT}
ARTICLE = Article(id="a-1", title="两派", source="某报", published="2025-12-10", text=TEXT)


def as_csv(delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, ROW, delimiter=delimiter)
    writer.writeheader()
    writer.writerow(ROW)
    return out.getvalue()


def as_parquet(rows: list[dict[str, Any]]) -> bytes:
    import pyarrow
    from pyarrow import parquet

    out = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", jsonl(ROW)),
        ("a.jsonl", "\n" + jsonl(ROW) + "\n \n"),
        ("a.jsonl", json.dumps(ROW, ensure_ascii=False).encode("utf-8-sig")),
        ("a.jsonl", json.dumps(ROW, ensure_ascii=False).encode("utf-16")),
        ("a.jsonl", json.dumps(ROW, ensure_ascii=False).encode("gb18030")),
        ("A.JSONL.GZ", gzip.compress(jsonl(ROW).encode())),
        ("a.json", json.dumps(ROW, indent=1)),
        ("a.json", json.dumps([ROW])),
        ("a.csv", as_csv()),
        ("a.csv", as_csv("\t").encode("utf-16")),  # what Excel saves as Unicode text
        ("a.csv", as_csv(";").encode("gb18030")),
        ("a.csv", as_csv().replace("id", " id ", 1).encode("utf-8-sig")),
        ("a.parquet", as_parquet([ROW])),
        ("a.md", f"---\nid: a-1\ntitle: 两派\nsource: 某报\ndate: 2025-12-10\n---\n{TEXT}\n"),
    ],
)
def test_formats(tmp_path: Path, name: str, content: str | bytes) -> None:
    assert articles(write(tmp_path / name, content)) == [ARTICLE]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5"]
)
def test_text_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    text = "輝達說，這會給對岸的人工智慧產業注入燃料。"
    (article,) = articles(write(tmp_path / "news.txt", text.encode(encoding)))
    assert article == Article(id="news", text=text, script="hant")


def test_html(tmp_path: Path) -> None:
    (article,) = articles(write(tmp_path / "page.html", HTML))
    assert (article.id, article.title, article.source, article.published) == (
        "page",
        "两派之争",
        "某报",
        "2025-12-10",
    )
    assert article.text.count(TEXT) == 24
    assert "首页" not in article.text
    assert "版权" not in article.text
    declared = HTML.replace("<head>", '<head><meta charset="gb2312">').encode("gbk")
    assert articles(write(tmp_path / "page.htm", declared))[0].text == article.text
    xhtml = '<?xml version="1.0" encoding="utf-8"?>' + HTML
    assert articles(write(tmp_path / "page.xhtml", xhtml))[0].text == article.text


def test_html_without_metadata(tmp_path: Path) -> None:
    body = "".join(f"<p>{n}、{TEXT * 8}</p>" for n in "一二三")
    page = f"""<html><head><title>两派之争_某网</title></head><body><div>首页 科技</div><h1>两派之争</h1>
    <div>2025年12月10日 08:30　来源：<a href="/">某报</a></div><div class="content">{body}</div>
    <div id="comments"><div class="comment"><p>资金来源：自筹，2019年3月1日</p></div></div></body></html>"""
    (article,) = articles(write(tmp_path / "a.html", page))
    assert (article.title, article.source, article.published) == ("两派之争", "某报", "2025-12-10")
    assert article.text.split("\n")[0] == "两派之争"
    assert article.text.count("两派之争") == 1
    undated = page.replace(" 08:30", "").replace("来源：<", "作者：<")
    (article,) = articles(write(tmp_path / "b.html", undated))
    assert (article.source, article.published) == (None, None)


def test_markdown_loses_its_marks(tmp_path: Path) -> None:
    page = "# **两派**之争\n\n- 见[报告](https://example.org/a)，![图](x.png)\n\n> 引文\n\n#芯片# 3*4\n"
    (article,) = articles(write(tmp_path / "a.md", page))
    assert article.title == "两派之争"
    assert article.text == "两派之争\n\n见报告，![图](x.png)\n\n引文\n\n#芯片# 3*4"


def test_gold_is_laid_out_as_the_scorer_does(tmp_path: Path) -> None:
    gold = {
        "id": "g",
        "title": "题",
        "paragraphs": [{"units": [{"text": "题"}]}, {"units": [{"text": TEXT}, {"text": OTHER}]}],
    }
    (article,) = articles(write(tmp_path / "g.json", json.dumps(gold)))
    assert article == Article(id="g", title="题", text=f"题\n{TEXT}{OTHER}")


def test_gold_of_a_folder_is_read_whole() -> None:
    texts = train_texts()
    found = articles(str(TRAIN))
    assert [article.text for article in found] == texts
    assert [article.id for article in found] == [path.stem for path in sorted(TRAIN.glob("*.json"))]


def test_columns_by_other_names(tmp_path: Path) -> None:
    rows = write(
        tmp_path / "a.jsonl", jsonl({"编号": 7, "content": TEXT, "date": "20251210", "id": "not this"})
    )
    fields = Fields(id="编号", text="content", published="date")
    assert articles(rows, fields=fields) == [Article(id="7", text=TEXT, published="2025-12-10")]
    assert articles(write(tmp_path / "a.txt", TEXT), fields=fields)[0].text == TEXT


def test_folders_are_read_by_name_and_give_ids(tmp_path: Path) -> None:
    write(tmp_path / "b.txt", TEXT)
    write(tmp_path / "a" / "b.txt", OTHER)
    write(tmp_path / "a" / ".hidden" / "c.txt", TEXT)
    write(tmp_path / ".DS_Store", b"\0")
    assert [article.id for article in articles(str(tmp_path))] == ["a/b", "b"]
    assert [article.text for article in articles(str(tmp_path / "*.txt"))] == [TEXT]
    assert [article.text for article in articles(str(tmp_path / "**" / "b.txt"))] == [OTHER, TEXT]


def test_ids_stay_when_rows_are_added(tmp_path: Path) -> None:
    one = articles(write(tmp_path / "a.jsonl", jsonl({"text": TEXT})))
    two = articles(write(tmp_path / "a.jsonl", jsonl({"text": OTHER}, {"text": TEXT})))
    assert one[0] == two[1]
    assert one[0].id.startswith("a-")


def test_same_name_other_text_gets_a_longer_id(tmp_path: Path) -> None:
    first, second = write(tmp_path / "x" / "n.txt", TEXT), write(tmp_path / "y" / "n.txt", OTHER)
    ids = [article.id for article in articles(first, second)]
    assert ids[0] == "n"
    assert ids[1].startswith("n-")
    assert reasons(first, first, second, second) == ["article", "duplicate", "article", "duplicate"]


LONG = "芯" * (MAX_CHARACTERS + 1)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", "", ["empty"]),
        ("a.txt", " \r\n\u200b\x00", ["empty"]),
        ("a.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x9a\xff", ["binary"]),
        ("a.txt", "Les États-Unis ont décidé d'interdire".encode("latin-1"), ["encoding"]),
        ("a.txt", "nothing to read here", ["no-chinese"]),
        ("a.txt", "日本語の記事です。これは読みません。", ["no-chinese"]),
        ("a.txt", LONG, ["too-large"]),
        ("a.txt", b"a" * (MAX_BYTES + 1), ["too-large"]),
        ("a.html", b"", ["empty"]),
        ("a.html", "<html><body></body></html>", ["empty"]),
        ("a.html", b"\xff\x00\x01" * 50, ["binary"]),
        ("a.html", b" " * (MAX_BYTES + 1), ["too-large"]),
        ("a.html", "<div>" * 30_000, ["empty"]),
        ("a.html", "<p>芯片</p>" * 30_000, ["too-large"]),
        ("a.jsonl", "", []),
        ("a.jsonl", jsonl(ROW, [1], "x", 3, None), ["article", *["not-json"] * 4]),
        ("a.jsonl", "{\n" + "[" * 100_000 + "\n" + jsonl(ROW), ["not-json", "not-json", "article"]),
        ("a.jsonl", '{"text": 1' + "0" * 5000 + "}\n" + jsonl(ROW), ["not-json", "article"]),
        ("a.jsonl", jsonl({"id": 1}, {"text": None}, {"text": 5}, {"text": ["句"]}), ["no-text"] * 4),
        ("a.jsonl", jsonl(ROW | {"id": []}, ROW | {"title": {}}, ROW | {"source": True}), ["bad-field"] * 3),
        ("a.jsonl", jsonl(ROW | {"published": "昨天"}, ROW | {"published": "2025-13-40"}), ["bad-date"] * 2),
        ("a.jsonl", jsonl(ROW | {"text": ""}, ROW | {"text": "\ud800"}), ["empty"] * 2),
        ("a.jsonl", jsonl(ROW, ROW, ROW | {"text": OTHER}), ["article", "duplicate", "duplicate-id"]),
        ("a.jsonl", jsonl({"text": TEXT}, {"text": TEXT}), ["article", "duplicate"]),
        ("a.jsonl", jsonl(ROW).encode() + b'{"text": "\xff\xff"}\n', ["article", "encoding"]),
        (
            "a.jsonl",
            b'{"text": "\xff\xff"}\n' + json.dumps(ROW, ensure_ascii=False).encode(),
            ["encoding", "article"],
        ),
        ("a.jsonl", b"\x00\x01\x02\xff" * 99, ["binary"]),
        ("a.jsonl", '{"text": "' + "a" * MAX_BYTES + '"}\n' + jsonl(ROW), ["too-large", "article"]),
        ("a.jsonl.gz", b"no gzip", ["unreadable"]),
        ("a.json", "{", ["not-json"]),
        ("a.json", "[{]", ["not-json"]),
        ("a.json", json.dumps([ROW, 1]), ["article", "not-json"]),
        ("a.json", json.dumps({"paragraphs": [{"units": 3}]}), ["no-text"]),
        ("a.csv", "", ["empty"]),
        ("a.csv", "id,body\n1,文\n", ["no-text"]),
        (
            "a.csv",
            f"id,text\n1\n2,{TEXT}\n3,{TEXT},x\n\n4,{OTHER}\n",
            ["no-text", "article", "bad-row", "article"],
        ),
        ("a.csv", f'id,text\n1,"{LONG}"\n2,{TEXT}\n', ["too-large", "article"]),
        ("a.csv", 'id,text\n1,"' + f"{'句' * 99}\n" * 90_000 + f'"\n2,{TEXT}\n', ["too-large", "article"]),
        ("a.csv", f'id,text\n1,"甲\n{"a" * MAX_BYTES}"\n2,{TEXT}\n', ["too-large", "article"]),
        (
            "a.csv",
            f"id,text\n1,{TEXT}\n".encode() + b"2,\xff\n" + f"3,{OTHER}\n".encode(),
            ["article", "encoding", "article"],
        ),
        ("a.csv", b"\x00\x01\x02\xff" * 99, ["binary"]),
        ("a.parquet", b"", ["unreadable"]),
        ("a.parquet", b"PAR1 and then nothing", ["unreadable"]),
        ("a.parquet", as_parquet([ROW])[:-20], ["unreadable"]),
        ("a.parquet", as_parquet([{"body": TEXT}]), ["no-text"]),
        ("a.parquet", as_parquet([ROW, ROW | {"id": "a-2", "text": None}]), ["article", "no-text"]),
    ],
)
def test_what_is_bad_is_turned_away(
    tmp_path: Path, name: str, content: str | bytes, expected: list[str]
) -> None:
    path = write(tmp_path / name, content)
    found = list(read_articles([path]))
    assert [item.reason if isinstance(item, Rejection) else "article" for item in found] == expected
    for item in found:
        if isinstance(item, Rejection):
            assert item.where.startswith(path)
            assert item.reason in REASONS
            assert len(item.detail) < 300
            assert "\n" not in item.detail


def test_what_stands_before_the_break_is_read(tmp_path: Path) -> None:
    whole = gzip.compress(jsonl(*({"id": n, "text": f"第{n}篇。{TEXT}"} for n in range(2000))).encode())
    found = reasons(write(tmp_path / "a.jsonl.gz", whole[: len(whole) // 2]))
    assert found.count("article") > 500
    assert found[-1] == "unreadable"


def test_dirty_text_is_cleaned_not_lost(tmp_path: Path) -> None:
    rows = [{"text": f"\ufeff{TEXT}\ud800\r\n\x07{OTHER}\x00", "title": "两\n派", "score": float("nan")}]
    (article,) = articles(write(tmp_path / "a.jsonl", jsonl(*rows)))
    assert (article.text, article.title) == (f"{TEXT}\n{OTHER}", "两 派")
    raw = '{"text": "甲句。\t乙句。\x01"}'
    assert articles(write(tmp_path / "b.jsonl", raw))[0].text == "甲句。\t乙句。"


def test_rejections_name_the_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f'id,text\n1,"{TEXT}\n{OTHER}"\n2,\n3\n')
    found = list(read_articles([path]))
    assert [item.where for item in found if isinstance(item, Rejection)] == [f"{path}:4", f"{path}:5"]


def test_a_folder_goes_on_past_what_is_bad(tmp_path: Path) -> None:
    write(tmp_path / "1.exe", b"%PDF")
    write(tmp_path / "2.txt", "")
    (tmp_path / "3").mkdir()
    write(tmp_path / "4.txt", TEXT)
    (tmp_path / "5.txt").symlink_to(tmp_path / "gone")
    write(tmp_path / "LICENSE", "x")
    expected = ["unsupported", "empty", "empty", "article", "unreadable", "unsupported"]
    assert reasons(str(tmp_path)) == expected


@pytest.mark.parametrize("source", ["gone.txt", "gone/", "*.gone", "", "nul\0", "x" * 5000])
def test_a_missing_path_is_an_error_at_once(source: str) -> None:
    with pytest.raises(SourceError, match="no such file"):
        read_articles([source])


def test_an_unknown_format_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"'\.exe' is not a format"):
        read_articles([write(tmp_path / "a.exe", b"%PDF")])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (TEXT.encode(), [(None, TEXT)]),
        (TEXT.encode("gbk"), [(None, TEXT)]),
        (jsonl(ROW, {"text": OTHER}).encode(), [("a-1", TEXT), (None, OTHER)]),
        (json.dumps(ROW, ensure_ascii=False).encode("utf-16"), [("a-1", TEXT)]),
        (json.dumps(ROW, indent=1).encode(), [("a-1", TEXT)]),
        (json.dumps([ROW]).encode(), [("a-1", TEXT)]),
        (b"  " + jsonl(ROW | {"text": TEXT * 5000}).encode(), [("a-1", TEXT * 5000)]),
    ],
)
def test_standard_input(
    monkeypatch: pytest.MonkeyPatch, data: bytes, expected: list[tuple[str | None, str]]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    found = articles("-")
    assert [article.text for article in found] == [text for _, text in expected]
    assert all(article.id == id for article, (id, _) in zip(found, expected, strict=True) if id)


def test_a_file_without_suffix_is_read_by_its_content(tmp_path: Path) -> None:
    path = write(tmp_path / "news", jsonl(ROW))
    assert articles(path) == list(read_articles(path)) == list(read_articles([Path(path)])) == [ARTICLE]
    assert articles(write(tmp_path / "note", TEXT)) == [Article(id="note", text=TEXT)]


class Endless(io.RawIOBase):
    """A file that goes on for ever."""

    def __init__(self, head: str, row: str) -> None:
        self.left, self.row = head.encode(), row.encode()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while len(self.left) < len(buffer):
            self.left += self.row
        buffer[:], self.left = self.left[: len(buffer)], self.left[len(buffer) :]
        return len(buffer)


@pytest.mark.parametrize(
    ("suffix", "head", "row"),
    [(".jsonl", "", jsonl({"text": TEXT})), (".csv", "id,text\n", f'1,"{TEXT}\n{OTHER}"\n')],
)
def test_rows_stream(suffix: str, head: str, row: str) -> None:
    rows = READERS[suffix](io.BufferedReader(Endless(head, row)), Place("x", "x"), Fields())
    assert sum(isinstance(row, Row) for row in islice(rows, 5000)) == 5000


def test_every_reader_has_a_test() -> None:
    here = {".txt", ".md", ".html", ".htm", ".xhtml", ".json", ".jsonl", ".jsonl.gz", ".csv", ".parquet"}
    in_test_sources = {".rss", ".atom", ".xml", ".warc", ".warc.gz", ".docx", ".xlsx", ".pdf"}
    assert set(READERS) == here | in_test_sources
