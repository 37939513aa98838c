# SPDX-License-Identifier: Apache-2.0
"""Predictor: one input, lists, iterators, threads."""

from __future__ import annotations

import json
import pathlib
import threading
from typing import Any, Dict, Iterator, List

import bertune
import pytest
import tiny
from bertune import Predictor


@pytest.fixture(scope="module")
def predictor(checkpoint: str) -> Predictor:
    return Predictor(checkpoint)


def inputs(count: int) -> List[Dict[str, str]]:
    rows = tiny.questions()
    return [{key: rows[i % 8][key] for key in ("context", "question")} for i in range(count)]


def test_one_input_counts_as_a_list_of_one(predictor: Predictor) -> None:
    assert predictor.task == "question_answering"
    (answer,) = predictor.predict("a b c d e f - b")
    assert answer["text"] == "c"
    assert predictor.predict({"context": "a b c d e f", "question": "b"}) == [answer]
    assert predictor.predict(["a b c d e f - b"]) == [answer]
    assert predictor.predict([]) == []


def golden(name: str) -> Predictor:
    return Predictor(str(tiny.MODEL.parent / name), precision="fp32")


def test_several_labels_come_as_a_list() -> None:
    several = golden("tiny_multi_label")
    (labels,) = several.predict("a")
    assert [label["label"] for label in labels] == ["LABEL_2"]
    assert several.predict("a", threshold=0.9) == [[]]
    assert len(several.predict("a", top_k=5)[0]) == 5
    with pytest.raises(bertune.UsageError, match="threshold is 1.5"):
        several.predict("a", threshold=1.5)


def test_tokens_are_aggregated() -> None:
    tagger = golden("tiny_token")
    (tokens,) = tagger.predict("ab", aggregation="none")
    assert [(token["word"], token["index"]) for token in tokens] == [("a", 1), ("##b", 2)]
    with pytest.raises(bertune.UsageError, match="aggregation is 'last'"):
        tagger.predict("ab", aggregation="last")


def test_inputs_are_read_from_a_table(tmp_path: pathlib.Path) -> None:
    classifier = golden("tiny_sequence")
    path = tmp_path / "texts.tsv"
    path.write_text("text\tlabel\na b\tx\nc\t\n")
    assert list(classifier.read_inputs(path)) == ["a b", "c"]
    found = classifier.predict(classifier.read_inputs(path))
    assert list(found) == classifier.predict(["a b", "c"])
    path.write_text("first\tsecond\tthird\n")
    with pytest.raises(bertune.InputError, match="no column looks like a text"):
        classifier.read_inputs(path)


def test_top_k_gives_a_list_for_each_input(predictor: Predictor) -> None:
    lists = predictor.predict(inputs(3), top_k=4)
    assert [len(answers) for answers in lists] == [4, 4, 4]
    scores = [answer["score"] for answer in lists[0]]
    assert scores == sorted(scores, reverse=True)


def test_any_iterable_that_is_no_iterator_is_a_list(predictor: Predictor) -> None:
    expected = predictor.predict(inputs(2))
    assert predictor.predict(tuple(inputs(2))) == expected
    assert predictor.predict({0: row for row in inputs(1)}.values()) == expected[:1]


def test_thousands_of_inputs_come_back_in_order(predictor: Predictor) -> None:
    answers = predictor.predict(inputs(3000))
    assert answers == predictor.predict(inputs(8)) * 375


def test_an_iterator_is_read_part_by_part(predictor: Predictor) -> None:
    taken = 0

    def endless() -> Iterator[Dict[str, str]]:
        nonlocal taken
        while True:
            taken += 1
            yield inputs(8)[(taken - 1) % 8]

    answers = predictor.predict(endless())
    assert taken == 0
    first = [next(answers) for _ in range(8)]
    assert taken == 1024
    assert first == predictor.predict(inputs(8))
    for _ in range(1016):
        next(answers)
    assert taken == 1024
    next(answers)
    assert taken == 2048


def test_offsets_count_code_points(predictor: Predictor) -> None:
    context = "\U0001f600\u00e9 a b c"
    for answer in predictor.predict({"context": context, "question": "b"}, top_k=5)[0]:
        assert context[answer["start"] : answer["end"]] == answer["text"]


def test_a_lone_surrogate_is_one_character(predictor: Predictor) -> None:
    context = "\udc80 a b c"
    for answer in predictor.predict({"context": context, "question": "b"}, top_k=5)[0]:
        text = context[answer["start"] : answer["end"]]
        assert text.replace("\udc80", "\ufffd") == answer["text"]


def test_threads_may_share_it(predictor: Predictor) -> None:
    expected = predictor.predict(inputs(8))
    results: List[Any] = [None] * 4

    def work(place: int) -> None:
        results[place] = predictor.predict(inputs(8))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 4


def test_evaluate_scores_and_writes_files(predictor: Predictor, tmp_path: pathlib.Path) -> None:
    data = tiny.write_data(tmp_path / "data.jsonl")
    file = tmp_path / "predictions.json"
    perfect = {"QA Metric": {"exact_match": 100.0, "f1": 100.0}}
    assert predictor.evaluate(eval_dataset=data, predictions=file) == perfect
    assert json.loads(file.read_text())["q0"] == "c"
    assert bertune.score(predictions=file, eval_dataset=data) == perfect
