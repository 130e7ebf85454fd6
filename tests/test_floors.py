"""No tagger falls below the scores it has reached on validation (`make eval`); python tests/eval_floors.py."""

import msgspec
import pytest

import eval_floors
from eval_floors import measure, measures, raised, read_floors, shortfalls


@pytest.mark.eval
@pytest.mark.parametrize("tagger", read_floors().floors)
def test_scores_hold_their_floors(tagger: str) -> None:
    held = read_floors()
    evaluation = measure(held, tagger)
    assert evaluation.digest == held.digest, "the corpus changed: run python tests/eval_floors.py"
    assert shortfalls(held.floors[tagger], measures(evaluation)) == {}


def test_floors_cover_what_the_project_promises() -> None:
    promised = {
        "camp_f1",
        "attitude_accuracy",
        "claim",
        "holder",
        "figure_span",
        "figure_record",
        "unit_boundaries",
    }
    assert promised <= set(read_floors().floors["linear"])


@pytest.mark.parametrize(("score", "fell"), [(0.80, False), (0.795, False), (0.794, True), (0.9, False)])
def test_a_score_may_fall_by_the_tolerance(score: float, fell: bool) -> None:
    assert bool(shortfalls({"camp_f1": 0.8}, {"camp_f1": score})) is fell


def test_a_measure_that_is_gone_has_fallen() -> None:
    assert shortfalls({"camp_f1": 0.8}, {}) == {"camp_f1": "camp_f1 is None, its floor 0.8"}


def test_floors_rise_and_fall_only_where_named() -> None:
    floors, measured = {"a": 0.5, "b": 0.5, "c": 0.5}, {"a": 0.6, "b": 0.4, "c": 0.4, "d": 0.1}
    assert raised(floors, measured, lower=["c"]) == {"a": 0.6, "b": 0.5, "c": 0.4, "d": 0.1}
    assert raised({"gone": 0.5}, {}, lower=["gone"]) == {}


def test_an_update_is_refused_where_an_unnamed_score_fell(monkeypatch, tmp_path) -> None:
    held = msgspec.structs.replace(read_floors(), floors={"linear": {"camp_f1": 0.5, "claim": 0.5}})
    file = tmp_path / "floors.json"
    file.write_bytes(msgspec.json.encode(held))
    monkeypatch.setattr(eval_floors, "FILE", file)
    monkeypatch.setattr(eval_floors, "measure", lambda held, tagger: held)
    monkeypatch.setattr(eval_floors, "measures", lambda evaluation: {"camp_f1": 0.4, "claim": 0.6})
    assert eval_floors.update([], []) == ["linear: camp_f1 is 0.4, its floor 0.5"]
    assert file.read_bytes() == msgspec.json.encode(held)
    assert eval_floors.update([], ["camp_f1"]) == []
    assert read_floors().floors == {"linear": {"camp_f1": 0.4, "claim": 0.6}}
