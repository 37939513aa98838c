#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares `bertune tokenize` with the reference tokenizer: tokens, ids, types and offsets.

    compare_tokenizer.py --bertune build/bertune --data DATA

DATA holds squad/{train,dev}-v1.1.json[.xz] and vocab/NAME/vocab.txt of BERT's four vocabularies.
Covers every SQuAD context and question, every code point alone, inside and after a word, tricky and
random texts, pairs, and invalid UTF-8. Exits with 1 on any difference.
Needs: pip install tokenizers==0.23.3
"""

import argparse
import itertools
import json
import lzma
import pathlib
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from tokenizers import BertWordPieceTokenizer

import tokenizer_texts

LINES_PER_RUN = 100_000
SHOWN_DIFFERENCES = 10


@dataclass
class Case:
    """A vocabulary and its normalisation settings."""
    vocabulary: str
    lower_case: bool
    strip_accents: bool | None = None
    space_chinese: bool = True

    def name(self):
        return (f"{self.vocabulary} do_lower_case={self.lower_case} "
                f"strip_accents={self.strip_accents} tokenize_chinese_chars={self.space_chinese}")


CASES = [
    Case("bert-base-uncased", lower_case=True),
    Case("bert-base-cased", lower_case=False),
    Case("bert-base-chinese", lower_case=True),
    Case("bert-base-chinese", lower_case=False),
    Case("bert-base-multilingual-cased", lower_case=False),
    Case("bert-base-multilingual-cased", lower_case=False, strip_accents=True),
    Case("bert-base-multilingual-cased", lower_case=True, strip_accents=False),
    Case("bert-base-uncased", lower_case=True, space_chinese=False),
]

INVALID_UTF8 = [
    b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xc3", b"\xc3(", b"\xe2\x82", b"\xe2\x28\xa1",
    b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x80\x80\x80",
    b"\xf0\x8f\xbf\xbf", b"\xf0\x9f\x98", b"\xf0\x9f", b"\xf0", b"\xf4\x90\x80\x80", b"\xf5\x80",
    b"\xff", b"\xfe\xff", b"\xe2\x82\xe2\x82\xac", b"\xf0\x9f\x98\x80\xf0\x9f", b"\xf8\x88\x80\x80\x80",
]


def read_vocabulary(path):
    lines = path.read_bytes().decode("utf-8").split("\n")
    if lines[-1] == "":
        lines.pop()
    return {line: index for index, line in enumerate(lines)}


def make_reference(case, path):
    return BertWordPieceTokenizer(
        vocab=read_vocabulary(path), lowercase=case.lower_case, strip_accents=case.strip_accents,
        handle_chinese_chars=case.space_chinese)


def write_model(case, vocabulary_path, folder):
    (folder / "vocab.txt").write_bytes(vocabulary_path.read_bytes())
    config = {"do_lower_case": case.lower_case, "strip_accents": case.strip_accents,
              "tokenize_chinese_chars": case.space_chinese}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))


class Comparison:
    """Runs both tokenizers over batches of lines and counts differences."""

    def __init__(self, program, case, vocabulary_path, folder):
        self.program = program
        self.folder = folder
        self.reference = make_reference(case, vocabulary_path)
        self.compared = 0
        self.different = 0
        write_model(case, vocabulary_path, folder)

    def run(self, texts, ascii_only):
        """Compares texts, which are strings or pairs; the input file is JSON with or without escapes."""
        texts = iter(texts)
        while batch := list(itertools.islice(texts, LINES_PER_RUN)):
            lines = [json.dumps(text, ensure_ascii=ascii_only).encode() for text in batch]
            self.run_lines(lines, batch)

    def run_lines(self, lines, texts):
        texts = [tuple(text) if isinstance(text, list) else text for text in texts]
        output = self.run_program(b"\n".join(lines) + b"\n")
        expected = self.reference.encode_batch(texts)
        for text, line, encoding in itertools.zip_longest(texts, output, expected):
            self.check(text, line, encoding)

    def run_program(self, content):
        path = self.folder / "texts.jsonl"
        path.write_bytes(content)
        command = [self.program, "tokenize", "--model", self.folder, "--file", path, "--json"]
        result = subprocess.run(command, capture_output=True)
        if result.returncode != 0:  # warnings about unusual casing settings are irrelevant here
            sys.exit(f"{self.program} failed:\n{result.stderr.decode(errors='replace')}")
        return result.stdout.split(b"\n")[:-1]

    def check(self, text, line, encoding):
        self.compared += 1
        got = json.loads(line) if line is not None else {}
        wanted = {"tokens": encoding.tokens, "ids": encoding.ids, "type_ids": encoding.type_ids,
                  "offsets": [list(pair) for pair in encoding.offsets]}
        if all(got.get(key) == value for key, value in wanted.items()):
            return
        self.different += 1
        if self.different <= SHOWN_DIFFERENCES:
            print(f"  differs: {text!a}\n    bertune   {line!r}\n    reference {json.dumps(wanted)}")


def read_squad(data, name):
    path = data / "squad" / f"{name}.json"
    opened = path.open("rb") if path.exists() else lzma.open(f"{path}.xz")
    with opened as file:
        articles = json.load(file)["data"]
    contexts, questions, pairs = [], [], []
    for paragraph in itertools.chain.from_iterable(a["paragraphs"] for a in articles):
        contexts.append(paragraph["context"])
        questions.extend(qa["question"] for qa in paragraph["qas"])
        pairs.append([paragraph["qas"][0]["question"], paragraph["context"]])
    return contexts, questions, pairs


def invalid_lines():
    """JSON lines whose string holds invalid bytes, and what Python decodes from them."""
    lines = []
    for before, bad, after in itertools.product([b"", b"a", b"\xc3\xa9"], INVALID_UTF8,
                                                [b"", b"b", b" \xe4\xb8\xad"]):
        lines.append(b'"' + before + bad + after + b'"')
    return lines, [json.loads(line.decode("utf-8", errors="replace")) for line in lines]


def compare_case(comparison, squad, options):
    groups = {"SQuAD": lambda: comparison.run(itertools.chain(*squad), ascii_only=True)}
    groups["tricky"] = lambda: comparison.run(tokenizer_texts.TRICKY, ascii_only=False)
    groups["pairs"] = lambda: comparison.run(
        itertools.product(tokenizer_texts.TRICKY[::7], repeat=2), ascii_only=False)
    groups["random"] = lambda: comparison.run(
        map(tokenizer_texts.random_text, range(options.random)), ascii_only=False)
    groups["invalid UTF-8"] = lambda: comparison.run_lines(*invalid_lines())
    groups["code points"] = lambda: comparison.run(
        itertools.chain.from_iterable(
            map(tokenizer_texts.around_code_point, tokenizer_texts.all_code_points())),
        ascii_only=False)
    for name, run in groups.items():
        compared, different = comparison.compared, comparison.different
        run()
        print(f"  {name}: {comparison.compared - compared} texts, "
              f"{comparison.different - different} differ", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bertune", required=True, metavar="PROGRAM")
    parser.add_argument("--data", required=True, type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--random", type=int, default=200_000, help="random texts per case")
    options = parser.parse_args()
    squad = [texts for name in ("train-v1.1", "dev-v1.1")
             for texts in read_squad(options.data, name)]
    compared = different = 0
    for case in CASES:
        print(case.name(), flush=True)
        start = time.time()
        with tempfile.TemporaryDirectory() as folder:
            path = options.data / "vocab" / case.vocabulary / "vocab.txt"
            comparison = Comparison(options.bertune, case, path, pathlib.Path(folder))
            compare_case(comparison, squad, options)
        compared += comparison.compared
        different += comparison.different
        print(f"  {time.time() - start:.0f} s", flush=True)
    print(f"{compared} texts compared, {different} differ")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
