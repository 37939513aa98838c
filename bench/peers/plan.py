# SPDX-License-Identifier: Apache-2.0
"""The measurements of compare.py: for each kind of work the peers' commands, bertune's command for the
same work, and how its result is read. All use the models and samples written by prepare.py.
"""

import dataclasses
import json
import pathlib
import typing

HERE = pathlib.Path(__file__).resolve().parent
WORKS = ["training", "evaluation", "throughput", "latency", "tokenizing", "memory"]
TOKENIZERS = ["tokenizers", "nanotoken", "tokie", "tokie-offsets", "flash-tokenizer", "blingfire"]
BATCH = 12
WARM_UP_STEPS = 2
MEMORY_QUESTIONS = 3 * BATCH


@dataclasses.dataclass
class Finished:
    """The result of a successful command."""

    output: str
    seconds: float
    peak_mib: float


@dataclasses.dataclass
class Comparison:
    """A peer's command, which prints one measurement per line, and bertune's command.

    read(Finished) of bertune's returns {case: measurement}; case None applies to all cases."""

    peer: list
    bertune: list
    read: typing.Callable


def comparisons_of(args):
    for work in args.work:
        # Tokenizers do not depend on the network, and memory is measured on the first, large one.
        models = args.models[:1] if work in ("tokenizing", "memory") else args.models
        for model in models:
            yield from getattr(Plan(args, model), work)()


def train_questions(args):
    """Questions of the training sample, each with at least one window."""
    return BATCH * (args.steps + WARM_UP_STEPS)


class Plan:
    """The comparisons for one model, one method for each of WORKS."""

    def __init__(self, args, model):
        self.args = args
        self.model = args.cache / "models" / pathlib.Path(model).name
        self.dev = args.cache / "data" / f"dev-{args.questions}.json"

    def data(self, name):
        return self.args.cache / "data" / name

    def peer(self, script, *arguments):
        return [self.args.python, HERE / script, *arguments]

    def bench(self, op, *arguments):
        return [self.args.bertune, "bench", op, "--model", self.model, *arguments, "--json"]

    def settings(self, precision):
        return ["--precision", precision, "--threads", str(self.args.threads)]

    def training(self):
        data = ["--data", self.data(f"train-{train_questions(self.args)}.json")]
        for precision in self.args.precisions:
            common = [*data, "--steps", str(self.args.steps), *self.settings(precision)]
            bertune = self.bench("train", *common)
            for pad in ("longest", "384"):
                peer = self.peer("train.py", self.model, *common, "--pad", pad)
                yield Comparison(peer, bertune, read_training)
                if self.args.compile and precision == "bf16":
                    yield Comparison([*peer, "--compile"], bertune, read_training)

    def evaluation(self):
        for precision in self.args.precisions:
            settings = self.settings(precision)
            bertune = [self.args.bertune, "evaluate", "--checkpoint", self.model]
            bertune += ["--eval-dataset", self.dev, *settings, "--json"]
            for order in ("sorted", "padded"):
                common = ["--data", self.dev, *settings, "--order", order]
                peer = self.peer("evaluate.py", self.model, *common)
                yield Comparison(peer, bertune, lambda f: read_evaluation(f, self.dev))

    def throughput(self):
        whole = ["--windows", "0", "--rounds", "1", "--no-latency"]
        yield from self.inference("throughput", ["--data", self.dev], whole, read_throughput)

    def latency(self):
        little_else = ["--windows", "1", "--rounds", "1"]
        yield from self.inference("latency", [], little_else, read_latency)

    def inference(self, work, data, of_bertune, read):
        for precision in self.args.precisions:
            common = [*data, *self.settings(precision)]
            bertune = self.bench("infer", *common, *of_bertune)
            for engine in ["openvino"] + ["onnxruntime"] * (precision == "fp32"):
                peer = self.peer("infer.py", work, self.model, "--engine", engine, *common)
                yield Comparison(peer, bertune, read)

    def tokenizing(self):
        data = ["--data", self.data("train.json")]
        bertune = self.bench("tokenize", *data)
        for name in TOKENIZERS:
            peer = self.peer("tokenize_contexts.py", self.model, *data, "--tokenizer", name)
            yield Comparison(peer, bertune, read_tokenizing)

    def memory(self):
        data = self.data(f"full-{MEMORY_QUESTIONS}.json")
        for precision in self.args.precisions:
            settings = self.settings(precision)
            peer = self.peer("train.py", self.model, "--data", data, "--memory", *settings)
            peer += ["--warm-up", "0", "--steps", str(MEMORY_QUESTIONS // BATCH)]
            bertune = [self.args.bertune, "train", "--task", "question_answering"]
            bertune += ["--model", self.model, "--train-dataset", data, "--epochs", "1"]
            bertune += ["--batch-size", str(BATCH), "--output-dir", self.args.scratch, *settings]
            yield Comparison(peer, bertune, read_memory)


def read_training(finished):
    result = json.loads(finished.output)
    names = ("tokens_per_second", "flops_per_second", "ceiling_share")
    return {None: {"value": result["windows_per_second"]} | {n: result[n] for n in names}}


def read_evaluation(finished, dev):
    """The time of the whole command, from start to end."""
    squad = json.loads(dev.read_bytes())
    count = sum(len(p["qas"]) for article in squad["data"] for p in article["paragraphs"])
    return {None: {"value": count / finished.seconds, "seconds": finished.seconds}}


def read_throughput(finished):
    result = json.loads(finished.output)["throughput"]
    return {None: {"value": result["windows_per_second"]} | result}


def read_latency(finished):
    return {
        f"{entry['tokens']} tokens": {"value": entry["median_ms"], "p99": entry["p99_ms"]}
        for entry in json.loads(finished.output)["latency"]
    }


def read_tokenizing(finished):
    return {None: {"value": json.loads(finished.output)["megabytes_per_second"]}}


def read_memory(finished):
    return {None: {"value": finished.peak_mib}}
