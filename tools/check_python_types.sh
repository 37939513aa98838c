#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks the types of the Python package, its example and its tests, and that the stub of the extension
# module matches the module. BUILD: the build folder that contains the package.
set -euo pipefail
cd "$(dirname "$0")/.."

package=$BUILD/python
if [[ ! -d $package/bertune ]]; then
  echo "check: there is no Python package in $BUILD; its types are not checked" >&2
  exit 0
fi
config=$BUILD/mypy.ini
cat >"$config" <<INI
[mypy]
strict = True
enable_incomplete_feature = Unpack
cache_dir = $BUILD/mypy
INI
export MYPYPATH=$package:tests/python PYTHONPATH=$package
python=/usr/bin/python3  # the interpreter that tools/setup.sh installs mypy for

"$python" -m mypy --config-file "$config" -p bertune
"$python" -m mypy --config-file "$config" examples/*.py tests/python/*.py
# pybind11's classes have a metaclass, and those that Python cannot construct have no __init__.
"$python" -B -m mypy.stubtest --mypy-config-file "$config" --allowlist <(
  printf '%s\n' 'bertune\._core\.(Encoding|InputReader|Predictor|Tokenizer|Trainer)' \
    'bertune\._core\.(Encoding|InputReader)\.__init__'
) bertune._core
