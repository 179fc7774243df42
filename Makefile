# ctwarden. GNU make; `make help` lists the targets.

GOALS := $(or $(MAKECMDGOALS),all)
ifneq ($(filter-out clean distclean help deps,$(GOALS)),)
-include config.mk
endif
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

# V=1 shows the commands.
V ?=
say = $(if $(V),,@echo '  $(1)'; )

# Everything that is built goes below $(B), a folder a variant.
SAN    ?=
COV    ?=
FUZZER ?=
comma  := ,
VARIANT := $(or $(if $(FUZZER),fuzzer),$(if $(SAN),san-$(subst $(comma),-,$(SAN))),$(if $(COV),cov),plain)
ifneq ($(filter clang%,$(notdir $(CC))),)
VARIANT := $(VARIANT)-clang
HARDENING := $(filter-out -ftrivial-auto-var-init=zero,$(HARDENING)) # configure probed gcc
endif
B      := build/$(VARIANT)

# Warnings are errors here; a packager says WERROR=
WERROR ?= -Werror
WARN   := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wwrite-strings -Wswitch-enum \
	-Wimplicit-fallthrough $(WERROR)
OPT    ?= -O2
FLAGS  := -std=c17 -D_GNU_SOURCE -Iinclude -Isrc -I. $(OPT) -g -pthread -fPIE $(WARN) \
	$(HARDENING) $(LIB_CFLAGS)
LINK   := -pthread -pie -Wl,--as-needed $(HARDENING_LINK)
ifneq ($(FUZZER),)
FLAGS  += -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LINK   += -fsanitize=fuzzer,address,undefined
else ifneq ($(SAN),)
FLAGS  += -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
LINK   += -fsanitize=$(SAN)
else
FLAGS  += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
endif
ifneq ($(COV),)
FLAGS  += --coverage -O0 -U_FORTIFY_SOURCE
LINK   += --coverage
endif

ROOMS    := $(shell sed 's/:.*//' src/ROOMS)
SOURCES  := $(wildcard src/*/*.c src/*/*/*.c)
PROGRAMS := daemon cli
ROOM_LIBS := $(foreach r,$(filter-out $(PROGRAMS),$(ROOMS)),$(if $(wildcard src/$(r)/*.c src/$(r)/*/*.c),$(B)/$(r).a))
TEST_LIB := $(if $(wildcard tests/lib/*.c),$(B)/tests-lib.a)
BINARIES := $(if $(wildcard src/daemon/main.c),$(B)/ctwardend) $(if $(wildcard src/cli/main.c),$(B)/ctwarden)
UNIT     := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*/test_*.c))
REPLAY   := $(patsubst %.c,$(B)/%,$(wildcard tests/replay/test_*.c))
SYSTEM   := $(wildcard tests/system/test_*.sh)
LONG     := $(wildcard tests/long/test_*.sh)
TOOLS    := $(patsubst tests/tools/%.c,$(B)/tools/%,$(wildcard tests/tools/*.c))
FUZZ     := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
# What runs more than one thread; all of it runs under ThreadSanitizer. Scenarios
# and the simulation do all their work in one.
THREADED_ROOMS := base crypto store monitor fetch logclient alert daemon
THREADED := $(foreach r,$(THREADED_ROOMS),$(filter $(B)/tests/unit/$(r)/%,$(UNIT))) \
	$(filter-out %/test_scenarios %/test_simulation,$(REPLAY)) \
	tests/system/test_follow.sh tests/system/test_incident.sh

.DEFAULT_GOAL := all
.SECONDARY:
.SUFFIXES:
.DELETE_ON_ERROR:

.PHONY: all
all: $(BINARIES) ## ctwardend and ctwarden, below build/plain

# --- what has to be there -------------------------------------------------

# These goals install what is missing, where they may; the others only say
# what to install.
INSTALLING := check check-long check-threads demo bench fuzz lint coverage distcheck
TESTING    := check check-long check-threads demo coverage distcheck
DEPS = tests/deps.sh $(if $(filter $(INSTALLING),$(GOALS)),install,need) build \
	$(if $(filter $(TESTING),$(GOALS)),test) $(filter fuzz lint,$(GOALS:format=lint))

.PHONY: deps ready
deps: ## install every Debian package that building, testing and linting need
	@tests/deps.sh install build test fuzz lint
ready:
	@$(DEPS)

config.mk config.h &: configure src/config.mk.in src/config.h.in
	@$(DEPS)
	env -u CC ./configure --quiet $(CONFIGURE_FLAGS) # CC= chooses a variant, not this
	@touch config.mk config.h

configure: configure.ac
	@$(DEPS)
	autoconf

# --- compile --------------------------------------------------------------

PATHS := -DCONFIG_FILE='"$(sysconfdir)/ctwarden.conf"' -DLOCALSTATEDIR='"$(localstatedir)"'

$(B)/%.o: %.c config.mk config.h
	@mkdir -p $(@D)
	$(call say,CC   $<)$(CC) $(FLAGS) $(PATHS) $(if $(filter tests/%,$<),$(TOOL_CFLAGS) $(CHECK_CFLAGS)) $(CFLAGS) -MMD -MP -c -o $@ $<

objects = $(patsubst %.c,$(B)/%.o,$(filter src/$(1)/%,$(SOURCES)))

define room_rule
$(B)/$(1).a: $(call objects,$(1))
	@rm -f $$@
	$(call say,AR   $$@)ar rcs $$@ $$^
endef
$(foreach r,$(ROOMS),$(eval $(call room_rule,$(r))))

# The schema's steps, as C.
$(B)/src/store/migrations.c: src/store/embed.sh $(sort $(wildcard sql/*.sql))
	@mkdir -p $(@D)
	src/store/embed.sh $(filter %.sql,$^) >$@
$(B)/src/store/migrations.o: $(B)/src/store/migrations.c config.mk config.h
	$(call say,CC   $<)$(CC) $(FLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
$(B)/store.a: $(B)/src/store/migrations.o

$(B)/tests-lib.a: $(patsubst %.c,$(B)/%.o,$(wildcard tests/lib/*.c))
	@rm -f $@
	$(call say,AR   $@)ar rcs $@ $^

GROUP = -Wl,--start-group $(filter %.a,$^) -Wl,--end-group
LINK_ALL = $(call say,LINK $@)$(CC) $(LINK) $(LDFLAGS) -o $@ $(filter %.o,$^) $(GROUP)

$(B)/ctwardend: $(call objects,daemon) $(ROOM_LIBS)
	$(LINK_ALL) $(LIBS)

$(B)/ctwarden: $(call objects,cli) $(ROOM_LIBS)
	$(LINK_ALL) $(LIBS)

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(TEST_LIB) $(ROOM_LIBS)
	$(LINK_ALL) $(CHECK_LIBS) $(LIBS)

FAKES := $(patsubst %.c,$(B)/%.o,$(wildcard tests/fake/*.c))
$(B)/tests/replay/%: $(B)/tests/replay/%.o $(FAKES) $(TEST_LIB) $(ROOM_LIBS)
	$(LINK_ALL) $(CHECK_LIBS) $(LIBS)

# The real fetch's queue on the fake clock.
$(B)/tests/replay/test_schedule: $(B)/tests/replay/test_schedule.o $(B)/tests/fake/clock.o $(TEST_LIB) $(ROOM_LIBS)
	$(LINK_ALL) $(CHECK_LIBS) $(LIBS) -lm

$(B)/tools/%: $(B)/tests/tools/%.o $(TEST_LIB) $(ROOM_LIBS)
	@mkdir -p $(@D)
	$(LINK_ALL) $(TOOL_LIBS) $(CHECK_LIBS) $(LIBS)

# The corpus is replayed by a main of ours with any compiler; libFuzzer brings
# its own.
$(B)/fuzz/%: $(B)/tests/fuzz/fuzz_%.o $(if $(FUZZER),,$(B)/tests/fuzz/main.o) $(TEST_LIB) $(ROOM_LIBS)
	@mkdir -p $(@D)
	$(LINK_ALL) $(LIBS)

# --- tests ----------------------------------------------------------------

RUN := B=$(B) CC='$(CC)' SAN='$(SAN)' tests/run.sh

.PHONY: tests unit check check-long check-threads demo bench fuzz coverage
tests: all $(UNIT) $(REPLAY) $(TOOLS) $(FUZZ:%=$(B)/fuzz/%) ## build all of it, run nothing

check: ready tests ## build, then every test; under 5 minutes
	@$(RUN) $(UNIT) $(REPLAY) tests/fuzz/replay.sh tests/rooms.sh $(SYSTEM)

check-long: ready tests ## what takes longer
	@$(RUN) $(LONG)

check-threads: ready all $(THREADED) $(TOOLS) ## for SAN=thread: what runs in several threads
	@$(RUN) $(THREADED)

unit: $(if $(ROOM),$(filter $(B)/tests/unit/$(ROOM)/%,$(UNIT)),$(UNIT)) ## unit tests; ROOM=x509: of one room
	@$(RUN) $^

demo: ready all $(TOOLS) ## watch it work on a log of its own
	@B=$(B) tests/demo.sh

bench: ready all $(TOOLS) ## figures against their targets; ROWS=20000000 for the long store run
	@B=$(B) tests/bench.sh

FUZZ_SECONDS ?= 60
fuzz: ready ## fuzz each parser FUZZ_SECONDS (60); TARGET=der: one
	@$(MAKE) --no-print-directory CC=clang FUZZER=1 GOALS=fuzz fuzzers
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run.sh build/fuzzer-clang/fuzz $(or $(TARGET),$(FUZZ))
.PHONY: fuzzers
fuzzers: $(FUZZ:%=$(B)/fuzz/%)

coverage: ready ## lines run by the tests, room by room
	@$(MAKE) --no-print-directory COV=1 check
	@tests/coverage.sh build/cov $(ROOMS)

# --- care -----------------------------------------------------------------

.PHONY: format lint rooms
format: ready ## clang-format over all sources
	git ls-files '*.c' '*.h' | xargs clang-format -i

lint: ready config.mk ## clang-format, clang-tidy, cppcheck, -fanalyzer, mandoc, banned functions
	@FLAGS='$(filter-out -fstack-clash-protection -ftrivial-auto-var-init=zero,$(FLAGS))' tests/lint.sh

rooms: ## every include follows an arrow of src/ROOMS
	@tests/rooms.sh

# --- install --------------------------------------------------------------

MAN := ctwardend.8 ctwarden.1 $(notdir $(wildcard man/*.5))
section = $(subst .,,$(suffix $(1)))
# Paths in the manuals, the unit and the example follow configure.
PLACES = sed -e 's,/usr/sbin/ctwardend,$(sbindir)/ctwardend,g' -e 's,/etc/ctwarden,$(sysconfdir)/ctwarden,g' \
	-e 's,/var/lib/ctwarden,$(localstatedir)/lib/ctwarden,g'
# What an administrator edits: laid beside the documents, and where it is read
# unless something is there already.
CONFS := ctwarden.conf ctwarden/operators.conf

.PHONY: install uninstall
install: all ## honours DESTDIR; leaves an existing configuration alone
	install -d $(DESTDIR)$(bindir) $(DESTDIR)$(sbindir) $(DESTDIR)$(sysconfdir)/ctwarden \
	    $(DESTDIR)$(SYSTEMDUNITDIR) $(DESTDIR)$(SYSUSERSDIR) $(DESTDIR)$(docdir)
	install $(B)/ctwardend $(DESTDIR)$(sbindir)/ctwardend
	install $(B)/ctwarden $(DESTDIR)$(bindir)/ctwarden
	@for page in $(MAN); do \
	    folder=$(DESTDIR)$(mandir)/man$${page##*.}; \
	    install -d $$folder && $(PLACES) man/$$page >$$folder/$$page && chmod 644 $$folder/$$page || exit; \
	    echo "$$folder/$$page"; \
	done
	$(PLACES) systemd/ctwardend.service >$(DESTDIR)$(SYSTEMDUNITDIR)/ctwardend.service
	install -m 644 systemd/ctwarden.sysusers $(DESTDIR)$(SYSUSERSDIR)/ctwarden.conf
	install -m 644 README.md CHANGES LICENSE $(DESTDIR)$(docdir)
	@for conf in $(CONFS); do \
	    example=$(DESTDIR)$(docdir)/$${conf##*/}; place=$(DESTDIR)$(sysconfdir)/$$conf; \
	    $(PLACES) etc/$${conf##*/} >$$example || exit; \
	    if [ -e $$place ]; then echo "$$place is there already and stays as it is"; \
	    else cp $$example $$place && echo "$$place" || exit; fi; \
	done
	@[ -n "$(DESTDIR)" ] || echo "next: systemd-sysusers && systemctl daemon-reload && systemctl start ctwardend"

uninstall: ## leaves the configuration and the database
	rm -f $(DESTDIR)$(bindir)/ctwarden $(DESTDIR)$(sbindir)/ctwardend \
	    $(foreach page,$(MAN),$(DESTDIR)$(mandir)/man$(call section,$(page))/$(page)) \
	    $(DESTDIR)$(SYSTEMDUNITDIR)/ctwardend.service $(DESTDIR)$(SYSUSERSDIR)/ctwarden.conf
	rm -f $(foreach file,README.md CHANGES LICENSE $(notdir $(CONFS)),$(DESTDIR)$(docdir)/$(file))
	-[ ! -d $(DESTDIR)$(docdir) ] || rmdir $(DESTDIR)$(docdir)

# --- release --------------------------------------------------------------

DIST := ctwarden-$(VERSION)

.PHONY: dist distcheck
dist: configure ## build/ctwarden-VERSION.tar.gz, with configure
	@tests/dist.sh build/$(DIST)

distcheck: dist ready ## unpack, build, check, install and uninstall that
	@tests/distcheck.sh build/$(DIST)

# --- the rest -------------------------------------------------------------

.PHONY: clean distclean help
clean: ## remove build/
	rm -rf build

distclean: clean
	rm -rf config.mk config.h config.log config.status configure autom4te.cache

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1	\2/p' Makefile | expand -t 18
	@echo '  SAN=address,undefined or SAN=thread, CC=clang, COV=1 build a variant of their own'

-include $(patsubst %.c,$(B)/%.d,$(SOURCES) $(wildcard tests/*/*.c tests/*/*/*.c))
