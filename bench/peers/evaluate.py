#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Peer: evaluation of SQuAD with transformers, from text to metrics: windows, forward passes in batches of
32, n-best decoding, exact match and F1. Windows are sorted by length and padded to the longest of each
batch, or processed as in run_qa, in file order and padded to 384. Prints questions/s. Importing PyTorch
and loading the model are not measured.

Usage: evaluate.py MODEL --data FILE [--precision bf16|fp32] [--order sorted|padded]
"""

import argparse
import collections
import pathlib
import sys
import time

import work  # first, because it reports missing packages

import numpy
import torch


sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import squad_reference  # noqa: E402  the official metrics

N_BEST = 20
MAX_ANSWER_TOKENS = 30


def compute_logits(model, windows, args):
    """Adds start and end logits to each window."""
    tokens = 0 if args.order == "sorted" else work.MAX_TOKENS
    if args.order == "sorted":
        windows = sorted(windows, key=lambda window: len(window["ids"]))
    for first in range(0, len(windows), work.INFERENCE_BATCH):
        batch = windows[first : first + work.INFERENCE_BATCH]
        with torch.inference_mode(), work.autocast(args.precision):
            output = model(**work.pad_batch(batch, tokens))
        starts, ends = output.start_logits.float().numpy(), output.end_logits.float().numpy()
        for row, window in enumerate(batch):
            length = len(window["ids"])
            window["logits"] = starts[row, :length], ends[row, :length]


def candidates(window):
    """(sum of logits, first, last character) of the window's n-best spans, by numpy."""
    starts, ends = window["logits"]
    first = numpy.argsort(-starts, kind="stable")[:N_BEST, None]
    last = numpy.argsort(-ends, kind="stable")[None, :N_BEST]
    good = (first >= window["begin"]) & (last < window["end"]) & (first <= last)
    good &= last - first < MAX_ANSWER_TOKENS
    rows, columns = good.nonzero()
    sums = (starts[first] + ends[last])[rows, columns]
    for total, begin, end in zip(sums.tolist(), first[rows, 0], last[0, columns]):
        yield total, window["offsets"][begin][0], window["offsets"][end][1]


def best_answer(context, spans):
    """The best text, after the n-best list that run_qa makes, with its probabilities."""
    kept = {}
    for total, begin, end in sorted(spans, key=lambda span: -span[0]):
        kept.setdefault(context[begin:end], total)
        if len(kept) == N_BEST:
            break
    if not kept:
        return ""
    sums = numpy.array(list(kept.values()))
    chances = numpy.exp(sums - sums.max())
    n_best = list(zip(kept, chances / chances.sum()))
    return n_best[0][0]


def decode(windows, questions):
    spans = collections.defaultdict(list)
    for window in windows:
        spans[window["question"]].extend(candidates(window))
    return {
        question["id"]: best_answer(question["context"], spans[index])
        for index, question in enumerate(questions)
    }


def measure(args):
    """Seconds by part, the numbers of questions and windows, and the metrics."""
    tokenizer, model = work.load_tokenizer(args.model), work.load_model(args.model).eval()
    times = [time.perf_counter()]
    squad = work.read_json(args.data)
    questions = work.questions_of(squad)
    windows = work.make_windows(tokenizer, questions)
    times.append(time.perf_counter())
    compute_logits(model, windows, args)
    times.append(time.perf_counter())
    metrics = squad_reference.evaluate_v1(squad, decode(windows, questions))
    times.append(time.perf_counter())
    return numpy.diff(times).tolist(), len(questions), len(windows), metrics


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("model", type=pathlib.Path, help="a model folder")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="a SQuAD file")
    parser.add_argument("--precision", choices=["bf16", "fp32"], default="bf16")
    parser.add_argument("--order", choices=["sorted", "padded"], default="sorted")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)

    seconds, questions, windows, metrics = measure(args)
    work.report(
        peer="transformers",
        work="evaluation",
        model=args.model.name,
        precision=args.precision,
        case="sorted batches" if args.order == "sorted" else "padded to 384",
        value=questions / sum(seconds),
        unit="questions/s",
        questions=questions,
        windows=windows,
        seconds=dict(zip(("windows", "logits", "answers"), seconds)),
        **metrics,
    )


if __name__ == "__main__":
    main()
