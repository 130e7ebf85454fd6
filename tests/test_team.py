"""Processes that train side by side."""

import pytest

pytest.importorskip("torch")

import torch
from torch.nn import Parameter

from lichang.errors import LichangError
from lichang.training.team import Member, team_of


def _bring(member: Member, number: float) -> None:
    weights = [Parameter(torch.full((2,), number)), Parameter(torch.zeros(1))]
    assert member.least(5) == 3
    member.average(weights)
    assert [w.tolist() for w in weights] == [[2.0, 2.0], [1.0]]


def _fail(member: Member) -> None:
    raise ValueError("on purpose")


def test_members_share_work_and_average_their_weights() -> None:
    weights = [Parameter(torch.full((2,), 1.0)), Parameter(torch.full((1,), 2.0))]
    with team_of(2, 3, _bring, 3.0) as member:
        assert member.share("abcde") == "ace"
        assert member.least(3) == 3
        member.average(weights)
    assert [w.tolist() for w in weights] == [[2.0, 2.0], [1.0]]


def test_one_alone_waits_for_nobody() -> None:
    with team_of(1, 3, _bring) as member:
        assert (member.share("abc"), member.least(4)) == ("abc", 4)
        member.average([Parameter(torch.zeros(1))])


def test_nobody_waits_for_a_member_that_failed() -> None:
    with pytest.raises(LichangError, match="goes on from"), team_of(2, 3, _fail) as member:
        member.least(1)
