#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares two sets of reference values written by tools/make_golden.py: models, logits, gradients and
trained weights of each folder in FIRST with those in SECOND.

Usage: compare_golden.py FIRST SECOND [--limit 1e-6]

Needs: pip install safetensors numpy
"""

import argparse
import pathlib
import sys

import numpy
from safetensors.numpy import load_file


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("first", type=pathlib.Path)
    parser.add_argument("second", type=pathlib.Path)
    parser.add_argument("--limit", type=float, default=1e-6, help="largest |a - b| / (1 + |b|)")
    args = parser.parse_args()
    files = sorted(path.relative_to(args.first) for path in args.first.glob("*/*.safetensors"))
    if not files:
        sys.exit(f"compare_golden: {args.first} contains no reference values")
    worst = max(difference(args.first / name, args.second / name) for name in files)
    print(f"golden: {len(files)} files, largest difference {worst:.1e}, limit {args.limit:.1e}")
    return 0 if worst <= args.limit else 1


def difference(first, second):
    """The largest |a - b| / (1 + |b|) over the tensors of two files with the same names."""
    a, b = load_file(first), load_file(second)
    if a.keys() != b.keys():
        sys.exit(f"compare_golden: {first} and {second} differ in {sorted(a.keys() ^ b.keys())}")
    return max(
        float(numpy.max(numpy.abs(a[k] - b[k]) / (1 + numpy.abs(b[k])), initial=0.0)) for k in a
    )


if __name__ == "__main__":
    sys.exit(main())
