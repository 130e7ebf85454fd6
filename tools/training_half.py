"""Write the half of unannotated articles that may be trained on; the other half stays to measure false alarms with.

    python tools/training_half.py ../shared/raw > irrelevant.jsonl
    lichang train camps --irrelevant irrelevant.jsonl

Halves are told apart by the parity of the id's SHA-1, so that they stay what they are when articles are added.
"""

import hashlib
import json
import sys
from pathlib import Path


def is_for_training(id: str) -> bool:
    """Whether an article belongs to the training half."""
    return int(hashlib.sha1(id.encode("utf-8")).hexdigest(), 16) % 2 == 0


if __name__ == "__main__":
    for path in sorted(Path(sys.argv[1]).glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            if is_for_training(json.loads(line)["id"]):
                print(line)
