# SPDX-License-Identifier: Apache-2.0
"""The functions besides Trainer and Predictor."""

from __future__ import annotations

import pathlib

import bertune
import pytest
import tiny
from bertune import Predictor, Trainer


def test_score_rates_a_file_of_predictions(checkpoint: str, tmp_path: pathlib.Path) -> None:
    data = tiny.write_data(tmp_path / "data.jsonl")
    file = tmp_path / "predictions.json"
    metrics = Predictor(checkpoint).evaluate(eval_dataset=data, predictions=file)
    request: bertune.ScoreRequest = {"predictions": file, "eval_dataset": data}
    assert bertune.score(**request) == metrics
    assert bertune.score(task="question_answering", predictions=file, eval_dataset=data) == metrics
    with pytest.raises(bertune.UsageError, match="predictions is missing"):
        bertune.score(eval_dataset=data)
    with pytest.raises(bertune.OperatingSystemError, match="nowhere"):
        bertune.score(predictions=tmp_path / "nowhere", eval_dataset=data)
    with pytest.raises(bertune.UsageError, match="fill_mask does not use it"):
        bertune.score(task="fill_mask", predictions=file, eval_dataset=data)


def test_a_request_refuses_what_the_task_does_not_read(
    checkpoint: str, tmp_path: pathlib.Path
) -> None:
    data = tiny.write_data(tmp_path / "data.jsonl")
    predictor = Predictor(checkpoint)
    with pytest.raises(bertune.UsageError, match="^confusion is .*, but question_answering does"):
        predictor.evaluate(eval_dataset=data, confusion=tmp_path / "c.json")
    with pytest.raises(bertune.UsageError, match="n_best is 0"):
        predictor.predict("a b - a", n_best=0)
    assert len(predictor.predict("a b c d e f - b", top_k=2, n_best=2)[0]) == 2


def test_export_model_returns_the_path(checkpoint: str, tmp_path: pathlib.Path) -> None:
    folder = bertune.export_model(model=checkpoint, output=tmp_path / "exported")
    assert folder == str(tmp_path / "exported")
    question = "a b c d e f - b"
    assert Predictor(folder).predict(question)[0]["text"] == "c"
    file = bertune.export_model(model=folder, format="onnx", output=tmp_path / "weights.onnx")
    assert pathlib.Path(file).is_file()
    with pytest.raises(bertune.UsageError, match="did you mean onnx"):
        bertune.export_model(model=folder, format="onxx", output=tmp_path / "x")
    with pytest.raises(bertune.UsageError, match="output is missing") as raised:
        bertune.export_model(model=folder)
    assert raised.value.options == ["output"]


def test_find_checkpoint(tmp_path: pathlib.Path) -> None:
    options = tiny.options(tmp_path, eval_epochs=1)
    result = Trainer(**options).train(console=False)
    output = options["output_dir"]
    assert bertune.find_checkpoint(output) == result["checkpoint"]
    assert bertune.find_checkpoint(str(output), "last") == result["checkpoint"]
    assert bertune.find_checkpoint(output, "best") == result["best_checkpoint"]
    with pytest.raises(bertune.UsageError, match="'first'"):
        bertune.find_checkpoint(output, "first")
    with pytest.raises(bertune.OperatingSystemError, match="no complete checkpoint"):
        bertune.find_checkpoint(tmp_path)
    with pytest.raises(TypeError, match="output_dir must be a str or a path, not int"):
        bertune.find_checkpoint(3)  # type: ignore[arg-type]


def test_tasks_have_recipes() -> None:
    tasks = {task["name"]: task for task in bertune.tasks()}
    assert list(tasks) == [
        "question_answering", "text_classification", "token_classification", "fill_mask"
    ]
    answers = tasks["question_answering"]
    assert (answers["metric_name"], answers["main_metric"], answers["top_k"]) == ("QA Metric", "f1", 1)
    assert answers["recipe"]["max_seq_length"] == 384
    assert Trainer().options["epochs"] == answers["recipe"]["epochs"]


def test_models_are_listed_with_their_hub_ids(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BERTUNE_CACHE", str(tmp_path))
    models = {model["name"]: model for model in bertune.models()}
    model = models["qa_bert_base_uncased"]
    assert list(model) == ["name", "meaning", "hub_id", "folder", "is_alias"]
    assert (model["hub_id"], model["folder"]) == ("google-bert/bert-base-uncased", None)
