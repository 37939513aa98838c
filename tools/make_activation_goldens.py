#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/data/golden/activations.json: transformers' activations and their derivatives.

Usage: python3 tools/make_activation_goldens.py [OUTPUT]
Needs torch and transformers 5.

The file holds "x", numbers that bf16 represents exactly, and "functions": by transformers' name the
"value" and the "derivative" at each x, computed in float64 by transformers' function and torch's
autograd.
"""

import json
import pathlib
import sys

import torch
from transformers.activations import ACT2FN

NAMES = ["gelu", "gelu_python", "gelu_new", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_fast",
         "gelu_accurate", "relu", "silu", "swish", "quick_gelu", "mish", "tanh"]
FAR = [-1000.0, -120.0, -60.0, -30.0, -20.5, 20.5, 30.0, 60.0, 120.0, 1000.0, 0.0, 2.0**-20, -(2.0**-20)]


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "tests/data/golden/activations.json"
    near = torch.linspace(-12.0, 12.0, 97).to(torch.bfloat16).to(torch.float64).tolist()
    numbers = near + FAR
    functions = {}
    for name in NAMES:
        x = torch.tensor(numbers, dtype=torch.float64, requires_grad=True)
        value = ACT2FN[name](x)
        (derivative,) = torch.autograd.grad(value.sum(), x)
        functions[name] = {"value": value.tolist(), "derivative": derivative.tolist()}
    output.write_text(json.dumps({"x": numbers, "functions": functions}) + "\n")


if __name__ == "__main__":
    main()
