#!/bin/bash
# make install puts everything below DESTDIR, leaves an existing configuration
# alone, and make uninstall takes away what it brought.
. "$(dirname "$0")/lib.sh"

root=$WORK/root
in_make() { env -u MAKEFLAGS -u MAKELEVEL make --no-print-directory -C "$TOP" SAN="$SAN" ${CC:+CC="$CC"} "$@"; }

check "install" in_make install DESTDIR="$root"
prefix=$(sed -n 's/^prefix *= *//p' "$TOP/config.mk")
for file in "$prefix/sbin/ctwardend" "$prefix/bin/ctwarden" /etc/ctwarden.conf \
    /etc/ctwarden/operators.conf "$prefix/share/doc/ctwarden/operators.conf" \
    "$prefix/share/man/man8/ctwardend.8" "$prefix/share/man/man1/ctwarden.1" \
    "$prefix/share/man/man5/ctwarden.conf.5" "$prefix/lib/systemd/system/ctwardend.service" \
    "$prefix/lib/sysusers.d/ctwarden.conf" "$prefix/share/doc/ctwarden/README.md"; do
	check "$file" test -s "$root$file"
done
check "what is installed runs" "$root$prefix/sbin/ctwardend" -n -c "$root/etc/ctwarden.conf"
check "the unit starts what was installed" grep -q "^ExecStart=$prefix/sbin/ctwardend -f " \
    "$root$prefix/lib/systemd/system/ctwardend.service"
echo "# mine" >"$root/etc/ctwarden.conf"
echo "# mine" >"$root/etc/ctwarden/operators.conf"
check "install again" in_make install DESTDIR="$root"
check_equal "my configuration is still mine" \
    "$(cat "$root/etc/ctwarden.conf" "$root/etc/ctwarden/operators.conf")" "# mine
# mine"
check "uninstall" in_make uninstall DESTDIR="$root"
check_equal "it leaves only that" "$(cd "$root" && find . -type f | sort)" \
    "./etc/ctwarden.conf
./etc/ctwarden/operators.conf"
finish
