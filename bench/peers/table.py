# SPDX-License-Identifier: Apache-2.0
"""The Markdown table that compare.py prints: one row per work, model, precision, case and peer."""

import datetime
import pathlib
import platform
import statistics
import subprocess

REQUIREMENTS = pathlib.Path(__file__).resolve().with_name("requirements.txt")
HEADER = ["work", "model", "precision", "case", "peer", "peer's", "bertune's", "unit", "ratio"]
LESS_IS_BETTER = {"ms", "MiB"}
LIST_VERSIONS = """
import importlib.metadata, sys
installed = {d.name: d.version for d in importlib.metadata.distributions()}
for name in sys.argv[1:]:
    print(name, installed.get(name, installed.get(name.replace("-", "_"), "missing")))
"""
BESIDE = ["p99", "first pass"]  # measurements shown next to the value


class Row:
    """The measurements of one table row, over the rounds."""

    def __init__(self):
        self.theirs, self.ours, self.unit = [], [], ""

    def add(self, theirs, ours):
        self.unit = theirs["unit"]
        self.theirs.append(theirs)
        self.ours += [ours] if ours else []

    def cells(self):
        unit = self.unit + (" (less is better)" if self.unit in LESS_IS_BETTER else "")
        return [cell(self.theirs), cell(self.ours), unit, self.ratio()]

    def ratio(self):
        if not self.ours:
            return "-"
        return number(median(self.ours, "value") / median(self.theirs, "value"))


def median(measurements, name):
    return statistics.median(measurement[name] for measurement in measurements)


def cell(measurements):
    if not measurements:
        return "-"
    beside = [name for name in BESIDE if name in measurements[0]]
    texts = [f", {name} {number(median(measurements, name))}" for name in beside]
    return number(median(measurements, "value")) + "".join(texts)


def number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def print_table(rows, args):
    """rows: {(work, model, precision, case, peer): Row}"""
    print(f"Machine: {processor()}, {args.threads} threads; {datetime.date.today()}.")
    print(f"Versions: {', '.join(versions(args.python))}.")
    rounds = f"Medians of {args.rounds} rounds" if args.rounds > 1 else "One round"
    print(f"{rounds}, peer and bertune alternating; ratio: bertune's / peer's.\n")
    print(line(HEADER))
    print(line(["---"] * len(HEADER)))
    for key, row in rows.items():
        print(line([*key, *row.cells()]))


def line(cells):
    return "| " + " | ".join(cells) + " |"


def processor():
    """The name of the processor, and its instruction sets for matrix products."""
    lines = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    fields = dict(map(str.strip, line.split(":", 1)) for line in lines if ":" in line)
    units = {"avx512f": "AVX-512", "avx512_bf16": "AVX512-BF16", "amx_bf16": "AMX"}
    flags = fields.get("flags", "").split()
    found = [name for flag, name in units.items() if flag in flags]
    return f"{fields.get('model name', platform.machine())} ({', '.join(found) or 'no AVX-512'})"


def versions(python):
    """bertune's commit and the peers' packages."""
    describe = ["git", "-C", REQUIREMENTS.parent, "describe", "--always", "--dirty"]
    commit = subprocess.run(describe, capture_output=True, text=True, check=False).stdout.strip()
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    names = [line.split("==")[0] for line in lines if "==" in line]
    command = [python, "-c", LIST_VERSIONS, *names]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [f"bertune {commit or 'unknown'}", *listed.splitlines()]
