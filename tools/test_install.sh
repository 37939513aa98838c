#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs a build into a separate folder and uses it as an external user would: builds the example project
# with find_package and with pkg-config, and makes the documented calls on a tiny model under the
# documented name.
#
# Usage: tools/test_install.sh BUILD
set -euo pipefail

build=$(realpath "$1")
source=$(realpath "$(dirname "$0")/..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/installed" >"$work/log"
moved=$work/moved # an installation must not depend on its first location
mv "$work/installed" "$moved"

# The model and the data used by the documented calls.
mkdir -p "$work/run/squad" "$work/config"
cd "$work/run"
cp "$source"/tests/data/install/{config.json,vocab.txt} "$work/config/"
cp "$source/tests/data/install/squad.json" squad/train-v1.1.json
cp squad/train-v1.1.json squad/dev-v1.1.json
"$moved/bin/bertune" train --from-scratch --model "$work/config" --train-dataset squad \
  --output-dir "$work/scratch" --epochs 1 2>>"$work/log"
cp -r "$work"/scratch/checkpoint-* qa_bert_base_uncased

# check PROGRAM: PROGRAM trains, evaluates the last checkpoint and predicts, with the documented output.
check() {
  rm -rf output
  "$1" >answer 2>log || { cat log >&2 && return 1; }
  grep -q "QA Metric = {'exact_match': [0-9.]*, 'f1': [0-9.]*}" log
  grep -q "output result is: \[{'text': '.*', 'score': [0-9.]*, 'start': [0-9]*, 'end': [0-9]*}\]" log
  grep -q ", score 0.[0-9]*, from [0-9]* to [0-9]*" answer
  [[ -f output/checkpoint-2/model.safetensors ]]
}

cmake -S "$source/examples" -B "$work/example" -DCMAKE_PREFIX_PATH="$moved" >>"$work/log"
cmake --build "$work/example" >>"$work/log"
check "$work/example/question_answering"

export PKG_CONFIG_PATH=$moved/lib/pkgconfig
# shellcheck disable=SC2046 # the flags are words
c++ "$source/examples/question_answering.cc" $(pkg-config --cflags --libs bertune) -o by_pkg_config
LD_LIBRARY_PATH=$moved/lib check ./by_pkg_config

# Only the documented calls may be exported.
if nm -DC --defined-only "$moved/lib/libbertune.so" | awk '{ $1 = $2 = ""; print }' |
  grep -Ev '^ *(bertune::|(typeinfo|typeinfo name|vtable) for bertune::Error|std::|$)'; then
  echo "test_install: libbertune.so exports more than its own calls" >&2
  exit 1
fi
echo "test_install: the example runs with the installed library"
