"""Speed and memory of `lichang analyze`, as ratios in one run: python benchmarks/throughput.py

Speed is characters a second on one core over `jieba.posseg.cut` alone on the same text, taken in turn, so that a
busy machine slows both. Memory is the peak of a whole process over 20,000 articles against 2,000.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
ROUNDS = 5
FEW, MANY = 2_000, 20_000

os.environ["OMP_NUM_THREADS"] = "1"  # one core, before numpy is imported


def main() -> None:
    """Print the ratios that the project holds itself to."""
    print(f"analyze over jieba.posseg, characters a second: {speed():.2f} (at least 1.5)")
    few, many = peak_memory(FEW), peak_memory(MANY)
    print(f"peak memory over {FEW:,} articles: {few:.0f} MB; over {MANY:,}: {many:.0f} MB;", end=" ")
    print(f"ratio {many / few:.3f} (at most 1.10)")
    for command, bound in ((["--help"], 0.4), (["show", "pipeline/lichang/sample/article.md"], 3.0)):
        print(f"lichang {command[0]}, cold start to output: {seconds(command):.2f} s (under {bound} s)")


def speed() -> float:
    """The median over ROUNDS of our characters a second over those of jieba.posseg."""
    import warnings

    warnings.simplefilter("ignore")  # jieba may import pkg_resources
    import jieba.posseg

    import lichang
    from lichang.corpus import read_corpus

    articles = [gold.article for gold in read_corpus(ROOT / "corpora/camps", "train")][:275]
    analyze = lichang.load("linear")
    jieba.setLogLevel(60)
    jieba.initialize()
    ratios = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in analyze.pipe(articles):
            pass
        middle = time.process_time()
        for article in articles:
            for _ in jieba.posseg.cut(article.text):
                pass
        ratios.append((time.process_time() - middle) / (middle - start))
    return median(ratios)


def peak_memory(count: int) -> float:
    """Peak resident memory in MB of `lichang analyze` over `count` articles: validation repeated with new ids."""
    rows = [json.loads(line) for line in (ROOT / "corpora/camps/validation.jsonl").open(encoding="utf-8")]
    texts = ["\n".join("".join(u["text"] for u in p["units"]) for p in row["paragraphs"]) for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "articles.jsonl"
        with source.open("w", encoding="utf-8") as stream:
            for number, text in enumerate(islice(cycle(texts), count)):
                stream.write(json.dumps({"id": f"a{number}", "text": text}, ensure_ascii=False) + "\n")
        program = (
            "import resource, sys; from lichang.cli import main;"
            "main(sys.argv[1:], standalone_mode=False);"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
        )
        run = [sys.executable, "-c", program, "analyze", str(source), "-o", os.devnull, "--tagger", "linear"]
        return int(subprocess.run(run, capture_output=True, text=True, check=True).stderr.split()[-1]) / 1024


def seconds(command: list[str]) -> float:
    """The quickest of three cold starts."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        run = [sys.executable, "-m", "lichang.cli", *command]
        subprocess.run(run, cwd=ROOT, capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    main()
