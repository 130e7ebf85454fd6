"""W3C Web Annotation: each claim as an annotation of its article, found again by place and by words.

https://www.w3.org/TR/annotation-model/ counts places in code points, as lichang does.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lichang.export.filters import Entry
from lichang.records import Claim, Record

_CONTEXT = "http://www.w3.org/ns/anno.jsonld"
_AROUND = 32  # characters before and after, by which a claim is found in a changed page


def write_web_annotations(entries: Iterable[Entry], path: Path) -> None:
    """One annotation page with an item a claim."""
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"@context": _CONTEXT, "type": "AnnotationPage"})[:-1] + ', "items": [')
        comma = ""
        for entry in entries:
            for annotation in annotations(entry):
                file.write(f"{comma}\n{json.dumps(annotation, ensure_ascii=False)}")
                comma = ","
        file.write("\n]}\n")


def annotations(entry: Entry) -> Iterator[dict[str, Any]]:
    """The wanted claims of a record as annotations."""
    record = entry.record
    source = _address(record.id)
    for claim in entry.claims:
        yield {
            "id": f"{source}#{quote(claim.id)}",
            "type": "Annotation",
            "motivation": "classifying",
            "generator": {"type": "Software", "name": f"lichang {record.provenance.lichang}"},
            "body": [
                {"type": "TextualBody", "purpose": purpose, "value": value}
                for purpose, value in _bodies(claim)
                if value
            ],
            "target": {"source": source, "selector": _selectors(record, claim)},
        }


def _address(id_: str) -> str:
    return id_ if id_.startswith(("http://", "https://")) else f"urn:lichang:{quote(id_)}"


def _bodies(claim: Claim) -> Iterator[tuple[str, str | None]]:
    yield "classifying", claim.camp
    yield "tagging", claim.attitude
    yield "tagging", claim.kind
    yield "identifying", claim.holder


def _selectors(record: Record, claim: Claim) -> list[dict[str, Any]]:
    text, start, end = record.text, claim.start, claim.end
    return [
        {"type": "TextPositionSelector", "start": start, "end": end},
        {
            "type": "TextQuoteSelector",
            "exact": text[start:end],
            "prefix": text[max(0, start - _AROUND) : start],
            "suffix": text[end : end + _AROUND],
        },
    ]
