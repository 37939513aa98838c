#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the weights that bertune reads from pytorch_model.bin with PyTorch's, bit for bit.

Usage: python3 tools/compare_pytorch.py --bertune PROGRAM MODEL

MODEL is a folder with config.json, vocab.txt and model.safetensors. Its weights are saved by torch.save in every
form and type that bertune reads, exported by bertune to safetensors, and compared with what torch.load returns.
Exits with 1 if anything differs. Needs torch and safetensors.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file


def transposed(tensor):
    """The same values, stored in another order."""
    return tensor.t().contiguous().t() if tensor.dim() == 2 else tensor


def one_storage(weights):
    """All floating-point tensors as views of one storage."""
    weights = {name: tensor for name, tensor in weights.items() if tensor.is_floating_point()}
    flat = torch.cat([tensor.flatten() for tensor in weights.values()])
    parts = flat.split([tensor.numel() for tensor in weights.values()])
    return {name: part.view(tensor.shape) for part, (name, tensor) in zip(parts, weights.items())}


def forms(weights):
    """The name of each form, its state dict and the options of torch.save."""
    def each(change):
        """A state dict with all floating-point tensors changed."""
        return {
            name: change(tensor) if tensor.is_floating_point() else tensor
            for name, tensor in weights.items()
        }

    yield "zip archive", weights, {}
    yield "protocol 4", weights, {"pickle_protocol": 4}
    yield "before 1.6", weights, {"_use_new_zipfile_serialization": False}
    yield "float64", each(torch.Tensor.double), {}
    yield "float16", each(torch.Tensor.half), {}
    yield "bfloat16", each(torch.Tensor.bfloat16), {}
    yield "transposed views", each(transposed), {}
    yield "one storage", one_storage(weights), {}
    yield "parameters", each(torch.nn.Parameter), {}
    yield "wrapped", {"module._orig_mod." + name: tensor for name, tensor in weights.items()}, {}


def save_shards(weights, folder):
    names = list(weights)
    index = {}
    for number, part in enumerate((names[::3], names[1::3], names[2::3]), 1):
        file = f"pytorch_model-{number:05}-of-00003.bin"
        torch.save({name: weights[name] for name in part}, folder / file)
        index.update({name: file for name in part})
    text = json.dumps({"metadata": {}, "weight_map": index})
    (folder / "pytorch_model.bin.index.json").write_text(text, encoding="utf-8")


def plain(name):
    return name.removeprefix("module._orig_mod.").removeprefix("bert.")


def same(bertune, folder, output, state):
    """Whether bertune's export of a folder has the values of a state dict."""
    command = [bertune, "export", "--checkpoint", folder, "--format", "safetensors", "--output", output]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr)
        return False
    exported = {plain(name): tensor for name, tensor in load_file(output).items()}
    wanted = {plain(name): tensor.detach().float() for name, tensor in state.items()}
    # A bare encoder is exported, so without the pooler.
    left_out = {name for name in wanted if name.endswith("position_ids") or name.startswith("pooler.")}
    differing = [name for name, tensor in exported.items()
                 if not torch.equal(tensor.view(torch.int32), wanted[name].contiguous().view(torch.int32))]  # fmt: skip
    missing = wanted.keys() - exported.keys() - left_out
    if differing or missing:
        print(f"  differing: {differing[:3]}, missing: {sorted(missing)[:3]}")
    return not differing and not missing


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bertune", type=pathlib.Path, required=True)
    parser.add_argument("model", type=pathlib.Path)
    args = parser.parse_args()
    weights = load_file(args.model / "model.safetensors")
    all_same = True
    with tempfile.TemporaryDirectory() as scratch:
        folder, output = pathlib.Path(scratch) / "model", pathlib.Path(scratch) / "out.safetensors"
        folder.mkdir()
        for name in ("config.json", "vocab.txt", "tokenizer.json", "tokenizer_config.json"):
            if (args.model / name).exists():
                shutil.copy(args.model / name, folder)
        for form, state, options in forms(weights):
            torch.save(state, folder / "pytorch_model.bin", **options)
            loaded = torch.load(folder / "pytorch_model.bin", weights_only=False)
            result = same(args.bertune, folder, output, loaded)
            output.unlink(missing_ok=True)
            print(f"{form}: {'the same' if result else 'FAILED'}, {len(loaded)} tensors")
            all_same = all_same and result
        (folder / "pytorch_model.bin").unlink()
        save_shards(weights, folder)
        result = same(args.bertune, folder, output, weights)
        print(f"three shards: {'the same' if result else 'FAILED'}")
    return 0 if all_same and result else 1


if __name__ == "__main__":
    sys.exit(main())
