"""Processes that train side by side: each reads its own share of the articles, and every few steps their weights
are averaged (local SGD).

Two processes of one thread each get more done on two cores than one process whose threads wait for one another at
every operation.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import connection, parent_process
from threading import BrokenBarrierError, Thread
from typing import Any, TypeVar

import torch
from torch import Tensor, multiprocessing
from torch.nn import Parameter
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from lichang.errors import LichangError

T = TypeVar("T")

EVERY = 8  # steps between two averagings
MOST = 4  # members: each reads a batch of its own, and larger ones teach less


class Team:
    """What the processes share: a row of numbers each, and a barrier to meet at."""

    def __init__(self, size: int, numbers: int) -> None:
        """`numbers` is how many a process has to average, at most."""
        self.size = size
        self.rows = torch.zeros(size, numbers).share_memory_()  # type: ignore[no-untyped-call]
        self.barrier = multiprocessing.get_context("spawn").Barrier(size)


class Member:
    """One process's place in a team; alone, it shares with nobody and waits for nobody."""

    def __init__(self, team: Team | None = None, rank: int = 0) -> None:
        self.team, self.rank = team, rank
        self.size = team.size if team else 1

    def share(self, items: Sequence[T]) -> Sequence[T]:
        """Its part of what all members hold in the same order."""
        return items[self.rank :: self.size]

    def least(self, number: int) -> int:
        """The smallest of the numbers that the members bring; each must call it."""
        return int(self._gathered(torch.tensor([float(number)])).min()) if self.team else number

    def average(self, parameters: Sequence[Parameter]) -> None:
        """Give every member the mean of all members' parameters; each must call it."""
        if not self.team:
            return
        mean = self._gathered(parameters_to_vector(parameters).detach()).mean(0)
        vector_to_parameters(mean, parameters)

    def _gathered(self, own: Tensor) -> Tensor:
        """All members' numbers, a row each."""
        assert self.team
        self.team.rows[self.rank, : len(own)] = own
        self.team.barrier.wait()
        rows: Tensor = self.team.rows[:, : len(own)].clone()
        self.team.barrier.wait()  # nobody writes again before all have read
        return rows


@contextmanager
def team_of(size: int, numbers: int, follow: Callable[..., None], *args: Any) -> Iterator[Member]:
    """The first member of a team; in the others' processes `follow(member, *args)` runs.

    Raises LichangError when another member fails.
    """
    if size == 1:
        yield Member()
        return
    team = Team(size, numbers)
    context = multiprocessing.get_context("spawn")
    others = [
        context.Process(target=_join, args=(follow, team, rank, *args), daemon=True)
        for rank in range(1, size)
    ]
    threads = torch.get_num_threads()
    torch.set_num_threads(max(1, threads // size))
    for other in others:
        other.start()
        Thread(target=_abort_with, args=(other, team), daemon=True).start()
    try:
        yield Member(team)
        for other in others:
            other.join()
    except BrokenBarrierError as error:
        raise LichangError(
            "a process of this training has ended: its error stands above, or it ran out of memory; "
            "the same command goes on from the last whole epoch"
        ) from error
    finally:
        torch.set_num_threads(threads)
        for other in others:
            other.terminate()


def _join(follow: Callable[..., None], team: Team, rank: int, *args: Any) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(max(1, torch.get_num_threads() // team.size))
    follow(Member(team, rank), *args)


def _abort_with(process: Any, team: Team) -> None:
    """Nobody is to wait for a process that has died."""
    process.join()
    if process.exitcode:
        team.barrier.abort()


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent
    connection.wait([parent.sentinel])
    os._exit(1)
