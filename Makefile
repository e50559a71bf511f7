# Common tasks; CI calls the same commands.
#
#   make build      the program, in debug: .build/debug/expt (it still trains at release speed)
#   make test       the tests
#   make check      what a change must pass: format, no warnings, tests, short runs (as CI does)
#   make format     swift format, in place
#   make lint       show what swift format would change
#   make bench      the five workloads of 'expt bench', in release
#   make golden     compare the golden digests of this tree with those in Tests/Golden
#   make docs       the reference of components, and the pages for developers in .build/docs
#   make release    the program in release: .build/release/expt
#   make examples   the experiments that 'expt init' can copy, from experiments/
#   make install    the program in release, completions, manual page and documents
#                     make install PREFIX=$HOME/.local    default: /usr/local; DESTDIR goes in front
#   make uninstall  takes them away again
#   make tarball    a program that needs no Swift, packed with the same: scripts/release.sh
#   make tools      install what tests compare with (Python packages, Slurm, Chromium), so that none is skipped
#   make torture    the fault campaign: kills, signals, damage, full disks, broken inputs
#                     make torture MINUTES=60 SEED=7 ONLY='--only fuzz --only kills'
#   make help       this list

PREFIX = /usr/local
DESTDIR =
PROGRAM = .build/release/expt
FORMATTED = Sources Tests Examples Package.swift
MINUTES = 10
SEED = 1
ONLY =

.PHONY: build test check format lint bench golden docs release examples install uninstall tarball tools
.PHONY: torture help

build:
	swift build --product expt

test:
	swift test

check:
	.ci/run

format:
	swift format --in-place --recursive $(FORMATTED)

lint:
	swift format lint --strict --recursive $(FORMATTED)

bench: release
	.build/release/expt bench

golden: build
	EXPT=.build/debug/expt scripts/golden.sh | diff Tests/Golden/digests.txt -

docs: build
	.build/debug/expt describe --markdown > Sources/ExptKit/ExptKit.docc/Components.md
	scripts/docs.sh

release: .build/release/expt

examples:
	scripts/examples.sh

# Builds only what is older than the sources, so that 'make release' and 'sudo make install' need no Swift
# in root's path.
install: $(PROGRAM) .build/manual/expt.1
	scripts/install.sh $(PROGRAM) .build/manual/expt.1 "$(DESTDIR)$(PREFIX)"

uninstall:
	scripts/install.sh --remove "$(DESTDIR)$(PREFIX)"

.build/release/expt: $(shell find Sources Package.swift -type f)
	swift build -c release --product expt
	touch $@

.build/manual/expt.1: $(PROGRAM)
	scripts/manual.sh $(PROGRAM) .build/manual

tarball:
	scripts/release.sh

tools:
	scripts/test_tools.sh

torture: build
	python3 scripts/torture/torture.py --minutes $(MINUTES) --seed $(SEED) $(ONLY)

help:
	@sed -n 's/^#   //p' Makefile
