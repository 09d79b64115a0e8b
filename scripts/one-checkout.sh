#!/usr/bin/env bash
# A build directory may be shared by several checkouts (continuous integration keeps one). Cargo goes by the times of
# files, so what another checkout built from other sources can look fresh here. When the checkout changes, this
# project's crates are built anew; compiled dependencies stay.
#
#     scripts/one-checkout.sh TARGET_DIRECTORY
set -euo pipefail
cd "$(dirname "$0")/.."

stamp=$1/checkout
mkdir -p "$1"
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$PWD" ]; then
    find . -name target -prune -o -name '*.rs' -print0 | xargs -0 touch
    echo "$PWD" > "$stamp"
fi
