#!/bin/sh
# Builds a site, .build/docs, from Sources/ExptKit/ExptKit.docc. A warning is an error.
#
#   scripts/docs.sh [flags of swift package]
#
# Look at it with: docc preview Sources/ExptKit/ExptKit.docc --additional-symbol-graph-dir .build/docs-symbols
set -eu
cd "$(dirname "$0")/.."
swift package "$@" dump-symbol-graph --minimum-access-level public --skip-synthesized-members \
  >/dev/null
rm -rf .build/docs .build/docs-symbols
mkdir -p .build/docs-symbols
cp "$(swift build --show-bin-path)/../symbolgraph/ExptKit.symbols.json" .build/docs-symbols/
docc=$(xcrun --find docc 2>/dev/null || echo docc)
"$docc" convert Sources/ExptKit/ExptKit.docc --additional-symbol-graph-dir .build/docs-symbols \
  --fallback-display-name ExptKit --fallback-bundle-identifier ExptKit \
  --transform-for-static-hosting --warnings-as-errors --output-path .build/docs
