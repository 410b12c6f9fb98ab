#!/usr/bin/env bash
# Checks and measures the program on a GPU in at most 8 minutes, without a network.
#
#   benchmarks/gpu_check.sh [--device cuda] [--small] [--patience N] [--out FOLDER]
#
# --small takes the demo model and few frames: proves on any machine, with --device cpu, that it works.
# --patience multiplies the seconds that each step may take, for a machine that is shared.
# FOLDER gets a log, JSON and Markdown for docs/performance.md of each step, and summary.md.
set -u -o pipefail

device=cuda small=0 patience=1 out=gpu_check
while [ $# -gt 0 ]; do
    case $1 in
        --device) device=$2; shift 2 ;;
        --small) small=1; shift ;;
        --patience) patience=$2; shift 2 ;;
        --out) out=$2; shift 2 ;;
        *) echo "usage: $0 [--device cuda|cpu] [--small] [--patience N] [--out FOLDER]" >&2; exit 2 ;;
    esac
done
cd "$(dirname "$0")/.." || exit 2
python=${PYTHON:-.venv/bin/python}
[ -x "$python" ] || python=python3
export PYTHONPATH=$PWD
mkdir -p "$out"
failed=0

# step NAME SECONDS COMMAND...: a step that takes longer is stopped, and the next one goes on
step() {
    local name=$1 limit=$(($2 * patience)) began=$SECONDS
    shift 2
    echo "== $name (at most $limit s)"
    if timeout "$limit" "$@" > "$out/$name.log" 2>&1; then
        echo "- $name: done in $((SECONDS - began)) s" | tee -a "$out/summary.md"
    else
        echo "- $name: FAILED after $((SECONDS - began)) s, see $name.log" | tee -a "$out/summary.md"
        tail -5 "$out/$name.log"
        failed=1
    fi
}

echo "# GPU check, $(date -u +%F), $device" > "$out/summary.md"
"$python" - "$device" >> "$out/summary.md" <<'PYTHON' || exit 1
import sys

import torch

cuda = sys.argv[1].startswith("cuda")
if cuda and not torch.cuda.is_available():
    sys.exit("There is no CUDA device here. Take --device cpu --small to try the script.")
name = torch.cuda.get_device_name() if cuda else f"{torch.get_num_threads()} threads"
print(f"\n{name}, torch {torch.__version__}\n")
PYTHON

if [ $small = 1 ]; then
    tests=tests/inference/test_batched_tracking.py
    precision="--sizes 10 --clips 1 --frames 6"
    parity="--frames 10 --pairs 2 --size 320x180"
    steps="--models sam2.1_hiera_demo --pairs 1,2 --frames 12 --size 320x180"
else
    tests="tests/inference/test_batched_tracking.py tests/inference/test_parity.py"
    precision=""
    parity="--frames 16 --pairs 4 --size 640x360"
    steps="--models sam2.1_hiera_tiny,sam2.1_hiera_large --pairs 1,4,8 --frames 40 --size 1920x1080"
fi
# shellcheck disable=SC2086
{
    step tests 60 env TEST_DEVICE="$device" "$python" -m pytest -q -p no:cacheprovider $tests
    step precision 60 "$python" -m benchmarks.small_objects --device "$device" $precision --json "$out/precision.json"
    step parity 90 "$python" -m benchmarks.engine --device "$device" --precision fp32 $parity --only propagation,masks_that_differ --json "$out/parity.json" --markdown "$out/parity.md"
    step steps 260 "$python" -m benchmarks.gpu_steps --device "$device" $steps --seconds $((240 * patience)) --json "$out/steps.json" --markdown "$out/steps.md"
}
for table in parity steps; do
    [ -e "$out/$table.md" ] && { echo; cat "$out/$table.md"; } >> "$out/summary.md"
done
echo "== $out/summary.md"
exit $failed
