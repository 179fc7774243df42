# ctwarden. GNU make; `make help` lists the targets.

-include config.mk

# Everything that is built goes below $(B), a folder a variant.
SAN    ?=
COV    ?=
comma  := ,
VARIANT := $(or $(if $(SAN),san-$(subst $(comma),-,$(SAN))),$(if $(COV),cov),plain)
ifneq ($(filter clang%,$(notdir $(CC))),)
VARIANT := $(VARIANT)-clang
HARDENING := $(filter-out -ftrivial-auto-var-init=zero,$(HARDENING)) # configure probed gcc
endif
B      := build/$(VARIANT)

WERROR ?= -Werror
WARN   := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wwrite-strings -Wswitch-enum \
	-Wimplicit-fallthrough $(WERROR)
OPT    ?= -O2
FLAGS  := -std=c17 -D_GNU_SOURCE -Iinclude -Isrc -I. $(OPT) -g -pthread -fPIE $(WARN) \
	$(HARDENING) $(LIB_CFLAGS)
LINK   := -pthread -pie $(HARDENING_LINK)
ifneq ($(SAN),)
FLAGS  += -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
LINK   += -fsanitize=$(SAN)
else
FLAGS  += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
endif
ifneq ($(COV),)
FLAGS  += --coverage -O0
LINK   += --coverage
endif

ROOMS    := $(shell sed 's/:.*//' src/ROOMS)
SOURCES  := $(wildcard src/*/*.c src/*/*/*.c)
PROGRAMS := daemon cli
ROOM_LIBS := $(foreach r,$(filter-out $(PROGRAMS),$(ROOMS)),$(if $(wildcard src/$(r)/*.c),$(B)/$(r).a))
TEST_LIB := $(if $(wildcard tests/lib/*.c),$(B)/tests-lib.a)
BINARIES := $(if $(wildcard src/daemon/main.c),$(B)/ctwardend) $(if $(wildcard src/cli/main.c),$(B)/ctwarden)
UNIT     := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*/test_*.c))
REPLAY   := $(patsubst %.c,$(B)/%,$(wildcard tests/replay/test_*.c))
TOOLS    := $(patsubst tests/tools/%.c,$(B)/tools/%,$(wildcard tests/tools/*.c))
FUZZ     := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

.DEFAULT_GOAL := all
.SECONDARY:
.SUFFIXES:
.PHONY: all
all: $(BINARIES)

# --- configure ------------------------------------------------------------

config.mk config.h: configure src/config.mk.in src/config.h.in
	./configure --quiet $(CONFIGURE_FLAGS)

configure: configure.ac
	@command -v autoconf >/dev/null || tests/deps.sh
	autoconf

# --- compile --------------------------------------------------------------

$(B)/%.o: %.c config.mk config.h
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

objects = $(patsubst %.c,$(B)/%.o,$(filter src/$(1)/%,$(SOURCES)))

define room_rule
$(B)/$(1).a: $(call objects,$(1))
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach r,$(ROOMS),$(eval $(call room_rule,$(r))))

$(B)/tests-lib.a: $(patsubst %.c,$(B)/%.o,$(wildcard tests/lib/*.c))
	@rm -f $@
	ar rcs $@ $^

GROUP = -Wl,--start-group $(filter %.a,$^) -Wl,--end-group

$(B)/ctwardend: $(call objects,daemon) $(ROOM_LIBS)
	$(CC) $(LINK) $(LDFLAGS) -o $@ $(filter %.o,$^) $(GROUP) $(LIBS)

$(B)/ctwarden: $(call objects,cli) $(ROOM_LIBS)
	$(CC) $(LINK) $(LDFLAGS) -o $@ $(filter %.o,$^) $(GROUP) $(LIBS)

# --- tests ----------------------------------------------------------------

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(TEST_LIB) $(ROOM_LIBS)
	$(CC) $(LINK) $(LDFLAGS) -o $@ $(filter %.o,$^) $(GROUP) $(CHECK_LIBS) $(LIBS)

FAKES := $(patsubst %.c,$(B)/%.o,$(wildcard tests/fake/*.c))
$(B)/tests/replay/%: $(B)/tests/replay/%.o $(FAKES) $(TEST_LIB) $(ROOM_LIBS)
	$(CC) $(LINK) $(LDFLAGS) -o $@ $(filter %.o,$^) $(GROUP) $(CHECK_LIBS) $(LIBS)

$(B)/tools/%: $(B)/tests/tools/%.o $(TEST_LIB) $(ROOM_LIBS)
	@mkdir -p $(@D)
	$(CC) $(LINK) $(LDFLAGS) -o $@ $(filter %.o,$^) $(GROUP) $(CHECK_LIBS) $(LIBS)

# The corpus, replayed with any compiler.
$(B)/fuzz/%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/main.o $(TEST_LIB) $(ROOM_LIBS)
	@mkdir -p $(@D)
	$(CC) $(LINK) $(LDFLAGS) -o $@ $(filter %.o,$^) $(GROUP) $(LIBS)

.PHONY: tests unit
tests: all $(UNIT) $(REPLAY) $(TOOLS) $(FUZZ:%=$(B)/fuzz/%)

# make unit ROOM=x509: the tests of one room
unit: $(if $(ROOM),$(filter $(B)/tests/unit/$(ROOM)/%,$(UNIT)),$(UNIT))
	B=$(B) tests/run.sh $^

.PHONY: rooms
rooms:
	tests/rooms.sh

.PHONY: clean
clean:
	rm -rf build

-include $(patsubst %.c,$(B)/%.d,$(SOURCES) $(wildcard tests/*/*.c tests/*/*/*.c))
