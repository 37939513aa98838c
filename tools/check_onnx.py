#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks a folder of `bertune export --format onnx` with ONNX's own checker, and compares ONNX Runtime's
logits with bertune's.

Usage: python3 tools/check_onnx.py FOLDER --logits FILE [--limit 1e-4]

--logits FILE has one JSON object per line and window, as printed by tests/tools/dump_logits.cc:
{"ids": [n], "types": [n], "logits": [[start, end], ... n of them]}. Each window is computed alone, and
again in padded batches of different lengths. The README's way to make the inputs is tested too. Exits
with 1 if anything fails. Needs onnx, onnxruntime, tokenizers, numpy.
"""

import argparse
import json
import pathlib
import sys

import numpy
import onnx
import onnxruntime
import tokenizers

INPUTS = ["input_ids", "attention_mask", "token_type_ids"]
OUTPUTS = ["start_logits", "end_logits"]


def check_model(path):
    onnx.checker.check_model(str(path), full_check=True)
    model = onnx.load(str(path), load_external_data=False)
    (opset,) = [entry.version for entry in model.opset_import if entry.domain == ""]
    print(f"onnx {onnx.__version__}: accepted by the checker, opset {opset}")


def compute(session, windows):
    """The logits [n, 2] of each window of a batch that is padded to its longest window."""
    length = max(len(window["ids"]) for window in windows)
    ids, mask, types = (numpy.zeros((len(windows), length), numpy.int64) for _ in range(3))
    for row, window in enumerate(windows):
        count = len(window["ids"])
        ids[row, :count], types[row, :count], mask[row, :count] = window["ids"], window["types"], 1
    start, end = session.run(OUTPUTS, dict(zip(INPUTS, (ids, mask, types))))
    logits = numpy.stack([start, end], axis=2)
    return [logits[row, : len(window["ids"])] for row, window in enumerate(windows)]


def largest_difference(session, windows, batch):
    largest = 0.0
    for begin in range(0, len(windows), batch):
        part = windows[begin : begin + batch]
        for window, logits in zip(part, compute(session, part)):
            largest = max(largest, numpy.abs(logits - numpy.array(window["logits"])).max())
    return largest


def follow_readme(session, folder):
    text = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json")).encode("a text", "another")
    inputs = [[text.ids], [text.attention_mask], [text.type_ids]]
    return all(numpy.isfinite(part).all() for part in session.run(None, dict(zip(INPUTS, inputs))))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--logits", type=pathlib.Path, required=True)
    parser.add_argument("--limit", type=float, default=1e-4, help="largest difference allowed")
    args = parser.parse_args()

    check_model(args.folder / "model.onnx")
    session = onnxruntime.InferenceSession(
        args.folder / "model.onnx", providers=["CPUExecutionProvider"]
    )
    windows = [json.loads(line) for line in args.logits.read_text().splitlines()]
    lengths = [len(window["ids"]) for window in windows]
    alone = largest_difference(session, windows, 1)
    padded = largest_difference(session, windows, 7)
    print(
        f"onnxruntime {onnxruntime.__version__}: {len(windows)} windows of {min(lengths)} to "
        f"{max(lengths)} tokens, largest difference from bertune's fp32 logits: {alone:.3e} alone, "
        f"{padded:.3e} in padded batches"
    )
    if not windows or max(alone, padded) > args.limit or not follow_readme(session, args.folder):
        print(f"FAILED: above the limit {args.limit:g}, nothing compared, or not finite")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
