#!/usr/bin/env bash
# Packs a release: the program with Swift's runtime, libyaml and zlib linked in, completions, manual page,
# documents and examples. It runs where the C library is at least as new as the one here.
#
#   scripts/release.sh [FOLDER]     makes FOLDER/expt-VERSION-SYSTEM-ARCHITECTURE.tar.gz and its .sha256
#
# FOLDER is .build/releases by default. The same program gives the same tarball: names are sorted, owners
# are nobody's, and times are the last commit's (or SOURCE_DATE_EPOCH).
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:-.build/releases}
version=$(sed -n 's/.*static let text = "\(.*\)"/\1/p' Sources/ExptKit/Version.swift)
system=$(uname -s | tr '[:upper:]' '[:lower:]')
name="expt-$version-$system-$(uname -m)"
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}

# The archives of these libraries link them in, where the linker finds nothing else of their names first.
archives=$(mktemp -d)
stage=$(mktemp -d)
trap 'rm -rf "$archives" "$stage"' EXIT
for library in yaml z stdc++; do
  archive=$(cc -print-file-name="lib$library.a")
  if [ -f "$archive" ]; then
    ln -s "$archive" "$archives/lib$library.a"
  else
    echo "lib$library.a is not here: the program will need lib$library where it runs" >&2
  fi
done
for package in yaml-0.1:yaml zlib:z; do
  printf 'Name: %s\nDescription: %s\nVersion: %s\nLibs: -L%s -l%s\n' "${package%:*}" "${package%:*}" \
    "$(pkg-config --modversion "${package%:*}")" "$archives" "${package#*:}" > "$archives/${package%:*}.pc"
done
flags=(-c release --static-swift-stdlib --scratch-path .build/static --pkg-config-path "$archives")
swift build --product expt "${flags[@]}"
program="$stage/program"
cp "$(swift build "${flags[@]}" --show-bin-path)/expt" "$program"
strip "$program"

scripts/manual.sh "$program" "$stage/manual"
scripts/install.sh "$program" "$stage/manual/expt.1" "$stage/$name" >&2
mkdir -p "$target"
tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
  -C "$stage" -cf - "$name" | gzip -9n > "$target/$name.tar.gz"
(cd "$target" && sha256sum "$name.tar.gz" > "$name.tar.gz.sha256")
echo "$target/$name.tar.gz"
