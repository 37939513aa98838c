#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the files of tests/data/tasks for text and token classification: scores of scikit-learn, SciPy and
seqeval (label_metrics.json), pairs truncated by Hugging Face's tokenizers (text_windows.json), and words
grouped into entities by transformers (entities.json).

Usage: make_label_goldens.py OUTPUT_FOLDER
       (pip install scikit-learn scipy seqeval tokenizers transformers torch)

The same versions always give the same bytes. OUTPUT_FOLDER contains vocab.txt of make_task_goldens.py.
"""

import json
import pathlib
import random
import sys
import types

import numpy
from tokenizers import BertWordPieceTokenizer
from transformers.pipelines.token_classification import AggregationStrategy, TokenClassificationPipeline

import compare_labels

WORDS = ["the", "wolfgang", "is", "live", "in", "berlin", "what", "abc", "x", "zz,", "Where?", "中文", "Straße"]
TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    write(folder / "label_metrics.json", label_metrics())
    write(folder / "text_windows.json", text_windows(folder / "vocab.txt"))
    write(folder / "entities.json", entities())


def write(path, cases):
    rows = ",\n".join(json.dumps(case) for case in cases)
    path.write_text(f'{{"cases": [\n{rows}\n]}}\n', encoding="utf-8")


def label_metrics():
    rng = random.Random(5)
    cases = [compare_labels.random_case(rng, number) for number in range(120)]
    cases = [case for case in cases if len(json.dumps(case)) < 4000]
    return [case | {"expected": listed(compare_labels.score(case))} for case in cases]


def listed(values):
    return [[name, repr(value)] for name, value in values.items()]


def text_windows(vocabulary):
    rng = random.Random(6)
    tokenizer = BertWordPieceTokenizer(str(vocabulary))
    cases = []
    for number in range(60):
        texts = [random_text(rng)] + ([random_text(rng)] if number % 4 else [])
        length = rng.randrange(5, 30)
        tokenizer.enable_truncation(length, strategy="longest_first")
        encoding = tokenizer.encode(*texts)
        cases.append({"texts": texts, "length": length, "ids": encoding.ids, "types": encoding.type_ids})
    return cases


def random_text(rng):
    return " ".join(rng.choice(WORDS) for _ in range(rng.randrange(20)))


def entities():
    rng = random.Random(7)
    return [entity_case(rng) for _ in range(40)]


def entity_case(rng):
    """Words of one to three pieces; logits are multiples of 1/4, so that ties occur."""
    pipeline = TokenClassificationPipeline.__new__(TokenClassificationPipeline)
    pipeline.model = types.SimpleNamespace(config=types.SimpleNamespace(id2label=dict(enumerate(TAGS))))
    pipeline.tokenizer = types.SimpleNamespace(convert_tokens_to_string=" ".join)
    text, words, logits, pieces = "", [], [], []
    for _ in range(rng.randrange(1, 12)):
        text += " " if text else ""
        begin = len(text)
        text += rng.choice(["a", "é", "中", "\U0001f600"]) * rng.randrange(1, 4)
        words.append([begin, len(text)])
        for piece in range(begin, len(text)):
            row = [rng.randrange(-8, 9) / 4 for _ in TAGS]
            scores = numpy.exp(numpy.array(row, numpy.float32) - numpy.float32(max(row)))
            pieces.append({"word": text[piece], "scores": scores / scores.sum(), "start": piece,
                           "end": piece + 1, "index": piece, "is_subword": piece > begin})
            if piece == begin:
                logits.append(row)
    groups = pipeline.aggregate(pieces, AggregationStrategy.FIRST)
    expected = [
        {"entity_group": g["entity_group"], "score": float(g["score"]), "start": g["start"],
         "end": g["end"], "word": text[g["start"] : g["end"]]}
        for g in groups
        if g["entity_group"] != "O"
    ]
    return {"text": text, "words": words, "logits": logits, "expected": expected}


if __name__ == "__main__":
    main()
