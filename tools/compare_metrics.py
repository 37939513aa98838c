#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Scores random predictions with bertune and in Python, and compares every digit.

Usage: compare_metrics.py SCORE_PREDICTIONS FILE... [--rounds 5] [--seed 0]

SCORE_PREDICTIONS is the program tests/tools/score_predictions.cc; FILE is a SQuAD v1.1 or v2.0 file
with answers. Datasets of random strings from all of Unicode are compared too. If transformers 4 is
installed, its squad_evaluate (SQuAD v2.0) is compared as well. Needs Python 3.11. Exits with 1 on any
difference.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import types

import squad_reference as reference

try:
    from transformers.data.metrics.squad_metrics import squad_evaluate
except ImportError:
    squad_evaluate = None

# Special cases of lower-casing, word boundaries and white space.
SPECIAL = "aA ΣΣσς.'-_ÅÉİıẞßﬁǅΩK\u0301\u0345\u00ad\u200b\u00a0\u1680\u2003\u3000\x1c\x1f\x85\t0٣²½中あ"
WORDS = ["a", "an", "the", "The", "A", "AN", "ΟΔΟΣ", "x", "café", "naïve", "the\u0301", "a1", "a_", "¹a"]


def main():
    args = parse_arguments()
    if sys.version_info[:2] != (3, 11):
        sys.exit("compare_metrics.py needs Python 3.11, whose rules the metrics follow")
    rng = random.Random(args.seed)
    compared = failed = 0
    for path in args.files:
        data = json.loads(path.read_text(encoding="utf-8"))
        for _ in range(args.rounds):
            failed += not compare(args.score_predictions, data, rng)
            compared += 1
    for round_ in range(10 * args.rounds):
        failed += not compare(args.score_predictions, random_data(rng, round_ % 2 == 1), rng)
        compared += 1
    peer = "and transformers " if squad_evaluate else ""
    print(f"{compared} sets of predictions scored here {peer}and by bertune: {failed} differ")
    sys.exit(failed > 0)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("score_predictions", type=pathlib.Path)
    parser.add_argument("files", type=pathlib.Path, nargs="*")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def compare(program, data, rng):
    version2 = data["version"] == "2.0"
    predictions = random_predictions(data, rng)
    expected = (reference.evaluate_v2 if version2 else reference.evaluate_v1)(data, predictions)
    equal = same(expected, run(program, data, predictions), "metrics")
    if not version2:
        return equal
    full = {q["id"]: predictions.get(q["id"], "") for q in reference.questions_of(data)}
    odds = {id_: rng.choice([rng.gauss(0, 5), float(rng.randrange(-3, 3))]) for id_ in full}
    expected = reference.evaluate_v2(data, full, odds)
    equal &= same(expected, run(program, data, full, odds), "metrics with thresholds")
    if squad_evaluate:
        equal &= same(expected, ask_transformers(data, full, odds), "transformers")
    return equal


def same(expected, found, name):
    if list(expected.items()) == list(found.items()):
        return True
    print(f"{name} differ:\n  expected {expected}\n  found    {found}", file=sys.stderr)
    return False


def run(program, *contents):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, content in enumerate(contents):
            paths.append(pathlib.Path(folder) / f"{number}.json")
            paths[-1].write_text(json.dumps(content), encoding="utf-8")
        output = subprocess.run([program, *paths], check=True, capture_output=True).stdout
    return json.loads(output)


def ask_transformers(data, predictions, odds):
    examples = [
        types.SimpleNamespace(qas_id=q["id"], answers=q["answers"])
        for q in reference.questions_of(data)
    ]
    return dict(squad_evaluate(examples, predictions, odds, float("inf")))


def random_predictions(data, rng):
    predictions = {}
    for article in data["data"]:
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                if rng.random() < 0.98:
                    predictions[question["id"]] = random_prediction(paragraph, question, rng)
    return predictions


def random_prediction(paragraph, question, rng):
    kind = rng.randrange(6)
    if kind == 0:
        return ""
    if kind == 1 or not question["answers"]:
        begin = rng.randrange(len(paragraph["context"]) + 1)
        return paragraph["context"][begin : begin + rng.randrange(60)]
    gold = rng.choice(question["answers"])["text"]
    if kind == 2:
        return gold
    return disturb(gold, rng)


def disturb(text, rng):
    words = text.split(" ")
    for _ in range(rng.randrange(4)):
        words.insert(rng.randrange(len(words) + 1), rng.choice(WORDS))
    if rng.random() < 0.3:
        words.pop(rng.randrange(len(words)))
    text = rng.choice([" ", "  ", "\u00a0"]).join(words)
    return rng.choice([str, str.upper, str.title])(text)


def random_data(rng, version2):
    paragraphs = []
    for p in range(rng.randrange(1, 8)):
        questions = []
        for q in range(rng.randrange(1, 20)):
            count = rng.randrange(0 if version2 else 1, 4)
            answers = [{"text": random_text(rng), "answer_start": 0} for _ in range(count)]
            questions.append({"id": f"{p}-{q}", "question": "?", "answers": answers})
        paragraphs.append({"context": random_text(rng), "qas": questions})
    version = "2.0" if version2 else "1.1"
    return {"version": version, "data": [{"paragraphs": paragraphs}]}


def random_text(rng):
    def piece():
        kind = rng.randrange(4)
        if kind == 0:
            return rng.choice(WORDS)
        if kind == 1:
            return chr(rng.choice([rng.randrange(0xD800), rng.randrange(0xE000, 0x110000)]))
        return "".join(rng.choice(SPECIAL) for _ in range(rng.randrange(4)))

    return rng.choice(["", " "]).join(piece() for _ in range(rng.randrange(8)))


if __name__ == "__main__":
    main()
