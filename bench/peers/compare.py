#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The speed comparison behind `make bench-peers`: runs the peers and bertune on the same work, alternating,
and prints one table of medians and ratios in Markdown.

    compare.py [--work training ...] [--models base minilm DIR ...] [--rounds 2]

Each comparison runs peer, bertune, peer, bertune, because the speed of machines drifts. Only numbers of
one table may be compared. Environment variables, as for tools/test_peers.sh:

  BERTUNE       the program (default build/bertune)
  PEERS_PYTHON  a python with the packages of bench/peers/requirements.txt, instead of installing them
  DATA          a folder with {train,dev}-v1.1.json[.xz], or with these in squad/, and with
                vocab/bert-base-uncased/vocab.txt (default ../shared/data)
"""

import argparse
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import plan
import table

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "bench-peers"
REQUIREMENTS = plan.HERE / "requirements.txt"


class CommandFailed(Exception):
    pass


def fail(message):
    sys.exit(f"bench-peers: {message}")


def run(command, threads):
    """Runs a command to its end. If it fails, reports the last lines of its standard error."""
    environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        begin = time.perf_counter()
        try:
            process = subprocess.Popen(command, stdout=output, stderr=errors, env=environment)
        except OSError as error:
            raise CommandFailed(f"{command[0]}: {error.strerror}") from error
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode:
            tail = "".join(errors.readlines()[-8:])
            raise CommandFailed(f"{shown(command)}\n  failed ({process.returncode}): {tail}")
        return plan.Finished(output.read(), seconds, usage.ru_maxrss / 1024)


def shown(command):
    return " ".join(map(str, command)).replace(f"{ROOT}/", "")


def measure(comparison, args):
    """One round: each measurement of the peer with bertune's, or with None."""
    finished = run(comparison.peer, args.threads)
    theirs = [json.loads(line) for line in finished.output.splitlines() if line.startswith("{")]
    ours = {}
    if not args.peers_only:
        ours = comparison.read(run(comparison.bertune, args.threads))
        shutil.rmtree(args.scratch)  # the checkpoint of a training
        args.scratch.mkdir()
    return [(record, ours.get(record["case"], ours.get(None))) for record in theirs]


def measure_all(args):
    """{(work, model, precision, case, peer): Row}, and the failures."""
    rows, failures = collections.defaultdict(table.Row), []
    for comparison in plan.comparisons_of(args):
        try:
            for _ in range(args.rounds):
                print("bench-peers:", shown(comparison.peer), file=sys.stderr, flush=True)
                for theirs, ours in measure(comparison, args):
                    log(args.raw, theirs, ours)
                    names = ("work", "model", "precision", "case", "peer")
                    rows[tuple(theirs[name] for name in names)].add(theirs, ours)
        except CommandFailed as failure:
            print(f"bench-peers: {failure}", file=sys.stderr, flush=True)
            failures.append(str(failure))
    return rows, failures


def log(file, theirs, ours):
    """Appends the peer's and bertune's measurements as JSON lines."""
    if not file:
        return
    names = ("work", "model", "precision", "case", "unit")
    common = {"beside": theirs["peer"]} | {name: theirs[name] for name in names}
    with file.open("a", encoding="utf-8") as stream:
        print(json.dumps(theirs), file=stream)
        if ours:
            print(json.dumps({"peer": "bertune"} | common | ours), file=stream)


def find_python():
    """The python of PEERS_PYTHON, or one with the peers installed into .cache."""
    if os.environ.get("PEERS_PYTHON"):
        return os.environ["PEERS_PYTHON"]
    installed, folder = CACHE / "installed.txt", CACHE / "python"
    python = str(folder / "bin" / "python")
    if not installed.is_file() or installed.read_bytes() != REQUIREMENTS.read_bytes():
        print("bench-peers: installing the peers into .cache/bench-peers (about 7 GB)", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if subprocess.run([*pip, "-r", REQUIREMENTS], check=False).returncode:
            fail("pip could not install bench/peers/requirements.txt, see above")
        shutil.copyfile(REQUIREMENTS, installed)
    return python


def find_vocabulary(data):
    candidates = [
        data / "vocab" / "bert-base-uncased" / "vocab.txt",
        ROOT / ".cache" / "models" / "minilm" / "vocab.txt",  # the same file, from make demo
    ]
    for path in candidates:
        if path.is_file():
            return path
    return fail("no vocab.txt of bert-base-uncased: set --vocabulary, or run make demo")


def prepare(args):
    data = pathlib.Path(os.environ.get("DATA", ROOT.parent / "shared" / "data"))
    if not data.is_dir():
        fail(f"there is no folder {data}; set DATA=DIR to one with SQuAD v1.1")
    command = [args.python, plan.HERE / "prepare.py", args.cache, "--data", data]
    command += ["--vocabulary", args.vocabulary or find_vocabulary(data)]
    command += ["--models", *args.models, "--train", str(plan.train_questions(args))]
    command += ["--full", str(plan.MEMORY_QUESTIONS), "--dev", str(args.questions)]
    try:
        run(command, args.threads)
    except CommandFailed as failure:
        fail(failure)


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--work", nargs="+", choices=plan.WORKS, default=plan.WORKS, help="comparisons to run")
    add("--models", nargs="+", default=["base", "minilm"], help="base, minilm, or model folders")
    add("--precisions", nargs="+", choices=["bf16", "fp32"], default=["bf16", "fp32"])
    add("--rounds", type=int, default=2, help="rounds per comparison")
    add("--steps", type=int, default=10, help="measured training steps")
    add("--questions", type=int, default=256, help="questions sampled from SQuAD dev; 0: all")
    add("--threads", type=int, default=len(os.sched_getaffinity(0)))
    add("--compile", action="store_true", help="also run torch.compile, which takes minutes to start")
    add("--peers-only", action="store_true", help="do not run bertune")
    add("--vocabulary", type=pathlib.Path, help="vocab.txt of bert-base-uncased")
    add("--raw", type=pathlib.Path, help="append every measurement to this file as a JSON line")
    add("--cache", type=pathlib.Path, default=CACHE / "work", help="folder for models and samples")
    return parser.parse_args()


def main():
    args = parse_arguments()
    args.bertune = pathlib.Path(os.environ.get("BERTUNE", ROOT / "build" / "bertune")).absolute()
    if not args.peers_only and not args.bertune.is_file():
        fail(f"{args.bertune} is missing; run make build")
    args.python = find_python()
    prepare(args)
    with tempfile.TemporaryDirectory(dir=args.cache) as scratch:
        args.scratch = pathlib.Path(scratch, "output")
        args.scratch.mkdir()
        rows, failures = measure_all(args)
    table.print_table(rows, args)
    if failures:
        sys.exit("\nbench-peers: failed:\n" + "\n".join(failures))


if __name__ == "__main__":
    main()
