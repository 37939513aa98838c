# SPDX-License-Identifier: Apache-2.0
"""The events other than steps that a run reports to callbacks, and stopping it from a callback."""

from __future__ import annotations

import pathlib
from typing import Any, Dict, List

import pytest
import tiny
from bertune import EvaluateProgress, Trainer


def test_on_evaluate_gets_the_metrics_and_the_step(tmp_path: pathlib.Path) -> None:
    told: List[Dict[str, Any]] = []
    windows: List[EvaluateProgress] = []
    result = Trainer(**tiny.options(tmp_path, eval_epochs=1)).train(
        on_evaluate=told.append, on_evaluating=windows.append, console=False
    )
    assert [report["step"] for report in told] == [2, 4]
    assert list(told[0]["QA Metric"]) == ["exact_match", "f1"]
    assert [progress["windows"] for progress in windows] == [*range(1, 9)] * 2
    best = max(told, key=lambda report: float(report["QA Metric"]["f1"]))
    assert result["best_checkpoint"] == str(tmp_path / "output" / f"checkpoint-{best['step']}")


def test_on_profile_gets_the_time_of_each_op(tmp_path: pathlib.Path) -> None:
    told: List[Dict[str, Any]] = []
    Trainer(**tiny.options(tmp_path, profile=True)).train(on_profile=told.append, console=False)
    (profile,) = told
    assert profile["steps"] == 4
    assert list(profile["rows"][0]) == ["op", "place", "calls", "seconds", "flop", "bytes"]
    seconds = sum(row["seconds"] for row in profile["rows"])
    assert seconds + profile["outside_ops"] == pytest.approx(profile["step_seconds"])
    Trainer(**tiny.options(tmp_path)).train(on_profile=told.append, console=False)
    assert len(told) == 1  # only with the option


def test_the_result_tells_how_training_ended(tmp_path: pathlib.Path) -> None:
    result = Trainer(**tiny.options(tmp_path)).train(console=False)
    loss = result["final_epoch_loss"]
    assert result == {
        "checkpoint": str(tmp_path / "output" / "checkpoint-4"),
        "steps": 4,
        "skipped_steps": 0,
        "stopped": False,
        "stopped_early": False,
        "best_checkpoint": None,
        "final_epoch_loss": loss,
        "prune_failures": 0,
        "log_incomplete": False,
    }


def test_early_stopping_is_in_the_result(tmp_path: pathlib.Path) -> None:
    options = tiny.options(
        tmp_path, epochs=9, learning_rate=1e-30, eval_epochs=1, early_stopping_patience=2
    )
    result = Trainer(**options).train(console=False)
    assert (result["stopped"], result["stopped_early"], result["steps"]) == (False, True, 6)
    assert result["best_checkpoint"] == str(tmp_path / "output" / "checkpoint-2")


def test_should_stop_ends_training_with_a_checkpoint(trainer: Trainer) -> None:
    asked: List[int] = []

    def after_three() -> bool:
        asked.append(1)
        return len(asked) == 3

    result = trainer.train(should_stop=after_three, console=False)
    assert (result["stopped"], result["steps"], len(asked)) == (True, 3, 3)
    assert pathlib.Path(result["checkpoint"]).name == "checkpoint-3"
    rest = trainer.train(True, should_stop=lambda: False, console=False)
    assert (rest["stopped"], rest["steps"]) == (False, 4)


def test_should_stop_ends_an_evaluation_too(tmp_path: pathlib.Path) -> None:
    windows: List[EvaluateProgress] = []
    trainer = Trainer(**tiny.options(tmp_path, eval_steps=1))
    result = trainer.train(
        on_evaluating=windows.append, should_stop=lambda: len(windows) == 3, console=False
    )
    assert (result["stopped"], result["steps"], len(windows)) == (True, 1, 3)


def test_an_exception_of_should_stop_reaches_the_caller(trainer: Trainer) -> None:
    def fail() -> bool:
        raise LookupError("asked")

    with pytest.raises(LookupError, match="asked"):
        trainer.train(should_stop=fail, console=False)
    assert (pathlib.Path(trainer.options["output_dir"]) / "checkpoint-1").is_dir()


def test_a_callback_that_cannot_be_called_is_named(trainer: Trainer) -> None:
    wrong: Any = 3
    names = ["on_start", "on_step", "on_epoch", "on_save", "on_evaluate", "on_profile", "on_fetch",
             "on_evaluating", "should_stop"]
    for name in names:
        with pytest.raises(TypeError, match=f"{name} must be callable, not int"):
            trainer.train(**{name: wrong})
