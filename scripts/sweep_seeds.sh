#!/bin/sh
# Trains one run for each seed, several at once, with xargs.
#
#   scripts/sweep_seeds.sh [EXPERIMENT] [JOBS] [seed …]
#
# EXPT names the program (default: swift run expt), RUNS the folder for run folders (default:
# runs). Prints the run folders, one per line; a run that fails does not stop the others, but the
# exit code is then not 0. For anything larger, see 'expt sweep'.
set -u
experiment=${1:-experiments/vae_digits.yaml}
jobs=${2:-2}
if [ $# -gt 2 ]; then shift 2; else set -- 1 2 3 4; fi
threads=$(($(getconf _NPROCESSORS_ONLN) / jobs))
[ "$threads" -gt 0 ] || threads=1
printf '%s\n' "$@" | xargs -P "$jobs" -I SEED ${EXPT:-swift run expt} run "$experiment" \
  --seed SEED --threads "$threads" --name sweep_seeds --runs "${RUNS:-runs}" --quiet
