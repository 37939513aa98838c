#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fine-tunes one model on GLUE and CoNLL tasks with bertune and with transformers, with three seeds each,
and prints a table of means and standard deviations. Runs that already exist in WORK are reused.

Usage: compare_tasks.py MODEL DATA WORK [--tasks RTE MRPC ...] [--seeds 42 43 44] [--sides bertune transformers]

DATA holds glue/{SST-2,MRPC,RTE,CoLA}/{train,dev}.tsv, ner/conll2003/eng.{train,testa,testb} and
ner/wnut17/{train,dev}.conll, each optionally with .xz. The rule: means may differ by 0.5 points or by
2 sqrt((s1^2 + s2^2) / 3), whichever is larger. Exits with 1 if they differ by more.

  BERTUNE       the program (default build/bertune)
  PEERS_PYTHON  a python with torch, transformers, scikit-learn, seqeval (default .cache/peers/bin/python)
"""

import argparse
import dataclasses
import json
import lzma
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BERTUNE = os.environ.get("BERTUNE", "build/bertune")
PYTHON = os.environ.get("PEERS_PYTHON", ".cache/peers/bin/python")


@dataclasses.dataclass
class Task:
    kind: str
    train: str
    evaluate: list  # datasets; the last one is reported
    metric: str
    epochs: int = 3

    def recipe(self):
        text = self.kind == "text"
        return {
            "--epochs": self.epochs,
            "--batch-size": 32 if text else 24,
            "--learning-rate": 5e-5,
            "--final-learning-rate": 1e-6 if text else 0.0,
            "--warmup-ratio": 0.0 if text else 0.1,
        }


GLUE = {"SST-2": ("accuracy", 1), "MRPC": ("f1", 3), "RTE": ("accuracy", 3), "CoLA": ("matthews_correlation", 3)}
TASKS = {
    name: Task("text", f"glue/{name}/train.tsv", [f"glue/{name}/dev.tsv"], metric, epochs)
    for name, (metric, epochs) in GLUE.items()
} | {
    "CoNLL-2003": Task(
        "token", "ner/conll2003/eng.train", ["ner/conll2003/eng.testa", "ner/conll2003/eng.testb"], "f1"
    ),
    "WNUT-17": Task("token", "ner/wnut17/train.conll", ["ner/wnut17/dev.conll"], "f1"),
}


def unpacked(data, work, name):
    """The file `name` of `data`, unpacked into `work` if it is compressed."""
    if (data / name).exists():
        return data / name
    target = work / "data" / name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with lzma.open(data / (name + ".xz")) as source, open(target, "wb") as out:
            shutil.copyfileobj(source, out)
    return target


def flags(values):
    return [str(word) for pair in values.items() for word in pair]


def run(command):
    """Returns what the command prints. Shows its standard error only if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stderr[-4000:]}")
    return done.stdout


def run_transformers(args, task, seed, train, evaluate):
    command = [PYTHON, ROOT / "bench/peers/finetune.py", args.model, "--kind", task.kind, "--train", train]
    command += ["--eval", *evaluate, "--seed", str(seed), *flags(task.recipe())]
    return json.loads(run(command))["scores"]


def run_bertune(args, task, seed, train, evaluate):
    output = args.work / f"run-{task.train.replace('/', '-')}-{seed}"
    name = {"text": "text_classification", "token": "token_classification"}[task.kind]
    command = [BERTUNE, "train", "--task", name, "--model", args.model, "--train-dataset", train]
    command += ["--seed", str(seed), "--precision", "bf16", "--output-dir", output, *flags(task.recipe())]
    run(command)
    scores = {}
    for path in evaluate:
        command = [BERTUNE, "evaluate", "--output-dir", output, "--eval-dataset", path, "--json"]
        command += ["--precision", "bf16"]
        scores[path.name] = json.loads(run(command))
    shutil.rmtree(output)
    return scores


SIDES = {"bertune": run_bertune, "transformers": run_transformers}


def measure(args, name, side, seed):
    """The scores of `side` with this seed, in points out of a hundred, by dataset."""
    task = TASKS[name]
    result = args.work / f"{name}-{side}-{seed}.json"
    if not result.exists():
        train = unpacked(args.data, args.work, task.train)
        evaluate = [unpacked(args.data, args.work, path) for path in task.evaluate]
        scores = SIDES[side](args, task, seed, train, evaluate)
        result.write_text(json.dumps(scores))
    scores = json.loads(result.read_text())
    return [100 * find(scores[pathlib.Path(path).name], task.metric) for path in task.evaluate]


def find(scores, metric):
    """The metric's value, found at the top or one level below it."""
    if metric in scores:
        return scores[metric]
    return next(inner[metric] for inner in scores.values() if isinstance(inner, dict) and metric in inner)


def compare(args, name):
    """Prints a row for each dataset of the task. Returns whether the reported one meets the rule."""
    by_side = {side: [measure(args, name, side, seed) for seed in args.seeds] for side in args.sides}
    for index, path in enumerate(TASKS[name].evaluate):
        columns = [[scores[index] for scores in by_side[side]] for side in args.sides]
        cells = [f"{statistics.mean(c):.2f} ({statistics.stdev(c) if len(c) > 1 else 0:.2f})" for c in columns]
        print(f"| {name}, {pathlib.Path(path).name} | {TASKS[name].metric} | " + " | ".join(cells), end=" |")
        kept = len(columns) < 2 or keeps_rule(*columns)
        print("" if len(columns) < 2 else f" {'yes' if kept else 'NO'} |", flush=True)
    return kept


def keeps_rule(ours, theirs):
    spread = sum(statistics.stdev(c) ** 2 for c in (ours, theirs) if len(c) > 1)
    allowed = max(0.5, 2 * math.sqrt(spread / 3))
    return abs(statistics.mean(ours) - statistics.mean(theirs)) <= allowed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[42, 43, 44])
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES))
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    kept = [compare(args, name) for name in args.tasks]
    sys.exit(not all(kept))


if __name__ == "__main__":
    main()
