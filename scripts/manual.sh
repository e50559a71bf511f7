#!/usr/bin/env bash
# Writes the manual page of a built program with the tool of swift-argument-parser, which is built if need
# be:   scripts/manual.sh PROGRAM FOLDER   makes FOLDER/expt.1
set -euo pipefail
program=$(realpath "$1")
mkdir -p "$2"
folder=$(realpath "$2")
cd "$(dirname "$0")/.."
swift build --product generate-manual >&2
# Its date is the last commit's, so that the same source has the same page.
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
"$(swift build --show-bin-path)/generate-manual" "$program" --output-directory "$folder" \
  --date "$(date -u -d "@$epoch" +%F 2>/dev/null || date -u -r "$epoch" +%F)" >&2
test -s "$folder/expt.1"
