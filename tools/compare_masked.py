#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains a small BERT for masked language modelling from random weights with bertune and with
transformers, on the same windows with the same masks, and prints both mean losses of the last steps.

Usage: compare_masked.py TOKENIZER SQUAD WORK [--steps 2000] [--last 200] [--seeds 42]

TOKENIZER is a folder with vocab.txt and tokenizer.json. SQUAD is train-v1.1.json[.xz], whose contexts
are the text. The model has 4 layers and width 256; a step has 32 windows of 128 tokens; AdamW runs at
5e-4 with 10% warm-up; 15% of the tokens are masked, 80/10/10. Exits with 1 if the losses differ by more
than 2%. Runs that already exist in WORK are reused. BERTUNE and PEERS_PYTHON are as for
compare_tasks.py. Needs tokenizers and numpy.
"""

import argparse
import itertools
import json
import lzma
import pathlib
import shutil
import statistics
import sys

import compare_tasks
import numpy
import tokenizers

TOKENS = 128
BATCH = 32
RECIPE = {"--batch-size": BATCH, "--learning-rate": 5e-4, "--final-learning-rate": 0.0, "--warmup-ratio": 0.1}
CONFIG = {
    "model_type": "bert",
    "architectures": ["BertForMaskedLM"],
    "num_hidden_layers": 4,
    "hidden_size": 256,
    "num_attention_heads": 4,
    "intermediate_size": 1024,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "attention_probs_dropout_prob": 0.1,
    "initializer_range": 0.02,
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": 512,
    "type_vocab_size": 2,
}


def contexts(path):
    opened = lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else open(path, encoding="utf-8")
    with opened as file:
        articles = json.load(file)["data"]
    return [[paragraph["context"] for paragraph in article["paragraphs"]] for article in articles]


def cut_windows(tokenizer, articles):
    """[windows, TOKENS - 2] ids. An article's contexts are concatenated; the remainder is dropped."""
    windows = []
    for article in articles:
        encoded = tokenizer.encode_batch(article, add_special_tokens=False)
        ids = list(itertools.chain.from_iterable(one.ids for one in encoded))
        windows += [ids[i : i + TOKENS - 2] for i in range(0, len(ids) - TOKENS + 3, TOKENS - 2)]
    return numpy.array(windows)


def hide(random, ids, vocabulary, mask):
    """Masks 15% of the ids. Returns the masked ids and the labels."""
    chosen = random.random(ids.shape) < 0.15
    how = random.random(ids.shape)
    hidden = numpy.where(chosen & (how < 0.8), mask, ids)
    swapped = chosen & (how >= 0.9)
    hidden[swapped] = random.integers(0, vocabulary, swapped.sum())
    return hidden, numpy.where(chosen, ids, -100)


def write_windows(path, tokenizer, articles, count):
    """Writes `count` windows: repeats the whole text, each time with different masks."""
    random = numpy.random.default_rng(7)
    ids = cut_windows(tokenizer, articles)
    cls, sep, mask = (tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]", "[MASK]"))
    written = 0
    with open(path, "w", encoding="ascii") as file:
        while written < count:
            hidden, labels = hide(random, ids, tokenizer.get_vocab_size(), mask)
            for row, targets in zip(hidden[: count - written].tolist(), labels.tolist()):
                window = {"input_ids": [cls, *row, sep], "labels": [-100, *targets, -100]}
                file.write(json.dumps(window) + "\n")
            written += min(count - written, len(ids))
    print(f"{len(ids)} windows of text, {written} written to {path}", file=sys.stderr)


def prepare(args):
    """Makes WORK/model without weights, and WORK/windows.jsonl."""
    model, windows = args.work / "model", args.work / "windows.jsonl"
    model.mkdir(parents=True, exist_ok=True)
    for name in ("vocab.txt", "tokenizer.json", "tokenizer_config.json"):
        if (args.tokenizer / name).exists():
            shutil.copy(args.tokenizer / name, model / name)
    tokenizer = tokenizers.Tokenizer.from_file(str(args.tokenizer / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    (model / "config.json").write_text(json.dumps(CONFIG | {"vocab_size": tokenizer.get_vocab_size()}))
    if not windows.exists():
        write_windows(windows, tokenizer, contexts(args.squad), args.steps * BATCH)
    return model, windows


def run_transformers(args, seed, model, windows):
    script = compare_tasks.ROOT / "bench/peers/masked.py"
    command = [compare_tasks.PYTHON, script, model, windows, "--seed", str(seed), "--steps", str(args.steps)]
    return json.loads(compare_tasks.run([*command, *compare_tasks.flags(RECIPE)]))["losses"]


def run_bertune(args, seed, model, windows):
    output = args.work / f"run-{seed}"
    command = [compare_tasks.BERTUNE, "train", "--task", "fill_mask", "--model", model, "--from-scratch"]
    command += ["--train-dataset", windows, "--epochs", "1", "--seed", str(seed), "--precision", "bf16"]
    compare_tasks.run([*command, "--output-dir", output, *compare_tasks.flags(RECIPE)])
    records = [json.loads(line) for line in (output / "log.jsonl").read_text().splitlines()]
    shutil.rmtree(output)
    return [record["loss"] for record in records if "loss" in record and "step" in record]


SIDES = {"bertune": run_bertune, "transformers": run_transformers}


def measure(args, side, seed):
    """Returns the losses of all steps."""
    result = args.work / f"losses-{side}-{seed}.json"
    if not result.exists():
        result.write_text(json.dumps(SIDES[side](args, seed, *prepare(args))))
    return json.loads(result.read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("tokenizer", type=pathlib.Path)
    parser.add_argument("squad", type=pathlib.Path)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--last", type=int, default=200)
    parser.add_argument("--seeds", nargs="+", type=int, default=[42])
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES))
    args = parser.parse_args()
    means = {}
    for side in args.sides:
        losses = [measure(args, side, seed) for seed in args.seeds]
        means[side] = statistics.mean(statistics.mean(one[-args.last :]) for one in losses)
        print(f"{side}: first loss {losses[0][0]:.4f}, mean of the last {args.last} steps {means[side]:.4f}")
    if len(means) == 2:
        ratio = means["bertune"] / means["transformers"]
        print(f"bertune / transformers {ratio:.4f}")
        sys.exit(abs(ratio - 1) > 0.02)


if __name__ == "__main__":
    main()
