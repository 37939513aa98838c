#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Peer: fine-tunes a BERT with transformers on a GLUE or CoNLL task and scores it, for
tools/compare_tasks.py. Prints one JSON object. Also needs scikit-learn and seqeval, which are in
tools/peers_requirements.txt.

Usage: finetune.py MODEL --kind text|token --train FILE --eval FILE... --epochs N --batch-size N
       [--learning-rate R] [--final-learning-rate R] [--warmup-ratio R] [--seed N] [--precision bf16|fp32]

The recipe is bertune's: AdamW with weight decay 0.01 except on biases and LayerNorm, clipping at 1.0, the
rate of update k counted from 0, dropout of config.json, windows of 128 tokens. A batch is split into
parts of similar length with weighted losses, which gives the same gradient with less padding.
"""

import argparse
import csv
import json
import math
import pathlib
import sys
import time

import work  # first, because it reports missing packages

import torch
import transformers
from seqeval.metrics import f1_score as entity_f1
from sklearn import metrics

MAX_TOKENS = 128
GLUE = {  # header: (columns of the texts, column of the label, names of the labels, metric)
    None: ([3], 1, ["0", "1"], "matthews_correlation"),
    "sentence": ([0], 1, ["0", "1"], "accuracy"),
    "Quality": ([3, 4], 0, ["0", "1"], "f1"),
    "index": ([1, 2], 3, ["entailment", "not_entailment"], "accuracy"),
}


def read_glue(path):
    """The texts, the labels by number, the names of the labels and the metric of a GLUE file."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    header = rows[0][0] if rows[0][0] in GLUE else None
    columns, label, names, metric = GLUE[header]
    rows = [row for row in rows[header is not None :] if len(row) > max(*columns, label)]
    return [[row[c] for c in columns] for row in rows], [names.index(row[label]) for row in rows], names, metric


def read_conll(path):
    """The words of each sentence and its tags, as IOB2."""
    sentences, words, tags = [], [], []
    for line in [*path.read_text(encoding="utf-8-sig").split("\n"), ""]:
        fields = line.split()
        if fields and fields[0] != "-DOCSTART-":
            words.append(fields[0])
            tags.append(fields[-1])
        elif words:
            sentences.append((words, to_iob2(tags)))
            words, tags = [], []
    return sentences


def to_iob2(tags):
    result = list(tags)
    for i, tag in enumerate(tags):
        if tag.startswith("I-") and (i == 0 or tags[i - 1][2:] != tag[2:] or tags[i - 1] == "O"):
            result[i] = "B-" + tag[2:]
    return result


class TextTask:
    """Maps texts or pairs to one of several labels."""

    def __init__(self, args):
        self.texts, self.labels, self.names, _ = read_glue(args.train)
        self.model_class = transformers.AutoModelForSequenceClassification

    def windows(self, tokenizer, texts, labels):
        parts = [list(part) for part in zip(*texts)]
        ids = tokenizer(*parts, truncation="longest_first", max_length=MAX_TOKENS)
        return [
            {"ids": i, "types": t, "labels": label}
            for i, t, label in zip(ids["input_ids"], ids["token_type_ids"], labels)
        ]

    def training_windows(self, tokenizer):
        return self.windows(tokenizer, self.texts, self.labels)

    def collate(self, windows):
        return torch.tensor([window["labels"] for window in windows])

    def loss_weight(self, windows):
        return len(windows)

    def score(self, predict, tokenizer, path):
        texts, labels, _, metric = read_glue(path)
        predicted = [int(logits.argmax()) for logits in predict(self.windows(tokenizer, texts, labels))]
        function = {
            "accuracy": metrics.accuracy_score,
            "f1": metrics.f1_score,
            "matthews_correlation": metrics.matthews_corrcoef,
        }
        accuracy = float(metrics.accuracy_score(labels, predicted))
        return {metric: float(function[metric](labels, predicted)), "accuracy": accuracy}


class TokenTask:
    """Predicts a tag for each word, on the word's first piece."""

    def __init__(self, args):
        self.sentences = read_conll(args.train)
        self.names = sorted({tag for _, tags in self.sentences for tag in tags} | {"O"})
        self.model_class = transformers.AutoModelForTokenClassification

    def windows(self, tokenizer, sentences):
        words = [words for words, _ in sentences]
        encoded = tokenizer(words, is_split_into_words=True, truncation=True, max_length=MAX_TOKENS)
        result = []
        for index, (_, tags) in enumerate(sentences):
            owners = encoded.word_ids(index)
            first = [w is not None and (i == 0 or owners[i - 1] != w) for i, w in enumerate(owners)]
            known = [self.names.index(tag if tag in self.names else "O") for tag in tags]
            result.append(
                {
                    "ids": encoded["input_ids"][index],
                    "types": encoded["token_type_ids"][index],
                    "labels": [known[w] if yes else -100 for w, yes in zip(owners, first)],
                    "words": [w for w, yes in zip(owners, first) if yes],
                }
            )
        return result

    def training_windows(self, tokenizer):
        return self.windows(tokenizer, self.sentences)

    def collate(self, windows):
        longest = max(len(window["ids"]) for window in windows)
        return torch.tensor([w["labels"] + [-100] * (longest - len(w["ids"])) for w in windows])

    def loss_weight(self, windows):
        return sum(label != -100 for window in windows for label in window["labels"])

    def score(self, predict, tokenizer, path):
        sentences = read_conll(path)
        windows = self.windows(tokenizer, sentences)
        gold, found = [], []
        for (_, tags), window, logits in zip(sentences, windows, predict(windows)):
            labels = ["O"] * len(tags)  # words beyond the window count as not found
            at = [i for i, label in enumerate(window["labels"]) if label != -100]
            for word, row in zip(window["words"], at):
                labels[word] = self.names[int(logits[row].argmax())]
            gold.append(tags)
            found.append(labels)
        return {"f1": float(entity_f1(gold, found))}


def rate(args, step, steps):
    warm_up = int(args.warmup_ratio * steps)
    if step < warm_up:
        return args.learning_rate * step / warm_up
    left = (steps - step) / (steps - warm_up)
    return args.final_learning_rate + (args.learning_rate - args.final_learning_rate) * left


def train(args, model, task, windows):
    optimizer = work.make_optimizer(model, args.learning_rate)
    steps = args.epochs * math.ceil(len(windows) / args.batch_size)
    order = torch.Generator().manual_seed(args.seed)
    step = 0
    model.train()
    for _ in range(args.epochs):
        shuffled = torch.randperm(len(windows), generator=order).tolist()
        for first in range(0, len(shuffled), args.batch_size):
            batch = [windows[i] for i in shuffled[first : first + args.batch_size]]
            for group in optimizer.param_groups:
                group["lr"] = rate(args, step, steps)
            loss = backward(args, model, task, batch)
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            step += 1
            if step % 100 == 0:
                print(f"step {step}/{steps} loss {loss:.4f}", file=sys.stderr, flush=True)


def backward(args, model, task, batch):
    batch = sorted(batch, key=lambda window: len(window["ids"]))
    size = math.ceil(len(batch) / args.parts)
    total = 0.0
    for first in range(0, len(batch), size):
        part = batch[first : first + size]
        weight = task.loss_weight(part) / task.loss_weight(batch)
        with work.autocast(args.precision):
            loss = model(**work.pad_batch(part), labels=task.collate(part)).loss
        (loss * weight).backward()
        total += loss.item() * weight
    return total


def predictor(args, model):
    def predict(windows):
        """Logits of each window, in the given order; computed in order of length."""
        order = sorted(range(len(windows)), key=lambda i: len(windows[i]["ids"]))
        result = [None] * len(windows)
        for first in range(0, len(order), 32):
            part = order[first : first + 32]
            with torch.inference_mode(), work.autocast(args.precision):
                logits = model(**work.pad_batch([windows[i] for i in part])).logits.float()
            for i, row in zip(part, logits):
                result[i] = row
        return result

    model.eval()
    return predict


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--kind", choices=["text", "token"], required=True)
    parser.add_argument("--train", type=pathlib.Path, required=True)
    parser.add_argument("--eval", type=pathlib.Path, nargs="+", required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--learning-rate", type=float, default=5e-5)
    parser.add_argument("--final-learning-rate", type=float, default=0.0)
    parser.add_argument("--warmup-ratio", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--precision", choices=["bf16", "fp32"], default="bf16")
    parser.add_argument("--parts", type=int, default=4, help="parts per batch, by length")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(args.seed)

    task = (TextTask if args.kind == "text" else TokenTask)(args)
    tokenizer = work.load_tokenizer(args.model)
    model = task.model_class.from_pretrained(args.model, num_labels=len(task.names))
    windows = task.training_windows(tokenizer)
    begin = time.perf_counter()
    train(args, model, task, windows)
    seconds = time.perf_counter() - begin
    predict = predictor(args, model)
    scores = {path.name: task.score(predict, tokenizer, path) for path in args.eval}
    print(json.dumps({"seed": args.seed, "scores": scores, "training_seconds": seconds}))


if __name__ == "__main__":
    main()
