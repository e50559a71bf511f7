#!/bin/bash
# Starts a Slurm cluster of one machine in a folder, or stops it: for tests.
#
#   scripts/slurm_cluster.sh start FOLDER    prints the environment variables to set
#   scripts/slurm_cluster.sh restart-node FOLDER
#   scripts/slurm_cluster.sh stop FOLDER
#
# Needs slurmctld, slurmd and munge (Debian: apt install slurmctld slurmd munge), and root, since
# slurmd does.
set -eu
folder=$2
export SLURM_CONF="$folder/slurm.conf"

# Starts a daemon without the files that the caller happens to have open: its pipes would stay open
# as long as the daemon lives.
start_daemon() {
  name=$1
  shift
  (
    for file in /proc/"$BASHPID"/fd/*; do
      number=${file##*/}
      if [ "$number" -gt 2 ]; then eval "exec $number>&-"; fi
    done
    exec "$name" "$@" </dev/null >>"$folder/$name.out" 2>&1
  )
}

case $1 in
start)
  host=$(hostname -s)
  cores=$(getconf _NPROCESSORS_ONLN)
  mkdir -p "$folder/state" "$folder/spool"
  chmod 755 "$folder"
  dd if=/dev/urandom of="$folder/munge.key" bs=1024 count=1 2>/dev/null
  chmod 600 "$folder/munge.key"
  port=$((20000 + 2 * ($$ % 10000)))  # and the next
  start_daemon munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" \
    --pid-file="$folder/munged.pid" --log-file="$folder/munged.log" --seed-file="$folder/seed"
  cat >"$folder/slurm.conf" <<EOF
ClusterName=expt
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
# Long, so that no job is given up because a machine that is busy, or stood still, answers late.
SlurmdTimeout=300
BatchStartTimeout=300
MessageTimeout=60
KillWait=5
MinJobAge=600
SchedulerParameters=batch_sched_delay=0,sched_interval=1
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cores RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
EOF
  start_daemon slurmctld -c
  start_daemon slurmd -c
  tries=0
  until sinfo -h -o %T 2>/dev/null | grep -q -e idle -e mixed -e alloc; do
    tries=$((tries + 1))
    if [ $tries -gt 60 ]; then
      tail -n 5 "$folder"/*.log "$folder"/*.out >&2
      exit 1
    fi
    sleep 0.5
  done
  # Nothing that is tried on a cluster tells anything where the least job does not run.
  timeout 60 sbatch -Q --wait --output="$folder/probe.txt" --wrap "echo ran" || true
  if ! grep -qx ran "$folder/probe.txt" 2>/dev/null; then
    echo "a cluster of this machine does not run a job" >&2
    tail -n 20 "$folder"/probe.txt "$folder"/*.log "$folder"/*.out >&2
    exit 69
  fi
  echo "SLURM_CONF=$folder/slurm.conf"
  ;;
restart-node)
  start_daemon slurmd -c
  scontrol update "NodeName=$(hostname -s)" State=RESUME 2>/dev/null || true
  ;;
stop)
  # Not by SIGTERM, which they block if the caller did.
  for daemon in slurmd slurmctld munged; do
    if [ -f "$folder/$daemon.pid" ]; then kill -KILL "$(cat "$folder/$daemon.pid")" || true; fi
  done
  ;;
*)
  echo "usage: start, restart-node or stop" >&2
  exit 64
  ;;
esac
