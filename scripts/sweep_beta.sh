#!/bin/sh
# Trains one run for each β and lists the run folders.
#
#   scripts/sweep_beta.sh [EXPERIMENT] [β …]
#
# EXPT names the program (default: swift run expt), RUNS the folder for run folders (default:
# runs). A run that fails does not stop the sweep; the exit code is then 1.
set -u
experiment=${1:-experiments/beta_vae_mnist.yaml}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- 0.5 1 2 4 8
expt=${EXPT:-swift run expt}
failed=0
printf 'beta\trun\n'
for beta in "$@"; do
  if run=$($expt run "$experiment" --set "model.beta=$beta" --name sweep_beta \
    --runs "${RUNS:-runs}" --quiet); then
    printf '%s\t%s\n' "$beta" "$run"
  else
    printf '%s\tfailed\n' "$beta"
    failed=1
  fi
done
exit $failed
