# SPDX-License-Identifier: Apache-2.0
"""The documented calls of Trainer and their return values."""

from __future__ import annotations

import pathlib
from typing import Any, Dict, List

import pytest
import tiny
from bertune import Trainer, UsageError

QUESTION = {"context": "a b c d e f", "question": "b"}


def test_train_returns_its_checkpoint(trainer: Trainer, tmp_path: pathlib.Path) -> None:
    result = trainer.train(console=False)
    assert result["steps"] == 4
    assert result["checkpoint"] == str(tmp_path / "output" / "checkpoint-4")
    assert 0.0 < result["final_epoch_loss"] < 20.0


def test_evaluate_and_predict_take_the_last_checkpoint(trainer: Trainer) -> None:
    trainer.train(console=False)
    metrics = trainer.evaluate(eval_checkpoint=True)
    assert list(metrics) == ["QA Metric"]
    assert list(metrics["QA Metric"]) == ["exact_match", "f1"]
    assert all(0.0 <= value <= 100.0 for value in metrics["QA Metric"].values())
    (answer,) = trainer.predict(predict_checkpoint=True, input_data=["a b c d e f - b"])
    assert list(answer) == ["text", "score", "start", "end"]
    assert [type(value) for value in answer.values()] == [str, float, int, int]


def test_what_was_learned_is_answered(checkpoint: str, tmp_path: pathlib.Path) -> None:
    trainer = Trainer(**tiny.options(tmp_path))
    assert trainer.evaluate(checkpoint) == {"QA Metric": {"exact_match": 100.0, "f1": 100.0}}
    assert trainer.evaluate(pathlib.Path(checkpoint))["QA Metric"]["f1"] == 100.0
    (answer,) = trainer.predict(checkpoint, input_data=QUESTION)
    assert (answer["text"], answer["start"], answer["end"]) == ("c", 4, 5)


def test_false_and_none_mean_what_was_trained(trainer: Trainer) -> None:
    before = trainer.predict(None, input_data=QUESTION, top_k=3)
    assert before == trainer.predict(False, input_data=QUESTION, top_k=3)
    trainer.train(None, console=False)
    assert trainer.predict(None, input_data=QUESTION, top_k=3) != before
    assert trainer.predict(None, input_data=QUESTION, top_k=3) == trainer.predict(True, input_data=QUESTION, top_k=3)


def test_callbacks_get_plain_dicts(tmp_path: pathlib.Path) -> None:
    told: Dict[str, List[Any]] = {"start": [], "step": [], "epoch": [], "save": []}
    result = Trainer(**tiny.options(tmp_path, save_steps=2)).train(
        on_start=told["start"].append,
        on_step=told["step"].append,
        on_epoch=told["epoch"].append,
        on_save=told["save"].append,
    )
    assert [table["steps"] for table in told["start"]] == ["2 epochs of 2 = 4"]
    assert [(r["epoch"], r["step"]) for r in told["step"]] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert all(r["loss"] > 0.0 and r["seconds"] > 0.0 for r in told["step"])
    assert [report["epoch"] for report in told["epoch"]] == [1, 2]
    assert told["epoch"][1]["mean_loss"] == result["final_epoch_loss"]
    assert told["save"][-1] == {"checkpoint": result["checkpoint"]}
    assert len(told["save"]) == 2


def test_the_console_is_the_default_of_an_event(
    trainer: Trainer, capfd: pytest.CaptureFixture[str]
) -> None:
    trainer.train(on_step=lambda report: None)
    told = capfd.readouterr().err
    assert "Epoch:[1/2] took" in told and "step:[" not in told
    trainer.train(console=False)
    assert "Epoch" not in capfd.readouterr().err


def test_the_console_tells_of_evaluations(
    tmp_path: pathlib.Path, capfd: pytest.CaptureFixture[str]
) -> None:
    Trainer(**tiny.options(tmp_path, eval_epochs=1)).train()
    assert capfd.readouterr().err.count("QA Metric") == 2


def test_an_exception_of_a_callback_reaches_the_caller(trainer: Trainer) -> None:
    def stop(report: Any) -> None:
        raise LookupError(f"step {report['step']}")

    with pytest.raises(LookupError, match="step 1"):
        trainer.train(on_step=stop, console=False)
    saved = pathlib.Path(trainer.options["output_dir"]) / "checkpoint-1"
    assert saved.is_dir()

    def refuse(table: Any) -> None:
        raise LookupError("before the first step")

    with pytest.raises(LookupError, match="before"):
        trainer.train(on_start=refuse, console=False)
    assert saved.is_dir()


def test_true_goes_on_where_training_stopped(trainer: Trainer, tmp_path: pathlib.Path) -> None:
    whole = Trainer(**tiny.options(tmp_path, output_dir=tmp_path / "whole")).train(console=False)

    def stop(report: Any) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        trainer.train(on_step=stop, console=False)
    steps: List[int] = []
    result = trainer.train(True, on_step=lambda report: steps.append(report["step"]), console=False)
    assert steps == [2, 1, 2]
    assert result["final_epoch_loss"] == whole["final_epoch_loss"]


def test_a_callback_may_evaluate_but_not_train(trainer: Trainer) -> None:
    scores: List[float] = []
    trainer.train(
        on_save=lambda saved: scores.append(trainer.evaluate(True)["QA Metric"]["f1"]),
        console=False,
    )
    assert scores == [trainer.evaluate()["QA Metric"]["f1"]]
    with pytest.raises(UsageError, match="callback"):
        trainer.train(on_save=lambda saved: trainer.train(), console=False)


def test_args_is_a_dict_of_options_and_keywords_win(tmp_path: pathlib.Path) -> None:
    trainer = Trainer(args=tiny.options(tmp_path, epochs=5), epochs=1, seed=None)
    assert trainer.options["epochs"] == 1
    assert trainer.options["seed"] == 42
    assert trainer.options["do_lower_case"] is None
    assert trainer.options["model"] == str(tiny.MODEL)


def test_numbers_of_numpy_are_numbers() -> None:
    numpy = pytest.importorskip("numpy")
    options = Trainer(epochs=numpy.int64(3), learning_rate=numpy.float32(0.5), dropout=0).options
    assert (options["epochs"], options["learning_rate"], options["dropout"]) == (3, 0.5, 0.0)
