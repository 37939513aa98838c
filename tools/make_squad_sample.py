#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes data/squad-sample from SQuAD v1.1: a small training set for the demonstration, spread over all
articles and made of short paragraphs, and a small development set as hard as the full one. The same
arguments always give the same bytes.

Usage: make_squad_sample.py TRAIN_JSON DEV_JSON OUTPUT_FOLDER [options]   (.json or .json.xz)
"""

import argparse
import json
import lzma
import pathlib
import random
from dataclasses import dataclass
from typing import Callable


@dataclass
class Draw:
    """How paragraphs and questions of an article are drawn."""

    per_paragraph: int  # questions
    shortest_of: int  # draw this many paragraphs, take the shortest
    accept: Callable  # (paragraph, question) -> whether the question may be taken


def main():
    args = parse_arguments()
    train = read_articles(args.train)
    dev = read_articles(args.dev)
    samples = {
        "train.json": sample(
            train,
            args.train_questions,
            Draw(args.per_paragraph, args.shortest_of, is_unambiguous),
            random.Random(args.seed),
        ),
        "dev.json": sample(
            dev, args.dev_questions, Draw(1, 1, lambda *_: True), random.Random(args.seed)
        ),
    }
    args.output.mkdir(parents=True, exist_ok=True)
    for name, articles in samples.items():
        path = args.output / name
        write_articles(path, articles)
        print(describe(path, articles))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("train", type=pathlib.Path)
    parser.add_argument("dev", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--train-questions", type=int, default=5000)
    parser.add_argument("--dev-questions", type=int, default=500)
    parser.add_argument("--per-paragraph", type=int, default=2, help="training questions per paragraph")
    parser.add_argument("--shortest-of", type=int, default=3, help="draw this many training paragraphs, take the shortest")
    parser.add_argument("--seed", type=int, default=42)
    return parser.parse_args()


def read_articles(path):
    open_file = lzma.open if path.suffix == ".xz" else open
    with open_file(path, "rt", encoding="utf-8") as file:
        return json.load(file)["data"]


def is_unambiguous(paragraph, question):
    """Whether the first answer occurs exactly once, so that its offset is the same in any edition."""
    return paragraph["context"].count(question["answers"][0]["text"]) == 1


def sample(articles, count, draw, rng):
    """Takes `count` questions in rounds, one paragraph with its drawn questions from each article per
    round. Articles and paragraphs keep their order."""
    drafts = [draw_paragraphs(article["paragraphs"], draw, rng) for article in articles]
    turns = list(range(len(articles)))
    rng.shuffle(turns)
    chosen = [[] for _ in articles]
    missing = count
    while missing > 0:
        if not any(drafts):
            raise SystemExit(f"the articles have too few questions: {missing} are missing")
        for turn in turns:
            if missing == 0 or not drafts[turn]:
                continue
            index, questions = drafts[turn].pop(0)
            chosen[turn].append((index, questions[:missing]))
            missing -= len(questions[:missing])
    return [pick(article, picks) for article, picks in zip(articles, chosen) if picks]


def draw_paragraphs(paragraphs, draw, rng):
    """Shuffles the paragraphs and takes the shortest of every `shortest_of`. Returns
    [(index, indices of its drawn questions)]."""
    drawn = {}
    for index, paragraph in enumerate(paragraphs):
        questions = enumerate(paragraph["qas"])
        usable = [i for i, question in questions if draw.accept(paragraph, question)]
        if usable:
            drawn[index] = sorted(rng.sample(usable, min(draw.per_paragraph, len(usable))))
    order = list(drawn)
    rng.shuffle(order)
    groups = [order[i : i + draw.shortest_of] for i in range(0, len(order), draw.shortest_of)]
    shortest = [min(group, key=lambda i: len(paragraphs[i]["context"])) for group in groups]
    return [(index, drawn[index]) for index in shortest]


def pick(article, picks):
    return {
        "title": article["title"],
        "paragraphs": [
            {
                "context": article["paragraphs"][index]["context"],
                "qas": [article["paragraphs"][index]["qas"][i] for i in questions],
            }
            for index, questions in sorted(picks)
        ],
    }


def write_articles(path, articles):
    """The official layout, one article per line."""
    lines = ",\n".join(json.dumps(article, ensure_ascii=False) for article in articles)
    path.write_text('{"version": "1.1", "data": [\n' + lines + "\n]}\n", encoding="utf-8")


def describe(path, articles):
    paragraphs = [paragraph for article in articles for paragraph in article["paragraphs"]]
    questions = sum(len(paragraph["qas"]) for paragraph in paragraphs)
    characters = sum(len(paragraph["context"]) * len(paragraph["qas"]) for paragraph in paragraphs)
    return (
        f"{path}: {len(articles)} articles, {len(paragraphs)} paragraphs, {questions} questions, "
        f"{characters / questions:.0f} characters of context per question, "
        f"{path.stat().st_size} bytes"
    )


if __name__ == "__main__":
    main()
