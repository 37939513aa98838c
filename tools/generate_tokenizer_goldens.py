#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/data/text: the reference tokenizer's output for tricky texts and every code point.

    generate_tokenizer_goldens.py --vocabularies DATA/vocab --output tests/data/text

DATA/vocab contains NAME/vocab.txt of BERT's four vocabularies. bert-base-uncased's is copied whole, the
others are reduced to the pieces that the texts use and some more. Takes a few minutes.
Needs: pip install tokenizers==0.23.3
"""

import argparse
import array
import itertools
import json
import pathlib
import zlib

from tokenizers import BertWordPieceTokenizer

import tokenizer_texts
from compare_tokenizer import read_vocabulary

# folder: vocabulary, do_lower_case, n: keep every n-th unused piece (1: all)
VOCABULARIES = {
    "uncased": ("bert-base-uncased", True, 1),
    "cased": ("bert-base-cased", False, 20),
    "chinese": ("bert-base-chinese", False, 20),
    "multilingual": ("bert-base-multilingual-cased", False, 60),
}
# do_lower_case, strip_accents, tokenize_chinese_chars
MODES = [(True, True, True), (True, False, True), (False, True, True), (False, False, True),
         (True, True, False)]
CODE_POINTS_PER_HASH = 4096
RANDOM_TEXTS_IN_FULL = 150
RANDOM_TEXTS_HASHED = 20_000
UTF8_BYTES = [0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
              0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF]


def make_reference(vocabulary, mode):
    lower_case, strip_accents, space_chinese = mode
    return BertWordPieceTokenizer(vocab={piece: i for i, piece in enumerate(vocabulary)},
                                  lowercase=lower_case, strip_accents=strip_accents,
                                  handle_chinese_chars=space_chinese)


def encode(reference, texts):
    """(ids, flat offsets in code points) of each text, without [CLS] and [SEP]."""
    for encoding in reference.encode_batch(texts, add_special_tokens=False):
        yield encoding.ids, list(itertools.chain.from_iterable(encoding.offsets))


def golden_texts():
    # Seeds after the hashed ones, so that the two sets do not overlap.
    seeds = range(1_000_000, 1_000_000 + RANDOM_TEXTS_IN_FULL)
    return tokenizer_texts.TRICKY + [tokenizer_texts.random_text(seed) for seed in seeds]


def reduce_vocabulary(vocabulary, texts, lower_case, every):
    if every == 1:
        return vocabulary
    reference = make_reference(vocabulary, (lower_case, lower_case, True))
    used = set(itertools.chain.from_iterable(ids for ids, _ in encode(reference, texts)))
    special = {vocabulary.index(piece) for piece in tokenizer_texts.SPECIAL}
    return [piece for i, piece in enumerate(vocabulary)
            if i in used or i in special or i % every == 0]


def write_vocabulary(folder, vocabulary, lower_case):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_bytes("".join(piece + "\n" for piece in vocabulary).encode())
    config = {"do_lower_case": lower_case, "strip_accents": None, "tokenize_chinese_chars": True}
    (folder / "tokenizer_config.json").write_text(json.dumps(config) + "\n")


def write_texts(output, sources):
    texts = golden_texts()
    rows = [{"text": text} for text in texts]
    for name, (source, lower_case, every) in VOCABULARIES.items():
        full = list(read_vocabulary(sources / source / "vocab.txt"))
        vocabulary = reduce_vocabulary(full, texts, lower_case, every)
        write_vocabulary(output / name, vocabulary, lower_case)
        reference = make_reference(vocabulary, (lower_case, lower_case, True))
        for row, (ids, offsets) in zip(rows, encode(reference, texts)):
            row[name] = [ids, offsets]
    with open(output / "texts.jsonl", "w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, separators=(",", ":")) + "\n")


def code_point_vocabulary():
    """Each code point of the planes in use, as a word and as a continuation, so that the ids of a text
    spell its normalised form."""
    vocabulary = list(tokenizer_texts.SPECIAL)
    for c in itertools.chain(range(0x40000), range(0xE0000, 0xE1000)):
        if not 0xD800 <= c <= 0xDFFF:
            vocabulary += [chr(c), "##" + chr(c)]
    return vocabulary


def checksum(encodings):
    """CRC-32 of the counts, ids and offsets as little-endian 32-bit numbers."""
    crc = 0
    for ids, offsets in encodings:
        crc = zlib.crc32(array.array("i", [len(ids), *ids, *offsets]).tobytes(), crc)
    return f"{crc:08x}"


def hash_block(reference, begin):
    characters = [chr(c) for c in range(begin, begin + CODE_POINTS_PER_HASH)
                  if not 0xD800 <= c <= 0xDFFF]
    texts = itertools.chain.from_iterable(map(tokenizer_texts.around_code_point, characters))
    return checksum(encode(reference, list(texts)))


def hash_mode(vocabulary, mode):
    reference = make_reference(vocabulary, mode)
    random_texts = [tokenizer_texts.random_text(seed) for seed in range(RANDOM_TEXTS_HASHED)]
    return {"do_lower_case": mode[0], "strip_accents": mode[1], "tokenize_chinese_chars": mode[2],
            "random": checksum(encode(reference, random_texts)),
            "blocks": [hash_block(reference, begin)
                       for begin in range(0, 0x110000, CODE_POINTS_PER_HASH)]}


def hash_utf8():
    """CRC-32 of Python's decoding of all strings of up to four of the bytes, one per line."""
    crc = 0
    for length in range(5):
        for values in itertools.product(UTF8_BYTES, repeat=length):
            text = bytes(values).decode("utf-8", errors="replace") + "\n"
            crc = zlib.crc32(text.encode(), crc)
    return f"{crc:08x}"


def write_hashes(output):
    vocabulary = code_point_vocabulary()
    hashes = {"code_points_per_hash": CODE_POINTS_PER_HASH, "random_texts": RANDOM_TEXTS_HASHED,
              "random_pools": tokenizer_texts.POOLS, "utf8_bytes": UTF8_BYTES, "utf8": hash_utf8(),
              "modes": [hash_mode(vocabulary, mode) for mode in MODES]}
    (output / "hashes.json").write_text(json.dumps(hashes, separators=(",", ":")) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vocabularies", required=True, type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--output", required=True, type=pathlib.Path, metavar="FOLDER")
    options = parser.parse_args()
    write_texts(options.output, options.vocabularies)
    write_hashes(options.output)


if __name__ == "__main__":
    main()
