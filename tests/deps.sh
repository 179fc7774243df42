#!/bin/sh
# deps.sh install|need GROUP...: sees whether what the groups (build, test,
# fuzz, lint) need is there. Of what is missing, "install" installs the Debian
# packages where it may (root, or sudo without a password); otherwise, and with
# "need", it prints the one command to run and fails.
mode=$1
shift

# group, how to see that it is there, the package
list() {
	cat <<-END
	build command:gcc gcc
	build file:/usr/include/stdlib.h libc6-dev
	build command:ar binutils
	build command:autoconf autoconf
	build command:pkg-config pkg-config
	build library:libcrypto libssl-dev
	build library:libcurl libcurl4-openssl-dev
	build library:sqlite3 libsqlite3-dev
	build library:jansson libjansson-dev
	build library:libconfuse libconfuse-dev
	build library:libpsl libpsl-dev
	build library:libidn2 libidn2-dev
	build library:gmp libgmp-dev
	build library:zlib zlib1g-dev
	build library:check check
	build library:libmicrohttpd libmicrohttpd-dev
	build file:/usr/include/ev.h libev-dev
	test command:nginx nginx
	test command:rsyslogd rsyslog
	test file:/usr/lib/*/rsyslog/lmnsd_ossl.so rsyslog-openssl
	test command:openssl openssl
	test command:systemd-analyze systemd
	test command:mandoc mandoc
	fuzz command:clang clang
	fuzz file:/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a libclang-rt-14-dev
	fuzz command:llvm-symbolizer llvm
	lint command:clang clang
	lint command:clang-format clang-format
	lint command:clang-tidy clang-tidy
	lint command:cppcheck cppcheck
	lint command:mandoc mandoc
	lint command:git git
	END
}

PATH=$PATH:/usr/sbin:/sbin
has() {
	case $1 in
	command:*) command -v "${1#*:}" ;;
	library:*) pkg-config --exists "${1#*:}" ;;
	file:*) ls ${1#*:} ;;
	esac >/dev/null 2>&1
}

missing=$(list | while read -r group sign package; do
	case " $* " in *" $group "*) has "$sign" || echo "$package" ;; esac
done | sort -u | tr '\n' ' ')
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then as=
elif sudo -n true 2>/dev/null; then as=sudo
else as=no
fi
if [ "$mode" != install ] || [ "$as" = no ] || ! command -v apt-get >/dev/null; then
	echo "missing: $missing" >&2
	echo "run, as root:  apt-get install -y --no-install-recommends $missing" >&2
	exit 1
fi

echo "installing: $missing"
told=$(mktemp)
if ! { $as apt-get update &&
	$as env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
} >"$told" 2>&1; then
	tail -n 20 "$told" >&2
	rm -f "$told"
	exit 1
fi
rm -f "$told"
# The tests start their own servers; the packages' need not run for that.
for service in nginx rsyslog; do
	case " $missing" in *" $service "*)
		[ ! -d /run/systemd/system ] || $as systemctl disable --now --quiet "$service" ;;
	esac
done
exit 0
