#!/usr/bin/env bash
# Writes the manual page of a built program with the tool of swift-argument-parser, which is built if need
# be:   scripts/manual.sh PROGRAM FOLDER   makes FOLDER/expt.1
set -euo pipefail
program=$(realpath "$1")
mkdir -p "$2"
folder=$(realpath "$2")
cd "$(dirname "$0")/.."
swift build --product generate-manual >&2
"$(swift build --show-bin-path)/generate-manual" "$program" --output-directory "$folder" >&2
test -s "$folder/expt.1"
