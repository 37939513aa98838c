#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a SQuAD file with its articles repeated under new ids: a large dataset of known content, to check
that memory use does not grow with it.

Usage: repeat_squad.py IN.json TIMES OUT.json
"""

import copy
import json
import sys


def repeat(articles, number):
    for article in copy.deepcopy(articles):
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                question["id"] += f"-{number}"
        yield article


def main():
    source, times, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        squad = json.load(file)
    squad["data"] = [a for number in range(int(times)) for a in repeat(squad["data"], number)]
    with open(target, "w", encoding="utf-8") as file:
        json.dump(squad, file, ensure_ascii=False)


if __name__ == "__main__":
    main()
