# SPDX-License-Identifier: Apache-2.0
"""Runs examples/question_answering.py unchanged, on a small sample and a tiny model that is stored
under the name the example uses.
"""

from __future__ import annotations

import ast
import json
import pathlib
import subprocess
import sys

import tiny
from bertune import Trainer

EXAMPLE = pathlib.Path(__file__).parent.parent.parent / "examples" / "question_answering.py"
VOCABULARY = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] my name is wolfgang and i live in berlin where do ? "
    "a b c d e f g h i j k l m n o p q r s t u v w x"
).split()


def make_model(folder: pathlib.Path, data: pathlib.Path) -> pathlib.Path:
    """A tiny model with at least 384 positions."""
    start = folder / "start"
    start.mkdir()
    config = json.loads((tiny.MODEL / "config.json").read_text())
    config.update(max_position_embeddings=512, vocab_size=len(VOCABULARY))
    (start / "config.json").write_text(json.dumps(config))
    (start / "vocab.txt").write_text("".join(piece + "\n" for piece in VOCABULARY))
    options = {"train_dataset": data, "output_dir": folder / "untuned", "epochs": 1}
    trainer = Trainer(args=options, model=start, from_scratch=True, do_lower_case=True)
    return pathlib.Path(trainer.train(console=False)["checkpoint"])


def result_after(start: str, log: str) -> object:
    (line,) = [line for line in log.splitlines() if start in line]
    return ast.literal_eval(line.split(start)[1])


def test_the_documented_calls_run(tmp_path: pathlib.Path) -> None:
    tiny.write_squad(tmp_path / "squad")
    checkpoint = make_model(tmp_path, tmp_path / "squad")
    checkpoint.rename(tmp_path / "qa_bert_base_uncased")

    ran = subprocess.run(
        [sys.executable, EXAMPLE], cwd=tmp_path, stderr=subprocess.PIPE, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "step:[    1/    1], loss:[" in ran.stderr
    assert (tmp_path / "output" / "checkpoint-2" / "model.safetensors").exists()

    metrics = result_after("QA Metric = ", ran.stderr)
    assert isinstance(metrics, dict) and list(metrics) == ["exact_match", "f1"]
    answers = result_after("output result is: ", ran.stderr)
    assert isinstance(answers, list) and len(answers) == 1
    assert list(answers[0]) == ["text", "score", "start", "end"]
    context = "My name is Wolfgang and I live in Berlin"
    assert answers[0]["text"] == context[answers[0]["start"] : answers[0]["end"]]
