"""lichang's own pipeline, as a batch run takes it."""

from functools import partial
from importlib.metadata import version
from pathlib import Path

from lichang import __version__, lexicon
from lichang.batch.run import Pipeline
from lichang.batch.worker import Analyzer
from lichang.records import Provenance
from lichang.tagging.folder import Folder, models_dir


def pipeline_of(tagger: str = "linear", *, models: Path | None = None) -> Pipeline:
    """The pipeline with the tagger of that name, not loaded yet."""
    return Pipeline(partial(_load, tagger, models), partial(_provenance, tagger, models))


def _load(tagger: str, models: Path | None) -> Analyzer:
    from lichang.analysis import load

    return load(tagger, models=models)


def _provenance(tagger: str, models: Path | None) -> Provenance:
    if tagger != "linear":
        return _load(tagger, models).provenance
    # Read from the model's card in a millisecond; the workers' own word is checked against it.
    return Provenance(
        lichang=__version__,
        tagger=f"linear@{Folder((models or models_dir()) / 'camps-linear').version}",
        segmenter=f"rjieba {version('rjieba')}",
        lexicon=lexicon.version(),
    )
