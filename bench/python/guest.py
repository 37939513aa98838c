#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How much bertune and a host's own thread pool slow each other down in one process.

Usage: PYTHONPATH=build/python guest.py --model DIR [--host numpy|torch|sklearn] [options]

Each round measures, in processes of their own: the host's work alone, bertune's alone, and both in one
process for each order of import. There they take turns, call by call, and then rest between calls, so that
no thread of the other still spins. Prints medians of the rounds' medians in milliseconds, and how much
longer a call takes beside the other library.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

CONTEXT = "My name is Wolfgang and I live in Berlin. " * 8
QUESTION = "Where do I live?"
ORDERS = ["bertune", "host", "bertune,host", "host,bertune"]


def main():
    args = parse_arguments()
    if args.order:
        print(json.dumps(measure(args)))
        return
    rounds = [{order: run(args, order) for order in ORDERS} for _ in range(args.rounds)]
    for rest in ("turns", "rests"):
        for of in ("bertune", "host"):
            alone = median(rounds, of, of, rest)
            print(f"{of if of == 'bertune' else args.host}, {rest}: alone {alone:.3f} ms", end="")
            for order in ORDERS[2:]:
                beside = median(rounds, order, of, rest)
                print(f"; import {order}: {beside:.3f} ({100 * (beside / alone - 1):+.1f}%)", end="")
            print()


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True, help="folder of a tuned question answering model")
    parser.add_argument("--host", default="numpy", choices=["numpy", "torch", "sklearn"])
    parser.add_argument("--calls", default=100, type=int)
    parser.add_argument("--size", default=768, type=int, help="of the host's matrices")
    parser.add_argument("--rounds", default=3, type=int)
    parser.add_argument("--order", help=argparse.SUPPRESS)
    return parser.parse_args()


def run(args, order):
    command = [sys.executable, __file__, "--model", args.model, "--host", args.host, "--order", order]
    command += ["--calls", str(args.calls), "--size", str(args.size)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def median(rounds, order, of, rest):
    return statistics.median(measured[order][rest][of] for measured in rounds)


def measure(args):
    """Milliseconds of a call, by the way the calls follow each other and by library."""
    makers = {"bertune": make_bertune, "host": HOSTS[args.host]}
    calls = {name: makers[name](args) for name in args.order.split(",")}
    for _ in range(10):
        for call in calls.values():
            call()
    return {"turns": time_calls(args, calls, 0.0), "rests": time_calls(args, calls, 0.02)}


def time_calls(args, calls, pause):
    times = {name: [] for name in calls}
    for _ in range(args.calls):
        for name, call in calls.items():
            time.sleep(pause)
            begin = time.perf_counter()
            call()
            times[name].append(1e3 * (time.perf_counter() - begin))
    return {name: statistics.median(values) for name, values in times.items()}


def make_bertune(args):
    import bertune

    predictor = bertune.Predictor(args.model)
    question = {"context": CONTEXT, "question": QUESTION}
    return lambda: predictor.predict(question)


def make_numpy(args):
    import numpy

    x = numpy.random.default_rng(0).random((args.size, args.size), dtype=numpy.float32)
    return lambda: x @ x


def make_torch(args):
    import torch

    x = torch.rand(args.size, args.size)
    return lambda: x @ x


def make_sklearn(args):
    import numpy
    from sklearn.cluster import KMeans

    x = numpy.random.default_rng(0).random((8 * args.size, 16), dtype=numpy.float32)
    return lambda: KMeans(8, n_init=1, max_iter=10, random_state=0).fit(x)


HOSTS = {"numpy": make_numpy, "torch": make_torch, "sklearn": make_sklearn}

if __name__ == "__main__":
    main()
