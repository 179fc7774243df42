#!/bin/bash
# What make lint runs, each step counted; $FLAGS are the compiler's. The slow
# ones run a file at a time on every core.
cd "$(dirname "$0")/.." || exit 2
export LC_ALL=C
# The places, with quotes that survive the way through the shell.
export FLAGS="$FLAGS -DCONFIG_FILE=\"etc\" -DLOCALSTATEDIR=\"var\""
passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

step() { # NAME COMMAND...: passes where the command says nothing and succeeds
	local name=$1 began=$SECONDS
	shift
	if "$@" >"$work/output" 2>&1; then
		passed=$((passed + 1))
		printf '%-52s passed %6d s\n' "$name" $((SECONDS - began))
	else
		failed=$((failed + 1))
		printf '%-52s FAILED %6d s\n' "$name" $((SECONDS - began))
		tail -n 80 "$work/output"
	fi
}

on_each() { xargs -P "$(nproc)" -n "$1" "${@:2}"; }
code=$(find src include tests -name '*.[ch]' | sort)
sources=$(find src -name '*.c' | sort)

format() { echo "$code" | xargs clang-format --dry-run -Werror; }
tidy() { echo "$sources" | on_each 1 sh -c 'clang-tidy --quiet "$1" -- $FLAGS 2>&1 | grep -A12 -E "(warning|error):" && exit 1; exit 0' tidy; }
check_cpp() {
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
	    --suppress=missingInclude --suppress=missingIncludeSystem \
	    --suppress=internalAstError --suppress=unknownMacro \
	    -j "$(nproc)" --error-exitcode=1 \
	    -Iinclude -Isrc -I. -D_GNU_SOURCE src
}
analyzer() { echo "$sources" | on_each 1 sh -c 'timeout 300 gcc $FLAGS -fanalyzer -Wno-analyzer-too-complex -c -o /dev/null "$1" || exit 1' analyzer; }
manuals() { mandoc -Tlint -W warning man/*; }
banned() {
	! grep -nE '(^|[^A-Za-z0-9_.>])(strcpy|strcat|sprintf|vsprintf|atoi|atol|gets|strtok|alloca)[[:space:]]*\(' $code
}
malloc_only() { # only base/mem allocates
	! grep -nE '(^|[^A-Za-z0-9_.>"])(malloc|calloc|realloc|strdup|strndup|asprintf)[[:space:]]*\(' $(echo "$sources" | grep -v '^src/base/mem.c$')
}
scripts() { for script in tests/*.sh tests/*/*.sh .ci/run; do [ ! -f "$script" ] || bash -n "$script" || return; done; }

export FLAGS
step "clang-format" format
step "banned functions" banned
step "only base/mem allocates" malloc_only
step "shell scripts parse" scripts
step "mandoc -Tlint" manuals
step "cppcheck" check_cpp
step "clang-tidy" tidy
step "gcc -fanalyzer" analyzer
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
