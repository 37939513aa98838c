#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds a wheel as a user would, installs it into a virtual environment without access to this folder,
# and runs the package's tests there. Downloads scikit-build-core, pybind11, numpy and pytest.
# PYTHON: the interpreter; default /usr/bin/python3.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m venv "$work/build"
"$work/build/bin/pip" -q wheel --no-deps --wheel-dir "$work" .
wheel=$(echo "$work"/bertune-*.whl)
echo "wheel: $(basename "$wheel"), $(($(stat -c %s "$wheel") / 1024)) KiB"

"$python" -m venv "$work/use"
"$work/use/bin/pip" -q install "$wheel" pytest
# The examples and the test data come from this folder, the package does not.
cd "$work"
OMP_WAIT_POLICY=passive env -u PYTHONPATH use/bin/python -B -m pytest -q -p no:cacheprovider \
  "$OLDPWD/tests/python"
