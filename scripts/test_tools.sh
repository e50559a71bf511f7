#!/usr/bin/env bash
# Installs what the tests compare with, so that 'swift test' skips none of them.
#
#   scripts/test_tools.sh [python|debian]
#
# python: a virtual environment, .build/python, with Tests/Python/requirements.txt and PyTorch. The
#         tests find it there. 1.5 GB with PyTorch's CPU build.
# debian: Slurm's daemons, Chromium, zsh, fish, libturbojpeg and what they need, with apt-get (through sudo, if
#         not root).
set -euo pipefail
cd "$(dirname "$0")/.."

python() {
  local venv=.build/python
  [ -x "$venv/bin/pip" ] || python3 -m venv "$venv"
  "$venv/bin/pip" install -q -r Tests/Python/requirements.txt
  # The CPU build is a tenth of the size, but not available everywhere.
  "$venv/bin/python" -c "import torch" 2>/dev/null ||
    "$venv/bin/pip" install -q "torch==2.13.0+cpu" ||
    "$venv/bin/pip" install -q torch
}

debian() {
  local packages=(python3-venv slurmctld slurmd munge chromium procps zsh fish libturbojpeg0) missing=() name
  for name in "${packages[@]}"; do
    dpkg -s "$name" >/dev/null 2>&1 || missing+=("$name")
  done
  [ ${#missing[@]} = 0 ] && return
  local root=()
  [ "$(id -u)" = 0 ] || root=(sudo)
  "${root[@]}" apt-get update -q
  DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -q --no-install-recommends \
    "${missing[@]}"
}

case ${1:-all} in
python) python ;;
debian) debian ;;
all)
  debian
  python
  ;;
*)
  echo "usage: scripts/test_tools.sh [python|debian]" >&2
  exit 64
  ;;
esac
