#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks a model folder written by bertune, and logits computed with it, against transformers.

Usage: python3 tools/check_folder.py FOLDER [--logits FILE] [--texts FILE] [--limit 2e-4]

transformers loads FOLDER for question answering; a missing, unexpected or mismatched tensor is a
failure. Three tokenizers must agree on built-in texts and on each line of --texts FILE: the one that
transformers makes of FOLDER, the one of tokenizer.json alone, and that of vocab.txt with the casing of
tokenizer_config.json. --logits FILE has one JSON object per line and window:

    {"ids": [n], "types": [n], "logits": [[start, end], ... n of them]}

These logits are compared with transformers' in fp32, next to those of its bf16 autocast. Each window is
computed alone, without padding. Exits with 1 if anything fails or the largest fp32 difference exceeds
the limit. Needs torch and transformers 5 (pip install torch transformers).
"""

import argparse
import json
import pathlib
import sys

import tokenizers
import torch
import transformers

# Casing, accents, Chinese, special tokens within a text, dropped characters, and long words.
TEXTS = [
    "My name is Wolfgang and I live in Berlin",
    "Caf\u00e9 NA\u00cfVE cafe\u0301 \u0130stanbul \ufb01sh \u1e9e",
    "\u4e2d\u6587\u5b57\u7b26 and kana \u30ab\u30bf\u30ab\u30ca, \ud55c\uad6d\uc5b4",
    "x[MASK]y [mask] [CLS]",
    "ab\u200bcd\u0000ef\u2028gh",
    "a" * 101 + " " + "a" * 100,
    "don't stop: 3.14 (approx.) \u2014 \u20ac5",
    "",
]


def load_model(folder):
    model, report = transformers.AutoModelForQuestionAnswering.from_pretrained(
        folder, dtype=torch.float32, output_loading_info=True
    )
    faults = {kind: sorted(map(str, names)) for kind, names in report.items() if names}
    return model.eval(), faults


def tokenizer_of_vocabulary(folder):
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    lines = (folder / "vocab.txt").read_bytes().decode().split("\n")[:-1]
    return transformers.BertTokenizer(
        vocab={piece: i for i, piece in enumerate(lines)},
        do_lower_case=settings["do_lower_case"],
        strip_accents=settings["strip_accents"],
        tokenize_chinese_chars=settings["tokenize_chinese_chars"],
    )


def check_tokenizer(folder, texts):
    """The texts on which the three ways to load the folder's tokenizer disagree."""
    candidates = [
        transformers.AutoTokenizer.from_pretrained(folder)._tokenizer,
        tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json")),
        tokenizer_of_vocabulary(folder)._tokenizer,
    ]

    def results(text):
        for encoding in (t.encode(text, "b " + text) for t in candidates):
            yield encoding.ids, encoding.type_ids, encoding.offsets

    vocabularies = [t.get_vocab() for t in candidates]
    differing = [text for text in texts if len(set(map(repr, results(text)))) > 1]
    return differing + ([] if vocabularies.count(vocabularies[0]) == 3 else ["(the vocabulary)"])


def compute(model, window, autocast):
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        output = model(
            input_ids=torch.tensor([window["ids"]]), token_type_ids=torch.tensor([window["types"]])
        )
    return torch.stack([output.start_logits[0], output.end_logits[0]], dim=1).float()


class Difference:
    """Largest and mean absolute difference over all added parts."""

    def __init__(self):
        self.parts = []

    def add(self, a, b):
        self.parts.append((a - b).abs().flatten())

    def __str__(self):
        return f"max {self.max():.3e}, mean {torch.cat(self.parts).mean().item():.3e}"

    def max(self):
        return torch.cat(self.parts).max().item()


def compare_logits(model, file, limit):
    """Prints the differences. Returns whether bertune's are within the limit."""
    ours, autocast = Difference(), Difference()
    windows = [json.loads(line) for line in file.read_text().splitlines() if line.strip()]
    if not windows:
        print(f"FAILED: {file} has no windows")
        return False
    for window in windows:
        exact = compute(model, window, autocast=False)
        ours.add(torch.tensor(window["logits"]), exact)
        autocast.add(compute(model, window, autocast=True), exact)
    print(f"{len(windows)} windows, absolute difference of logits from transformers fp32:")
    print(f"  bertune               {ours}")
    print(f"  transformers autocast {autocast}  (bf16)")
    if ours.max() <= limit:
        return True
    print(f"FAILED: {ours.max():.3e} is above the limit {limit:g}")
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--logits", type=pathlib.Path, help="JSON lines: ids, types, logits")
    parser.add_argument("--texts", type=pathlib.Path, help="more texts for the tokenizer, one per line")
    parser.add_argument("--limit", type=float, default=2e-4, help="largest difference allowed")
    args = parser.parse_args()
    transformers.logging.set_verbosity_error()

    model, faults = load_model(args.folder)
    for kind, names in faults.items():
        print(f"FAILED: {kind}: {', '.join(names)}")
    texts = TEXTS + (args.texts.read_text().split("\n") if args.texts else [])
    differing = check_tokenizer(args.folder, texts)
    for text in differing:
        print(f"FAILED: the three tokenizers disagree on {text!r}")
    close = args.logits is None or compare_logits(model, args.logits, args.limit)
    if faults or differing or not close:
        return 1
    print(f"{args.folder}: transformers {transformers.__version__} loads it without differences")
    return 0


if __name__ == "__main__":
    sys.exit(main())
