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
#   make tools      install what tests compare with (Python packages, Slurm, Chromium), so that none is skipped
#   make torture    the fault campaign: kills, signals, damage, full disks, broken inputs
#                     make torture MINUTES=60 SEED=7 ONLY='--only fuzz --only kills'
#   make help       this list

FORMATTED = Sources Tests Examples Package.swift
MINUTES = 10
SEED = 1
ONLY =

.PHONY: build test check format lint bench golden docs release tools torture help

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

release:
	swift build -c release --product expt

tools:
	scripts/test_tools.sh

torture: build
	python3 scripts/torture/torture.py --minutes $(MINUTES) --seed $(SEED) $(ONLY)

help:
	@sed -n 's/^#   //p' Makefile
