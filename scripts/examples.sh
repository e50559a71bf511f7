#!/usr/bin/env bash
# Writes experiments into the program's source: all of experiments/*.yaml that need no file beside them,
# which 'expt init' can copy, and experiments/bench/*.yaml, which 'expt bench' measures. Tests fail where the
# source is not what this writes.
set -euo pipefail
cd "$(dirname "$0")/.."
target=Sources/ExptKit/Starting/IncludedExamples.swift
# The files as a list of a name and a text each.
list() {
  for file in "$@"; do
    grep -q '^[^#]*experiments/data' "$file" && continue
    printf '    IncludedExample(\n      name: "%s",\n      text: #"""\n' "$(basename "$file" .yaml)"
    sed 's/^\(.\)/        \1/' "$file"
    printf '        """# + "\\n"),\n'
  done
}
{
  echo '// Made by scripts/examples.sh from experiments/*.yaml: change those, and run it.'
  echo '// swift-format-ignore-file'
  echo
  echo 'extension IncludedExample {'
  echo '  /// The experiments that come with the program, by name.'
  echo '  static let all: [IncludedExample] = ['
  list experiments/*.yaml
  echo '  ]'
  echo
  echo '  /// The workloads whose speed is measured, by name.'
  echo '  static let workloads: [IncludedExample] = ['
  list experiments/bench/*.yaml
  echo '  ]'
  echo '}'
} > "$target.new"
mv "$target.new" "$target"
