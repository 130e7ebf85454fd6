"""lichang's own pipeline, as a batch run takes it."""

from functools import partial
from importlib.metadata import version
from pathlib import Path

from lichang import __version__, lexicon
from lichang.batch.run import Pipeline
from lichang.batch.worker import Analyzer
from lichang.records import Provenance
from lichang.tagging import check_name
from lichang.tagging.folder import Folder, models_dir


def pipeline_of(tagger: str = "auto", *, models: Path | None = None) -> Pipeline:
    """The pipeline with the tagger of that name, not loaded yet."""
    return Pipeline(partial(_load, tagger, models), partial(_provenance, tagger, models))


def _load(tagger: str, models: Path | None) -> Analyzer:
    from lichang.analysis import load

    return load(tagger, models=models)


def _provenance(tagger: str, models: Path | None) -> Provenance:
    # Read from the models' configs in a millisecond; the workers' own word is checked against it.
    check_name(tagger)
    folders = ["camps-linear"] if tagger == "linear" else ["camps-linear", "camps-encoder"]
    versions = [Folder((models or models_dir()) / folder).version for folder in folders]
    return Provenance(
        lichang=__version__,
        tagger=f"{tagger}@{'+'.join(versions)}",
        segmenter=f"rjieba {version('rjieba')}",
        lexicon=lexicon.version(),
    )
