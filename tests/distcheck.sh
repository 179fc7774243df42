#!/bin/sh
# distcheck.sh build/NAME: what a packager does with the tarball.
set -e
unset MAKEFLAGS MAKELEVEL
name=${1##*/}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SHARED="${SHARED-$PWD/../shared}"
tar -C "$work" -xzf "$1.tar.gz"
cd "$work/$name"
./configure --quiet --prefix=/usr
make all
make check
make install DESTDIR="$work/root"
make uninstall DESTDIR="$work/root"
left=$(cd "$work/root" && find . -type f | sort | tr '\n' ' ')
[ "$left" = "./etc/ctwarden.conf ./etc/ctwarden/operators.conf " ] || { echo "uninstall leaves: $left" >&2; exit 1; }
make dist
echo "distcheck: $name builds, passes its tests, installs and goes away again"
