#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes src/text/unicode_tables.cc from the reference tokenizer's behaviour on every code point.

Needs the reference at exactly the version below (pip install tokenizers==0.23.3). Nothing is copied from
it or from the Unicode database: each table is the observed behaviour of one normalisation step.
"""

import argparse
import functools
import sys

import tokenizers
from tokenizers import normalizers, pre_tokenizers

REFERENCE_VERSION = "0.23.3"
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
HANGUL_FIRST, HANGUL_LAST = 0xAC00, 0xD7A3


def bert_step(**enabled):
    """BERT's normalizer with only the named steps enabled, as a function of a string."""
    steps = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**steps, **enabled}).normalize_str


def changed_by(function):
    """{code point: replacement} for the code points that the function changes."""
    changed = {}
    for c in CODE_POINTS:
        result = function(chr(c))
        if result != chr(c):
            changed[c] = result
    return changed


def measure_cleaning():
    cleaned = changed_by(bert_step(clean_text=True))
    require(set(cleaned.values()) == {"", " "}, "cleaning only drops or makes spaces")
    dropped = [c for c, result in cleaned.items() if result == ""]
    spaces = sorted([c for c, result in cleaned.items() if result == " "] + [ord(" ")])
    return dropped, spaces


def measure_ideographs():
    spaced = changed_by(bert_step(handle_chinese_chars=True))
    require(all(r == f" {chr(c)} " for c, r in spaced.items()), "ideographs get a space on each side")
    return list(spaced)


def measure_words(dropped, spaces):
    """Punctuation. Also checks that the only white space left after cleaning is the space."""
    split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    pieces = {c: len(split(f"a{chr(c)}a")) for c in CODE_POINTS}
    white = {c for c, count in pieces.items() if count == 2}
    require(white <= set(dropped) | set(spaces), "all white space is cleaned")
    return [c for c, count in pieces.items() if count == 3]


def measure_decompositions():
    decomposed = changed_by(normalizers.NFD().normalize_str)
    for c in range(HANGUL_FIRST, HANGUL_LAST + 1):
        require(decomposed.pop(c) == hangul(c), "Hangul syllables decompose by arithmetic")
    return decomposed


def hangul(c):
    index = c - HANGUL_FIRST
    lead, vowel, tail = index // 588, index % 588 // 28, index % 28
    return chr(0x1100 + lead) + chr(0x1161 + vowel) + (chr(0x11A7 + tail) if tail else "")


def measure_non_starters(decomposed):
    """{code point: rank of its combining class}, which determines how NFD orders two marks."""
    nfd = normalizers.NFD().normalize_str
    lowest, highest = chr(0x334), chr(0x345)  # classes 1 and 240, the extremes

    def swaps(first, second):
        return nfd(first + second) != first + second

    marks = [chr(c) for c in CODE_POINTS if c not in decomposed
             and not HANGUL_FIRST <= c <= HANGUL_LAST
             and (swaps(chr(c), lowest) or swaps(highest, chr(c)))]
    order = functools.cmp_to_key(lambda a, b: 1 if swaps(a, b) else -1 if swaps(b, a) else 0)
    ranks, rank = {}, 0
    previous = None
    for mark in sorted(marks, key=order):
        rank += previous is None or swaps(mark, previous)
        ranks[ord(mark)] = rank
        previous = mark
    return dict(sorted(ranks.items()))


def measure_marks(decomposed):
    stripped = bert_step(strip_accents=True)
    return [c for c in CODE_POINTS if c not in decomposed and stripped(chr(c)) == ""]


def check_assumptions(decomposed, marks, ranks, lower, punctuation, ideographs):
    """Checks an assumption of src/text: canonical reordering moves letters of these simple kinds only."""
    marks, punctuation, ideographs = set(marks), set(punctuation), set(ideographs)
    for c, parts in decomposed.items():
        kinds = [ord(part) in ranks for part in parts]
        require(kinds == sorted(kinds), "no starter follows a non-starter in a decomposition")
        keeps_mark = any(ord(p) in ranks and ord(p) not in marks for p in parts)
        plain = not any(ord(p) in lower or ord(p) in punctuation for p in parts)
        require(not keeps_mark or plain, "decompositions that keep a mark have no case")
        require(not keeps_mark or not kinds[0], "no mark decomposes into one that is kept")
        require(c not in ideographs or len(parts) == 1, "an ideograph stays one character")
    for c in ranks:
        require(c in marks or (c not in lower and c not in punctuation), "kept marks have no case")


def require(condition, assumption):
    if not condition:
        sys.exit(f"the reference violates an assumption of src/text: {assumption}")


def ranges_of(code_points, key=lambda c: None):
    """[first, last, key] for runs of adjacent code points with the same key."""
    runs = []
    for c in code_points:
        if runs and runs[-1][1] == c - 1 and runs[-1][2] == key(c):
            runs[-1][1] = c
        else:
            runs.append([c, c, key(c)])
    return runs


def case_ranges(lower):
    """[first, last, step, delta] for runs of adjacent code points, or every second one, with equal delta."""
    runs = []
    for c, delta in sorted(lower.items()):
        if runs and runs[-1][3] == delta:
            first, last, step, _ = runs[-1]
            if c - last in (1, 2) and (first == last or c - last == step):
                runs[-1] = [first, c, c - last, delta]
                continue
        runs.append([c, c, 1, delta])
    return runs


def write_table(out, kind, name, rows):
    out.write(f"\nconst {kind} kRowsOf{name}[] = {{\n")
    line = "   "
    for row in rows:
        item = " {" + ", ".join(row) + "},"
        if len(line) + len(item) > 100:
            out.write(line + "\n")
            line = "   "
        line += item
    out.write(line + "\n};\n")


def point(c):
    return f"0x{c:X}"


def mapping_rows(mapping):
    return [[point(c), "{" + ", ".join(point(ord(part)) for part in parts) + "}"]
            for c, parts in sorted(mapping.items())]


HEADER = """\
// SPDX-License-Identifier: Apache-2.0
// Measured from the reference tokenizer {version} by tools/generate_unicode_tables.py; do not edit.
// What each table means is said in unicode_tables.h.
#include "text/unicode_tables.h"

// clang-format off
namespace bertune::unicode_tables {{
namespace {{
"""


def write_source(out, tables):
    out.write(HEADER.format(version=REFERENCE_VERSION))
    for kind, name, rows in tables:
        write_table(out, kind, name, rows)
    out.write("\n}  // namespace\n\n")
    for kind, name, _ in tables:
        out.write(f"constinit const std::span<const {kind}> k{name}(kRowsOf{name});\n")
    out.write("\n}  // namespace bertune::unicode_tables\n")


def measure_tables():
    dropped, spaces = measure_cleaning()
    ideographs = measure_ideographs()
    punctuation = measure_words(dropped, spaces)
    decomposed = measure_decompositions()
    ranks = measure_non_starters(decomposed)
    marks = measure_marks(decomposed)
    lower = changed_by(bert_step(lowercase=True))
    check_assumptions(decomposed, marks, ranks, lower, punctuation, ideographs)

    def plain(code_points):
        return [[point(a), point(b)] for a, b, _ in ranges_of(code_points)]

    single = {c: ord(result) - c for c, result in lower.items() if len(result) == 1}
    longer = {c: result for c, result in lower.items() if len(result) > 1}
    return [
        ("Range", "Dropped", plain(dropped)),
        ("Range", "Spaces", plain(spaces)),
        ("Range", "Ideographs", plain(ideographs)),
        ("Range", "Punctuation", plain(punctuation)),
        ("Range", "NonspacingMarks", plain(marks)),
        ("RankedRange", "NonStarters",
         [[point(a), point(b), str(k)] for a, b, k in ranges_of(ranks, ranks.get)]),
        ("Mapping", "Decompositions", mapping_rows(decomposed)),
        ("CaseRange", "LowerCase",
         [[point(a), point(b), str(s), str(d)] for a, b, s, d in case_ranges(single)]),
        ("Mapping", "LowerCaseLonger", mapping_rows(longer)),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", default="src/text/unicode_tables.cc")
    options = parser.parse_args()
    if tokenizers.__version__ != REFERENCE_VERSION:
        sys.exit(f"tokenizers is {tokenizers.__version__}; the tables are pinned to "
                 f"{REFERENCE_VERSION}: pip install tokenizers=={REFERENCE_VERSION}")
    tables = measure_tables()
    with open(options.output, "w", encoding="utf-8") as out:
        write_source(out, tables)
    for _, name, rows in tables:
        print(f"{name}: {len(rows)} rows")


if __name__ == "__main__":
    main()
