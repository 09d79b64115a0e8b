#!/usr/bin/env bash
# Checks what the build needs and says the exact fix. On Debian and Ubuntu it installs what is missing, as root or
# through sudo; elsewhere it names the packages, and the Containerfile builds without any of them.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
need() { missing+=("$1"); }

rust_wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
if ! command -v cargo >/dev/null 2>&1; then
    echo "setup: cargo is not installed. Fix: curl --proto '=https' -sSf https://sh.rustup.rs | sh -s -- -y" >&2
    exit 1
fi
rust_found=$(rustc --version | awk '{print $2}')
if [ "$(printf '%s\n%s\n' "$rust_wanted" "$rust_found" | sort -V | head -1)" != "$rust_wanted" ]; then
    echo "setup: rustc is $rust_found, at least $rust_wanted is needed. Fix: rustup update stable" >&2
    exit 1
fi

has_libclang() {
    [ -n "${LIBCLANG_PATH:-}" ] && return 0
    local library header
    library=$(find /usr/lib /usr/lib64 /usr/local/lib /opt/homebrew/opt/llvm/lib /Library/Developer/CommandLineTools \
        \( -name 'libclang.so*' -o -name 'libclang-*.so*' -o -name 'libclang.dylib' \) -print -quit 2>/dev/null || true)
    # libclang needs the compiler's own headers beside it (stddef.h)
    header=$(find /usr/lib /usr/lib64 /usr/local/lib /opt/homebrew/opt/llvm/lib /Library/Developer/CommandLineTools \
        -path '*/clang/*/include/stddef.h' -print -quit 2>/dev/null || true)
    [ -n "$library" ] && [ -n "$header" ]
}
command -v c++ >/dev/null 2>&1 || need g++
command -v cc >/dev/null 2>&1 || need gcc
command -v make >/dev/null 2>&1 || need make
has_libclang || need libclang-dev

if [ ${#missing[@]} -gt 0 ]; then
    root=()
    [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null 2>&1 && root=(sudo); }
    if command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" = 0 ] || [ ${#root[@]} -gt 0 ]; }; then
        echo "setup: installing ${missing[*]}"
        if ! log=$(${root[@]+"${root[@]}"} apt-get update -q 2>&1 &&
            DEBIAN_FRONTEND=noninteractive ${root[@]+"${root[@]}"} apt-get install -yq --no-install-recommends "${missing[@]}" 2>&1); then
            printf '%s\n' "$log" >&2
            echo "setup: apt-get failed; see above. Fix: apt-get install ${missing[*]}" >&2
            exit 1
        fi
        has_libclang || { echo "setup: libclang is still not found. Fix: set LIBCLANG_PATH to its folder" >&2; exit 1; }
    else
        echo "setup: missing: ${missing[*]}" >&2
        echo "  Debian, Ubuntu   apt-get install ${missing[*]}" >&2
        echo "  Fedora, RHEL     dnf install gcc-c++ make clang-devel" >&2
        echo "  macOS            xcode-select --install" >&2
        echo "  anything else    podman build -t natbase -f Containerfile . && podman run -p 8080:8080 natbase" >&2
        exit 1
    fi
fi

free_gb=$(df -Pk . | awk 'NR == 2 { print int($4 / 1048576) }')
if [ "$free_gb" -lt 8 ]; then
    echo "setup: only $free_gb GB are free here; a full build takes about 8 GB. Fix: free some, or set CARGO_TARGET_DIR to another disk" >&2
fi
echo "setup: ready (rustc $rust_found)"
