#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares checkpoints in both directions, bit for bit: MindSpore loads what bertune exports, and bertune
reads what MindSpore saves.

Usage: python3 tools/compare_mindspore.py --bertune PROGRAM

MindSpore saves plainly, with a checksum, with tensors cut into slices, and with optimizer state. bertune
must reject an encrypted file as encrypted. Exits with 1 if anything differs. Needs mindspore.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

os.environ.setdefault("GLOG_v", "3")  # silences MindSpore's warnings about absent devices

import make_mindspore_checkpoint as definition  # noqa: E402
import mindspore  # noqa: E402
import numpy  # noqa: E402
from mindspore.train import serialization  # noqa: E402

MODEL = definition.ROOT / "tests" / "data" / "golden" / "tiny_gelu"  # two layers


def export(bertune, model, kind, output):
    command = [bertune, "export", "--checkpoint", model, "--format", kind, "--output", output]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def expected_tensors():
    """MindSpore's name -> array, transposed where MindSpore stores the transpose."""
    tensors = {}
    for name, (shape, content) in definition.read_safetensors(MODEL / "model.safetensors").items():
        tag, turned = definition.mindspore_name(name)
        values = numpy.frombuffer(content, numpy.float32).reshape(shape)
        tensors[tag] = values.T.copy() if turned else values
    return tensors


def check_ours(bertune, scratch, expected):
    """Checks that MindSpore loads bertune's export."""
    export(bertune, MODEL, "mindspore", scratch / "ours")
    loaded = mindspore.load_checkpoint(str(scratch / "ours" / "model.ckpt"))
    same = loaded.keys() == expected.keys() and all(
        numpy.array_equal(loaded[tag].asnumpy(), values) for tag, values in expected.items()
    )
    print(f"  {len(loaded)} tensors of bertune's export: {'equal' if same else 'FAILED'}")
    return same


def check_theirs(bertune, scratch, expected, title, **how):
    """Checks that bertune reads what MindSpore saves."""
    folder = scratch / "theirs"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in ("vocab.txt", "config.json"):
        shutil.copy(MODEL / name, folder)
    values = [{"name": tag, "data": mindspore.Tensor(part)} for tag, part in expected.items()]
    for moment in ("adam_m.", "adam_v."):
        values += [{"name": moment + entry["name"], "data": entry["data"]} for entry in values[:5]]
    mindspore.save_checkpoint(
        values, str(folder / "theirs.ckpt"), append_dict={"epoch_num": 2, "lr": 0.5, "s": "t"}, **how
    )
    code, errors = export(bertune, folder, "safetensors", scratch / "read.safetensors")
    if "enc_key" in how:
        same = code == 1 and "is encrypted" in errors
    else:
        read = definition.read_safetensors(scratch / "read.safetensors") if code == 0 else None
        same = read == definition.read_safetensors(MODEL / "model.safetensors")
        (scratch / "read.safetensors").unlink(missing_ok=True)
    print(f"  {title}: {'correct' if same else 'FAILED ' + errors}")
    return same


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bertune", type=pathlib.Path, required=True)
    bertune = parser.parse_args().bertune
    expected = expected_tensors()
    print(f"MindSpore {mindspore.__version__}:")
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        results = [
            check_ours(bertune, scratch, expected),
            check_theirs(bertune, scratch, expected, "saved plainly"),
            check_theirs(bertune, scratch, expected, "with a checksum", crc_check=True),
            check_theirs(bertune, scratch, expected, "encrypted", enc_key=b"0123456789abcdef"),
        ]
        serialization.SLICE_SIZE = 1  # KiB instead of 512 MiB
        results.append(check_theirs(bertune, scratch, expected, "in slices"))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
