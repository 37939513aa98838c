#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares every window that bertune makes of SQuAD files with those of Hugging Face's tokenizer and the
labels of transformers' run_qa example: ids, types, offsets, labels and number of windows.

Usage: compare_features.py DUMP_WINDOWS VOCAB_FOLDER FILE... [--max-seq-length 384] [--doc-stride 128]

DUMP_WINDOWS is the program tests/tools/dump_windows.cc; FILE is a SQuAD file with answers. One known
difference is counted separately: if an answer begins in a window's last context token, run_qa's scan
continues into [SEP] and padding, while bertune labels that token. Exits with 1 on any other difference.
Needs tokenizers (pip install tokenizers).
"""

import argparse
import itertools
import json
import pathlib
import subprocess
import sys

import tokenizers

BATCH = 1000  # examples encoded together


def main():
    args = parse_arguments()
    tokenizer = make_tokenizer(args.vocab_folder, args.max_seq_length, args.doc_stride)
    failed = False
    for path in args.files:
        counts = compare_file(args, tokenizer, path)
        print(f"{path.name}: " + ", ".join(f"{n} {what}" for what, n in counts.items()), flush=True)
        failed |= counts["different"] > 0
    sys.exit(failed)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("dump_windows", type=pathlib.Path)
    parser.add_argument("vocab_folder", type=pathlib.Path)
    parser.add_argument("files", type=pathlib.Path, nargs="+")
    parser.add_argument("--max-seq-length", type=int, default=384)
    parser.add_argument("--doc-stride", type=int, default=128)
    return parser.parse_args()


def make_tokenizer(folder, max_seq_length, doc_stride):
    tokenizer = tokenizers.BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=True)
    tokenizer.enable_truncation(max_seq_length, stride=doc_stride, strategy="only_second")
    return tokenizer


def compare_file(args, tokenizer, path):
    counts = {"windows": 0, "tokens": 0, "squared": 0, "known exceptions": 0, "different": 0}
    expected = reference_windows(tokenizer, read_examples(path))
    command = [args.dump_windows, args.vocab_folder, path, "train"]
    command += [str(args.max_seq_length), str(args.doc_stride)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        ours = map(json.loads, program.stdout)
        for reference, window in itertools.zip_longest(expected, ours):
            compare_window(reference, window, counts)
    if program.returncode != 0:
        sys.exit(f"{args.dump_windows} failed on {path}")
    counts["mean tokens"] = round(counts["tokens"] / counts["windows"], 2)
    counts["mean square"] = round(counts.pop("squared") / counts["windows"])
    return counts


def compare_window(reference, window, counts):
    if reference is None or window is None:
        counts["different"] += 1
        return
    counts["windows"] += 1
    counts["tokens"] += len(reference["ids"])
    counts["squared"] += len(reference["ids"]) ** 2
    if reference.pop("start_ran_on"):
        counts["known exceptions"] += 1
    if reference == window:
        return
    if counts["different"] < 5:
        keys = [key for key in reference if reference[key] != window.get(key)]
        print(f"window {counts['windows'] - 1}: {keys} differ", file=sys.stderr)
        for key in keys:
            print(f"  reference {reference[key]}\n  bertune   {window.get(key)}", file=sys.stderr)
    counts["different"] += 1


def read_examples(path):
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                answer = question["answers"][0] if question["answers"] else None
                yield question["question"].lstrip(), paragraph["context"], answer


def reference_windows(tokenizer, examples):
    index = 0
    examples = iter(examples)
    while batch := list(itertools.islice(examples, BATCH)):
        encodings = tokenizer.encode_batch([(question, context) for question, context, _ in batch])
        for encoding, (_, _, answer) in zip(encodings, batch):
            for part in [encoding, *encoding.overflowing]:
                targets, start_ran_on = label(part, answer)
                yield {
                    "example": index,
                    "ids": part.ids,
                    "types": part.type_ids,
                    "offsets": list(itertools.chain.from_iterable(part.offsets)),
                    "targets": targets,
                    "start_ran_on": start_ran_on,
                }
            index += 1


def label(encoding, answer):
    """run_qa's label; bertune's where run_qa's scan for the start passed the end of the context."""
    if answer is None:
        return [0, 0], False
    begin = answer["answer_start"]
    end = begin + len(answer["text"])
    context = [i for i, sequence in enumerate(encoding.sequence_ids) if sequence == 1]
    offsets = encoding.offsets
    if not context or offsets[context[0]][0] > begin or offsets[context[-1]][1] < end:
        return [0, 0], False
    start = context[0]
    while start < len(offsets) and offsets[start][0] <= begin:
        start += 1
    start -= 1
    last = context[-1]
    while offsets[last][1] >= end:
        last -= 1
    last += 1
    start_ran_on = start > context[-1]
    return [min(start, context[-1]), last], start_ran_on


if __name__ == "__main__":
    main()
