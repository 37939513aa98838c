# SPDX-License-Identifier: Apache-2.0
"""Shared code of the peers' scripts: SQuAD's questions, their windows with transformers' tokenizer as in
run_qa, padded batches, and the JSON line of a measurement.

If something is missing, the program exits with a message that says how to get it.
"""

import json
import lzma
import pathlib
import sys

MAX_TOKENS = 384
OVERLAP = 128
TRAINING_BATCH = 12
INFERENCE_BATCH = 32


def fail(message):
    sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {message}")


try:
    import numpy
    import torch
    import transformers
except ImportError as error:
    fail(f"{error}; install bench/peers/requirements.txt, or use make bench-peers")

transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()


def read_json(path):
    """A JSON file, optionally compressed with xz."""
    packed = path.with_name(path.name + ".xz")
    if path.is_file():
        return json.loads(path.read_bytes())
    if packed.is_file():
        return json.loads(lzma.decompress(packed.read_bytes()))
    fail(f"neither {path} nor {packed.name} exists")


def questions_of(squad):
    """Each question of a SQuAD file, with its context."""
    return [
        question | {"context": paragraph["context"]}
        for article in squad["data"]
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    ]


def load_tokenizer(folder):
    if not (folder / "tokenizer.json").is_file():
        fail(f"{folder} has no tokenizer.json; create the folder with bench/peers/prepare.py")
    return transformers.AutoTokenizer.from_pretrained(folder)


def load_model(folder):
    """The network in fp32, with SDPA and the dropout of its config.json."""
    if not (folder / "model.safetensors").is_file():
        fail(f"{folder} has no model.safetensors; create the folder with bench/peers/prepare.py")
    return transformers.BertForQuestionAnswering.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="sdpa"
    )


def make_windows(tokenizer, questions, block=1000):
    """A dict per window: ids, types, offsets, begin and end of its context, question (index)."""
    windows = []
    for first in range(0, len(questions), block):
        some = questions[first : first + block]
        encoded = tokenizer(
            [question["question"].lstrip() for question in some],
            [question["context"] for question in some],
            truncation="only_second",
            max_length=MAX_TOKENS,
            stride=OVERLAP,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        for index, question in enumerate(encoded["overflow_to_sample_mapping"]):
            types = encoded["token_type_ids"][index]
            windows.append({
                "ids": encoded["input_ids"][index],
                "types": types,
                "offsets": encoded["offset_mapping"][index],
                "begin": types.index(1),
                "end": len(types) - 1,
                "question": first + question,
            })
    return windows


def add_targets(windows, questions):
    """Start and end of the first gold answer; 0 and 0 if the window does not contain all of it."""
    for window in windows:
        answer = questions[window["question"]]["answers"][0]
        first, last = answer["answer_start"], answer["answer_start"] + len(answer["text"])
        offsets = window["offsets"][window["begin"] : window["end"]]
        window["targets"] = (0, 0)
        if offsets[0][0] <= first and last <= offsets[-1][1]:
            start = sum(begin <= first for begin, _ in offsets) - 1
            end = sum(finish < last for _, finish in offsets)
            window["targets"] = (window["begin"] + start, window["begin"] + end)


def pad_batch(windows, tokens=0):
    """The network's inputs, padded to the longest window or to a given number of tokens."""
    shape = len(windows), tokens or max(len(window["ids"]) for window in windows)
    ids, types, mask = (numpy.zeros(shape, numpy.int64) for _ in range(3))
    for row, window in enumerate(windows):
        length = len(window["ids"])
        ids[row, :length] = window["ids"]
        types[row, :length] = window["types"]
        mask[row, :length] = 1
    named = {"input_ids": ids, "token_type_ids": types, "attention_mask": mask}
    return {name: torch.from_numpy(array) for name, array in named.items()}


def make_optimizer(model, learning_rate):
    """AdamW with bertune's settings: no weight decay on biases and LayerNorm."""
    undecayed = ("bias", "LayerNorm.weight")
    groups = {0.0: [], 0.01: []}
    for name, parameter in model.named_parameters():
        groups[0.0 if name.endswith(undecayed) else 0.01].append(parameter)
    return torch.optim.AdamW(
        [{"params": params, "weight_decay": decay} for decay, params in groups.items()],
        lr=learning_rate,
        fused=True,
    )


def autocast(precision):
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16")


def report(**measurement):
    """Prints one measurement as a line: peer, work, model, precision, case, value, unit, and more."""
    print(json.dumps(measurement), flush=True)
