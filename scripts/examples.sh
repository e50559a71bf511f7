#!/usr/bin/env bash
# Writes the experiments that 'expt init' can copy into the program's source: all of experiments/*.yaml
# that need no file beside them. IncludedExampleTests fails where the source is not what this writes.
set -euo pipefail
cd "$(dirname "$0")/.."
target=Sources/ExptKit/Starting/IncludedExamples.swift
{
  echo '// Made by scripts/examples.sh from experiments/*.yaml: change those, and run it.'
  echo '// swift-format-ignore-file'
  echo
  echo 'extension IncludedExample {'
  echo '  /// The experiments that come with the program, by name.'
  echo '  static let all: [IncludedExample] = ['
  for file in experiments/*.yaml; do
    grep -q '^[^#]*experiments/data' "$file" && continue
    printf '    IncludedExample(\n      name: "%s",\n      text: #"""\n' "$(basename "$file" .yaml)"
    sed 's/^\(.\)/        \1/' "$file"
    printf '        """# + "\\n"),\n'
  done
  echo '  ]'
  echo '}'
} > "$target.new"
mv "$target.new" "$target"
