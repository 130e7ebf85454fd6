"""Every format holds what the records say, and what people corrected comes back."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lichang.errors import LabelError, SourceError
from lichang.export import FORMATS, Copy, Entry, Filter, select, write
from lichang.export.corrections import Change, compare
from lichang.export.lines import read_jsonl
from lichang.export.tools import LABEL_STUDIO_CONFIG, read_doccano, read_label_studio
from lichang.records import Claim, Figure, Provenance, Record, Unit

GOLDEN = Path(__file__).parent / "golden"
TEXT = "=黄仁勋说😀，卖50亿美元。\n遏制派主张封锁！"
HAWKS = TEXT.index("遏制")
RECORD = Record(
    id="https://example.org/1",
    title="-两派",
    source="某报",
    published="2025-12-10",
    script="hans",
    text=TEXT,
    relevant=True,
    balance="balanced",
    units=(
        Unit(start=0, end=15, section="body", camp="dependency", attitude="for", scores={"dependency": 0.75}),
        Unit(start=HAWKS, end=len(TEXT), section="body", camp="containment", attitude="reports"),
    ),
    claims=(
        Claim(
            id="c0",
            unit=0,
            start=0,
            end=15,
            kind="fact",
            holder="黄仁勋",
            holder_start=1,
            holder_end=4,
            cue="说",
            quote="indirect",
            camp="dependency",
            attitude="for",
            figures=("f0",),
        ),
        Claim(
            id="c1",
            unit=1,
            start=HAWKS,
            end=len(TEXT),
            kind="proposal",
            camp="containment",
            attitude="reports",
        ),
    ),
    figures=(
        Figure(
            id="f0",
            claim="c0",
            start=8,
            end=13,
            text="50亿美元",
            kind="money",
            low=5e9,
            high=5_000_000_000,
            unit="USD",
        ),
    ),
    provenance=Provenance(lichang="0.1", tagger="linear@0", segmenter="s", lexicon="l"),
)
OTHER = msgspec.structs.replace(
    RECORD, id="b", source="乙报", published=None, claims=RECORD.claims[1:], figures=()
)
COPY = Copy("c", "丙报", "2025-12-11", "https://example.org/c")


def golden() -> list[Record]:
    """Records of whole articles as the pipeline makes them."""
    paths = sorted(GOLDEN.glob("*.record.json"))
    assert paths
    return [msgspec.json.decode(path.read_bytes(), type=Record) for path in paths]


def written(path: Path, *entries: Entry, format: str | None = None) -> Path:
    assert write(entries, path, format=format) == len(entries)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    return path


ALL = tuple(select([RECORD, OTHER]))


# Filters


@pytest.mark.parametrize(
    ("wanted", "claims"),
    [
        (Filter(), ["1/c0", "1/c1", "b/c1"]),
        (Filter(camp="containment"), ["1/c1", "b/c1"]),
        (Filter(camp="dependency", attitude="against"), []),
        (Filter(holder="黄仁勋"), ["1/c0"]),
        (Filter(holder=""), ["1/c1", "b/c1"]),
        (Filter(kind="proposal", outlet="某报"), ["1/c1"]),
        (Filter(since="2025-12-10", until="2025-12-10"), ["1/c0", "1/c1"]),
        (Filter(since="2025-12"), ["1/c0", "1/c1"]),
        (Filter(until="2025-12"), ["1/c0", "1/c1"]),
        (Filter(since="2025-12-11"), []),
        (Filter(article="b"), ["b/c1"]),
        (Filter(text="封鎖 主張"), ["1/c1", "b/c1"]),
        (Filter(text="封锁 50"), []),
    ],
)
def test_filters(wanted: Filter, claims: list[str]) -> None:
    found = [f"{e.record.id[-1]}/{claim.id}" for e in select([RECORD, OTHER], wanted) for claim in e.claims]
    assert found == claims


def test_files_know_no_status() -> None:
    with pytest.raises(ValueError, match="status 'open'"):
        list(select([RECORD], Filter(status="open")))


# Formats


def test_jsonl_gives_records_back_as_they_were(tmp_path: Path) -> None:
    records = [*golden(), RECORD]
    path = written(tmp_path / "a.jsonl", *select(records))
    assert list(read_jsonl(path)) == records
    assert path.read_bytes() == b"".join(msgspec.json.encode(record) + b"\n" for record in records)


def test_jsonl_with_copies(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", Entry(RECORD, RECORD.claims, (COPY,)))
    assert list(read_jsonl(path)) == [RECORD]
    assert json.loads(path.read_text("utf-8"))["copies"] == [msgspec.to_builtins(COPY)]


def test_other_lines_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('\n{"id": 1}\n', "utf-8")
    with pytest.raises(SourceError, match=r"a\.jsonl:2: not a record"):
        list(read_jsonl(path))


def test_parquet_gives_records_back(tmp_path: Path) -> None:
    from pyarrow import parquet

    records = [*golden(), RECORD]
    table = parquet.read_table(written(tmp_path / "a.parquet", *select(records)))
    rows = table.to_pylist()
    for row, record in zip(rows, records, strict=True):
        assert row.pop("copies") == []
        for unit in row["units"]:
            unit["scores"] = {camp: score for camp, score in unit["scores"].items() if score is not None}
        assert msgspec.convert(row, Record) == record
    assert str(table.schema.field("published").type) == "string"


def test_flat_parquet(tmp_path: Path) -> None:
    from pyarrow import parquet

    rows = parquet.read_table(written(tmp_path / "a.parquet", *ALL, format="parquet-flat")).to_pylist()
    assert [(row["article"], row["claim"], row["camp"], row["score"]) for row in rows] == [
        ("https://example.org/1", "c0", "dependency", 0.75),
        ("https://example.org/1", "c1", "containment", None),
        ("b", "c1", "containment", None),
    ]
    assert rows[0]["figures"] == "50亿美元"
    assert rows[0]["text"] == TEXT[:15]


def test_csv(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", *ALL)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfarticle,title,")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["claim"] for row in rows] == ["c0", "c1", "c1"]
    assert (rows[0]["title"], rows[0]["text"]) == ("'-两派", "'" + TEXT[:15])  # no formulas
    assert (rows[0]["holder"], rows[1]["holder"], rows[0]["start"]) == ("黄仁勋", "", "0")


def test_xlsx(tmp_path: Path) -> None:
    import openpyxl  # type: ignore[import-untyped]

    book = openpyxl.load_workbook(written(tmp_path / "a.xlsx", *ALL))
    claims, figures = book["claims"], book["figures"]
    head = [cell.value for cell in claims[1]]
    first = dict(zip(head, claims[2], strict=True))
    assert (first["title"].value, first["title"].data_type) == ("-两派", "s")
    assert (first["text"].value, first["text"].data_type, first["text"].quotePrefix) == (TEXT[:15], "s", True)
    assert (first["start"].value, first["score"].value) == (0, 0.75)
    assert [claims.max_row, figures.max_row] == [4, 2]
    assert "50亿美元" in [cell.value for cell in figures[2]]


def test_xlsx_has_no_formula_in_its_xml(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(written(tmp_path / "a.xlsx", *ALL)) as package:
        assert b"<f>" not in package.read("xl/worksheets/sheet1.xml")


def test_web_annotations(tmp_path: Path) -> None:
    page = json.loads(written(tmp_path / "a.jsonld", *ALL).read_text("utf-8"))
    assert (page["@context"], page["type"]) == ("http://www.w3.org/ns/anno.jsonld", "AnnotationPage")
    first, _, last = page["items"]
    assert first["target"]["source"] == "https://example.org/1"
    place, words = first["target"]["selector"]
    assert TEXT[place["start"] : place["end"]] == words["exact"] == TEXT[:15]
    assert (words["prefix"], words["suffix"]) == ("", TEXT[15:])
    assert [body["value"] for body in first["body"]] == ["dependency", "for", "fact", "黄仁勋"]
    assert last["id"] == "urn:lichang:b#c1"


def test_conll(tmp_path: Path) -> None:
    [entry] = select([RECORD], Filter(camp="containment"))
    lines = written(tmp_path / "a.conll", entry).read_text("utf-8").split("\n")
    assert lines[:3] == ["-DOCSTART- https://example.org/1", "", "= O"]
    start = lines.index("遏 B-containment.reports")
    assert lines[start - 1 : start + 2] == ["", "遏 B-containment.reports", "制 I-containment.reports"]
    assert len([line for line in lines[1:] if line]) == len(TEXT) - 1  # all but the line break


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_takes_no_records(tmp_path: Path, format: str) -> None:
    assert written(tmp_path / "empty", format=format).exists()


def test_formats_and_places_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="names no format"):
        write([], tmp_path / "a.doc")
    with pytest.raises(SourceError, match="'doc' is no format"):
        write([], tmp_path / "a.csv", format="doc")
    with pytest.raises(SourceError, match="cannot be written"):
        write([], tmp_path / "gone" / "a.csv")


def test_what_breaks_off_leaves_the_old_file(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", *ALL)
    before = path.read_bytes()

    def breaking() -> Iterable[Entry]:
        yield ALL[0]
        raise RuntimeError("a reader broke off")

    with pytest.raises(RuntimeError):
        write(breaking(), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


# Annotation tools

READERS: dict[str, Any] = {"label-studio": read_label_studio, "doccano": read_doccano}


@pytest.mark.parametrize("tool", READERS)
def test_tools_give_records_back(tmp_path: Path, tool: str) -> None:
    records = [*golden(), RECORD, OTHER]
    path = written(tmp_path / "a.json", *select(records), format=tool)
    found = list(READERS[tool](path, {record.id: record for record in records}))
    assert found == records
    assert not [change for old, new in zip(records, found, strict=True) for change in compare(old, new)]


def test_label_studio_corrections(tmp_path: Path) -> None:
    """As its export has them: annotations beside predictions, the newest last, new regions by other ids."""
    path = written(tmp_path / "a.json", *ALL[:1], format="label-studio")
    [task] = json.loads(path.read_text("utf-8"))
    result = task["predictions"][0]["result"]
    result[0]["value"]["labels"] = ["dependency against"]
    kinds = [part for part in result if part["from_name"] == "kind"]
    kinds[0]["value"]["choices"] = ["opinion"]
    result = [part for part in result if part["id"] == "c0" and part["from_name"] != "holder"]
    new = {"start": HAWKS, "end": HAWKS + 3, "text": "遏制派", "labels": ["neither"]}
    result.append({"id": "xY3", "from_name": "camp", "to_name": "text", "type": "labels", "value": new})
    task["annotations"] = [{"result": []}, {"result": result}, {"result": [], "was_cancelled": True}]
    path.write_text(json.dumps([task]), "utf-8")
    [found] = read_label_studio(path, {RECORD.id: RECORD})
    changes = [(change.claim, change.field, change.new) for change in compare(RECORD, found)]
    assert changes[:4] == [
        ("c0", "attitude", "against"),
        ("c0", "kind", "opinion"),
        ("c0", "holder", None),
        ("c1", "remove", None),
    ]
    [(claim, field, added)] = changes[4:]
    assert (claim, field, added["unit"], added["camp"]) == ("xY3", "add", 1, "neither")


def test_doccano_corrections(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", *ALL[:1], format="doccano")
    row = json.loads(path.read_text("utf-8"))
    assert row["label"][0] == [0, 15, "dependency for"]
    row["label"][0][2] = "containment for"
    path.write_text(json.dumps(row), "utf-8")
    [found] = read_doccano(path, {RECORD.id: RECORD})
    assert list(compare(RECORD, found)) == [Change(RECORD.id, "c0", "camp", "dependency", "containment")]


@pytest.mark.parametrize(
    ("label", "problem"),
    [
        ([0, 5, "hawks"], "'hawks' is not one of"),
        ([5, 5, "neither"], "from 5 to 5"),
        ([0, 999, "neither"], "to 999"),
    ],
)
def test_labels_that_are_none(tmp_path: Path, label: list[Any], problem: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"article": "b", "text": TEXT, "label": [label]}), "utf-8")
    with pytest.raises(LabelError, match=problem):
        list(read_doccano(path, {"b": OTHER}))
    with pytest.raises(SourceError, match="no record 'b'"):
        list(read_doccano(path, {}))


def test_corrections_leave_the_text() -> None:
    other = msgspec.structs.replace(RECORD, text=TEXT + "。")
    with pytest.raises(SourceError, match="its text is not that of the record"):
        list(compare(RECORD, other))


def test_label_studio_knows_the_labels() -> None:
    assert '<Label value="containment against"/>' in LABEL_STUDIO_CONFIG
    assert '<Choice value="prediction"/>' in LABEL_STUDIO_CONFIG
