"""Holders and contents on sentences of another kind: python benchmarks/attribution.py SUITE/triples.jsonl

The suite gives one attribution a sentence, read off syntax trees: holder, cue and content. Each sentence is read as
an article of its own. Counted: a holder that is the suite's or shares half of its characters with it, and the share
of the content's characters that claims by that holder cover. `--errors` prints what was read otherwise.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from lichang.analysis import load
from lichang.records import Record
from lichang.scoring import prf, same_holder


def overlaps(one: str, other: str) -> bool:
    """Whether two names are one, or share half of the longer one's characters in one piece."""
    short, long = sorted((one, other), key=len)
    return same_holder(one, other) or (short in long and 2 * len(short) >= len(long))


def content(record: Record, row: dict[str, Any]) -> float:
    """The share of the suite's content that stands in claims by a holder, 0 to 1."""
    start, end = row["content_span"]
    covered = {at for claim in record.claims if claim.quote != "none" for at in range(claim.start, claim.end)}
    return len(covered & set(range(start, end))) / max(1, end - start)


def main() -> None:
    """Print the scores, and the errors where they are asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("triples", type=Path)
    parser.add_argument("--tagger", default="auto")
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.triples.read_text("utf-8").splitlines()]
    articles = ({"id": row["sent_id"], "text": row["text"]} for row in rows)
    right = given = wanted = 0
    shares = []
    for row, record in zip(rows, load(options.tagger).pipe(articles), strict=True):
        found = [claim.holder for claim in record.claims if claim.holder]
        hit = bool(row["holder"]) and any(overlaps(row["holder"], name) for name in found)
        right, given, wanted = right + hit, given + bool(found), wanted + bool(row["holder"])
        shares.append(content(record, row))
        if options.errors and (bool(row["holder"]) or bool(found)) and not hit:
            print(f"{row['sent_id']} wanted {row['holder']} {row['cue']} · read {found} · {row['text']}")
    holder = prf(right, given, wanted)
    print(f"holder: precision {holder.p:.3f}, recall {holder.r:.3f}, F1 {holder.f1:.3f} over {holder.n}")
    print(
        f"content: mean share attributed {sum(shares) / len(shares):.3f} over {len(shares)}; at least half in "
        f"{sum(share >= 0.5 for share in shares)}"
    )


if __name__ == "__main__":
    main()
