#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the scores of label sequences with scikit-learn, SciPy and seqeval on random cases.

Usage: compare_labels.py SCORE_LABELS [--cases 1000] [--seed 0]    (pip install scikit-learn scipy seqeval)

Accuracy, F1, Matthews' coefficient and all entity scores must be equal to the last digit. SciPy's
correlations are BLAS sums whose last digits depend on the processor, so they may differ by the rounding
error of such a sum.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import warnings

import numpy
from scipy import stats
from seqeval.metrics import sequence_labeling, v1
from seqeval.scheme import IOB2, IOBES
from sklearn import metrics

warnings.filterwarnings("ignore")

TYPES = ["PER", "LOC", "ORG", "a-b", "MISC"]
CORRELATION_TOLERANCE = 64 * numpy.finfo(float).eps


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("score_labels", type=pathlib.Path)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    cases = [random_case(rng, number) for number in range(args.cases)]
    found = run(args.score_labels, cases)
    differing = sum(not same(case, values) for case, values in zip(cases, found, strict=True))
    print(f"{len(cases)} label sequences scored by scikit-learn, SciPy or seqeval and by bertune: {differing} differ")
    sys.exit(differing > 0)


def run(program, cases):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "cases.json"
        path.write_text(json.dumps(cases), encoding="utf-8")
        return json.loads(subprocess.run([program, path], check=True, capture_output=True).stdout)


def same(case, found):
    expected = score(case)
    tolerance = CORRELATION_TOLERANCE if case["kind"] == "numbers" else 0.0
    if list(expected) == list(found) and all(abs(expected[k] - found[k]) <= tolerance for k in expected):
        return True
    print(f"{json.dumps(case)[:400]}\n  expected {expected}\n  found    {found}", file=sys.stderr)
    return False


def random_case(rng, number):
    kind = number % 5
    if kind == 0:
        return random_classes(rng)
    if kind == 1:
        return random_numbers(rng)
    return random_tags(rng, [None, "IOB2", "BIOES"][kind - 2])


def random_classes(rng):
    labels = rng.choice([2, 2, 3, 5, 20, 150])
    count = rng.choice([1, 2, 10, 100, 3000])
    used = rng.randrange(1, labels + 1)  # some labels may never occur
    gold = [rng.randrange(used) for _ in range(count)]
    right = rng.random()
    predicted = [g if rng.random() < right else rng.randrange(used) for g in gold]
    return {"kind": "classes", "labels": labels, "gold": gold, "predicted": predicted}


def random_numbers(rng):
    count = rng.choice([2, 3, 10, 100, 1500])
    digits = rng.choice([0, 1, 15])  # few digits produce ties
    gold = [round(rng.uniform(0, 5), digits) for _ in range(count)]
    gold[0], gold[1] = 1.0, 4.0  # not constant
    noise = rng.choice([0.1, 1, 10])
    predicted = [round(g + rng.gauss(0, noise), digits) for g in gold]
    predicted[0], predicted[1] = 2.0, 3.5
    return {"kind": "numbers", "gold": gold, "predicted": predicted}


def random_tags(rng, scheme):
    prefixes = {None: "BIES", "IOB2": "BI", "BIOES": "BIES"}[scheme]
    types = rng.sample(TYPES, rng.randrange(1, len(TYPES) + 1))

    def tag():
        return "O" if rng.random() < 0.4 else f"{rng.choice(prefixes)}-{rng.choice(types)}"

    gold = [[tag() for _ in range(rng.randrange(1, 30))] for _ in range(rng.randrange(1, 12))]
    right = rng.random()
    predicted = [[g if rng.random() < right else tag() for g in sequence] for sequence in gold]
    return {"kind": "tags", "scheme": scheme, "gold": gold, "predicted": predicted}


def score(case):
    return {"classes": score_classes, "numbers": score_numbers, "tags": score_tags}[case["kind"]](case)


def score_classes(case):
    gold, predicted = case["gold"], case["predicted"]
    return {
        "accuracy": float(metrics.accuracy_score(gold, predicted)),
        "f1": float(metrics.f1_score(gold, predicted, labels=[1], average=None)[0]),
        "f1_macro": float(metrics.f1_score(gold, predicted, average="macro")),
        "matthews_correlation": float(metrics.matthews_corrcoef(gold, predicted)),
    }


def score_numbers(case):
    return {
        "pearson": float(stats.pearsonr(case["gold"], case["predicted"])[0]),
        "spearmanr": float(stats.spearmanr(case["gold"], case["predicted"])[0]),
    }


def score_tags(case):
    gold, predicted = case["gold"], case["predicted"]
    if case["scheme"] is None:
        prf, arguments = sequence_labeling.precision_recall_fscore_support, {}
        names = {name for name, _, _ in sequence_labeling.get_entities(gold)}
        names |= {name for name, _, _ in sequence_labeling.get_entities(predicted)}
    else:
        scheme = {"IOB2": IOB2, "BIOES": IOBES}[case["scheme"]]
        prf, arguments = v1.precision_recall_fscore_support, {"scheme": scheme}
        names = v1.unique_labels(gold, predicted, scheme)
    if not names:
        return {"precision": 0.0, "recall": 0.0, "f1": 0.0}
    micro = prf(gold, predicted, average="micro", **arguments)[:3]
    values = dict(zip(["precision", "recall", "f1"], map(float, micro)))
    columns = prf(gold, predicted, average=None, **arguments)
    for name, *row in zip(sorted(names), *columns):
        for key, value in zip(["precision", "recall", "f1", "support"], row):
            values[f"{name}_{key}"] = float(value)
    return values


if __name__ == "__main__":
    main()
