"""What a batch run costs, and what it survives.

    python benchmarks/ingest.py kills|locks|scale|overhead|workers|rerun|hostile|cluster [ARTICLES] [--quick]

`kills`: a run is killed twenty times at random moments; its records beside those of an undisturbed run.
With `--quick` by the tests' fake pipeline.
`locks`: two writers and a reader on one store for a minute.
`scale`: 100,000 articles, a tenth of them copies; time and memory at the start and at the end. The
pipeline is the tests' fake, so that nothing hides what the store takes; then 3,000 more by n-grams, into an empty
store and into this one.
`overhead`: processor time of a run over that of the same analysis without a store, the least of three turns.
`workers`: articles a second of two workers over one, the best of three turns each.
`rerun`: time of a first run over that of a second one with nothing new.
`hostile`: every trap of the tests in one inbox: time, memory, and the reasons given.
`cluster`: what a start and what an article cost with two processes and with two actors of Ray, and the size
from which a cluster pays.
"""

import hashlib
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import update

from generated import article, is_copy
from generated import write as write_articles

sys.path.append(str(Path(__file__).parents[1] / "tests"))

import fake_pipeline
from lichang.analysis import load
from lichang.batch.pipeline import pipeline_of
from lichang.batch.run import Limits, Pipeline, Report, ingest
from lichang.ingest import read_articles
from lichang.records import Article
from lichang.store.documents import copies_of
from lichang.store.ledger import count_states
from lichang.store.listing import Filter, count_claims
from lichang.store.open import open_store
from lichang.store.results import count_records, note_provenance, read_records
from lichang.store.schema import ledger

TAGGER = "linear"  # the cheapest analysis, so that what a run adds to it weighs most


def fake() -> Pipeline:
    return Pipeline(fake_pipeline.load, lambda: fake_pipeline.load().provenance)


@contextmanager
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="lichang-bench-") as folder:
        yield Path(folder)


def command(folder: Path, source: Path, store: str, workers: int = 2, *, quick: bool = False) -> list[str]:
    """A run in a process of its own."""
    return [sys.executable, __file__, "run", str(source), str(folder / store), str(workers), str(quick)]


def verb_of(source: Path, store: Path, *options: str) -> list[str]:
    """`lichang ingest` as a person types it."""
    return [sys.executable, "-m", "lichang.cli", "ingest", str(source), "--store", str(store), *options]


def run(source: str, store: str, workers: str, quick: str) -> None:
    with closing(open_store(store)) as opened:
        pipeline = fake() if quick == "True" else pipeline_of(TAGGER)
        ingest([source], opened, pipeline, limits=Limits(workers=int(workers)))


def seconds_of(process: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(process, check=True)
    return time.perf_counter() - start


def content(store: Path) -> dict[str, str]:
    """A hash of each record, by article; fails where an article has two."""
    with closing(open_store(str(store))) as opened, opened.read() as connection:
        found = [(r.id, hashlib.sha256(repr(r).encode()).hexdigest()) for r in read_records(connection)]
    assert len(dict(found)) == len(found), "an article is in the store twice"
    return dict(found)


def kills(count: int = 5000, *, quick: bool = False) -> None:
    chance = random.Random(20251210)
    with scratch() as folder:
        source = folder / "articles.jsonl"
        write_articles(source, count, copies=0)
        write_articles(folder / "none.jsonl", 1)
        start_up = seconds_of(command(folder, folder / "none.jsonl", "none.db", quick=quick))
        subprocess.run(command(folder, source, "undisturbed.db", quick=quick), check=True)
        moments = sorted(chance.randrange(count * 9 // 10) for _ in range(20))
        for number, moment in enumerate(moments, 1):
            process = subprocess.Popen(
                command(folder, source, "killed.db", quick=quick), start_new_session=True
            )
            if records_in(folder / "killed.db") >= moment:  # another kill while it starts up
                time.sleep(chance.uniform(0, start_up))
            while records_in(folder / "killed.db") < moment:
                assert process.poll() is None, "the run ended by itself"
                time.sleep(0.02)
            time.sleep(chance.uniform(0, 0.2))
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            print(f"kill {number} at {records_in(folder / 'killed.db')} records", flush=True)
        subprocess.run(command(folder, source, "killed.db", quick=quick), check=True)
        same = content(folder / "undisturbed.db") == content(folder / "killed.db")
        print(
            f"{len(moments)} kills, {records_in(folder / 'killed.db')} of {count} records, identical: {same}"
        )


def records_in(store: Path) -> int:
    with closing(open_store(str(store))) as opened, opened.read() as connection:
        return count_records(connection)


def locks(seconds: int = 60) -> None:
    with scratch() as folder:
        store = folder / "lichang.db"
        open_store(str(store)).close()
        writers = [
            subprocess.Popen([sys.executable, __file__, "writer", str(folder), name, str(seconds)])
            for name in ("a", "b")
        ]
        reads = 0
        with closing(open_store(str(store))) as opened:
            while any(writer.poll() is None for writer in writers):
                with opened.read() as connection:
                    in_states = count_states(connection).get("analyze", {}).get("done", 0)
                    assert in_states == count_records(connection)
                    count_claims(connection, Filter(camp="dependency"))
                reads += 1
        failed = [writer.returncode for writer in writers if writer.returncode]
        entered = sum(int((folder / f"{name}.count").read_text()) for name in ("a", "b"))
        print(
            f"{entered} articles entered, {records_in(store)} records, {reads} reads, failed writers: {failed}"
        )


def writer(folder: str, name: str, seconds: str) -> None:
    """One of the two: run after run, 50 new articles each."""
    end, number = time.monotonic() + int(seconds), 0
    offset = 10**6 * (name == "b")
    with closing(open_store(str(Path(folder) / "lichang.db"))) as store:
        while time.monotonic() < end:
            source = Path(folder) / f"{name}-{number}.jsonl"
            rows = [article(offset + n, copies=0) for n in range(number, number + 50)]
            source.write_text("".join(map(as_line, rows)), "utf-8")
            number += 50
            report = ingest([str(source)], store, fake())
            assert report.analyzed == report.entered == 50
    (Path(folder) / f"{name}.count").write_text(str(number))


def as_line(row: dict[str, str]) -> str:
    import json

    return json.dumps(row, ensure_ascii=False) + "\n"


def scale(count: int = 100_000) -> None:
    with scratch() as folder:
        source = folder / "articles.jsonl"
        write_articles(source, count)
        marks = [(0, time.perf_counter(), time.process_time(), memory())]

        def mark(report: Report) -> None:
            if report.analyzed + report.copies - marks[-1][0] >= count / 10:
                done = report.analyzed + report.copies
                marks.append((done, time.perf_counter(), time.process_time(), memory()))
                tell(*marks[-2:])

        with closing(open_store(str(folder / "lichang.db"))) as store:
            report = ingest([str(source)], store, fake(), on_progress=mark)
            first, last = (processor_each(*pair) for pair in (marks[:2], marks[-2:]))
            print(
                f"an article of the last tenth cost {last / first - 1:+.1%} of processor time over the first"
            )
            made = sum(is_copy(number) for number in range(count))
            print(f"{report.entered} articles, {report.copies} copies of {made} made", flush=True)
            print(f"store: {(folder / 'lichang.db').stat().st_size / 1e6:.0f} MB")
            with store.read() as connection:
                print("of the first article:", len(copies_of(connection, "g0")), "copies", flush=True)
        write_articles(source, 3000, copies=0, first=count)
        empty, full = (whole_cost(folder / name, source) for name in ("empty.db", "lichang.db"))
        print(f"with its analysis an article costs {empty:.2f} ms of processor time, in the full store {full:.2f} ms "
              f"({full / empty - 1:+.1%})")  # fmt: skip


def whole_cost(path: Path, source: Path) -> float:
    """Milliseconds of processor time, of this process and its worker, for each article of `source`."""
    pipeline = pipeline_of(TAGGER)
    with closing(open_store(str(path))) as store:
        with store.write() as connection:
            # What is there already counts as made by this pipeline: it is not stale.
            made_by = note_provenance(connection, pipeline.provenance())
            connection.execute(update(ledger).where(ledger.c.stage == "analyze").values(made_by=made_by))
        before = processor_seconds()
        report = ingest([str(source)], store, pipeline)
    return 1000 * (processor_seconds() - before) / report.articles


def processor_seconds() -> float:
    """Of this process and of all that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


Mark = tuple[int, float, float, float]  # articles, seconds by the clock and of this process's time, megabytes


def processor_each(before: Mark, after: Mark) -> float:
    """Milliseconds of this process's time for each article between two marks."""
    return 1000 * (after[2] - before[2]) / (after[0] - before[0])


def tell(before: Mark, after: Mark) -> None:
    wall = 1000 * (after[1] - before[1]) / (after[0] - before[0])
    print(f"{after[0]:7} articles: {wall:.2f} ms each, {processor_each(before, after):.2f} ms of this process's time, "
          f"{after[3]:.0f} MB", flush=True)  # fmt: skip


def memory() -> float:
    """Megabytes that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def overhead(count: int = 400) -> None:
    """Both in turn, three times over, the cheapest of each: a processor that others use is slower for a while."""
    plain, stored = [], []
    with scratch() as folder:
        source = folder / "articles.jsonl"
        write_articles(source, count, copies=0)
        write_articles(folder / "none.jsonl", 1)
        analyzer = load(TAGGER)
        for turn in range(3):
            start = time.process_time()
            articles = (found for found in read_articles([str(source)]) if isinstance(found, Article))
            assert sum(1 for _ in analyzer.pipe(articles)) == count
            plain.append(1000 * (time.process_time() - start) / count)
            seconds = processor_time(command(folder, source, f"{turn}.db", 1))
            seconds -= processor_time(command(folder, folder / "none.jsonl", f"none-{turn}.db", 1))
            stored.append(1000 * seconds / count)
            print(f"analysis {plain[-1]:.2f} ms an article, with the store {stored[-1]:.2f} ms", flush=True)
    print(f"overhead {min(stored) / min(plain) - 1:.1%}")


def processor_time(process: list[str]) -> float:
    """Seconds of processor time of a process and all below it."""
    before = processor_seconds()
    subprocess.run(process, check=True)
    return processor_seconds() - before


def workers(count: int = 1000) -> None:
    """One and two in turn, three times over: a machine that others use gives each its best moment."""
    with scratch() as folder:
        source = folder / "articles.jsonl"
        write_articles(source, count, copies=0)
        write_articles(folder / "none.jsonl", 1)
        speed: dict[int, list[float]] = {1: [], 2: []}
        for turn in range(3):
            for number, speeds in speed.items():
                name = f"{number}-{turn}.db"
                start_up = seconds_of(command(folder, folder / "none.jsonl", f"none-{name}", number))
                seconds = seconds_of(command(folder, source, name, number)) - start_up
                speeds.append(count / seconds)
                print(f"{number} workers: {speeds[-1]:.0f} articles a second", flush=True)
        print(f"two over one: {max(speed[2]) / max(speed[1]):.2f}")


def rerun(count: int = 5000) -> None:
    with scratch() as folder:
        inbox = folder / "inbox"
        inbox.mkdir()
        for part in range(20):
            rows = [article(number) for number in range(part * count // 20, (part + 1) * count // 20)]
            (inbox / f"{part}.jsonl").write_text("".join(map(as_line, rows)), "utf-8")
        verb = verb_of(inbox, folder / "lichang.db", "--workers", "2", "--tagger", TAGGER)
        first, second = (seconds_of(verb) for _ in range(2))
        print(f"first run {first:.1f} s, second {second:.2f} s: {first / second:.0f} times")


def hostile() -> None:
    from test_sources import TEXT, TRAPS

    with scratch() as folder:
        inbox = folder / "inbox"
        for number, (name, make, _) in enumerate(TRAPS.values()):
            path = inbox / f"{number:02}" / name
            path.parent.mkdir(parents=True)
            made = make()
            path.write_bytes(made.encode() if isinstance(made, str) else made)
        (inbox / "article.txt").write_text(TEXT, "utf-8")
        start = time.perf_counter()
        verb = verb_of(inbox, folder / "lichang.db")
        ended = subprocess.run(verb, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
        print(
            f"{len(TRAPS)} traps: {seconds:.0f} s, {peak:.0f} MB at most, exit {ended.returncode}\n{ended.stderr}"
        )


def cluster(count: int = 1500) -> None:
    """Each engine at two sizes, so that what a start costs and what an article costs come apart."""
    few = count // 10
    with scratch() as folder:
        for number in (few, count):
            write_articles(folder / f"{number}.jsonl", number, copies=0)
        costs = {}
        for engine in ("processes", "ray"):
            seconds, megabytes = {}, 0.0
            for number in (few, count):
                store = folder / f"{engine}-{number}"
                verb = verb_of(folder / f"{number}.jsonl", store, "--workers", "2", "--engine", engine)
                seconds[number], megabytes = watched(verb)
            an_article = (seconds[count] - seconds[few]) / (count - few)
            start = seconds[few] - few * an_article
            costs[engine] = start, an_article
            print(
                f"{engine}: {start:.1f} s to start, {1000 * an_article:.1f} ms an article, {megabytes:.0f} MB"
            )
        here, there = costs["processes"], costs["ray"]
        for times in (2, 4, 8):
            gain = here[1] - there[1] / times
            size = (there[0] - here[0]) / gain if gain > 0 else float("inf")
            print(f"a cluster of {times} such machines is done first from {size:,.0f} articles")


def watched(process: list[str]) -> tuple[float, float]:
    """Seconds of a process, and the most memory that it and all below it held, in megabytes."""
    start = time.perf_counter()
    running = subprocess.Popen(process)
    most = 0.0
    while running.poll() is None:
        most = max(most, memory_below(running.pid))
        time.sleep(0.2)
    assert running.returncode == 0
    return time.perf_counter() - start, most


def memory_below(process: int) -> float:
    """Megabytes of a process and its descendants; what they share is counted once."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    family = {process}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    total = 0
    for member in family:
        with suppress(OSError):
            rollup = Path(f"/proc/{member}/smaps_rollup").read_text()
            total += int(rollup.partition("Pss:")[2].split()[0])
    return total / 1000


def main() -> None:
    name, *arguments = sys.argv[1:]
    if name in ("run", "writer"):
        globals()[name](*arguments)
    else:
        measures = {f.__name__: f for f in (kills, locks, scale, overhead, workers, rerun, hostile, cluster)}
        options = {"quick": True} if "--quick" in arguments else {}
        measures[name](*(int(count) for count in arguments if count != "--quick"), **options)


if __name__ == "__main__":
    main()
