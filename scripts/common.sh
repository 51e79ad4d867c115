# shellcheck shell=bash
# Sourced by the other scripts: where the repository is, how to speak, how to get a system package.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# need_packages TOOL=PACKAGE...: every tool is there, or is installed from its Debian package.
# A tool is a command name or, when it contains a slash or a space, a test to run.
need_packages() {
    local pair missing=()
    for pair in "$@"; do
        have "${pair%=*}" || missing+=("${pair#*=}")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        die "not installed: ${missing[*]} (Debian package names). Install them, e.g.: sudo apt-get install ${missing[*]}"
    fi
    say "installing ${missing[*]} ..."
    apt-get update -q >&2 || die "apt-get update failed; install by hand: ${missing[*]}"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2 ||
        die "apt-get could not install ${missing[*]}"
    for pair in "$@"; do
        have "${pair%=*}" || die "${pair#*=} was installed, but '${pair%=*}' still fails"
    done
}

have() {
    case $1 in
        *' '*) $1 >/dev/null 2>&1 ;;
        *) command -v "$1" >/dev/null ;;
    esac
}
