#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws what a command shows in a terminal as an SVG. The picture in the README is a real run.

Usage: tools/draw_terminal.py --output FILE.svg --until TEXT [--columns N] [--skip FROM TO] -- COMMAND...

Runs the command on a pseudo-terminal, captures the screen when TEXT appears, and interrupts the command
(SIGINT). --skip replaces the lines from the first that contains FROM to the last that contains TO by
"[...]". The command for the README's picture, with the model of make demo:

    tools/draw_terminal.py --output docs/training.svg --until "step:[  100/" --skip text_column trace \\
      -- build/bertune train --model .cache/models/minilm --train-dataset data/squad-sample/train.json \\
      --eval-dataset data/squad-sample/dev.json --output-dir output --epochs 1 --batch-size 8 \\
      --learning-rate 3e-4
"""

import argparse
import fcntl
import html
import os
import pty
import re
import shlex
import signal
import struct
import sys
import termios

COLOURS = {"frame": "#1e1e2e", "text": "#cdd6f4", "prompt": "#a6e3a1", "dim": "#7f849c", "bar": "#89b4fa"}
FONT = 13
LINE = 18


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", required=True)
    parser.add_argument("--until", required=True)
    parser.add_argument("--columns", type=int, default=132)
    parser.add_argument("--skip", nargs=2, action="append", default=[], metavar=("FROM", "TO"))
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    lines = screen_of(arguments.command, arguments.until, arguments.columns)
    for first, last in arguments.skip:
        lines = without(lines, first, last)
    lines = [line[: arguments.columns] for line in lines]
    with open(arguments.output, "w", encoding="utf-8") as file:
        file.write(svg(arguments.command, lines, arguments.columns))


def screen_of(command, until, columns):
    """The lines on the terminal when `until` appears."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 60, columns, 0, 0))
    received = b""
    while until.encode() not in received:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            part = b""
        if not part:
            sys.exit(f"the command ended before {until!r} appeared")
        received += part
    os.kill(child, signal.SIGINT)
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:
        pass
    os.waitpid(child, 0)
    end = received.index(until.encode())
    rest = received[end:].split(b"\r")[0]
    return [shown(line) for line in (received[:end] + rest).decode().replace("\r\n", "\n").split("\n")]


def shown(line):
    """A line after its carriage returns, each of which overwrites it from the start."""
    return re.sub(r"\033\[[0-9;]*[A-Za-z]", "", line.split("\r")[-1])


def without(lines, first, last):
    begin = next(i for i, line in enumerate(lines) if first in line)
    end = max(i for i, line in enumerate(lines) if last in line)
    return lines[:begin] + ["  [...]"] + lines[end + 1 :]


def svg(command, lines, columns):
    width = round(columns * FONT * 0.602) + 40
    height = (len(lines) + 1) * LINE + 44
    prompt = "$ " + shlex.join(command)
    wrapped = wrap(prompt, columns)
    height += (len(wrapped) - 1) * LINE
    rows = [(line, "prompt") for line in wrapped]
    rows += [(line, style_of(line)) for line in lines]
    texts = "\n".join(
        f'<text xml:space="preserve" x="20" y="{44 + i * LINE}" fill="{COLOURS[style]}">{html.escape(text)}</text>'
        for i, (text, style) in enumerate(rows))
    return f"""<!-- SPDX-License-Identifier: Apache-2.0 -->
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">
<style>text {{ font: {FONT}px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre; }}</style>
<rect width="{width}" height="{height}" rx="8" fill="{COLOURS['frame']}"/>
<circle cx="18" cy="16" r="5" fill="#f38ba8"/><circle cx="36" cy="16" r="5" fill="#f9e2af"/><circle cx="54" cy="16" r="5" fill="#a6e3a1"/>
{texts}
</svg>
"""


def wrap(prompt, columns):
    lines = [""]
    for word in prompt.split(" "):
        if len(lines[-1]) + len(word) + 3 > columns:
            lines[-1] += "\\"
            lines.append("    ")
        lines[-1] += word + " "
    return lines


def style_of(line):
    if line.startswith("["):
        return "bar" if line.startswith(("[#", "[.")) else "dim"
    return "dim" if line.startswith("  ") else "text"


if __name__ == "__main__":
    main()
