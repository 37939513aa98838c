#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Peer: trains a BERT for masked language modelling with transformers on pre-masked windows, for
tools/compare_masked.py. Prints the loss of each step as one JSON object.

Usage: masked.py MODEL WINDOWS [--steps N] [--batch-size N] [--learning-rate R] [--seed N] ...

WINDOWS has one line {"input_ids": [...], "labels": [...]} per window, all of one length. The head is
computed only on masked tokens, because the others have no loss; the gradient is the same.
"""

import argparse
import json
import pathlib
import sys

import work  # first, because it reports missing packages

import finetune
import torch
import transformers


def read_windows(path):
    """[windows, tokens] of ids and of labels."""
    with open(path, encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    return [torch.tensor([record[key] for record in records]) for key in ("input_ids", "labels")]


def loss_of(model, ids, labels, precision):
    hidden = labels != -100
    with work.autocast(precision):
        rows = model.bert(input_ids=ids).last_hidden_state[hidden]
        logits = model.cls(rows)
    return torch.nn.functional.cross_entropy(logits.float(), labels[hidden])


def train(args, model, ids, labels):
    optimizer = work.make_optimizer(model, args.learning_rate)
    order = torch.randperm(len(ids), generator=torch.Generator().manual_seed(args.seed))
    losses = []
    model.train()
    for step, batch in enumerate(order.split(args.batch_size)[: args.steps]):
        for group in optimizer.param_groups:
            group["lr"] = finetune.rate(args, step, args.steps)
        loss = loss_of(model, ids[batch], labels[batch], args.precision)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        if (step + 1) % 100 == 0:
            print(f"step {step + 1}/{args.steps} loss {losses[-1]:.4f}", file=sys.stderr, flush=True)
    return losses


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("windows", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=5e-4)
    parser.add_argument("--final-learning-rate", type=float, default=0.0)
    parser.add_argument("--warmup-ratio", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--precision", choices=["bf16", "fp32"], default="bf16")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(args.seed)

    config = transformers.BertConfig.from_pretrained(args.model)
    model = transformers.BertForMaskedLM(config)
    print(json.dumps({"losses": train(args, model, *read_windows(args.windows))}))


if __name__ == "__main__":
    main()
