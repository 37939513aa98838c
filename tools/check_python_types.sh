#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks the types of the Python package, its example and its tests, and that the stub of the
# extension module says what the module has. BUILD: the build folder with the package in it.
set -euo pipefail
cd "$(dirname "$0")/.."

package=$BUILD/python
if [[ ! -d $package/bertune ]]; then
  echo "check: there is no Python package in $BUILD, so that its types are not checked" >&2
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
python=/usr/bin/python3  # the one that tools/setup.sh installs mypy for

"$python" -m mypy --config-file "$config" -p bertune
"$python" -m mypy --config-file "$config" examples/*.py tests/python/*.py
# The classes of pybind11 have a metaclass, and those that Python cannot make an __init__.
"$python" -B -m mypy.stubtest --mypy-config-file "$config" --allowlist <(
  printf '%s\n' 'bertune\._core\.(Encoding|Predictor|Tokenizer|Trainer)' \
    'bertune\._core\.Encoding\.__init__'
) bertune._core
