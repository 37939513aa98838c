#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs examples/question_answering.py unchanged, in a folder with the files it names: the SQuAD sample as
# ./squad/, and as ./qa_bert_base_uncased the model that `make demo` downloaded (or MODEL=DIR). Trains for
# two epochs of 5,000 questions.
#
# Usage: BUILD=build tools/example.sh
set -euo pipefail
cd "$(dirname "$0")/.."

root=$PWD
package=$(realpath "$BUILD")/python
model=$(realpath -m "${MODEL:-.cache/models/minilm}")
if [[ ! -f $model/config.json ]]; then
  echo "example: there is no model in $model; run make demo first, or set MODEL=DIR" >&2
  exit 1
fi

mkdir -p .cache/example/squad
cd .cache/example
cp "$root/data/squad-sample/train.json" squad/train-v1.1.json
cp "$root/data/squad-sample/dev.json" squad/dev-v1.1.json
ln -sfn "$model" qa_bert_base_uncased
PYTHONPATH=$package /usr/bin/python3 "$root/examples/question_answering.py"
