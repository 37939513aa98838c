#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the rules of the source tree that no compiler checks:

* folders include only folders to their left; cli/ and python/ include public headers and console/
* neither files nor sibling folders include each other in a cycle; a task includes no other task
* a folder contains at most 22 pairs of files
* a library is included only where it is wrapped
* conditional compilation is confined to the kernels
* only cli/ and bench/ spell command-line flags in texts
* every source file starts with its licence line

Prints violations as FILE:LINE: MESSAGE. Exits with 1 if there are any.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

ORDER = ["base", "text", "batch", "engine", "comm", "model", "formats", "hub", "datasets", "tasks",
         "predict", "train", "serve", "console", "api", "bench"]
# The front ends at the top, and what each may include besides itself and the public headers.
FRONT_ENDS = {"cli": ["console", "bench"], "bindings": ["console"]}

MOST_PAIRS = 22

# Prefix of an include -> prefixes of the paths that may include it.
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
    "omp.h": ["src/base/compute_thread", "src/base/parallel", "src/engine/cpu/",
              "tests/unit/api/guest_test", "tests/unit/base/"],
    "simdjson.h": ["src/datasets/", "src/tasks/question_answering/prediction_files"],
    "spdlog/": ["src/base/log"],
    "yaml-cpp/": ["src/formats/mindspore/yaml_settings"],
    "zlib.h": ["src/formats/mindspore/file"],
}

# Highway's targets, oneDNN's version, and annotations for ThreadSanitizer.
CONDITIONAL_ALLOWED = ["src/engine/cpu/", "src/base/team_order.h"]

LICENCE = "SPDX-License-Identifier: Apache-2.0"
LICENSED = {".cc", ".h", ".py", ".pyi", ".sh", ".cmake", ".toml", ".txt", ".in"}
LICENSED_FOLDERS = ["bench", "cmake", "examples", "include", "python", "src", "tests", "tools"]
LICENSED_FILES = ["CMakeLists.txt", "Makefile", "pyproject.toml", ".ci/run"]

INCLUDE = re.compile(r'\s*#\s*include\s+([<"])([^>"]+)[>"]')
CONDITIONAL = re.compile(r"\s*#\s*(if|ifdef|ifndef)\b")
FLAG = re.compile(r'"(?:[^"\\]|\\.)*--[a-z]')
FLAGS_ALLOWED = ["src/cli/", "src/bench/"]


def main():
    files = {path: path.read_text(encoding="utf-8").splitlines() for path in cpp_files()}
    violations = [line for path, lines in files.items() for line in check_cpp(path, lines)]
    violations += check_circles(files)
    violations += check_sizes()
    violations += [line for path in licensed_files() for line in check_licence(path)]
    print("\n".join(violations) or "source: includes, folders, libraries and licence lines are correct")
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


def check_cpp(path, lines):
    name = str(path.relative_to(ROOT))
    reachable = reachable_folders(name)
    for number, line in enumerate(lines, 1):
        if name.startswith("src/"):
            yield from check_text(name, number, line)
        include = INCLUDE.match(line)
        if not include:
            continue
        bracket, target = include.groups()
        folder = target.split("/")[0]
        if bracket == '"' and "/" not in target and not name.startswith("tests/"):
            yield f'{name}:{number}: write "{target}" with its folder, relative to src/'
        if reachable is not None and folder in ORDER + list(FRONT_ENDS) and folder not in reachable:
            yield f'{name}:{number}: this folder may not include "{target}"'
        if task_of(name) and task_of("src/" + target) not in (None, task_of(name)):
            yield f'{name}:{number}: "{target}" belongs to another task'
        for start, places in PRIVATE.items():
            if target.startswith(start) and not any(name.startswith(place) for place in places):
                yield f"{name}:{number}: only {places} may include <{target}>"


def check_text(name, number, line):
    if CONDITIONAL.match(line) and not any(name.startswith(start) for start in CONDITIONAL_ALLOWED):
        yield f"{name}:{number}: conditional compilation is only allowed in {CONDITIONAL_ALLOWED}"
    if FLAG.search(line) and not any(name.startswith(start) for start in FLAGS_ALLOWED):
        yield f"{name}:{number}: a text spells a flag; use option(), which front ends spell"


def task_of(name):
    """The task that a file of src/tasks belongs to."""
    parts = name.split("/")
    return parts[2] if parts[:2] == ["src", "tasks"] and len(parts) > 3 else None


def reachable_folders(name):
    """The folders of src/ that a file may include; None if it may include all."""
    parts = name.split("/")
    if parts[0] == "include":
        return []
    folder = parts[1] if parts[0] in ("src", "python") else parts[2] if parts[:2] == ["tests", "unit"] else None
    if folder in ORDER:
        return ORDER[: ORDER.index(folder) + 1]
    if folder in FRONT_ENDS and parts[0] != "tests":
        return FRONT_ENDS[folder] + [folder]
    return None


def check_circles(files):
    """Include cycles between files (NAME.h and NAME.cc count as one) and between sibling folders."""
    units, folders = {}, {}
    for path, lines in files.items():
        for start in ("src", "include", "python"):
            if path.is_relative_to(ROOT / start):
                unit = path.relative_to(ROOT / start).with_suffix("")
                for line in lines:
                    include = INCLUDE.match(line)
                    if include and include.group(1) == '"':
                        add_edge(units, folders, unit, pathlib.PurePosixPath(include.group(2)).with_suffix(""))
    for what, edges in (("files", units), ("folders", folders)):
        circle = find_circle(edges)
        if circle:
            yield f"src: {what} include each other in a cycle: {' -> '.join(circle)}"


def add_edge(units, folders, unit, target):
    if unit == target:
        return
    units.setdefault(str(unit), set()).add(str(target))
    for a, b in zip(zip_parents(unit), zip_parents(target)):
        if a != b:
            folders.setdefault(a, set()).add(b)
            break


def zip_parents(unit):
    """The folders that contain a file, outermost first."""
    return [str(folder) for folder in reversed(unit.parents) if str(folder) != "."]


def find_circle(edges):
    done, open_path = set(), []

    def visit(node):
        if node in done:
            return None
        if node in open_path:
            return open_path[open_path.index(node) :] + [node]
        open_path.append(node)
        for target in sorted(edges.get(node, ())):
            circle = visit(target)
            if circle:
                return circle
        open_path.pop()
        done.add(node)
        return None

    for node in sorted(edges):
        circle = visit(node)
        if circle:
            return circle
    return None


def check_sizes():
    for folder in sorted(p for p in (ROOT / "src").rglob("*") if p.is_dir()):
        pairs = {p.stem.removesuffix("-inl") for p in folder.iterdir() if p.suffix in (".h", ".cc")}
        if len(pairs) > MOST_PAIRS:
            yield f"{folder.relative_to(ROOT)}: {len(pairs)} pairs of files; split the folder"


def check_licence(path):
    first = path.read_text(encoding="utf-8").splitlines()[:2]
    if not any(line.lstrip("/# ") == LICENCE for line in first):
        yield f"{path.relative_to(ROOT)}:1: no separate line with {LICENCE}"


if __name__ == "__main__":
    sys.exit(main())
