# SPDX-License-Identifier: Apache-2.0
"""Datasets that are collections of dicts: the same results as from files, the same checks, no copy."""

from __future__ import annotations

import json
import pathlib
from types import SimpleNamespace
from typing import Any, Dict, Iterator, List, Mapping, Optional

import numpy as np
import pytest
import tiny
from bertune import InputError, Predictor, Trainer, UsageError

TEXTS: List[Dict[str, Any]] = [
    {"text": letter, "label": i % 3} for i, letter in enumerate("abcdef")
]
WORDS: List[Dict[str, Any]] = [
    {"tokens": ["a", "b", "c"], "ner_tags": [0, 1, 2]},
    {"tokens": ["d"], "ner_tags": [0]},
]


class Rows:
    """A dataset as the package `datasets` has it: features, and rows that are made when asked for."""

    def __init__(self, rows: List[Dict[str, Any]], features: Optional[Mapping[str, Any]] = None):
        self.rows, self.features, self.passes, self.pulled = rows, features, 0, 0

    def __iter__(self) -> Iterator[Dict[str, Any]]:
        self.passes += 1
        for row in self.rows:
            self.pulled += 1
            yield dict(row)


def class_label(*names: str) -> Any:
    return SimpleNamespace(names=list(names))


def list_of(feature: Any) -> Any:
    return SimpleNamespace(feature=feature)


def trainer(folder: pathlib.Path, dataset: Any, **others: Any) -> Trainer:
    both = {"train_dataset": dataset, "eval_dataset": dataset}
    if others.get("task") in ("text_classification", "fill_mask"):
        both["doc_stride"] = None
    return Trainer(**tiny.options(folder, **{**both, **others}))


def labels_of(checkpoint: str) -> List[str]:
    config = json.loads((pathlib.Path(checkpoint) / "config.json").read_text())
    return [config["id2label"][str(i)] for i in range(len(config["id2label"]))]


def test_a_list_gives_what_a_file_gives(tmp_path: pathlib.Path) -> None:
    results = []
    for name, dataset in (("list", tiny.questions()), ("file", None)):
        folder = tmp_path / name
        folder.mkdir()
        options = {} if dataset is None else {"train_dataset": dataset, "eval_dataset": dataset}
        made = Trainer(**tiny.options(folder, **options))
        result = made.train(console=False)
        results.append((result["final_epoch_loss"], made.evaluate()))
    assert results[0] == results[1]


def test_predictor_evaluates_a_list(checkpoint: str) -> None:
    metrics = Predictor(checkpoint).evaluate(eval_dataset=tiny.questions())
    assert metrics == {"QA Metric": {"exact_match": 100.0, "f1": 100.0}}


def test_rows_are_pulled_anew_in_each_pass(tmp_path: pathlib.Path) -> None:
    rows = Rows(tiny.questions())
    made = trainer(tmp_path, rows, eval_dataset=None)
    assert rows.passes == 0
    made.train(console=False)
    assert (rows.passes, rows.pulled) == (1, 8)


def test_evaluations_during_training_read_the_rows_again(tmp_path: pathlib.Path) -> None:
    rows = Rows(tiny.questions())
    metrics: List[Dict[str, Any]] = []
    made = trainer(tmp_path, tiny.questions(), eval_dataset=rows, eval_epochs=1)
    made.train(on_evaluate=metrics.append, console=False)
    assert [list(found) for found in metrics] == [["QA Metric", "step"]] * 2
    assert rows.passes == 1 + 2 * 2  # the check before training; each evaluation checks, then reads


def test_what_can_be_read_only_once_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(UsageError, match="train_dataset is a generator.*\n.*list"):
        trainer(tmp_path, (row for row in tiny.questions()))
    with pytest.raises(UsageError, match="eval_dataset is a list_iterator"):
        Predictor(tiny.MODEL).evaluate(eval_dataset=iter([]))


@pytest.mark.parametrize("dataset", [3, {"train": [], "test": []}])
def test_what_is_no_collection_is_a_type_error(tmp_path: pathlib.Path, dataset: Any) -> None:
    with pytest.raises(TypeError, match="train_dataset must be a path or a collection of dicts"):
        trainer(tmp_path, dataset)


def test_a_data_frame_is_refused_with_the_call_to_make(tmp_path: pathlib.Path) -> None:
    frame = type("DataFrame", (), {"to_dict": None, "iterrows": None})()
    with pytest.raises(TypeError, match=r"train_dataset=frame.to_dict\('records'\)"):
        trainer(tmp_path, frame)


def test_errors_name_the_index_and_the_field(tmp_path: pathlib.Path) -> None:
    def fails(row: Any, message: str) -> None:
        with pytest.raises(InputError, match=message):
            trainer(tmp_path, [tiny.questions()[0], row]).train(console=False)

    fails({"context": "a", "question": "b"}, r"'train_dataset \(list\)', index 1: the key 'answers'")
    fails({"context": 1}, "index 1: context must be a string")
    fails("a text", "index 1: an example must be an object")
    fails({"context": "a", "question": float("nan")}, "index 1: the value of 'question' is nan")
    fails({"context": object()}, "index 1: the value of 'context' is of type object")


def test_what_a_collection_raises_is_raised(tmp_path: pathlib.Path) -> None:
    class Broken(Rows):
        def __iter__(self) -> Iterator[Dict[str, Any]]:
            yield from self.rows
            raise LookupError("no more rows")

    with pytest.raises(LookupError, match="no more rows"):
        trainer(tmp_path, Broken(tiny.questions())).train(console=False)
    with pytest.raises(LookupError, match="no more rows"):
        Predictor(tiny.MODEL).evaluate(eval_dataset=Broken(tiny.questions()))


def test_resuming_compares_the_windows(tmp_path: pathlib.Path) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    wanted = trainer(whole, tiny.questions()).train(console=False)["final_epoch_loss"]
    steps: List[Any] = []
    trainer(tmp_path, tiny.questions()).train(
        on_step=steps.append, should_stop=lambda: len(steps) == 2, console=False
    )
    with pytest.raises(UsageError, match="data: 8 windows of .train_dataset"):
        trainer(tmp_path, tiny.questions()[1:]).train(True, console=False)
    resumed = trainer(tmp_path, tuple(tiny.questions())).train(True, console=False)
    assert resumed["final_epoch_loss"] == wanted


def test_classes_have_the_names_and_the_order_of_their_feature(tmp_path: pathlib.Path) -> None:
    rows = Rows(TEXTS, {"text": object(), "label": class_label("zero", "one", "both")})
    made = trainer(tmp_path, rows, task="text_classification")
    assert labels_of(made.train(console=False)["checkpoint"]) == ["zero", "one", "both"]
    assert made.evaluate()["Text Classification Metric"]["accuracy"] >= 0.0


def test_classes_of_another_column_are_no_labels(tmp_path: pathlib.Path) -> None:
    rows = [{**row, "category": 0} for row in TEXTS]
    features = {"text": object(), "label": object(), "category": class_label("x", "y")}
    made = trainer(tmp_path, Rows(rows, features), task="text_classification")
    assert labels_of(made.train(console=False)["checkpoint"]) == ["0", "1", "2"]


def test_numbers_of_classes_take_the_names_of_labels(tmp_path: pathlib.Path) -> None:
    made = trainer(tmp_path, TEXTS, task="text_classification", labels="zero,one,both")
    checkpoint = made.train(console=False)["checkpoint"]
    assert labels_of(checkpoint) == ["zero", "one", "both"]
    assert "accuracy" in made.evaluate()["Text Classification Metric"]
    Predictor(checkpoint).evaluate(eval_dataset=TEXTS, labels="zero,one,both")
    with pytest.raises(InputError, match="label '0' is not one of zero, one, both"):
        Predictor(checkpoint).evaluate(eval_dataset=TEXTS)


def test_numbers_without_names_are_labels(tmp_path: pathlib.Path) -> None:
    rows = [{"text": row["text"], "label": np.int64(row["label"])} for row in TEXTS]
    made = trainer(tmp_path, rows, task="text_classification")
    assert labels_of(made.train(console=False)["checkpoint"]) == ["0", "1", "2"]


def test_a_row_without_a_label_is_refused(tmp_path: pathlib.Path) -> None:
    rows = Rows([*TEXTS, {"text": "x", "label": -1}], {"label": class_label("zero", "one", "both")})
    with pytest.raises(InputError, match="index 6: the row has no label"):
        trainer(tmp_path, rows, task="text_classification").train(console=False)


def test_tags_have_the_names_of_their_feature(tmp_path: pathlib.Path) -> None:
    tags = class_label("O", "B-PER", "I-PER")
    rows = Rows(WORDS, {"tokens": list_of(object()), "ner_tags": list_of(tags)})
    made = trainer(tmp_path, rows, task="token_classification")
    assert labels_of(made.train(console=False)["checkpoint"]) == tags.names
    assert "f1" in made.evaluate()["Token Classification Metric"]
    with_names = tmp_path / "names"
    with_names.mkdir()
    made = trainer(with_names, WORDS, task="token_classification", labels="O,B-PER,I-PER")
    assert labels_of(made.train(console=False)["checkpoint"]) == tags.names


def test_texts_train_masked_words(tmp_path: pathlib.Path) -> None:
    texts = [{"text": "a b c d e f g h"}] * 8
    made = trainer(tmp_path, texts, task="fill_mask", mask_probability=0.5)
    assert made.train(console=False)["steps"] > 0
    assert list(made.evaluate().values())[0]["loss"] > 0.0


def test_options_show_the_kind_of_collection(tmp_path: pathlib.Path) -> None:
    assert trainer(tmp_path, TEXTS).options["train_dataset"] == "train_dataset (list)"
