#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the logits of every head with transformers', on models of MiniLM's size.

Usage: python3 tools/check_heads.py DUMP_HEAD_LOGITS [--limit 2e-4]

For each head transformers makes a folder with random weights (6 layers, 384 wide, 30,522 words), larger
than a new model's so that attention is not flat. DUMP_HEAD_LOGITS is the program of tests/tools. Its
fp32 logits are compared with transformers', each window alone and without padding. The folder that it
writes must load in transformers with the same tensors and values. Exits with 1 if anything fails. Needs
torch and transformers 5.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import torch
import transformers

SHAPE = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12,
         "intermediate_size": 1536}
HEADS = {
    "BertForQuestionAnswering": {},
    "BertForSequenceClassification": {"num_labels": 3},
    "BertForSequenceClassification of one number": {"num_labels": 1},
    "BertForTokenClassification": {"num_labels": 21},
    "BertForMaskedLM": {},
    "BertForPreTraining": {},
    "DistilBertForQuestionAnswering": {},
    "DistilBertForSequenceClassification": {"num_labels": 3},
    "DistilBertForTokenClassification": {"num_labels": 21},
    "DistilBertForMaskedLM": {},
    "ElectraForQuestionAnswering": {},
    "ElectraForSequenceClassification": {"num_labels": 3},
    "ElectraForTokenClassification": {"num_labels": 21},
}
DISTILBERT_KEYS = {"hidden_size": "dim", "num_hidden_layers": "n_layers",
                   "num_attention_heads": "n_heads", "intermediate_size": "hidden_dim"}
LENGTHS = [128, 17, 300, 5, 64]
MASK = 103


def make_model(class_name, shape, seed):
    torch.manual_seed(seed)
    model_class = getattr(transformers, class_name)
    shape = SHAPE | shape
    if class_name.startswith("DistilBert"):
        shape = {DISTILBERT_KEYS.get(key, key): value for key, value in shape.items()}
    model = model_class(model_class.config_class(**shape)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            norm = name.endswith(("LayerNorm.weight", "layer_norm.weight"))
            ones = 1.0 if norm else 0.0
            parameter.copy_(ones + 0.05 * torch.randn(parameter.shape))
    return model


def save(model, folder):
    model.save_pretrained(folder)
    special = {0: "[PAD]", 100: "[UNK]", 101: "[CLS]", 102: "[SEP]", MASK: "[MASK]"}
    pieces = [special.get(i, f"piece{i}") for i in range(model.config.vocab_size)]
    (folder / "vocab.txt").write_text("".join(piece + "\n" for piece in pieces))


def make_windows(generator):
    windows = []
    for length in LENGTHS:
        ids = torch.randint(1000, 30522, (length,), generator=generator)
        masked = sorted(torch.randperm(length, generator=generator)[: length // 7].tolist())
        ids[masked] = MASK
        types = [int(i > length // 3) for i in range(length)]
        windows.append({"ids": ids.tolist(), "types": types, "masked": masked})
    return windows


def logits_of(model, window):
    with torch.no_grad():
        types = {"token_type_ids": torch.tensor([window["types"]])}
        if model.config.model_type == "distilbert":  # has none
            types = {}
        output = model(input_ids=torch.tensor([window["ids"]]), **types)
    if "start_logits" in output:
        return torch.stack([output.start_logits[0], output.end_logits[0]], dim=1)
    if "prediction_logits" in output:
        return output.prediction_logits[0][window["masked"]]
    if type(model).__name__.endswith("ForMaskedLM"):
        return output.logits[0][window["masked"]]
    return output.logits


def same_folder(model, class_name, folder):
    """Whether transformers finds exactly the tensors of `model` in `folder`."""
    again, report = getattr(transformers, class_name).from_pretrained(
        folder, output_loading_info=True
    )
    faults = {kind: names for kind, names in report.items() if names}
    ours, theirs = again.state_dict(), model.state_dict()
    differing = [name for name in theirs if not torch.equal(ours[name], theirs[name])]
    for fault in [*faults.items(), *differing]:
        print(f"FAILED: {class_name}: {fault}")
    return not faults and not differing


def check(name, number, program, limit, scratch):
    class_name = name.split()[0]
    model = make_model(class_name, HEADS[name], seed=number)
    folder = scratch / f"model{number}"
    save(model, folder)
    windows = make_windows(torch.Generator().manual_seed(number))
    (scratch / "windows.jsonl").write_text("".join(json.dumps(w) + "\n" for w in windows))
    copy = scratch / f"copy{number}"
    subprocess.run(
        [program, folder, scratch / "windows.jsonl", "fp32", scratch / "logits", copy], check=True
    )
    exact = torch.cat([logits_of(model, window).flatten() for window in windows])
    ours = torch.from_numpy(numpy.fromfile(scratch / "logits", dtype=numpy.float32))
    if ours.shape != exact.shape:
        print(f"FAILED: {name}: {len(ours)} logits instead of {len(exact)}")
        return False
    largest = (ours - exact).abs().max().item()
    print(f"{name}: {len(exact)} logits up to {exact.abs().max():.2f}, largest difference {largest:.1e}")
    return same_folder(model, class_name, copy) and largest <= limit


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program", type=pathlib.Path, help="dump_head_logits of tests/tools")
    parser.add_argument("--limit", type=float, default=2e-4, help="largest difference allowed")
    args = parser.parse_args()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as scratch:
        passed = [
            check(name, number, args.program, args.limit, pathlib.Path(scratch))
            for number, name in enumerate(HEADS)
        ]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
