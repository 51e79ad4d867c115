#!/usr/bin/env bash
# Opens HTML reports in headless Chromium: a page of each command, with code that fails and code that passes, and the catalogue.
# CHROMIUM names the browser, ACTAUDIT a program that is built already. With BROWSER=optional it is no failure that none can be had
# here; what is wrong with a page is one.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

found() { command -v "${CHROMIUM:-chromium}" || command -v chromium-browser || command -v google-chrome; }
none() {
    [ "${BROWSER:-}" = optional ] || die "$1"
    say "pages: not run, $1"
    exit 0
}
found >/dev/null || (need_packages chromium=chromium) || none "there is no Chromium"
timeout 60 "$(found)" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --dump-dom about:blank >/dev/null 2>&1 ||
    none "Chromium does not start here"
need_packages python3=python3

out=target/browser
mkdir -p "$out"
program=${ACTAUDIT:-target/debug/actaudit}
[ -n "${ACTAUDIT:-}" ] || cargo build --locked -p actaudit
page() { # page NAME CODE ARGUMENT...: the command ends with this code
    local name=$1 code=$2 ended=0
    shift 2
    "$program" "$@" --quiet --format html -o "$out/$name.html" || ended=$?
    [ "$ended" = "$code" ] || die "actaudit $* ended with $ended, not with $code"
}
page fails 1 verify gelu --impl native:naive --impl native --effort quick
page nan 1 verify srelu --impl native:paper --dtype f16
page passes 0 verify srelu --effort quick
page several 0 verify relu gelu --impl native --dtype bf16
page input 1 verify gelu --impl native:naive --dtype f32 --pass forward --input -7.25
page claims 0 claims
page survey 4 survey tests/survey/plan.toml --effort quick
page gate 0 gate tests/report/actaudit.toml
python3 scripts/browser.py "$(found)" "$out" "$out"/*.html reports/catalog/catalog.html reports/training/*.html
