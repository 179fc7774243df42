#!/bin/sh
# dist.sh build/NAME: packs what git knows (or, outside a clone, what the
# unpacked tarball has) and configure into build/NAME.tar.gz.
set -e
name=${1##*/}
rm -rf "$1"
mkdir -p "$1"
if [ -e .git ]; then git ls-files
else find . -type f ! -path './build/*' ! -name 'config.*' ! -path './autom4te.cache/*' | sed 's,^\./,,'
fi | grep -v '^\.git' | tar -cf - -T - | tar -xf - -C "$1"
[ -e "$1/configure" ] || cp configure "$1/"
tar -C build --sort=name --owner=0 --group=0 --numeric-owner -czf "$1.tar.gz" "$name"
rm -rf "$1"
echo "$1.tar.gz"
