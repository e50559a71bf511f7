#!/usr/bin/env bash
# Writes experiments into the program's source: all of experiments/*.yaml that need no file beside them,
# which 'expt init' can copy, and experiments/bench/*.yaml, which 'expt bench' measures. Tests fail where the
# source is not what this writes.
set -euo pipefail
cd "$(dirname "$0")/.."

# write TARGET NAME MEANING FILES…: a list of a name and a text of each file.
write() {
  local target=Sources/ExptKit/$1 name=$2 meaning=$3
  shift 3
  {
    echo '// Made by scripts/examples.sh from the experiments: change those, and run it.'
    echo '// swift-format-ignore-file'
    echo
    echo 'extension IncludedExample {'
    echo "  /// $meaning, by name."
    echo "  static let $name: [IncludedExample] = ["
    for file in "$@"; do
      grep -q '^[^#]*experiments/data' "$file" && continue
      printf '    IncludedExample(\n      name: "%s",\n      text: #"""\n' "$(basename "$file" .yaml)"
      sed 's/^\(.\)/        \1/' "$file"
      printf '        """# + "\\n"),\n'
    done
    echo '  ]'
    echo '}'
  } > "$target.new"
  mv "$target.new" "$target"
}

write Starting/IncludedExamples.swift all 'The experiments that come with the program' experiments/*.yaml
write Bench/IncludedWorkloads.swift workloads 'The workloads whose speed is measured' experiments/bench/*.yaml
