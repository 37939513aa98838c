#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what no compiler checks: folders include only what stands to their left, a library is
included by the one place that hides it, conditional compilation stays in the kernels, and every
source file names its licence. Prints violations as FILE:LINE: what; exit code 1 when there are any.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

ORDER = ["base", "text", "batch", "engine", "comm", "model", "formats", "hub", "datasets", "tasks", "predict",
         "train", "serve", "console", "api", "bench"]
ON_TOP = ["cli", "bindings"]  # may include all of ORDER, not each other

# Start of an include -> starts of the paths that may include it.
PRIVATE = {
    "CLI/": ["src/cli/"],
    "curl/": ["src/hub/http.", "tests/fuzz/scripted_hub."],
    "dnnl": ["src/engine/cpu/matmul"],
    "google/protobuf/": ["src/formats/protobuf_fields"],
    "hwy/": ["src/engine/cpu/", "tests/unit/engine/"],
    "formats/onnx/onnx.pb.h": ["src/formats/onnx/graph"],
    "oneapi/dnnl/": ["src/engine/cpu/matmul"],
    "openssl/": ["src/hub/digest."],
    "pybind11/": ["python/bindings/"],
    "omp.h": ["src/base/parallel", "src/engine/cpu/"],
    "simdjson.h": ["src/datasets/"],
    "spdlog/": ["src/base/log"],
    "yaml-cpp/": ["src/formats/mindspore/yaml_settings"],
    "zlib.h": ["src/formats/mindspore/file"],
}

# Highway's own ritual, oneDNN's version; what ThreadSanitizer is told.
CONDITIONAL_ALLOWED = ["src/engine/cpu/", "src/base/team_order.h"]

LICENCE = "SPDX-License-Identifier: Apache-2.0"
LICENSED = {".cc", ".h", ".py", ".pyi", ".sh", ".cmake", ".toml", ".txt", ".in"}
LICENSED_FOLDERS = ["bench", "cmake", "examples", "include", "python", "src", "tests", "tools"]
LICENSED_FILES = ["CMakeLists.txt", "Makefile", "pyproject.toml", ".ci/run"]

INCLUDE = re.compile(r'\s*#\s*include\s+([<"])([^>"]+)[>"]')
CONDITIONAL = re.compile(r"\s*#\s*(if|ifdef|ifndef)\b")


def main():
    violations = [line for path in cpp_files() for line in check_cpp(path)]
    violations += [line for path in licensed_files() for line in check_licence(path)]
    print("\n".join(violations) or "source: include order, libraries and licence lines are right")
    return 1 if violations else 0


def cpp_files():
    for folder in ["include", "src", "python", "tests"]:
        yield from sorted(p for p in (ROOT / folder).rglob("*") if p.suffix in (".h", ".cc"))


def licensed_files():
    yield from (ROOT / name for name in LICENSED_FILES)
    for folder in LICENSED_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            in_data = path.is_relative_to(ROOT / "tests" / "data")
            if path.is_file() and path.suffix in LICENSED and not in_data:
                yield path


def check_cpp(path):
    name = str(path.relative_to(ROOT))
    reachable = reachable_folders(name)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if CONDITIONAL.match(line) and name.startswith("src/"):
            if not any(name.startswith(start) for start in CONDITIONAL_ALLOWED):
                yield f"{name}:{number}: conditional compilation stays in {CONDITIONAL_ALLOWED}"
        include = INCLUDE.match(line)
        if not include:
            continue
        bracket, target = include.groups()
        folder = target.split("/")[0]
        if bracket == '"' and "/" not in target and not name.startswith("tests/"):
            yield f'{name}:{number}: "{target}" is written with its folder, from src/'
        if reachable is not None and folder in ORDER + ON_TOP and folder not in reachable:
            yield f'{name}:{number}: "{target}" is not to the left of this folder'
        for start, places in PRIVATE.items():
            if target.startswith(start) and not any(name.startswith(place) for place in places):
                yield f"{name}:{number}: <{target}> is included by {places} only"


def reachable_folders(name):
    """The folders of src/ that a file may include; None: all of them."""
    parts = name.split("/")
    if parts[0] == "include":
        return []
    folder = parts[1] if parts[0] in ("src", "python") else parts[2] if parts[:2] == ["tests", "unit"] else None
    if folder in ORDER:
        return ORDER[: ORDER.index(folder) + 1]
    if folder in ON_TOP:
        return ORDER + [folder]
    return None


def check_licence(path):
    if LICENCE not in path.read_text(encoding="utf-8"):
        yield f"{path.relative_to(ROOT)}:1: no line with {LICENCE}"


if __name__ == "__main__":
    sys.exit(main())
