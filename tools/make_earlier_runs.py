#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/data/earlier_runs: for each task and precision, a checkpoint from the middle of a tiny
training run, written by an earlier version of bertune, and the digests of that run's final files.
tests/end_to_end/earlier_runs_test.cc resumes them.

Usage: tools/make_earlier_runs.py PROGRAM, where PROGRAM is the earlier version. The committed files
come from commit fc54005.
"""

import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "tests/data/earlier_runs"
MODEL = ROOT / "tests/data/golden/tiny_gelu"

QUESTIONS = [("a b c d e f", 2), ("a b c d e f", 6), ("g h i j k l", 2), ("g h i j k l", 6),
             ("m n o p q r", 2), ("m n o p q r", 6), ("s t u v w x", 2), ("s t u v w x", 6)]
DATA = {
    "question_answering": ("train.jsonl", "".join(
        json.dumps({"id": f"q{i}", "context": text, "question": text[at],
                    "answers": {"text": [text[at + 2]], "answer_start": [at + 2]}}) + "\n"
        for i, (text, at) in enumerate(QUESTIONS))),
    "text_classification": ("train.csv", "text,label\na b,yes\nc d,no\ne f,yes\ng h,no\ni j,yes\nk l,no\n"),
    "token_classification": ("train.conll", "a B-X\nb I-X\nc O\n\nd O\ne B-Y\n\nf O\ng O\n\nh B-X\ni O\n"),
    "fill_mask": ("train.txt", "a b c d e f\n\nb c d e f g\n\nc d e f g h\n\nd e f g h i\n"),
}
OVERLAPS = ["question_answering", "token_classification"]


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    shutil.rmtree(TARGET, ignore_errors=True)
    for task in DATA:
        for precision in ["fp32", "bf16"]:
            write_run(program, task, precision)


def write_run(program, task, precision):
    data, text = DATA[task]
    length = "26" if task == "question_answering" else "12"
    arguments = ["--task", task, "--model", "model", "--train-dataset", data, "--precision", precision,
                 "--threads", "1", "--batch-size", "3", "--epochs", "4", "--learning-rate", "1e-2",
                 "--max-seq-length", length, "--save-steps", "3"]
    if task in OVERLAPS:
        arguments += ["--doc-stride", "4"]
    target = TARGET / f"{task}_{precision}"
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        shutil.copytree(MODEL, folder / "model")
        (folder / data).write_text(text)
        subprocess.run([program, "train", *arguments, "--output-dir", "output", "--log-steps", "1000000"],
                       cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        checkpoints = sorted((folder / "output").glob("checkpoint-*"), key=lambda p: int(p.name.split("-")[1]))
        middle, last = folder / "output/checkpoint-3", checkpoints[-1]
        assert last != middle
        shutil.copytree(middle, target / middle.name)
        shutil.copy(folder / data, target / data)
        state = json.loads((middle / "training_state.json").read_text())
        run = {"arguments": arguments, "device": state["device"], "last": last.name,
               "sha256": {name: hashlib.sha256((last / name).read_bytes()).hexdigest()
                          for name in ["model.safetensors", "training_state.safetensors"]}}
        (target / "run.json").write_text(json.dumps(run, indent=1) + "\n")


if __name__ == "__main__":
    main()
