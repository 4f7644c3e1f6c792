#!/bin/bash
# One solve in N processes, on this machine or on those of --sshloginfile, by GNU parallel:
#
#   examples/gnu-parallel.sh large.txt 8 solutions.json
#
# What was killed is done again by --retries, from where it was; LPS names the program (default: npx lps).
set -euo pipefail

system=$1
parts=$2
result=$3
lps=${LPS:-npx lps}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

seq "$parts" | parallel --halt soon,fail=1 --retries 3 \
  "$lps solve '$system' --shard {}/$parts --out '$folder/{}'"
$lps merge "$folder"/* --out "$result"
