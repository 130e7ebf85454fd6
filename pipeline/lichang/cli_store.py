"""The commands that work on a store: one function a verb, mounted by `cli`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import click

from lichang.errors import LichangError

if TYPE_CHECKING:
    from lichang.batch.run import Limits, OnProgress, Report
    from lichang.explain import Explanation
    from lichang.store.ledger import Trouble
    from lichang.store.open import Store

WITH_TROUBLE = 3
_Command = Callable[..., Any]

_store = click.option(
    "--store", "where", default="lichang.db", show_default=True, help="A file, or postgresql+psycopg://…"
)
_sources = click.argument("sources", nargs=-1, required=True)
_tagger = click.option("--tagger", default="auto", show_default=True, help="linear, encoder or auto.")
_workers = click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that analyse."
)
_tries = click.option(
    "--tries",
    default=3,
    show_default=True,
    type=click.IntRange(1, 100),
    help="Per article, before quarantine.",
)

_engine = click.option(
    "--engine",
    type=click.Choice(["processes", "ray"]),
    default="processes",
    show_default=True,
    help="ray: actors of a cluster, which read from s3://… and the like and write Parquet or PostgreSQL.",
)
_address = click.option(
    "--address", help="With --engine ray: HOST:PORT of a cluster, or auto; by default one is started here."
)
_fetch = click.option("--fetch", is_flag=True, help="Read addresses too, also those that a list names.")


@click.command()
@_sources
@_store
@_tagger
@_workers
@_tries
@_fetch
@_engine
@_address
def ingest(
    sources: tuple[str, ...],
    where: str,
    tagger: str,
    workers: int,
    tries: int,
    fetch: bool,
    engine: str,
    address: str | None,
) -> None:
    """Bring a store up to date with SOURCES.

    Only what is new or has changed is read, and what another tagger or lexicon made is made again. A run
    that was killed goes on where it was. SOURCES are what `lichang analyze` reads; with --engine ray they
    are JSON lines, Parquet and WARC, and --store is a folder of Parquet files or PostgreSQL.
    """
    if engine == "ray":
        _ingest_on_cluster(sources, where, tagger, _limits(workers, tries), fetch, address)
        return
    if address is not None:
        raise click.UsageError("--address names a Ray cluster; add --engine ray")
    from lichang.batch.pipeline import pipeline_of
    from lichang.batch.run import ingest as run

    with _open(where) as store, _progress(sources) as show:
        limits = _limits(workers, tries)
        report = run(sources, store, pipeline_of(tagger), limits=limits, fetch=fetch, on_progress=show)
    _finish(report, where)


def _ingest_on_cluster(
    sources: tuple[str, ...], where: str, tagger: str, limits: "Limits", fetch: bool, address: str | None
) -> None:
    from lichang.batch.pipeline import pipeline_of

    if fetch:
        raise click.UsageError("--engine ray reads no web addresses; fetch them with the default engine")
    try:
        from lichang.cluster.run import ingest as run
    except ModuleNotFoundError as error:
        raise LichangError(f"--engine ray needs {error.name}; pip install 'lichang[ray]'") from error
    with _progress(()) as show:
        report = run(sources, where, pipeline_of(tagger), address=address, limits=limits, on_progress=show)
    _say_what_was_done(report)
    if report.has_trouble and where.startswith("postgresql"):
        click.echo(f"  `lichang status --store {where}` says which and why", err=True)
    elif report.has_trouble:
        click.echo(f"  {where.rstrip('/')}/rejected.jsonl says which and why", err=True)
    if report.has_trouble:
        sys.exit(WITH_TROUBLE)


@click.command()
@_sources
@_store
@_tagger
@_workers
@_tries
@_fetch
@click.option("--every", default=5.0, show_default=True, help="Seconds between two looks.")
def watch(
    sources: tuple[str, ...], where: str, tagger: str, workers: int, tries: int, fetch: bool, every: float
) -> None:
    """Ingest new files as they come, until Ctrl-C."""
    from lichang.batch.pipeline import pipeline_of
    from lichang.batch.watch import watch as keep_watching

    with _open(where) as store:
        keep_watching(
            sources,
            store,
            pipeline_of(tagger),
            seconds=every,
            limits=_limits(workers, tries),
            fetch=fetch,
            on_pass=lambda report: click.echo(_summary(report), err=True),
        )


@click.command()
@_store
@_tagger
@_workers
@_tries
@click.option("--failed", is_flag=True, required=True, help="Give what is in quarantine its tries back.")
def retry(where: str, tagger: str, workers: int, tries: int, failed: bool) -> None:
    """Try again what was given up."""
    from lichang.batch.pipeline import pipeline_of
    from lichang.batch.run import ingest as run

    with _open(where, create=False) as store, _progress(()) as show:
        limits = _limits(workers, tries)
        report = run((), store, pipeline_of(tagger), limits=limits, retry=failed, on_progress=show)
    _finish(report, where)


@click.command()
@_store
def status(where: str) -> None:
    """Say what a store holds, what is left to do, and what was given up and why."""
    from lichang.store.ledger import count_states, troubles
    from lichang.store.results import count_records

    with _open(where, create=False) as store, store.read() as connection:
        click.echo(f"{count_records(connection)} records")
        for stage, states in count_states(connection).items():
            counts = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
            click.echo(f"  {stage}: {counts}")
        found = troubles(connection)
    _show_troubles(found, err=False)


@click.command()
@click.argument("article")
@click.argument("item", required=False)
@_store
@_tagger
def explain(article: str, item: str | None, where: str, tagger: str) -> None:
    """Say why ITEM of an ARTICLE reads as it does: a unit (u5), a claim (c3) or a figure (f2).

    Without ITEM, say where the article came from and what was done with it.
    """
    from lichang.analysis import load
    from lichang.explain import explain as explain_item
    from lichang.store.results import read_record

    with _open(where, create=False) as store:
        if item is None:
            _tell_of_article(store, article)
            return
        with store.read() as connection:
            record = read_record(connection, article)
        if record is None:
            raise LichangError(
                f"{article}: {where} has no record of it; `lichang explain {article}` says why"
            )
        analyzer = load(tagger)
        same = analyzer.provenance == record.provenance
        _show_explanation(explain_item(record, item, analyzer.tagger if same else None))
        if not same:
            click.echo(f"no words are weighed: `--tagger {tagger}` is now {analyzer.provenance.tagger}")


@click.command()
@_store
@click.option("--to", required=True, help="File to write; its suffix names the format.")
@click.option("--format", "as_format", help="Where the suffix does not say: parquet-flat, label-studio, …")
@click.option("--camp", help="dependency, containment or neither.")
@click.option("--attitude", help="for, against or reports.")
@click.option("--holder", help="Who asserts it; empty for the articles' writers.")
@click.option("--outlet", help="Where it was printed.")
@click.option("--kind", help="fact, opinion, prediction or proposal.")
@click.option("--status", help="Of the review: open, accepted, corrected or rejected.")
@click.option("--since", help="First day, as 2025-12-01.")
@click.option("--until", help="Last day.")
@click.option("--text", help="Words that the claim holds, in either script.")
@click.option("--article", help="Its id.")
def export(where: str, to: str, as_format: str | None, **wanted: str | None) -> None:
    """Write the records of a store to a file as people left them, with their copies; filters choose claims."""
    from lichang.export import write
    from lichang.export.filters import Filter
    from lichang.export.stored import read_entries

    with _open(where, create=False) as store, store.read() as connection:
        count = write(read_entries(connection, Filter(**wanted)), to, format=as_format)
    click.echo(f"{count} records to {to}", err=True)


@click.command("import")
@click.argument("corrected")
@_store
@click.option("--reviewer", help="Who corrected them; by default whoever runs this.")
def import_(corrected: str, where: str, reviewer: str | None) -> None:
    """Take corrections of claims from CORRECTED, an export as JSON lines that somebody changed.

    They become decisions of the reviewer; the pipeline's records stay as they are.
    """
    from getpass import getuser

    from lichang.review.corrections import take_corrections

    with _open(where, create=False, durable=True) as store:
        taken = take_corrections(store, corrected, reviewer or getuser())
    click.echo(f"{taken.decisions} decisions on {taken.changed} of {taken.records} records", err=True)
    for problem in taken.problems:
        click.echo(f"  {problem}", err=True)
    if taken.problems:
        sys.exit(WITH_TROUBLE)


@click.command()
@click.option("--store", "where", help="Check this store too: a file, or postgresql+psycopg://…")
def doctor(where: str | None) -> None:
    """Prove that this installation works: dictionary, weights, store, fonts, no network needed."""
    from lichang.doctor import examine

    failed = False
    for finding in examine(where):
        failed |= not finding.works
        click.echo(f"{'ok  ' if finding.works else 'FAIL'}  {finding.what}: {finding.detail}")
    sys.exit(1 if failed else 0)


def _tell_of_article(store: "Store", article: str) -> None:
    from lichang.store.documents import copies_of, read_article
    from lichang.store.ledger import lines_of
    from lichang.store.revisions import revisions

    with store.read() as connection:
        lines, copies = lines_of(connection, article), copies_of(connection, article)
        read = read_article(connection, article)
        changes = list(revisions(connection, article))
    if not lines:
        raise LichangError(
            f"{article}: the store has no such article; `lichang status` says what was rejected"
        )
    for name in ("title", "source", "author", "published", "url"):
        if read is not None and (said := getattr(read, name)):
            found = f" (found in: {read.origin[name]})" if name in read.origin else ""
            click.echo(f"{name}: {said}{found}")
    for line in lines:
        tried = f" after {line.tries} failed tries" if line.tries else ""
        why = f": {line.reason}, {line.detail}" if line.reason else ""
        made_by = f" by {line.made_by}" if line.made_by else ""
        click.echo(f"revision {line.revision} {line.stage}: {line.state}{tried}{why}{made_by}, {line.at}")
        if line.stage == "read":
            click.echo(f"  from {line.path}")
    for revision in changes[1:]:
        click.echo(f"revision {revision.number}: {len(revision.gone)} claims gone, {len(revision.new)} new")
        for mark, claims in (("-", revision.gone), ("+", revision.new)):
            for said in claims:
                click.echo(f"  {mark} {said.text}")
    for copy in copies:
        click.echo(
            f"copy {copy.id}: {copy.outlet or 'no outlet'}, {copy.published or 'no date'}, {copy.path}"
        )


def _show_explanation(found: "Explanation") -> None:
    click.echo(f"{found.article} {found.item}, characters {found.start} to {found.end}:")
    context = [found.before.rpartition("\n")[2], f"⟦{found.text}⟧", found.after.partition("\n")[0]]
    click.echo("  " + "".join(context))
    for name, value in found.reading.items():
        click.echo(f"  {name}: {value}")
    for sentence in found.decided:
        click.echo(f"- {sentence}")
    if found.words:
        weights = ", ".join(f"{word} {fall:+.2f}" for word, fall in found.words)
        click.echo(f"- how much likelier each word makes it: {weights}")
    made_by = found.provenance
    click.echo(
        f"- made by lichang {made_by.lichang}, {made_by.tagger}, {made_by.segmenter}, lexicon {made_by.lexicon}"
    )


def _limits(workers: int, tries: int) -> "Limits":
    from lichang.batch.run import Limits

    return Limits(workers=workers, max_tries=tries)


@contextmanager
def _open(where: str, *, create: bool = True, durable: bool = False) -> "Iterator[Store]":
    from lichang.store.open import open_store

    with closing(open_store(where, create=create, durable=durable)) as store:
        yield store


@contextmanager
def _progress(sources: tuple[str, ...]) -> "Iterator[OnProgress]":
    """A function that shows how far a run is, where a person watches standard error."""
    if not sys.stderr.isatty():
        yield lambda report: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    from lichang.batch.inputs import total_bytes

    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total_bytes(sources) or None)

        def show(report: "Report") -> None:
            seconds = bar.tasks[task].elapsed or 1
            rejected = report.rejected.total() + report.quarantined.total()
            speed = f"{report.analyzed} analysed, {report.analyzed / seconds:.0f} a second"
            bar.update(task, completed=report.bytes, description=f"{speed}, {rejected} rejected")

        yield show


def _summary(report: "Report") -> str:
    parts = [
        f"{report.analyzed} analysed",
        f"{report.entered} new",
        f"{report.copies} copies",
        f"{report.unchanged} inputs unchanged",
    ]
    parts += [f"{report.resumed} left by an earlier run"] * bool(report.resumed)
    parts += [f"{report.stale} made by another pipeline"] * bool(report.stale)
    return ", ".join(parts)


def _finish(report: "Report", where: str) -> None:
    """Say on standard error what a run did; exit 3 with the reasons where something was given up."""
    _say_what_was_done(report)
    if not report.has_trouble:
        return
    named = "" if where == "lichang.db" else f" --store {where}"
    click.echo(f"  `lichang status{named}` says which and why", err=True)
    sys.exit(WITH_TROUBLE)


def _say_what_was_done(report: "Report") -> None:
    """The counts, and the reasons of what was turned away or given up."""
    click.echo(_summary(report), err=True)
    for what, reasons in (("rejected", report.rejected), ("in quarantine", report.quarantined)):
        for reason, count in reasons.most_common():
            click.echo(f"  {count:6} {what}: {reason}", err=True)


def _show_troubles(found: "list[Trouble]", *, err: bool) -> None:
    for trouble in found:
        click.echo(
            f"  {trouble.count:6} {trouble.where}: {trouble.reason}, such as: {trouble.example}", err=err
        )


COMMANDS = (ingest, watch, retry, status, explain, doctor, export, import_)
