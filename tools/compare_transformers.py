#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares model folders in both directions: bertune reads what transformers saves, and transformers
loads what bertune exports and trains, with equal weights, logits and sets of tensor names.

Usage: python3 tools/compare_transformers.py --bertune PROGRAM --dump-logits PROGRAM [--limit 2e-4]

transformers saves a BertForQuestionAnswering with random weights as one file and as shards. Exits with 1
if anything differs. Needs torch and transformers 5.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import check_folder
import torch
import transformers

ROOT = pathlib.Path(__file__).resolve().parent.parent
VOCABULARY = ROOT / "tests" / "data" / "text" / "uncased" / "vocab.txt"
SAMPLE = ROOT / "data" / "squad-sample" / "dev.json"
SHAPE = {"hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 96}


def run(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"FAILED: {' '.join(map(str, command))}\n{done.stderr}")
    return done.stdout


def make_folders(scratch):
    """Saves one transformers model as one file and as shards."""
    torch.manual_seed(1)
    pieces = VOCABULARY.read_bytes().decode().split("\n")[:-1]
    config = transformers.BertConfig(vocab_size=len(pieces), initializer_range=0.2, **SHAPE)
    model = transformers.BertForQuestionAnswering(config).eval()
    tokenizer = transformers.BertTokenizer(vocab={piece: i for i, piece in enumerate(pieces)})
    folders = {"one file": scratch / "whole", "shards": scratch / "shards"}
    for folder, size in zip(folders.values(), ("5GB", "500KB")):
        model.save_pretrained(folder, max_shard_size=size)
        tokenizer.save_pretrained(folder)
    shards = len(list((scratch / "shards").glob("*.safetensors")))
    print(f"transformers {transformers.__version__} saved one file and {shards} shards")
    assert shards > 1
    return model, folders


def load(folder, wanted):
    """Whether transformers loads a folder written by bertune with the expected weights."""
    model, faults = check_folder.load_model(folder)
    print(f"  in transformers: {faults or 'no tensor missing, none unexpected'}")
    ours = model.state_dict()
    return not faults and all(torch.equal(ours[name], values) for name, values in wanted.items())


def compare(args, model, folder, scratch):
    """Checks transformers' folder in bertune, and bertune's exports of it in transformers."""
    logits = scratch / "logits.jsonl"
    logits.write_text(run(args.dump_logits, folder, SAMPLE, "fp32", 25))
    same = check_folder.compare_logits(model, logits, args.limit)
    metrics = run(args.bertune, "evaluate", "--json", "--checkpoint", folder, "--eval-dataset", SAMPLE)
    print(f"  bertune evaluate: {json.loads(metrics)}")
    export = [args.bertune, "export", "--checkpoint"]
    run(*export, folder, "--format", "safetensors", "--output", scratch / "safetensors")
    run(*export, folder, "--format", "mindspore", "--output", scratch / "mindspore")
    run(*export, scratch / "mindspore", "--format", "safetensors", "--output", scratch / "back")
    for exported in (scratch / "safetensors", scratch / "back"):
        if not load(exported, model.state_dict()):
            print(f"FAILED: {exported.name} is a different model")
            same = False
    return same


def check_trained(args, folder, scratch):
    """Checks a checkpoint that bertune trained from transformers' folder in transformers."""
    run(args.bertune, "train", "--model", folder, "--train-dataset", SAMPLE, "--output-dir",
        scratch / "run", "--epochs", 1, "--max-train-examples", 24)  # fmt: skip
    (checkpoint,) = (scratch / "run").glob("checkpoint-*")
    return load(checkpoint, {})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bertune", type=pathlib.Path, required=True)
    parser.add_argument("--dump-logits", type=pathlib.Path, required=True)
    parser.add_argument("--limit", type=float, default=2e-4, help="largest difference allowed")
    args = parser.parse_args()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        model, folders = make_folders(scratch)
        same = True
        for form, folder in folders.items():
            print(f"{form}:")
            same = compare(args, model, folder, scratch) and same
        print("trained by bertune from that folder:")
        same = check_trained(args, folders["shards"], scratch) and same
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
