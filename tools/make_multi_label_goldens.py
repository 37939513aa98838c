#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the reference values for texts with several labels and for models with a single label.

Usage: python3 tools/make_multi_label_goldens.py [TESTS_DATA]    (default: tests/data beside this script)
Needs scikit-learn, torch and transformers 5.

TESTS_DATA/tasks/label_sets.json
    cases   gold and predicted labels [texts, labels] as 0 and 1 in a string per text, scores as hexadecimal
            floats, and scikit-learn's metrics as Python prints them (nan: not defined)
TESTS_DATA/golden/tiny_multi_label/pipeline.json
    cases   texts of letters, and the labels with scores that transformers' text-classification pipeline gives
            for the model in that folder, all of them (top_k=None), best first
TESTS_DATA/golden/tiny_regression/pipeline.json
    cases   the same for a model with a single label: "score" for the config without problem_type, as
            cross-encoders have it, "regression" with problem_type "regression"
"""

import json
import pathlib
import random
import sys
import warnings

import numpy
import transformers
from sklearn import metrics

warnings.filterwarnings("ignore")

TEXTS = ["a", "t h e b e s t", "the b a n a n a", "x y z é 中", "q w e r t y u i o p a s d f"]


def main():
    beside = pathlib.Path(__file__).resolve().parent.parent / "tests" / "data"
    data = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else beside
    transformers.logging.set_verbosity_error()
    rng = random.Random(8)
    cases = [label_sets(rng, number) for number in range(60)]
    write(data / "tasks" / "label_sets.json", [case for case in cases if len(json.dumps(case)) < 9000])
    golden = data / "golden"
    write(golden / "tiny_multi_label" / "pipeline.json", several_labels(golden / "tiny_multi_label"))
    write(golden / "tiny_regression" / "pipeline.json", single_label(golden / "tiny_regression"))


def write(path, cases):
    rows = ",\n".join(json.dumps(case) for case in cases)
    path.write_text(f'{{"cases": [\n{rows}\n]}}\n', encoding="utf-8")


def label_sets(rng, number):
    labels = rng.choice([1, 2, 3, 5, 12])
    texts = rng.choice([1, 2, 7, 30, 150])
    digits = rng.choice([1, 2, 15])  # few digits produce ties
    share = rng.choice([0.1, 0.5])  # few positives leave some labels without any
    gold = [[int(rng.random() < share) for _ in range(labels)] for _ in range(texts)]
    scores = [[round(rng.random() * 0.7 + 0.3 * g, digits) for g in row] for row in gold]
    if number % 3 == 0:  # every label has both values, so that all areas are defined
        gold, scores = gold + [[0] * labels, [1] * labels], scores + [[0.25] * labels, [0.5] * labels]
    predicted = [[int(s > 0.5) for s in row] for row in scores]
    return {
        "labels": labels,
        "gold": ["".join(map(str, row)) for row in gold],
        "predicted": ["".join(map(str, row)) for row in predicted],
        "scores": [[s.hex() for s in row] for row in scores],
        "expected": [[name, repr(float(value))] for name, value in score(gold, predicted, scores)],
    }


def score(gold, predicted, scores):
    gold, predicted, scores = numpy.array(gold), numpy.array(predicted), numpy.array(scores)
    if gold.shape[1] == 1:  # scikit-learn takes a single column for two classes
        one = {"labels": [1], "average": None}
        f1 = metrics.f1_score(gold[:, 0], predicted[:, 0], **one)[0]
        area = metrics.roc_auc_score(gold[:, 0], scores[:, 0]) if len(set(gold[:, 0])) == 2 else numpy.nan
        accuracy = metrics.accuracy_score(gold[:, 0], predicted[:, 0])
        return list(zip(NAMES, [accuracy, f1, f1, area, area]))
    return list(
        zip(
            NAMES,
            [
                metrics.accuracy_score(gold, predicted),
                metrics.f1_score(gold, predicted, average="micro"),
                metrics.f1_score(gold, predicted, average="macro"),
                metrics.roc_auc_score(gold, scores, average="micro"),
                metrics.roc_auc_score(gold, scores, average="macro"),
            ],
        )
    )


NAMES = ["accuracy", "f1_micro", "f1_macro", "roc_auc_micro", "roc_auc_macro"]


def pipeline_of(folder, **settings):
    config = transformers.AutoConfig.from_pretrained(folder)
    for name, value in settings.items():
        setattr(config, name, value)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder, config=config)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    return transformers.pipeline("text-classification", model=model.double(), tokenizer=tokenizer)


def several_labels(folder):
    classify = pipeline_of(folder)
    return [{"text": text, "expected": classify(text, top_k=None)} for text in TEXTS]


def single_label(folder):
    cross_encoder = pipeline_of(folder, problem_type=None)
    regression = pipeline_of(folder, problem_type="regression")
    return [
        {
            "text": text,
            "label": cross_encoder(text)[0]["label"],
            "score": cross_encoder(text)[0]["score"],
            "regression": regression(text)[0]["score"],
        }
        for text in TEXTS
    ]


if __name__ == "__main__":
    main()
