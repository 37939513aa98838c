#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What Python adds to the time of a training and of a prediction.

Usage: PYTHONPATH=build/python overhead.py --model DIR --data FILE [options]

Training: the same run by the program (build/bertune) and by Trainer with a callback after every step,
in turn; the mean time from step to step is compared. Prediction: the wait for one answer in C++
(build/python/time_predict) and in Python, in turn; medians of the medians.
"""

import argparse
import pathlib
import re
import statistics
import subprocess
import tempfile
import time

import bertune

CONTEXT = "My name is Wolfgang and I live in Berlin"
QUESTION = "Where do I live?"


def main():
    args = parse_arguments()
    print("prediction, ms", *compare(args.rounds, lambda: cpp_wait(args), lambda: python_wait(args)))
    print(
        "training, ms a step",
        *compare(args.rounds, lambda: program_epoch(args), lambda: python_epoch(args)),
    )


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True, help="folder of a tuned model")
    parser.add_argument("--data", required=True, help="SQuAD file to train on")
    parser.add_argument("--examples", default=96, type=int, help="of the training")
    parser.add_argument("--predictions", default=300, type=int, help="of one round")
    parser.add_argument("--rounds", default=3, type=int)
    parser.add_argument("--build", default="build", type=pathlib.Path)
    return parser.parse_args()


def compare(rounds, cpp, python):
    """Both in turn, so that a change of the machine's speed meets both."""
    pairs = [(cpp(), python()) for _ in range(rounds)]
    first, second = (statistics.median(column) for column in zip(*pairs))
    return (
        f"C++ {first:.4f}",
        f"Python {second:.4f}",
        f"difference {second - first:+.4f} ({100 * (second / first - 1):+.2f}%)",
        "rounds " + " ".join(f"{a:.4f}/{b:.4f}" for a, b in pairs),
    )


def cpp_wait(args):
    program = args.build / "python" / "time_predict"
    command = [program, args.model, str(args.predictions), CONTEXT, QUESTION]
    return float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def python_wait(args):
    predictor = bertune.Predictor(args.model)
    question = {"context": CONTEXT, "question": QUESTION}
    times = []
    for _ in range(args.predictions):
        begin = time.perf_counter()
        predictor.predict(question)
        times.append(1e3 * (time.perf_counter() - begin))
    return statistics.median(times)


def training(args, output):
    return {
        "model": args.model,
        "train_dataset": args.data,
        "output_dir": output,
        "epochs": 1,
        "batch_size": 4,
        "max_train_examples": args.examples,
    }


def program_epoch(args):
    with tempfile.TemporaryDirectory() as output:
        command = [args.build / "bertune", "train"]
        for name, value in training(args, output).items():
            command += ["--" + name.replace("_", "-"), str(value)]
        told = subprocess.run(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True
        ).stderr
    return float(re.search(r"took .*, ([0-9.]+) ms a step", told)[1])


def python_epoch(args):
    losses, seconds = [], []
    with tempfile.TemporaryDirectory() as output:
        bertune.Trainer(args=training(args, output)).train(
            on_step=lambda report: losses.append(report["loss"]),
            on_epoch=lambda report: seconds.append(report["mean_step_seconds"]),
        )
    return 1e3 * seconds[0]


if __name__ == "__main__":
    main()
