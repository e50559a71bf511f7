# What is done again and again; CI calls the same commands.
#
#   make build      the program, in debug: .build/debug/expt (it trains at release speed all the same)
#   make release    the program in release: .build/release/expt
#   make test       the tests
#   make check      what a change must pass: format, no warnings, tests, short runs (as CI does)
#   make format     swift format, in place
#   make lint       says what swift format would change
#   make bench      the five workloads of 'expt bench', in release
#   make torture    the fault campaign: kills, signals, damage, full disks, broken inputs
#                     make torture MINUTES=60 SEED=7 ONLY='--only fuzz --only kills'
#   make help       this list

FORMATTED = Sources Tests Examples Package.swift
MINUTES = 10
SEED = 1
ONLY =

.PHONY: build release test check format lint bench torture help

build:
	swift build --product expt

release:
	swift build -c release --product expt

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

torture: build
	python3 scripts/torture/torture.py --minutes $(MINUTES) --seed $(SEED) $(ONLY)

help:
	@sed -n 's/^#   //p' Makefile
