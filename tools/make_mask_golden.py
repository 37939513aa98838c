#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/data/golden/tiny_masked/fill_mask.json: the answers of transformers' fill-mask pipeline with the model
of that folder, which make_golden.py made.

Usage: make_mask_golden.py [OUTPUT_FILE]      (pip install torch transformers)

The file contains "largest_logit", the largest logit that a score is computed from, and "cases", a list of {"text",
"expected"}: the pipeline's answer with its five best tokens, as a list, or for several [MASK] as a list of lists. The
model computes in float64, so that scores are exact for a float32 program. Consecutive scores always differ by more
than float32 rounding, so that their order is well defined.
"""

import json
import pathlib
import sys

import torch
import transformers

MODEL = pathlib.Path(__file__).resolve().parent.parent / "tests" / "data" / "golden" / "tiny_masked"
TOP_K = 5
CLOSEST = 1e-4

TEXTS = [
    "a b [MASK] d e",
    "[MASK]",
    "The [MASK] ab, c!",
    "x[MASK]y: \u4e2d caf\u00e9",
    "a b c d e f g h i j k l m n o p q r s t u [MASK]",
    "a [MASK] c [MASK] e",
    "[MASK][MASK]",
    '[MASK] "ab" [MASK] \\ [MASK].',
]


def main():
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else MODEL / "fill_mask.json"
    transformers.logging.set_verbosity_error()
    tokenizer = transformers.AutoTokenizer.from_pretrained(MODEL)
    model = transformers.AutoModelForMaskedLM.from_pretrained(MODEL).double().eval()
    pipeline = transformers.pipeline("fill-mask", model=model, tokenizer=tokenizer, top_k=TOP_K)
    cases = [{"text": text, "expected": pipeline(text)} for text in TEXTS]
    for case in cases:
        require_order(case)
    largest = max(largest_logit(model, tokenizer, text) for text in TEXTS)
    rows = ",\n".join(json.dumps(case) for case in cases)
    output.write_text(f'{{"largest_logit": {largest!r}, "cases": [\n{rows}\n]}}\n', encoding="utf-8")
    print(f"{output}: {len(cases)} texts, largest logit {largest:.3f}")


def require_order(case):
    several = isinstance(case["expected"][0], list)
    for words in case["expected"] if several else [case["expected"]]:
        scores = [word["score"] for word in words]
        assert all(a - b > CLOSEST for a, b in zip(scores, scores[1:])), f"{case['text']}: {scores}"


def largest_logit(model, tokenizer, text):
    with torch.no_grad():
        return model(**tokenizer(text, return_tensors="pt")).logits.abs().max().item()


if __name__ == "__main__":
    main()
