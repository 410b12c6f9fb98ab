#!/usr/bin/env bash
# Make a virtual environment and install pinned requirements into it; does nothing when up to date.
#   scripts/setup.sh VENV requirements.txt
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$1 requirements=$2
log=$venv/install.log

say() { printf '%s\n' "-- $*"; }

find_python() {
    local name
    for name in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
        if "$name" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "No Python 3.11 or newer with its venv module was found." >&2
    echo "On Debian: apt-get install python3 python3-venv. Or name one: make PYTHON=python3.12" >&2
    return 1
}

# TORCH_BUILD=standard: on a machine without a GPU that builds for one that has it.
has_nvidia() { [[ ${TORCH_BUILD:-} == standard ]] || nvidia_answers; }
nvidia_answers() { command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1; }

install() {
    local run=("$venv/bin/python" -m pip --disable-pip-version-check install --progress-bar off)
    if ! "${run[@]}" "$@" >>"$log" 2>&1; then
        tail -n 25 "$log" >&2
        say "Installing failed; all of it is in $log" >&2
        return 1
    fi
}

# The standard build of torch brings several GB of CUDA; a CPU build is used where pip can find one.
install_torch() {
    local torch
    torch=$(grep '^torch==' constraints.txt)
    if ! has_nvidia && install "$torch+cpu" 2>/dev/null; then
        say "torch: the CPU build"
    else
        say "torch: the standard build (several GB with CUDA; README names the small one)"
        install "$torch"
    fi
}

key=$(cat constraints.txt requirements*.txt scripts/setup.sh | sha256sum | cut -c 1-16)
stamp=$venv/.installed-${requirements%.txt}.$key
if [[ -e $stamp ]]; then
    say "$venv is up to date with $requirements"
    exit 0
fi
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    say "Creating $venv with $("$python" --version)"
    "$python" -m venv "$venv"
fi
: >"$log"
say "Installing $requirements into $venv (the first time takes minutes; details in $log)"
# sam2 is built against the torch installed here, without its CUDA extension, which is not needed.
export SAM2_BUILD_CUDA=0 PIP_CONSTRAINT=constraints.txt
install setuptools wheel
"$venv/bin/python" -c 'import torch' 2>/dev/null || install_torch
install --no-build-isolation -r "$requirements"
rm -f "$venv"/.installed-"${requirements%.txt}".*
touch "$stamp"
[[ $requirements != requirements-dev.txt ]] || touch "$venv/.installed-requirements.$key"
say "Installed"
