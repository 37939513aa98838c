#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that the Python package reads datasets.Dataset and pandas.DataFrame as it reads the same data in files.

Usage: PYTHONPATH=build/python python3 tools/compare_datasets.py

Trains a tiny model of each task from a file, from a Dataset, from a streamed Dataset and from the records of a
DataFrame, and compares losses, labels and metrics. Exits with 1 if anything differs. Needs datasets and pandas.
"""

import json
import pathlib
import sys
import tempfile

import datasets
import pandas
from bertune import Trainer

MODEL = pathlib.Path(__file__).resolve().parent.parent / "tests" / "data" / "golden" / "tiny_gelu"
LETTERS = "a b c d e f g h i j k l m n o p".split()
STARS = ["poor", "fine", "best"]
TAGS = ["O", "B-PER", "I-PER", "B-LOC"]


def questions():
    rows = []
    for i in range(12):
        words = LETTERS[i % 5 : i % 5 + 6]
        answers = {"text": [words[2]], "answer_start": [4]}
        rows.append({"id": f"q{i}", "context": " ".join(words), "question": words[1], "answers": answers})
    return rows, None


def texts():
    rows = [{"text": " ".join(LETTERS[i : i + 4]), "label": i % 3} for i in range(12)]
    return rows, datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=STARS)})


def words():
    rows = [{"tokens": LETTERS[i : i + 3], "ner_tags": [i % 4, 0, 1]} for i in range(12)]
    tags = datasets.Sequence(datasets.ClassLabel(names=TAGS))
    return rows, datasets.Features({"tokens": datasets.Sequence(datasets.Value("string")), "ner_tags": tags})


def documents():
    return [{"text": " ".join(LETTERS[i : i + 8])} for i in range(8)], None


TASKS = {
    "question_answering": (questions, {}),
    "text_classification": (texts, {"labels": ",".join(STARS)}),
    "token_classification": (words, {"labels": ",".join(TAGS)}),
    "fill_mask": (documents, {"mask_probability": 0.4}),
}


def train(folder, task, dataset, **options):
    """Loss, labels and metrics of a run."""
    if task in ("question_answering", "token_classification"):
        options["doc_stride"] = 4
    trainer = Trainer(task=task, model=MODEL, train_dataset=dataset, eval_dataset=dataset, output_dir=folder,
                      epochs=3, batch_size=4, max_seq_length=24, precision="fp32", **options)  # fmt: skip
    result = trainer.train(console=False)
    config = json.loads((pathlib.Path(result["checkpoint"]) / "config.json").read_text(encoding="utf-8"))
    return result["final_epoch_loss"], config.get("id2label"), trainer.evaluate()


def forms(rows, features):
    """The same rows in every form, and whether the form knows the names of classes."""
    dataset = datasets.Dataset.from_list(rows, features=features)
    yield "Dataset", dataset, features is not None
    yield "shuffled view", dataset.select(range(len(rows))), features is not None
    yield "streamed", dataset.to_iterable_dataset(), features is not None
    yield "NumPy format", dataset.with_format("numpy"), features is not None
    yield "records", pandas.DataFrame(rows).to_dict("records"), False
    yield "list", rows, False


def main():
    all_same = True
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        for task, (make, options) in TASKS.items():
            rows, features = make()
            file = scratch / f"{task}.jsonl"
            file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
            expected = train(scratch / task, task, file, **options)
            for form, dataset, named in forms(rows, features):
                given = {key: value for key, value in options.items() if not (named and key == "labels")}
                same = train(scratch / f"{task} {form}", task, dataset, **given) == expected
                print(f"{task}, {form}: {'the same' if same else 'FAILED'}")
                all_same = all_same and same
    return 0 if all_same else 1


if __name__ == "__main__":
    sys.exit(main())
