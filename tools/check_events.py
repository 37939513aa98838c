#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that TensorBoard reads every scalar of a training run's log.jsonl from its event files.

    check_events.py OUTPUT

Needs PyPI's tensorboard. OUTPUT is the folder of a run of bertune train.
"""

import json
import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

STEP_TAGS = {"loss": "train/loss", "learning_rate": "train/learning_rate"}


def main():
    output = Path(sys.argv[1])
    wanted = {}
    for line in (output / "log.jsonl").read_text().splitlines():
        entry = json.loads(line)
        step = entry.pop("step")
        for name, value in entry.items():
            if name in STEP_TAGS:
                wanted[(STEP_TAGS[name], step)] = value
            elif isinstance(value, dict):
                wanted.update({(f"eval/{metric}", step): number for metric, number in value.items()})

    events = EventAccumulator(str(output / "tensorboard"), size_guidance={"scalars": 0})
    events.Reload()
    found = {(tag, event.step): event.value
             for tag in events.Tags()["scalars"] for event in events.Scalars(tag)}
    wrong = [key for key, value in wanted.items()
             if key not in found or abs(found[key] - value) > 1e-6 * max(1.0, abs(value))]
    print(f"events: {len(wanted)} scalars, {len(wrong)} missing or different {wrong[:5]}")
    return 1 if wrong or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
