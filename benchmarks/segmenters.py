"""jieba beside rjieba with the same lexicon on the same text: agreement, speed, start and memory.

Run `python benchmarks/segmenters.py corpora/camps/train.jsonl`: a dataset file, or JSON lines with `text`.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from lichang import lexicon
from lichang.words import SEGMENTERS, Segmenter, load

ROUNDS = 3


def read(path: str) -> list[str]:
    """The texts of a file of JSON lines."""
    rows = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]
    return [
        row["text"]
        if "text" in row
        else "\n".join("".join(u["text"] for u in p["units"]) for p in row["paragraphs"])
        for row in rows
    ]


def speed(segmenter: Segmenter, texts: list[str]) -> float:
    """Characters a second, words with offsets, best of a few rounds."""
    best = 0.0
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for text in texts:
            segmenter.words(text)
        best = max(best, sum(map(len, texts)) / (time.perf_counter() - started))
    return best


def agreement(texts: list[str], one: Segmenter, other: Segmenter) -> float:
    """F1 of one segmenter's words against the other's, spans included."""
    shared = total = 0
    for text in texts:
        words, others = set(one.words(text)), set(other.words(text))
        shared += len(words & others)
        total += len(words) + len(others)
    return 2 * shared / total


def start(name: str) -> tuple[float, float]:
    """Seconds and megabytes that loading takes, in a process of its own."""
    loaded = subprocess.run([sys.executable, __file__, "--start", name], capture_output=True, check=True)
    seconds, megabytes = map(float, loaded.stdout.split())
    return seconds, megabytes


def report_start(name: str) -> None:
    before, started = resident(), time.perf_counter()
    segmenter = load(name)
    segmenter.words("预热")
    print(time.perf_counter() - started, resident() - before)


def resident() -> float:
    """Memory of this process, in megabytes."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main(path: str) -> None:
    texts = read(path)
    segmenters = {name: load(name) for name in SEGMENTERS}
    print(f"{len(texts)} texts, {sum(map(len, texts))} characters; lexicon {lexicon.version()}")
    for name, segmenter in segmenters.items():
        seconds, megabytes = start(name)
        print(
            f"{name} {segmenter.version}: {speed(segmenter, texts):,.0f} characters/s, start {seconds:.2f} s, "
            f"{megabytes:.0f} MB, {len(lexicon.check(segmenter))} terms not whole"
        )
    fast, slow = segmenters["rjieba"], segmenters["jieba"]
    print(f"speed ratio rjieba/jieba {speed(fast, texts) / speed(slow, texts):.1f}")
    print(f"agreement F1 {agreement(texts, fast, slow):.4f}")


if __name__ == "__main__":
    report_start(sys.argv[2]) if sys.argv[1] == "--start" else main(sys.argv[1])
