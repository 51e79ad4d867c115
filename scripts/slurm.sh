#!/usr/bin/env bash
# Runs the recipe of docs/gate.md on a Slurm of one node, which it installs and starts (as root, on Debian) and ends: what the parts
# of a job array found, put together, must be what one run finds, byte for byte.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

[ "$(id -u)" -eq 0 ] || die "Slurm's daemons are started as root here"
need_packages slurmctld=slurm-wlm munged=munge
work=$(mktemp -d)
pids=("$work"/slurmd.pid "$work"/slurmctld.pid "$work"/munged.pid)
finish() {
    for file in "${pids[@]}"; do
        [ ! -f "$file" ] || pkill --pidfile "$file" || true
    done
    rm -rf "$work"
}
trap finish EXIT

cd "$work"
mkdir state spool sample
(umask 077 && head -c 1024 /dev/urandom >key)
munged --force --key-file="$work/key" --socket="$work/socket" --pid-file="$work/munged.pid" \
    --log-file="$work/munged.log" --seed-file="$work/seed"
host=$(hostname -s)
cat >slurm.conf <<END
ClusterName=one
SlurmctldHost=$host
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$work/socket
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
NodeName=$host CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP
END
export SLURM_CONF=$work/slurm.conf
slurmctld
slurmd

cd sample
cat >actaudit.toml <<'END'
[[audit]]
activation = ["relu", "gelu", "silu"]
subject = "native"
dtype = ["f16", "bf16"]
effort = "quick"
max_ulp = 1

[[audit]]
activation = "relu"
subject = "native"
dtype = ["f32"]
pass = ["forward"]
effort = "standard"
END
export PATH=$root/target/release:$PATH
# the lines that people read
recipe=$(awk '/^A job array of Slurm/ { found = 1 } found && /^```$/ { exit } found && inside { print } found && /^```sh/ { inside = 1 }' "$root/docs/gate.md")
[ -n "$recipe" ] || die "docs/gate.md has no recipe for Slurm"
say "$recipe"
eval "$recipe"
for ((waited = 0; waited < 300; waited += 2)); do
    [ -n "$(squeue --noheader)" ] || break
    sleep 2
done
actaudit gate --quiet --format junit -o one.xml
cmp gate.xml one.xml || die "the parts of the job array are not one run: $(tail -n 5 slurm-*.out)"
say "the parts of a job array, put together, are one run"
