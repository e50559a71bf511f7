#!/usr/bin/env bash
# Puts the program, its completions, its manual page and the documents under a prefix.
#
#   scripts/install.sh PROGRAM MANUAL PREFIX      install
#   scripts/install.sh --remove PREFIX            take away what that puts there
set -euo pipefail
cd "$(dirname "$0")/.."

places() { # of everything below the prefix, with the folders that are ours alone last
  echo bin/expt
  echo share/bash-completion/completions/expt
  echo share/zsh/site-functions/_expt
  echo share/fish/vendor_completions.d/expt.fish
  echo share/man/man1/expt.1
  echo share/doc/expt
}

if [ "$1" = --remove ]; then
  places | while read -r place; do rm -rf "${2:?}/$place"; done
  exit
fi
program=$1 manual=$2 prefix=$3

install -D -m 755 "$program" "$prefix/bin/expt"
for shell in bash zsh fish; do
  place="$prefix/$(places | grep "/$shell[/-]")"
  mkdir -p "$(dirname "$place")"
  "$program" --generate-completion-script "$shell" > "$place"
  chmod 644 "$place"
done
install -D -m 644 "$manual" "$prefix/share/man/man1/expt.1"
doc="$prefix/share/doc/expt"
for file in README.md CHANGELOG.md LICENSE docs/*.md experiments/*.yaml experiments/*/*; do
  install -D -m 644 "$file" "$doc/$file"
done
echo "installed in $prefix"
