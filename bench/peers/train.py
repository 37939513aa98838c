#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Peer: whole training steps of transformers on PyTorch, eager with SDPA or compiled: AdamW(fused), clipping
at 1.0, dropout of config.json, 12 windows per step, padded to the longest or to 384 tokens. Prints the
median windows/s over the steps; with --memory, the peak resident size instead.

Usage: train.py MODEL --data FILE [--precision bf16|fp32] [--pad longest|384] [--steps N] [--compile]
"""

import argparse
import pathlib
import resource
import statistics
import time

import work  # first, because it reports missing packages

import torch


def make_batches(args):
    tokenizer = work.load_tokenizer(args.model)
    questions = work.questions_of(work.read_json(args.data))
    windows = work.make_windows(tokenizer, questions)
    work.add_targets(windows, questions)
    size = work.TRAINING_BATCH
    wanted = args.warm_up + args.steps
    if len(windows) < wanted * size:
        work.fail(f"{args.data} has {len(windows)} windows; {wanted} steps need {wanted * size}")
    return [windows[first : first + size] for first in range(0, wanted * size, size)]


class Trainer:
    def __init__(self, args):
        self.args = args
        self.model = work.load_model(args.model).train()
        self.optimizer = work.make_optimizer(self.model, 3e-5)
        self.network = self.model
        if args.compile:
            self.network = torch.compile(self.model, dynamic=args.pad == "longest")

    def step(self, windows):
        inputs = work.pad_batch(windows, 0 if self.args.pad == "longest" else work.MAX_TOKENS)
        starts, ends = torch.tensor([window["targets"] for window in windows]).unbind(1)
        with work.autocast(self.args.precision):
            loss = self.network(**inputs, start_positions=starts, end_positions=ends).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        return loss.item()


def measure(args):
    """Seconds and tokens of each step after the warm-up, and the mean number of tokens per window."""
    batches = make_batches(args)
    trainer = Trainer(args)
    seconds = []
    for batch in batches:
        begin = time.perf_counter()
        trainer.step(batch)
        seconds.append(time.perf_counter() - begin)
    tokens = [sum(len(window["ids"]) for window in batch) for batch in batches]
    mean_window = sum(tokens) / sum(len(batch) for batch in batches)
    return seconds[args.warm_up :], tokens[args.warm_up :], mean_window


def windows_per_second(seconds, tokens, mean_window, pad):
    """The median over steps. The cost of a step grows with its tokens, unless all windows are padded to the
    same length. So the result is the median token rate, converted to windows of the data's mean length, as
    in bertune."""
    if pad != "longest":
        return work.TRAINING_BATCH / statistics.median(seconds)
    rate = statistics.median(count / spent for count, spent in zip(tokens, seconds))
    return rate / mean_window


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("model", type=pathlib.Path, help="a model folder")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="a SQuAD file")
    parser.add_argument("--precision", choices=["bf16", "fp32"], default="bf16")
    parser.add_argument("--pad", choices=["longest", "384"], default="longest")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--warm-up", type=int, default=2, help="steps before the measured ones")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compile", action="store_true", help="torch.compile instead of eager")
    parser.add_argument("--memory", action="store_true", help="report memory instead of speed")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(42)

    seconds, tokens, mean_window = measure(args)
    result = {
        "peer": "torch.compile" if args.compile else "transformers",
        "work": "training",
        "model": args.model.name,
        "precision": args.precision,
        "case": "padded to " + args.pad,
        "value": windows_per_second(seconds, tokens, mean_window, args.pad),
        "unit": "windows/s",
        "tokens_per_second": sum(tokens) / sum(seconds),
        "steps": len(seconds),
    }
    if args.memory:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        result |= {"work": "memory", "case": "12 x 384 tokens", "value": peak, "unit": "MiB"}
    work.report(**result)


if __name__ == "__main__":
    main()
