#!/bin/bash
# One solve on the machines of a SLURM cluster, a part of the paths on each:
#
#   sbatch --array=1-64 examples/slurm-array.sh large.txt
#
# A task that is killed or whose node fails is started again by SLURM (--requeue) and goes on from its own
# folder: the same command does both. When all have ended, on any machine:
#
#   lps merge parts/* --out solutions.json
#SBATCH --job-name=lps-solve
#SBATCH --cpus-per-task=4
#SBATCH --requeue
#SBATCH --open-mode=append
set -euo pipefail

system=$1
mkdir -p parts
exec npx lps solve "$system" \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
  --out "parts/$SLURM_ARRAY_TASK_ID"
