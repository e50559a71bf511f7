#!/bin/sh
# Prints the digests of what the experiments in Tests/Golden write; with --renew, records them.
#
#   scripts/golden.sh [--renew]
#
# EXPT names the program (default: swift run expt). See Tests/Golden/README.md for when to renew.
set -eu
cd "$(dirname "$0")/.."
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT
digests() {
  echo "# SHA-256 of what Tests/Golden/*.yaml write: experiment, file, digest."
  for file in Tests/Golden/*.yaml; do
    name=$(basename "$file" .yaml)
    ${EXPT:-swift run expt} run "$file" --quiet --threads 2 --run-dir "$runs/$name" >/dev/null
    for path in metrics.csv checkpoints/last.safetensors checkpoints/last.state.safetensors \
      checkpoints/best.safetensors; do
      echo "$name $path $(sha256sum "$runs/$name/$path" | cut -d ' ' -f 1)"
    done
  done
}
if [ "${1:-}" = --renew ]; then
  digests >"$runs/digests.txt"
  mv "$runs/digests.txt" Tests/Golden/digests.txt
else
  digests
fi
