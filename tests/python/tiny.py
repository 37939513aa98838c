# SPDX-License-Identifier: Apache-2.0
"""A tiny BERT and a dataset that it can memorise, shared by all tests of the package."""

from __future__ import annotations

import json
import pathlib
from typing import Any, Dict, List

MODEL = pathlib.Path(__file__).parent.parent / "data" / "golden" / "tiny_gelu"

CONTEXTS = ["a b c d e f", "g h i j k l", "m n o p q r", "s t u v w x"]


def questions() -> List[Dict[str, Any]]:
    """Eight questions; the answer is the word that follows the question's word in the context."""
    rows = []
    for i in range(8):
        context = CONTEXTS[i // 2]
        asked = 2 if i % 2 == 0 else 6
        answers = {"text": [context[asked + 2]], "answer_start": [asked + 2]}
        rows.append(
            {"id": f"q{i}", "context": context, "question": context[asked], "answers": answers}
        )
    return rows


def write_data(path: pathlib.Path) -> pathlib.Path:
    """The questions as JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in questions()))
    return path


def write_squad(folder: pathlib.Path) -> None:
    """The questions as train-v1.1.json and dev-v1.1.json."""
    paragraphs = []
    for row in questions():
        start, text = row["answers"]["answer_start"][0], row["answers"]["text"][0]
        qa = {
            "id": row["id"],
            "question": row["question"],
            "answers": [{"answer_start": start, "text": text}],
        }
        paragraphs.append({"context": row["context"], "qas": [qa]})
    folder.mkdir()
    squad = {"version": "1.1", "data": [{"title": "letters", "paragraphs": paragraphs}]}
    for name in ("train-v1.1.json", "dev-v1.1.json"):
        (folder / name).write_text(json.dumps(squad))


def options(folder: pathlib.Path, **others: Any) -> Dict[str, Any]:
    """Options of a Trainer that trains in a fraction of a second."""
    data = write_data(folder / "data.jsonl")
    tiny: Dict[str, Any] = {
        "model": MODEL,
        "train_dataset": data,
        "eval_dataset": data,
        "output_dir": folder / "output",
        "epochs": 2,
        "batch_size": 4,
        "max_seq_length": 24,
        "doc_stride": 4,
        "precision": "fp32",
    }
    return {**tiny, **others}
