#!/usr/bin/env bash
# Sets up the third-party clients that scenarios/tests/it/clients.rs runs against the built program: GDAL's tools from the
# system's packages, OGC's tests and readers from PyPI, ogc-client and oidc-provider from npm. Prints the folder they lie in.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${NATBASE_CLIENTS:-$HOME/.cache/natbase/clients}
mkdir -p "$folder"

if ! command -v ogrinfo >/dev/null 2>&1 || ! python3 -c 'import venv, ensurepip' 2>/dev/null || ! command -v npm >/dev/null 2>&1; then
    root=()
    [ "$(id -u)" = 0 ] || root=(sudo)
    echo "clients: installing gdal-bin, python3-venv, npm" >&2
    ${root[@]+"${root[@]}"} apt-get update -q >"$folder/apt.log" 2>&1 || true
    DEBIAN_FRONTEND=noninteractive ${root[@]+"${root[@]}"} apt-get install -yq --no-install-recommends gdal-bin python3-venv \
        $(command -v npm >/dev/null 2>&1 || echo npm) >>"$folder/apt.log" 2>&1 || { cat "$folder/apt.log" >&2; exit 1; }
fi

# A folder is complete when its mark names what it was made of.
venv() {
    local name=$1; shift
    [ "$(cat "$folder/$name/made-of" 2>/dev/null)" = "$*" ] && return
    rm -rf "${folder:?}/$name"
    python3 -m venv "$folder/$name"
    "$folder/$name/bin/pip" install -q --disable-pip-version-check "$@" >&2
    echo "$*" >"$folder/$name/made-of"
}
venv ogctests ogctests==0.1.15
venv readers owslib==0.35.0 pyogrio==0.13.0 shapely==2.1.2
if [ "$(cat "$folder/ogc-client/made-of" 2>/dev/null)" != 1.3.0 ]; then
    mkdir -p "$folder/ogc-client"
    (cd "$folder/ogc-client" && npm install --silent --no-audit --no-fund @camptocamp/ogc-client@1.3.0 >&2 && echo 1.3.0 >made-of)
fi
if [ "$(cat "$folder/oidc-provider/made-of" 2>/dev/null)" != 9.13.3 ]; then
    mkdir -p "$folder/oidc-provider"
    (cd "$folder/oidc-provider" && npm install --silent --no-audit --no-fund oidc-provider@9.13.3 >&2 && echo 9.13.3 >made-of)
fi
echo "$folder"
