"""Watching folders: one batch run after another, as files come."""

import time
from collections.abc import Callable, Sequence

from lichang.batch.run import Limits, OnProgress, Pipeline, Report, ingest
from lichang.ingest import Fields
from lichang.store.open import Store


def watch(
    sources: Sequence[str],
    store: Store,
    pipeline: Pipeline,
    *,
    seconds: float = 5.0,
    fields: Fields | None = None,
    limits: Limits | None = None,
    fetch: bool = False,
    on_pass: Callable[[Report], None] = lambda report: None,
    on_progress: OnProgress = lambda report: None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Ingest what is new or has changed, again and again, until interrupted.

    It looks instead of waiting to be told, since notifications do not cross network drives. A file that
    is still being written is read, then read again when it has grown: what is known of it is not
    entered twice. `on_pass` is called after every pass that did something.
    """
    while True:
        report = ingest(
            sources, store, pipeline, fields=fields, limits=limits, fetch=fetch, on_progress=on_progress
        )
        if report.inputs or report.analyzed or report.has_trouble:
            on_pass(report)
        sleep(seconds)
