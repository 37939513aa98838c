#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/data/golden/tiny_token/aggregation.json: entities of transformers' token-classification pipeline
with each of its aggregation strategies, for the model in that folder with other labels.

Usage: python3 tools/make_aggregation_golden.py [FOLDER]    (default: tests/data/golden/tiny_token)
Needs torch and transformers 5.

    labels  the labels of the model, in order
    cases   {"text", "none", "simple", "first", "average", "max"}: what the pipeline returns with each strategy
"""

import json
import pathlib
import sys

import transformers

LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-a-b", "I-a-b", "S-LOC", "E-LOC", "PLAIN", "I-PER2"]
STRATEGIES = ["none", "simple", "first", "average", "max"]
# Words of several tokens, an unknown one, punctuation, and characters that normalisation changes in length.
TEXTS = [
    "a",
    "abc de the fgh",
    "the quick brown fox",
    "ab-cd, ef.",
    "x § y §§ z",
    "cafe\u0301 ab\u0301c é 中中 a",
    "ABC Def ﬁsh",
    "qwe rty uio p",
    "zyx wvu tsr qpo nml",
    "the the the the the the",
]


def main():
    beside = pathlib.Path(__file__).resolve().parent.parent / "tests" / "data" / "golden" / "tiny_token"
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else beside
    transformers.logging.set_verbosity_error()
    model = transformers.AutoModelForTokenClassification.from_pretrained(folder).double()
    model.config.id2label = dict(enumerate(LABELS))
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    cases = []
    for text in TEXTS:
        case = {"text": text}
        for strategy in STRATEGIES:
            tag = transformers.pipeline(
                "token-classification", model=model, tokenizer=tokenizer, aggregation_strategy=strategy
            )
            case[strategy] = [plain(entity) for entity in tag(text)]
        cases.append(case)
    rows = ",\n".join(json.dumps(case) for case in cases)
    text = f'{{"labels": {json.dumps(LABELS)},\n"cases": [\n{rows}\n]}}\n'
    (folder / "aggregation.json").write_text(text, encoding="utf-8")


def plain(entity):
    return entity | {"score": float(entity["score"])}


if __name__ == "__main__":
    main()
