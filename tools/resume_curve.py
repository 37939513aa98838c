#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains twice: once uninterrupted, and once killed (SIGKILL) ten times at random moments and resumed each
time. Evaluates every checkpoint of both and prints the two curves. Exits with 1 if they differ.

Usage: tools/resume_curve.py MODEL [TRAIN] [DEV]   (a model folder; default data: data/squad-sample)
  BERTUNE  the program (default build/bertune)
"""

import filecmp
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BERTUNE = os.environ.get("BERTUNE", str(ROOT / "build" / "bertune"))
KILLS = 10
SAVE_STEPS = 4
TRAIN_QUESTIONS = 400
DEV_QUESTIONS = 200


def main():
    model, train, dev = (sys.argv[1:] + ["", ""])[:3]
    sample = ROOT / "data" / "squad-sample"
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        questions = first_questions(dev or sample / "dev.json", work / "dev.jsonl")
        command = [BERTUNE, "train", "--model", model, "--train-dataset", train or sample / "train.json"]
        command += ["--max-train-examples", TRAIN_QUESTIONS, "--epochs", 1, "--batch-size", 8]
        command += ["--learning-rate", "3e-4", "--save-steps", SAVE_STEPS, "--keep", 1000]
        seconds = run(command + ["--output-dir", work / "whole"])
        killed = kill_and_resume(
            command + ["--output-dir", work / "parts", "--resume"], work / "parts", seconds)
        curves = [curve(work / name, questions) for name in ("whole", "parts")]
        same_files = all_weights_equal(work / "whole", work / "parts")
    print(f"{'step':>6} {'uninterrupted F1':>20} {f'killed {killed} times':>20}")
    for (step, whole), (_, parts) in zip(*curves):
        print(f"{step:6} {whole!r:>20} {parts!r:>20}")
    equal = curves[0] == curves[1] and same_files
    print("equal in every digit, and all weights byte for byte" if equal else "THE CURVES DIFFER")
    return 0 if equal else 1


def first_questions(path, out):
    data = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))["data"]
    paragraphs = [paragraph for article in data for paragraph in article["paragraphs"]]
    lines = [
        json.dumps({"id": qa["id"], "context": p["context"], "question": qa["question"],
                    "answers": qa["answers"]})
        for p in paragraphs for qa in p["qas"]
    ]
    out.write_text("\n".join(lines[:DEV_QUESTIONS]) + "\n", encoding="utf-8")
    return out


def start(command):
    return subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)  # a few KB, less than a pipe holds


def run(command):
    begin = time.monotonic()
    process = start(command)
    printed, _ = process.communicate()
    if process.returncode != 0:
        sys.exit(printed)
    return time.monotonic() - begin


def kill_and_resume(command, output, seconds):
    """Kills the run some time after each new checkpoint, so that it still finishes. Returns the kills."""
    random.seed(1)
    kills = 0
    while kills < KILLS:
        before = len(checkpoints(output))
        process = start(command)
        while process.poll() is None and len(checkpoints(output)) <= before:
            time.sleep(0.01)
        time.sleep(random.uniform(0.0, 0.03) * seconds)
        if process.poll() is None:
            process.kill()
            kills += 1
        process.communicate()
    run(command)
    return kills


def checkpoints(output):
    return sorted(output.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]))


def curve(output, questions):
    points = []
    for checkpoint in checkpoints(output):
        printed = subprocess.run(
            [BERTUNE, "evaluate", "--json", "--checkpoint", str(checkpoint), "--eval-dataset",
             str(questions)], check=True, capture_output=True, text=True).stdout
        points.append((int(checkpoint.name.split("-")[1]), json.loads(printed)["QA Metric"]["f1"]))
    return points


def all_weights_equal(a, b):
    return all(
        filecmp.cmp(path / name, b / path.name / name, shallow=False)
        for path in checkpoints(a)
        for name in ("model.safetensors", "training_state.safetensors"))


if __name__ == "__main__":
    sys.exit(main() if len(sys.argv) > 1 else __doc__)
