#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the inputs shared by bertune and its peers, unless they already exist:

    WORK/models/NAME/        a model folder: random weights for base and minilm, else a copy
    WORK/models/NAME.onnx    the same network for ONNX Runtime and OpenVINO, without a mask
    WORK/data/train.json     SQuAD v1.1's training set as it is
    WORK/data/train-N.json   N of its questions, drawn with a fixed seed
    WORK/data/full-N.json    N of its questions, with contexts that exactly fill a window of 384 tokens
    WORK/data/dev-N.json     about N questions of the dev set, see sample_dev; N = 0: all

Usage: prepare.py WORK --data DIR --vocabulary FILE --models NAME... [--train N] [--full N] [--dev N]
"""

import argparse
import collections
import json
import pathlib
import random
import warnings

import work  # first, because it reports missing packages

import torch
import transformers


SEED = 4
SHAPES = {
    "base": {},
    "minilm": {"hidden_size": 384, "num_hidden_layers": 6, "intermediate_size": 1536},
}


def make_tokenizer(vocabulary):
    if not vocabulary.is_file():
        work.fail(f"{vocabulary} is missing; set it to the vocab.txt of bert-base-uncased")
    pieces = vocabulary.read_bytes().decode().split("\n")
    vocab = {piece: index for index, piece in enumerate(pieces[: pieces.index("")])}
    return transformers.BertTokenizer(vocab=vocab, do_lower_case=True)


def make_model(model, vocabulary_size):
    """Random weights for a shape; a folder's own, with random ones where it has none."""
    torch.manual_seed(SEED)
    if model in SHAPES:
        config = transformers.BertConfig(vocab_size=vocabulary_size, **SHAPES[model])
        return transformers.BertForQuestionAnswering(config)
    if not pathlib.Path(model, "config.json").is_file():
        work.fail(f"{model} is neither {' nor '.join(SHAPES)} nor a model folder")
    return transformers.BertForQuestionAnswering.from_pretrained(model, dtype=torch.float32)


def write_model(folder, model, vocabulary):
    if (folder / "vocab.txt").is_file():
        return
    tokenizer = make_tokenizer(vocabulary)
    make_model(model, len(tokenizer)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "vocab.txt").write_bytes(vocabulary.read_bytes())


class MaskFree(torch.nn.Module):
    """The network for windows of equal length, which need no mask."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, token_type_ids):
        output = self.model(input_ids=input_ids, token_type_ids=token_type_ids)
        return output.start_logits, output.end_logits


def write_onnx(path, folder):
    if path.is_file():
        return
    inputs, outputs = ["input_ids", "token_type_ids"], ["start_logits", "end_logits"]
    example = torch.ones(2, 64, dtype=torch.int64)
    with warnings.catch_warnings(action="ignore"):
        torch.onnx.export(
            MaskFree(work.load_model(folder).eval()),
            (example, torch.zeros_like(example)),
            path.with_suffix(".partial"),
            input_names=inputs,
            output_names=outputs,
            dynamic_axes={name: {0: "windows", 1: "tokens"} for name in inputs + outputs},
            opset_version=17,
            dynamo=False,
        )
    path.with_suffix(".partial").rename(path)


def write_squad(path, make_questions):
    """A SQuAD file in which each question has its own paragraph."""
    if path.is_file():
        return
    paragraphs = [
        {"context": question["context"], "qas": [without_context(question)]}
        for question in make_questions()
    ]
    squad = {"version": "1.1", "data": [{"title": path.stem, "paragraphs": paragraphs}]}
    write_whole(path, json.dumps(squad, ensure_ascii=False))


def without_context(question):
    return {key: value for key, value in question.items() if key != "context"}


def write_whole(path, text):
    path.with_suffix(".partial").write_text(text, encoding="utf-8")
    path.with_suffix(".partial").rename(path)


def sample_train(squad, count):
    return random.Random(SEED).sample(work.questions_of(squad), count)


def sample_full(squad, count, tokenizer):
    """Questions whose context is extended by other contexts and cut at 384 tokens in total."""
    questions = work.questions_of(squad)
    filling = " ".join(question["context"] for question in questions[:: len(questions) // 10])
    filled = []
    for question in random.Random(SEED).sample(questions, count):
        filled.append(question | {"context": question["context"] + " " + filling})
        window = work.make_windows(tokenizer, filled[-1:])[0]
        filled[-1]["context"] = filled[-1]["context"][: window["offsets"][window["end"] - 1][1]]
    windows = work.make_windows(tokenizer, filled)
    if [len(window["ids"]) for window in windows] != [work.MAX_TOKENS] * count:
        work.fail("the contexts made for the memory comparison do not fill a window")
    return filled


def sample_dev(squad, count, tokenizer):
    """Batches of up to 32 questions whose windows are equally long, evenly spaced by length among all such
    batches. The sample's batches are then as full and as long as those of the whole set. Questions with
    several windows (2%) are excluded."""
    questions = work.questions_of(squad)
    if not count:
        return questions
    windows = work.make_windows(tokenizer, questions)
    windows_of = collections.Counter(window["question"] for window in windows)
    single = [window for window in windows if windows_of[window["question"]] == 1]
    batches = batches_of_equal_length(single)
    step = max(1, len(single) / count)
    chosen = [batches[int(step * i)] for i in range(int(len(batches) / step))]
    indices = [window["question"] for batch in chosen for window in batch]
    random.Random(SEED).shuffle(indices)
    return [questions[index] for index in indices]


def batches_of_equal_length(windows):
    groups = collections.defaultdict(list)
    for window in windows:
        groups[len(window["ids"])].append(window)
    size = work.INFERENCE_BATCH
    return [
        group[first : first + size]
        for _, group in sorted(groups.items())
        for first in range(0, len(group), size)
    ]


def write_data(args, folder):
    def squad(name):
        inner = args.data / "squad"
        return work.read_json((inner if inner.is_dir() else args.data) / f"{name}-v1.1.json")

    def tokenizer():
        return make_tokenizer(args.vocabulary)

    if not (folder / "train.json").is_file():
        write_whole(folder / "train.json", json.dumps(squad("train"), ensure_ascii=False))
    write_squad(
        folder / f"train-{args.train}.json", lambda: sample_train(squad("train"), args.train)
    )
    write_squad(
        folder / f"full-{args.full}.json",
        lambda: sample_full(squad("train"), args.full, tokenizer()),
    )
    write_squad(
        folder / f"dev-{args.dev}.json", lambda: sample_dev(squad("dev"), args.dev, tokenizer())
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("work", type=pathlib.Path, help="output folder")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="SQuAD, or its parent")
    parser.add_argument("--vocabulary", type=pathlib.Path, required=True)
    parser.add_argument("--models", nargs="+", required=True, help="base, minilm, or folders")
    parser.add_argument("--train", type=int, default=144)
    parser.add_argument("--full", type=int, default=36)
    parser.add_argument("--dev", type=int, default=256)
    args = parser.parse_args()

    (args.work / "models").mkdir(parents=True, exist_ok=True)
    (args.work / "data").mkdir(exist_ok=True)
    write_data(args, args.work / "data")
    for model in args.models:
        folder = args.work / "models" / pathlib.Path(model).name
        write_model(folder, model, args.vocabulary)
        write_onnx(folder.with_name(folder.name + ".onnx"), folder)


if __name__ == "__main__":
    main()
