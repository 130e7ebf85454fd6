"""Runs, and a lock that tells a live run from a killed one.

A run holds an operating-system lock (SQLite) or a session lock (PostgreSQL) from its first moment.
Both vanish with the process however it ends, so what a dead run left undone can be taken over at
once, and what a live one is doing is left alone: no heartbeat, no time-out to guess.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from glob import escape
from pathlib import Path

from sqlalchemy import func, insert, select, update

from lichang.store.open import Store
from lichang.store.schema import ledger, runs

_LOCK_CLASS = 0x6C69  # "li": keeps our advisory locks apart from other programs' on the same server


def now() -> str:
    """The time as the store writes it: ISO 8601, UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def new_run(store: Store) -> Iterator[int]:
    """Number a new run and hold its lock until the block ends."""
    with _begin_sqlite(store) if store.sqlite else _begin_postgresql(store) as run:
        yield run
        with store.write() as connection:
            connection.execute(update(runs).where(runs.c.id == run).values(ended=now()))


@contextmanager
def _begin_sqlite(store: Store) -> Iterator[int]:
    with store.write() as connection:
        _sweep(store)
        run: int = connection.execute(insert(runs).values(started=now()).returning(runs.c.id)).scalar_one()
        path = _lock_file(store, run)
        handle = os.open(path, os.O_CREAT | os.O_RDWR)
        fcntl.flock(handle, fcntl.LOCK_EX)  # before the commit: nobody sees the run unlocked
    try:
        yield run
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


@contextmanager
def _begin_postgresql(store: Store) -> Iterator[int]:
    with store.engine.connect() as holder:
        with holder.begin():
            run: int = holder.execute(insert(runs).values(started=now()).returning(runs.c.id)).scalar_one()
            holder.execute(select(func.pg_advisory_lock(_LOCK_CLASS, run)))
        yield run
        with suppress(Exception), holder.begin():  # a lost connection has let go by itself
            holder.execute(select(func.pg_advisory_unlock(_LOCK_CLASS, run)))


def _lock_file(store: Store, run: int) -> Path:
    path = store.path
    assert path is not None
    return path.with_name(f"{path.name}-run-{run}")


def _sweep(store: Store) -> None:
    """Delete lock files of killed runs; one that left no work undone is never asked for.

    Only while writing: a run that begins has a file for a moment before it has the lock.
    """
    path = store.path
    assert path is not None
    for file in path.parent.glob(f"{escape(path.name)}-run-*"):
        _is_locked(file)


def is_alive(store: Store, run: int) -> bool:
    """Is some process still working on this run?"""
    if store.sqlite:
        return _is_locked(_lock_file(store, run))
    with store.write() as connection:
        free = connection.scalar(select(func.pg_try_advisory_xact_lock(_LOCK_CLASS, run)))
    return not free


def _is_locked(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)  # its owner was killed
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(handle)


def adopt(store: Store, run: int) -> int:
    """Take over what dead runs left undone; how many documents that is."""
    left = (ledger.c.state.in_(("pending", "failed")), ledger.c.run != run)
    with store.read() as connection:
        others = connection.scalars(select(ledger.c.run).where(*left).distinct()).all()
    dead = [other for other in others if not is_alive(store, other)]
    return _take_over(store, run, dead)


def _take_over(store: Store, run: int, dead: Iterable[int]) -> int:
    mine = (
        update(ledger)
        .where(ledger.c.state.in_(("pending", "failed")), ledger.c.run.in_(list(dead)))
        .values(run=run)
    )
    with store.write() as connection:
        return connection.execute(mine).rowcount
