#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Peer: the network alone in OpenVINO (fp32, bf16) or ONNX Runtime (fp32; it has no bf16 on x86).

throughput: windows/s over the windows of a SQuAD file, in batches of up to 32 windows of equal length, so
that nothing is padded. The second pass is measured, when all shapes are known. latency: milliseconds for
one window of 16 to 512 tokens, median and p99. OpenVINO gets a model compiled for each length, its
fastest configuration (--dynamic: one model for all).

Usage: infer.py throughput|latency MODEL --engine openvino|onnxruntime [--precision P] [--data FILE]
"""

import argparse
import pathlib
import statistics
import time

import work  # first, because it reports missing packages

import numpy

from prepare import batches_of_equal_length

LENGTHS = [16, 40, 128, 384, 512]
NAMES = {"openvino": "OpenVINO", "onnxruntime": "ONNX Runtime"}


def make_openvino(args, shape=None):
    """The network as a function of (ids, types), for one shape or for all."""
    try:
        import openvino
    except ImportError as error:
        work.fail(f"{error}; install bench/peers/requirements.txt")
    core = openvino.Core()
    model = core.read_model(onnx_file(args))
    if shape:
        model.reshape({port: list(shape) for port in model.inputs})
    settings = {
        "INFERENCE_PRECISION_HINT": "f32" if args.precision == "fp32" else "bf16",
        "INFERENCE_NUM_THREADS": args.threads,
        "NUM_STREAMS": 1,  # two streams of one thread are slower on SQuAD's windows (measured)
    }
    request = core.compile_model(model, "CPU", settings).create_infer_request()
    return lambda ids, types: request.infer([ids, types], share_inputs=True)


def make_onnxruntime(args, shape=None):
    del shape  # one session handles all shapes
    try:
        import onnxruntime
    except ImportError as error:
        work.fail(f"{error}; install bench/peers/requirements.txt")
    if args.precision != "fp32":
        work.fail("ONNX Runtime computes in fp32 only")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = args.threads
    session = onnxruntime.InferenceSession(
        onnx_file(args), options, providers=["CPUExecutionProvider"]
    )
    return lambda ids, types: session.run(None, {"input_ids": ids, "token_type_ids": types})


def onnx_file(args):
    path = args.model.with_name(args.model.name + ".onnx")
    if not path.is_file():
        work.fail(f"{path} is missing; create it with bench/peers/prepare.py")
    return str(path)


MAKERS = {"openvino": make_openvino, "onnxruntime": make_onnxruntime}


def measure_throughput(args):
    if not args.data:
        work.fail("throughput needs --data FILE")
    questions = work.questions_of(work.read_json(args.data))
    windows = work.make_windows(work.load_tokenizer(args.model), questions)
    inputs = [
        [numpy.array([window[name] for window in batch]) for name in ("ids", "types")]
        for batch in batches_of_equal_length(windows)
    ]
    network = MAKERS[args.engine](args)
    for ids, types in inputs:
        network(ids, types)
    begin = time.perf_counter()
    for ids, types in inputs:
        network(ids, types)
    seconds = time.perf_counter() - begin
    return {
        "value": len(windows) / seconds,
        "unit": "windows/s",
        "case": "batches of equal length",
        "windows": len(windows),
        "tokens_per_second": sum(ids.size for ids, _ in inputs) / seconds,
    }


def measure_latency(args, tokens):
    ids = numpy.random.default_rng(0).integers(0, 30522, (1, tokens))
    types = numpy.zeros_like(ids)
    network = MAKERS[args.engine](args, None if args.dynamic else (1, tokens))
    for _ in range(5):
        network(ids, types)
    milliseconds = []
    stop = time.perf_counter() + args.seconds
    while len(milliseconds) < 20 or (time.perf_counter() < stop and len(milliseconds) < 1000):
        begin = time.perf_counter()
        network(ids, types)
        milliseconds.append(1e3 * (time.perf_counter() - begin))
    return {
        "value": statistics.median(milliseconds),
        "unit": "ms",
        "case": f"{tokens} tokens",
        "p99": float(numpy.percentile(milliseconds, 99)),
        "runs": len(milliseconds),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("work", choices=["throughput", "latency"])
    parser.add_argument("model", type=pathlib.Path, help="a model folder; MODEL.onnx beside it")
    parser.add_argument("--engine", choices=list(MAKERS), default="openvino")
    parser.add_argument("--precision", choices=["bf16", "fp32"], default="fp32")
    parser.add_argument("--data", type=pathlib.Path, help="a SQuAD file, for throughput")
    parser.add_argument("--seconds", type=float, default=4, help="duration per length of latency")
    parser.add_argument("--dynamic", action="store_true", help="OpenVINO: one model for all lengths")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()

    common = {
        "peer": NAMES[args.engine] + (" (dynamic)" if args.dynamic else ""),
        "work": args.work,
        "model": args.model.name,
        "precision": args.precision,
    }
    if args.work == "throughput":
        work.report(**common, **measure_throughput(args))
        return
    for tokens in LENGTHS:
        work.report(**common, **measure_latency(args, tokens))


if __name__ == "__main__":
    main()
