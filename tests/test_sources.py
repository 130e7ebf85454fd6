"""What a monitor has beside plain files: archives, feeds, crawls, office files, addresses. And traps."""

import bz2
import gzip
import http.server
import io
import json
import lzma
import random
import struct
import tarfile
import threading
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from lichang.ingest import find_places, read_articles
from lichang.ingest.feeds import read_date
from lichang.records import Article, Rejection
from pdf_maker import make_pdf

TEXT = "依赖派认为，卖次级芯片会让对手上瘾。"
OTHER = "遏制派主张，应在制造端最严格地封锁。"
PAGE = f"""<html><head><title>两派之争</title><meta name="author" content="李明">
<meta property="article:published_time" content="2025-12-10T08:00:00+08:00"></head><body>
<article><h1>两派之争</h1>{"".join(f"<p>{n}、{TEXT * 8}</p>" for n in "一二三")}</article></body></html>"""
ROW = {"id": "a-1", "title": "两派", "source": "某报", "published": "2025-12-10", "text": TEXT}


def write(path: Path, content: str | bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def read(*sources: str, **options: Any) -> list[Article | Rejection]:
    return list(read_articles(sources, **options))


def articles(*sources: str, **options: Any) -> list[Article]:
    found = read(*sources, **options)
    assert all(isinstance(item, Article) for item in found), found
    return [item for item in found if isinstance(item, Article)]


def reasons(*sources: str, **options: Any) -> list[str]:
    return [item.reason if isinstance(item, Rejection) else "article" for item in read(*sources, **options)]


# Archives


def pack(data: bytes) -> bytes:
    return gzip.compress(data, 1)


def make_zip(files: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def make_tar(files: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


FILES: dict[str, bytes | str] = {
    "a.txt": TEXT,
    "深/b.jsonl.gz": pack(json.dumps(ROW).encode()),
    "深/.hidden": "x",
    "c.html": PAGE,
    "d.doc": "x",
}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".tar": lambda data: data,
    ".tar.gz": pack,
    ".tgz": pack,
    ".tar.bz2": bz2.compress,
    ".tar.xz": lzma.compress,
}


@pytest.mark.parametrize("suffix", [".zip", *PACKERS])
def test_archives_are_read_like_folders(tmp_path: Path, suffix: str) -> None:
    data = make_zip(FILES) if suffix == ".zip" else PACKERS[suffix](make_tar(FILES))
    path = write(tmp_path / f"news{suffix}", data)
    first, second, third, unsupported = read(path)
    assert isinstance(first, Article)
    assert (first.id, first.text) == ("news/a", TEXT)
    assert isinstance(second, Article)
    assert (second.id, second.source) == ("a-1", "某报")
    assert isinstance(third, Article)
    assert (third.id, third.title) == ("news/c", "两派之争")
    assert isinstance(unsupported, Rejection)
    assert (unsupported.where, unsupported.reason) == (f"{path}!/d.doc", "unsupported")


def test_parquet_in_an_archive(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    out = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist([ROW]), out)
    assert [a.id for a in articles(write(tmp_path / "a.zip", make_zip({"a.parquet": out.getvalue()})))] == [
        "a-1"
    ]


def test_names_packed_on_chinese_windows(tmp_path: Path) -> None:
    """Their bytes are GBK, without a mark that says so."""
    data = make_zip({"xxxx.txt": TEXT}).replace(b"xxxx", "要闻".encode("gbk"))
    assert [article.id for article in articles(write(tmp_path / "a.zip", data))] == ["a/要闻"]


def test_archives_within_archives_stay_closed(tmp_path: Path) -> None:
    inner = make_zip({"a.txt": TEXT})
    assert reasons(write(tmp_path / "a.zip", make_zip({"b.zip": inner, "c.tar.gz": b""}))) == ["nested"] * 2


NAMES = ["../../etc/passwd.txt", "/etc/passwd.txt", "C:\\news.txt", "a/../../b.txt", "..\\b.txt"]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_lead_out_are_turned_away(tmp_path: Path, name: str) -> None:
    for archive, data in (("a.zip", make_zip({name: TEXT})), ("a.tar", make_tar({name: TEXT}))):
        assert reasons(write(tmp_path / archive, data)) == ["unsafe-name"]


def test_links_in_a_tar_are_turned_away(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        link = tarfile.TarInfo("a.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert reasons(write(tmp_path / "a.tar", out.getvalue())) == ["unsafe-name"]


def test_a_password_is_named(tmp_path: Path) -> None:
    data = bytearray(make_zip({"a.txt": TEXT, "b.txt": OTHER}))
    data[6] |= 1  # the flag in the file's own header
    data[data.index(b"PK\1\2") + 8] |= 1  # and in the list
    assert reasons(write(tmp_path / "a.zip", bytes(data))) == ["encrypted", "article"]


# Feeds

RSS = f"""<?xml version="1.0" encoding="gb2312"?>
<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://example.org/rss-0.91.dtd">
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>某报要闻</title><link>https://example.org/</link>
<item><title>两派&nbsp;之争</title><link>https://example.org/1</link><guid>17</guid><dc:creator>李明</dc:creator>
<pubDate>2025/8/11 09:30</pubDate><description>摘要</description>
<content:encoded><![CDATA[<p>{TEXT}</p><script>var a = 1 < 2;</script><p>{OTHER}<br/>完</p>]]></content:encoded></item>
<item><title>二</title><link>https://example.org/2</link><pubDate>Mon, 11 Aug 2025 16:30:00 GMT</pubDate>
<description>&lt;div&gt;{OTHER}&lt;/div&gt;</description></item>
<item><title>三</title><link>https://example.org/3</link><pubDate>刚刚</pubDate><description>{TEXT}</description></item>
<item><title>四</title><link>https://example.org/4</link></item>
</channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>某报</title>
<entry><title type="html">两派&lt;b&gt;之争&lt;/b&gt;</title><id>tag:example.org,2025:1</id>
<link rel="alternate" href="https://example.org/1"/><author><name>李明</name></author>
<updated>2025-08-12T02:00:00+08:00</updated><published>2025-08-11T23:00:00+08:00</published>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{TEXT}</p><p>{OTHER}</p></div></content></entry></feed>"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "某报",
    "items": [
        {
            "id": "1",
            "url": "https://example.org/1",
            "title": "两派之争",
            "authors": [{"name": "李明"}],
            "date_published": "2025-08-11T16:30:00Z",
            "content_html": f"<p>{TEXT}</p><p>{OTHER}</p>",
        },
        "no item",
    ],
}


def test_rss(tmp_path: Path) -> None:
    path = write(tmp_path / "feed.rss", RSS.encode("gb18030"))
    first, second, undated, bare = read(path)
    assert first == Article(
        id="https://example.org/1",
        title="两派 之争",
        source="某报要闻",
        author="李明",
        published="2025-08-11",
        url="https://example.org/1",
        text=f"{TEXT}\n\n{OTHER}\n完",
        origin=dict.fromkeys(("title", "source", "author", "published", "url"), "feed"),
    )
    assert isinstance(second, Article)
    assert (second.published, second.text) == ("2025-08-12", OTHER)  # 0:30 in China
    assert isinstance(undated, Rejection)
    assert (undated.where, undated.id, undated.reason) == (f"{path}:[3]", "https://example.org/3", "bad-date")
    assert isinstance(bare, Rejection)
    assert bare.reason == "no-text"


def test_atom(tmp_path: Path) -> None:
    [article] = articles(write(tmp_path / "feed.xml", ATOM))
    assert (article.title, article.source, article.author) == ("两派之争", "某报", "李明")
    assert (article.published, article.url) == ("2025-08-11", "https://example.org/1")
    assert [line for line in article.text.split("\n") if line] == [TEXT, OTHER]


def test_json_feed(tmp_path: Path) -> None:
    article, rejection = read(write(tmp_path / "feed.json", json.dumps(JSON_FEED)))
    assert isinstance(article, Article)
    assert (article.id, article.title, article.author) == ("https://example.org/1", "两派之争", "李明")
    assert (article.published, article.source) == ("2025-08-12", "某报")
    assert article.text == f"{TEXT}\n\n{OTHER}"
    assert isinstance(rejection, Rejection)
    assert rejection.reason == "no-text"


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("2025年8月11日 星期一 23:30", "2025-08-11"),
        ("2025-8-11", "2025-08-11"),
        ("20250811", "2025-08-11"),
        ("周一, 11 八月 2025 09:30:00 +0800", "2025-08-11"),
        ("星期四, 11 十二月 2025 09:30:00 +0800", "2025-12-11"),
        ("Mon, 11 Aug 2025 23:30:00 CST", "2025-08-11"),  # China's, not Chicago's, where it is the same day
        ("Mon, 11 Aug 2025 16:30:00 +0000", "2025-08-12"),
        ("Mon, 11 Aug 2025 16:30:00 -0000", "2025-08-12"),
        ("Mon, 11 Aug 2025 15:30:00 UT", "2025-08-11"),
        ("Mon, 11 Aug 2025 16:30:00 -0500", "2025-08-11"),  # as printed by an American outlet
        ("2025-08-11T16:30:00.000Z", "2025-08-12"),
        ("2025-08-11T16:30:00", "2025-08-11"),
        ("1754929800", "2025-08-12"),
        ("1754929800000", "2025-08-12"),
        ("8月11日", "8月11日"),
        ("11/08/2025", "11/08/2025"),  # August or November?
        ("", ""),
    ],
)
def test_dates_of_feeds(printed: str, day: str) -> None:
    assert read_date(printed) == day


OPML = """<opml version="2.0"><body><outline text="一"><outline text="甲" xmlUrl="{base}/rss"/>
<outline xmlUrl="{base}/rss"/><outline xmlUrl="file:///etc/passwd"/></outline></body></opml>"""


# Addresses


@pytest.fixture
def base() -> Iterator[str]:
    """A server on this machine; its address."""
    pages = {
        "/rss": ("application/rss+xml", RSS.encode("gb18030")),
        "/page": ("text/html; charset=gbk", PAGE.encode("gbk")),
        "/json": ("application/json", json.dumps(ROW).encode()),
        "/large": ("text/html", b"a" * 9_000_000),
    }

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/away":
                self.send_response(302)
                self.send_header("Location", "file:///etc/passwd")
                self.end_headers()
                return
            kind, data = pages.get(self.path, ("", b""))
            self.send_response(200 if kind else 404)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_addresses_are_read_only_on_demand(base: str, tmp_path: Path) -> None:
    assert reasons(f"{base}/page") == ["not-fetched"]
    opml = write(tmp_path / "feeds.opml", OPML.format(base=base))
    assert reasons(opml) == reasons(str(tmp_path)) == ["not-fetched", "not-feed"]
    assert reasons(opml, fetch=True) == ["article", "article", "bad-date", "no-text", "not-feed"]


def test_pages_by_address(base: str) -> None:
    [article] = articles(f"{base}/page", fetch=True)
    assert (article.id, article.url, article.origin["url"]) == (f"{base}/page", f"{base}/page", "address")
    assert (article.title, article.published, article.author) == ("两派之争", "2025-12-10", "李明")
    assert article.origin["published"] == "metadata"
    assert [a.id for a in articles(f"{base}/json", fetch=True)] == ["a-1"]


@pytest.mark.parametrize("path", ["/none", "/away", "/large"])
def test_what_cannot_be_fetched_is_turned_away(base: str, path: str) -> None:
    assert reasons(base + path, fetch=True) == ["unreadable"]


def test_a_server_that_is_not_there() -> None:
    assert reasons("http://127.0.0.1:1/a", "https:///x", fetch=True) == ["unreadable"] * 2


def test_an_address_is_a_place_of_its_own() -> None:
    [place] = find_places(["https://example.org/feed"], fetch=True)
    assert not isinstance(place, Rejection)
    assert place.where == "https://example.org/feed"


# Crawls


def warc_record(
    url: str, body: bytes, *, kind: str = "text/html", status: str = "200 OK", more: str = ""
) -> bytes:
    answer = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}\r\n".encode() + body
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:0>\r\nWARC-Date: 2025-12-10T00:00:00Z\r\n"
        f"WARC-Target-URI: {url}\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(answer)}\r\n\r\n"
    )
    return head.encode() + answer + b"\r\n\r\n"


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


CRAWL = (
    warc_record("https://example.org/1", PAGE.encode("gbk"), kind="text/html; charset=GBK")
    + warc_record("https://example.org/p.png", b"\x89PNG", kind="image/png")
    + warc_record("https://example.org/old", b"", status="301 Moved")
    + warc_record("https://example.org/2", pack(PAGE.encode()), more="Content-Encoding: gzip\r\n")
    + warc_record("https://example.org/3", chunked(PAGE.encode()), more="Transfer-Encoding: chunked\r\n")
)


@pytest.mark.parametrize("suffix", [".warc", ".warc.gz"])
def test_crawls(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"crawl{suffix}", pack(CRAWL) if suffix == ".warc.gz" else CRAWL)
    found = articles(path)
    assert [article.id for article in found] == [f"https://example.org/{n}" for n in (1, 2, 3)]
    assert {(a.title, a.source, a.published) for a in found} == {("两派之争", "example.org", "2025-12-10")}
    assert found[0].origin == {
        "title": "metadata",
        "author": "metadata",
        "published": "metadata",
        "url": "address",
        "source": "address",
    }


def test_records_that_crawlers_pack_one_by_one(tmp_path: Path) -> None:
    records = pack(CRAWL) + pack(warc_record("https://example.org/4", PAGE.encode()))
    assert len(articles(write(tmp_path / "a.warc.gz", records))) == 4


# Office

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
BOX = "<w:txbxContent><w:p><w:r><w:t>框中字。</w:t></w:r></w:p></w:txbxContent>"
DOCUMENT = f"""<?xml version="1.0"?><w:document xmlns:w="{WORD}" xmlns:mc="{MC}"><w:body>
<w:p><w:r><w:t>两派</w:t></w:r><w:r><w:t>之争</w:t></w:r></w:p>
<w:p><w:ins><w:r><w:t>{TEXT}</w:t></w:r></w:ins><w:del><w:r><w:delText>删去。</w:delText></w:r></w:del></w:p>
<w:p><w:r><mc:AlternateContent><mc:Choice>{BOX}</mc:Choice><mc:Fallback>{BOX}</mc:Fallback></mc:AlternateContent></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>{OTHER}</w:t><w:br/><w:t>完</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
</w:body></w:document>"""
CORE = """<cp:coreProperties xmlns:cp="x" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>两派</dc:title>
<dc:creator>李明</dc:creator></cp:coreProperties>"""


def make_docx(document: str = DOCUMENT) -> bytes:
    return make_zip({"word/document.xml": document, "docProps/core.xml": CORE})


def make_xlsx(rows: list[list[Any]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.create_sheet()
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_docx(tmp_path: Path) -> None:
    [article] = articles(write(tmp_path / "a.docx", make_docx()))
    assert [line for line in article.text.split("\n") if line] == ["两派之争", TEXT, "框中字。", OTHER, "完"]
    assert (article.title, article.author, article.id) == ("两派", "李明", "a")
    assert article.origin == {"title": "metadata", "author": "metadata"}


def test_xlsx(tmp_path: Path) -> None:
    import datetime

    rows = [["id", "text", "published"], [7, TEXT, datetime.datetime(2025, 12, 10)], [], ["b", OTHER]]
    first, second = articles(write(tmp_path / "a.xlsx", make_xlsx(rows)))
    assert (first.id, first.text, first.published) == ("7", TEXT, "2025-12-10")
    assert (second.id, second.text, second.published) == ("b", OTHER, None)
    assert reasons(write(tmp_path / "b.xlsx", make_xlsx([["标题"], ["甲"]]))) == ["no-text"]


def test_pdf(tmp_path: Path) -> None:
    pages = [
        ["某报　内参", "两派之争", TEXT + "全面", "断供只会逼出华为。", "- 1 -"],
        ["某报　内参", OTHER + "Nvidia and", "AMD 也不能卖。", "- 2 -"],
    ]
    [article] = articles(write(tmp_path / "a.pdf", make_pdf(pages, title="两派之争")))
    assert article.text.split("\n") == [
        "两派之争",
        TEXT + "全面断供只会逼出华为。",
        OTHER + "Nvidia and AMD 也不能卖。",
    ]
    assert (article.title, article.origin) == ("两派之争", {"title": "metadata"})


def test_a_pdf_of_pictures(tmp_path: Path) -> None:
    assert reasons(write(tmp_path / "a.pdf", make_pdf([["甲"]], text_layer=False))) == ["no-text-layer"]


# Traps: each is turned away by name, in a second and a little memory

ENTITIES = '<!DOCTYPE x [<!ENTITY a "哈哈哈哈哈哈哈哈哈哈">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)
ENTITIES += "]>"
BOMB_RSS = f"<?xml version='1.0'?>{ENTITIES}<rss><channel><item><description>&j;</description></item></channel></rss>"
FILE_RSS = RSS.replace("http://example.org/rss-0.91.dtd", "file:///etc/passwd").replace(
    "rss PUBLIC", "rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>] PUBLIC"
)


def zeros(megabytes: int) -> bytes:
    return b"\0" * (megabytes << 20)


def overlapping_zip(members: int) -> bytes:
    """A list of many files, all of them the same few bytes: each small, together a bomb."""
    data = make_zip({"a.txt": TEXT.encode() + b" " * (4 << 20)})
    place = data.index(b"PK\1\2")
    entry = data[place : data.index(b"PK\5\6")]
    listed = b"".join(entry.replace(b"a.txt", b"a.txt") for n in range(members))
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, members, members, len(listed), place, 0)
    return data[:place] + listed + end


def wide_xlsx() -> bytes:
    """A cell at the far corner of the sheet, which a careless reader fills the way to."""
    cell = '<c r="XFD{0}" t="inlineStr"><is><t>甲</t></is></c>'
    rows = "".join(f'<row r="{n}">{cell.format(n)}</row>' for n in (1, 1048576, 99999999999))
    sheet = (
        f'<worksheet xmlns="{MAIN}"><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>'
    )
    return remake(make_xlsx([["text"], [TEXT]]), {"xl/worksheets/sheet1.xml": sheet})


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def lines() -> bytes:
    """JSON lines that do not pack to nothing."""
    chance = random.Random(20251210)
    rows = ({"text": "".join(chance.choices("芯片出口管制依赖封锁能力", k=400))} for _ in range(200))
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def make_parquet() -> bytes:
    table = io.BytesIO()
    parquet.write_table(pa.table({"text": [TEXT] * 50}), table)
    return table.getvalue()


def crawl() -> bytes:
    return warc_record("http://a.cn/1", PAGE.encode() * 30) + warc_record("http://a.cn/2", PAGE.encode())


def remake(package: bytes, parts: dict[str, str | bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        files: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    return make_zip(files | parts)


TRAPS: dict[str, tuple[str, Callable[[], bytes | str], list[str]]] = {
    "zip bomb": (
        "a.zip",
        lambda: make_zip({"a.txt": zeros(9), "b.jsonl": b"[" * (70 << 20)}),
        ["too-large", "bomb"],
    ),
    "zip bomb of one file listed often": ("a.zip", lambda: overlapping_zip(100), ["too-large", "bomb"]),
    "tar bomb": ("a.tar.gz", lambda: pack(make_tar({"a.txt": zeros(70)})), ["too-large", "bomb"]),
    "tar bomb in a file that nobody reads": (
        "a.tar.xz",
        lambda: lzma.compress(preset=0, data=make_tar({"a.x": zeros(70)})),
        ["unsupported", "bomb"],
    ),
    "gzip bomb": ("a.jsonl.gz", lambda: pack(zeros(70)), ["binary"]),
    "gzip bomb of text": ("a.jsonl.gz", lambda: pack(b"[" * (70 << 20)), ["bomb"]),
    "docx bomb": ("a.docx", lambda: make_docx("<a>" + " " * (70 << 20)), ["bomb"]),
    "xlsx bomb": (
        "a.xlsx",
        lambda: remake(make_xlsx([["text"]]), {"xl/sharedStrings.xml": zeros(70)}),
        ["bomb"],
    ),
    "xlsx with a cell far out": ("a.xlsx", wide_xlsx, ["empty"]),
    "crawl bomb": (
        "a.warc.gz",
        lambda: pack(warc_record("http://a.cn/", b"a\n" * (35 << 20))),
        ["too-large", "bomb"],
    ),
    "crawl of one line": ("a.warc", lambda: b"WARC/1.0\r\nA: " + b"a" * (9 << 20), ["unreadable"]),
    "entity bomb in RSS": ("a.rss", lambda: BOMB_RSS, ["entities"]),
    "entity that reads a file": ("a.rss", lambda: FILE_RSS, ["entities"]),
    "entity bomb in OPML": (
        "a.opml",
        lambda: f"{ENTITIES}<opml><outline xmlUrl='&j;'/></opml>",
        ["entities"],
    ),
    "entity bomb in docx": (
        "a.docx",
        lambda: make_docx(DOCUMENT.replace("<w:document", f"{ENTITIES}<w:document", 1)),
        ["entities"],
    ),
    "entity bomb in xlsx": (
        "a.xlsx",
        lambda: remake(make_xlsx([["text"]]), {"xl/workbook.xml": f"{ENTITIES}<a>&j;</a>"}),
        ["unreadable"],
    ),
    "HTML 10,000 deep": ("a.html", lambda: "<div>" * 10_000 + TEXT, ["empty"]),
    "RSS 100,000 deep": ("a.rss", lambda: "<rss><channel>" + "<item>" * 100_000, ["no-text"]),
    "RSS of angles": ("a.rss", lambda: "<rss><channel><item>" + "<" * 500_000, ["no-text"]),
    "entry of angles": (
        "a.rss",
        lambda: f"<rss><channel><item><description>{'&lt;' * 50_000}</description></item></channel></rss>",
        ["no-chinese"],
    ),
    "gzip cut short": ("a.jsonl.gz", lambda: pack(lines())[:2000], ["unreadable"]),
    "crawl cut short": ("a.warc.gz", lambda: pack(crawl())[:500], ["unreadable"]),
    "crawl cut in its page": (
        "a.warc",
        lambda: warc_record("http://a.cn/", PAGE.encode() * 30)[:-500],
        ["encoding", "unreadable"],
    ),
    "Parquet cut short": ("a.parquet", lambda: make_parquet()[:-40], ["unreadable"]),
    "Parquet with a hole": ("a.parquet", lambda: make_parquet()[:100] + make_parquet()[300:], ["unreadable"]),
    "PDF cut short": ("a.pdf", lambda: make_pdf([["甲乙"]])[:300], ["unreadable"]),
    "zip cut short": ("a.zip", lambda: make_zip({"a.txt": TEXT})[:-30], ["unreadable"]),
    "tar cut short": ("a.tar.gz", lambda: pack(make_tar({"a.jsonl": lines()}))[:3000], ["unreadable"]),
    "docx cut short": ("a.docx", lambda: make_docx(DOCUMENT)[:-40], ["unreadable"]),
    "JSON cut in a character": (
        "a.json",
        lambda: json.dumps({"text": TEXT}, ensure_ascii=False).encode()[:-4],
        ["encoding"],
    ),
    "UTF-8 taken for Latin-1 and saved": (
        "a.txt",
        lambda: (TEXT * 3).encode().decode("latin-1").encode(),
        ["no-chinese"],
    ),
    "page of two encodings": (
        "a.html",
        lambda: b'<meta charset="utf-8"><p>' + TEXT.encode("utf-16") + b"</p>",
        ["encoding"],
    ),
    "list that is no list": ("a.opml", lambda: "<rss/>", ["not-feed"]),
    "page that is called a feed": ("a.xml", lambda: PAGE, ["not-feed"]),
    "old Word": ("a.docx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000, ["encrypted"]),
    "zip called docx": ("a.docx", lambda: make_zip({"a.txt": TEXT}), ["unreadable"]),
    "empty zip": ("a.zip", lambda: make_zip({}), ["empty"]),
    "empty tar": ("a.tar", lambda: make_tar({}), ["empty"]),
    "text called zip": ("a.zip", lambda: TEXT, ["unreadable"]),
    "text called tar": ("a.tar.gz", lambda: TEXT, ["unreadable"]),
    "text called PDF": ("a.pdf", lambda: TEXT, ["unreadable"]),
    "PDF of nothing": ("a.pdf", lambda: b"%PDF-1.7\n%%EOF", ["unreadable"]),
}


@pytest.mark.parametrize(
    ("says", "is_"), [("big5", "gb18030"), ("gb2312", "utf-8"), ("utf-8", "gb18030"), ("latin-1", "gb18030")]
)
def test_pages_that_name_another_encoding_are_read(tmp_path: Path, says: str, is_: str) -> None:
    page = f'<html><head><meta charset="{says}"></head><body><p>{TEXT * 10}</p></body></html>'
    (article,) = read_articles([str(write(tmp_path / "a.html", page.encode(is_)))])
    assert isinstance(article, Article)
    assert article.text == TEXT * 10


@pytest.mark.parametrize("label", TRAPS)
def test_traps(tmp_path: Path, label: str) -> None:
    name, make, expected = TRAPS[label]
    path = write(tmp_path / name, make())
    tracemalloc.start()
    began = time.monotonic()
    try:
        found = reasons(path)
        took, memory = time.monotonic() - began, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert list(dict.fromkeys(found)) == expected
    assert took < 20  # it is a second where nothing else runs
    assert memory < 300 << 20
