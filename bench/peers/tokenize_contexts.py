#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Peer: one of PyPI's WordPiece tokenizers on the contexts of a SQuAD file, on one thread. Prints MB/s of a
repeated pass, which benefits from word caches, MB/s of the first pass of a fresh tokenizer, and the number
of contexts whose ids or offsets differ from those of `tokenizers`.

Usage: tokenize_contexts.py MODEL --data FILE [--tokenizer NAME] [--passes N]
"""

import argparse
import itertools
import os
import pathlib
import statistics
import time

os.environ |= {"TOKENIZERS_PARALLELISM": "false", "RAYON_NUM_THREADS": "1"}

import work  # noqa: E402  after the variables above, which take effect at import

CLS, SEP = 101, 102  # in bert-base-uncased
NO_LIMIT = 1_000_000


# Each factory returns a function of all texts, and one that lists (ids, offsets or None) of its result.


def make_tokenizers(folder):
    import tokenizers

    reference = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    reference.no_truncation()
    reference.no_padding()
    return reference.encode_batch, lambda result: ((e.ids, e.offsets) for e in result)


def make_nanotoken(folder):
    import nanotoken

    tokenizer = nanotoken.Tokenizer(str(folder / "tokenizer.json"))
    encode = lambda texts: tokenizer.encode_batch(texts, parallel=False)  # noqa: E731
    return encode, lambda result: ((row.tolist(), None) for row in result)


def make_tokie(folder):
    import tokie

    tokenizer = tokie.Tokenizer.from_json(str(folder / "tokenizer.json"))
    return tokenizer.encode_batch, lambda result: ((e.ids, None) for e in result)


def make_tokie_offsets(folder):
    import tokie

    tokenizer = tokie.Tokenizer.from_json(str(folder / "tokenizer.json"))
    encode = lambda texts: [tokenizer.encode_with_offsets(text) for text in texts]  # noqa: E731
    return encode, lambda result: ((e.ids, e.offsets) for e in result)


def make_flash(folder):
    from flash_tokenizer import BertTokenizerFlash

    tokenizer = BertTokenizerFlash(str(folder / "vocab.txt"), do_lower_case=True)
    limits = {"max_length": NO_LIMIT, "padding": "longest"}  # otherwise each text is padded to max_length
    encode = lambda texts: [tokenizer(text, **limits) for text in texts]  # noqa: E731
    return encode, lambda result: ((e.input_ids[0], None) for e in result)


def make_blingfire(folder):
    import blingfire

    del folder  # the package contains bert-base-uncased's vocabulary in compiled form
    model = blingfire.load_model(
        str(pathlib.Path(blingfire.__file__).parent / "bert_base_tok.bin")
    )
    room = 2000  # ids of the longest context, padded with 0
    encode = lambda texts: [blingfire.text_to_ids(model, t, room, 100) for t in texts]  # noqa: E731

    def ids(result):
        for array in result:
            pieces = itertools.takewhile(bool, array.tolist())
            yield [CLS, *pieces, SEP], None

    return encode, ids


MAKERS = {
    "tokenizers": make_tokenizers,
    "nanotoken": make_nanotoken,
    "tokie": make_tokie,
    "tokie-offsets": make_tokie_offsets,
    "flash-tokenizer": make_flash,
    "blingfire": make_blingfire,
}


def make(name, folder):
    try:
        return MAKERS[name](folder)
    except ImportError as error:
        work.fail(f"{error}; install bench/peers/requirements.txt")


def contexts_of(path):
    squad = work.read_json(path)
    return [p["context"] for article in squad["data"] for p in article["paragraphs"]]


def timed(encode, texts):
    begin = time.perf_counter()
    result = encode(texts)
    return time.perf_counter() - begin, result


def compare(results, texts, folder):
    """How many texts differ from the reference in ids and in offsets; None: no offsets."""
    encode, read = make("tokenizers", folder)
    other_ids = other_offsets = 0
    has_offsets = False
    for text, (ids, offsets), expected in zip(texts, results, read(encode(texts))):
        other_ids += list(ids) != expected[0]
        if offsets is not None:
            has_offsets = True
            pairs = list(map(tuple, offsets))
            other_offsets += expected[1] not in (pairs, characters(pairs, text))
    return other_ids, other_offsets if has_offsets else None


def characters(pairs, text):
    """Converts offsets in bytes to offsets in characters."""
    lengths = (len(character.encode()) for character in text)
    at = {byte: index for index, byte in enumerate(itertools.accumulate(lengths, initial=0))}
    return [(at.get(begin), at.get(end)) for begin, end in pairs]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("model", type=pathlib.Path, help="a model folder")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="a SQuAD file")
    parser.add_argument("--tokenizer", choices=list(MAKERS), default="tokenizers")
    parser.add_argument("--passes", type=int, default=3, help="passes, each with a fresh tokenizer")
    args = parser.parse_args()

    texts = contexts_of(args.data)
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    first, again = [], []
    for _ in range(args.passes):
        encode, read = make(args.tokenizer, args.model)
        seconds, result = timed(encode, texts)
        first.append(seconds)
        del result  # so that freeing it is not part of the next pass
        seconds, result = timed(encode, texts)
        again.append(seconds)
    other_ids, other_offsets = compare(read(result), texts, args.model)
    offsets = "ids only" if other_offsets is None else "ids and offsets"
    work.report(
        peer=args.tokenizer,
        work="tokenizing",
        model="any",
        precision="1 thread",
        case=f"{offsets}, {verdict(other_ids, other_offsets, len(texts))}",
        value=megabytes / statistics.median(again),
        unit="MB/s",
        **{"first pass": megabytes / statistics.median(first)},
    )


def verdict(other_ids, other_offsets, total):
    wrong = [
        f"{count} of {total} differ in {what}"
        for count, what in ((other_ids, "ids"), (other_offsets, "offsets"))
        if count
    ]
    return ", ".join(wrong) or "identical"


if __name__ == "__main__":
    main()
