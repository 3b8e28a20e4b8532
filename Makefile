# SPDX-License-Identifier: GPL-2.0-only
#
# make help says what there is to make. Everything built goes to build/ (O=DIR).

O       ?= build
CC      ?= cc
CLANG   ?= clang
BPFTOOL ?= $(or $(shell command -v bpftool),/usr/sbin/bpftool)
PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
SBINDIR ?= $(PREFIX)/sbin
MANDIR  ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/exitstat
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
UNITDIR ?= $(PREFIX)/lib/systemd/system

WARNINGS   := -Wall -Wextra -Werror
CFLAGS     ?= -O2 -g
ALL_CFLAGS := -std=gnu11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) -Iuser -I. -I$(O)/bpf -MMD -MP \
	      -DEXITSTAT_TERMINFO='"$(O)/terminfo"'
LIBS       := -lbpf -lelf -lz -lzstd -ljansson -lm -lncursesw -lmicrohttpd
BPF_CFLAGS := -std=gnu11 -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 \
	      $(WARNINGS) -Wno-unused-parameter -ffile-prefix-map=$(CURDIR)=. -idirafter /usr/include/x86_64-linux-gnu -MMD -MP

# Of a tarball: the last release's. In a clone: git's tag, or the commit where there is none.
RELEASE := 0.2.0
VERSION := $(if $(wildcard .git),$(patsubst v%,%,$(or $(shell git describe --tags --match 'v*' --dirty 2>/dev/null),\
	     $(RELEASE)-g$(shell git describe --always --dirty --exclude '*'))),$(RELEASE))

ifeq ($(V),1)
Q   :=
say := @:
else
Q   := @
say := @printf '  %-8s%s\n'
endif

# A folder of user/ is a layer. What is free of libbpf is one archive, which both programs
# and the unit tests link; the tests' is compiled with sanitizers.
PURE         := base model doc view advice audit compare diff html tui metrics
sources       = $(sort $(foreach folder,$(1),$(wildcard user/$(folder)/*.c)))
PURE_SOURCES  := $(call sources,$(PURE) guest)
HOST_SOURCES  := $(call sources,trace cmd)
MAIN_SOURCES  := $(call sources,main)
UNIT_SOURCES  := $(sort $(wildcard tests/unit/*.c)) tests/html/hour.c
USER_SOURCES  := $(PURE_SOURCES) $(HOST_SOURCES) $(MAIN_SOURCES)
# A VMM's folder and what it shares with the others.
vmm           = $(sort $(wildcard $(foreach folder,vmm $(1),tests/$(folder)/*.[chS])))
VMM_SOURCES  := $(filter %.c,$(call vmm,exitgen nested leaves locks)) tests/bench/load.c
SANITIZE     := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SCRIPTS      := .ci/run $(wildcard user/packaging/*.bash) $(shell grep -rlE '^\#!/(usr/bin/env bash|bin/sh|bin/bash)' tests user/packaging vmlinux kernel-patch 2>/dev/null)
C_FILES      := $(wildcard bpf/*.[ch] user/*/*.[ch] vmlinux/*.h tests/*/*.[ch])

.PHONY: FORCE all static tests deps test test-host test-all test-ci coverage html-test demo reproduce crosscheck bench bench-native bench-files soak fuzz peer-tests kvm-sanitize kvm-modules kvm-selftest kvm-series lab-modules lab-patched broken-modules kvm-install kvm-uninstall check-style deb deb-test rpm install uninstall clean help
.DELETE_ON_ERROR:
.PRECIOUS: $(O)/bpf/%.bpf.o

all: $(O)/exitstat-bpf $(O)/exitstat-guest

tests: $(O)/tests/exitgen $(O)/tests/leaves $(O)/tests/nested $(O)/tests/locks $(O)/tests/rewrite \
       $(O)/tests/frames $(O)/tests/tui/made $(O)/tests/html-sample $(O)/tests/metrics-sample \
       $(O)/tests/unit $(O)/static/exitstat-bpf $(O)/tests/bench/load $(O)/tests/no-btf.so

# --- exitstat-bpf ---------------------------------------------------------------

$(O)/bpf/%.bpf.o: bpf/%.bpf.c Makefile
	$(say) BPF $@
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MF $(O)/bpf/$*.bpf.d -c $< -o $@

$(O)/bpf/%.skel.h: $(O)/bpf/%.bpf.o
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name $* > $@

# Whoever includes the skeleton needs it before the compiler has said so.
$(HOST_SOURCES:%.c=$(O)/%.o): | $(O)/bpf/exitstat.skel.h

FORCE:

# Written only when it has changed.
$(O)/version: FORCE
	@mkdir -p $(@D)
	@[ "$$(cat $@ 2>/dev/null)" = '$(VERSION)' ] || echo '$(VERSION)' >$@

VERSIONED := $(addsuffix user/base/version.o,$(O)/ $(O)/sanitized/ $(O)/fuzz/)
$(VERSIONED): $(O)/version
$(VERSIONED): ALL_CFLAGS += -DEXITSTAT_VERSION='"$(VERSION)"'

# It has the page's files in it, of which the compiler does not tell.
$(addsuffix user/html/template.o,$(O)/ $(O)/sanitized/ $(O)/fuzz/): $(wildcard user/html/page.*)

# Terminals that top knows where the host does not. Each is a line: its name, a blank, and what
# ncurses takes in $TERMINFO.
TERMINALS := xterm xterm-256color screen screen-256color tmux tmux-256color linux vt220

$(O)/terminfo: Makefile
	$(say) TERM $@
	@mkdir -p $(@D)
	$(Q)for name in $(TERMINALS); do \
		text=$$(infocmp -Q2 -q $$name | tr -d '\n') && echo "$$name $$text" || exit 1; done >$@

$(addsuffix user/tui/terminfo.o,$(O)/ $(O)/sanitized/ $(O)/fuzz/): $(O)/terminfo

$(O)/%.o: %.c Makefile
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c $< -o $@

$(O)/libexitstat.a: $(PURE_SOURCES:%.c=$(O)/%.o)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(O)/exitstat-bpf: $(O)/user/main/exitstat-bpf.o $(HOST_SOURCES:%.c=$(O)/%.o) $(O)/libexitstat.a
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

# One file for hosts that nothing is to be installed on, whatever their distribution.
static: $(O)/static/exitstat-bpf

$(O)/static/exitstat-bpf: $(O)/user/main/exitstat-bpf.o $(O)/user/main/no_tls.o $(HOST_SOURCES:%.c=$(O)/%.o) $(O)/libexitstat.a
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -static-pie -s -Wl,--fatal-warnings $^ $(LIBS) -ltinfo -o $@

# Statically linked, so that it runs in any Linux guest.
$(O)/exitstat-guest: $(O)/user/main/exitstat-guest.o $(O)/libexitstat.a
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -static $^ -ljansson -o $@

# --- tests ------------------------------------------------------------------------

$(O)/tests/exitgen: $(call vmm,exitgen)
$(O)/tests/nested: $(call vmm,nested)
$(O)/tests/locks: $(call vmm,locks)
# It holds the patch to the codes that the tool knows.
$(O)/tests/leaves: $(call vmm,leaves) $(O)/libexitstat.a
$(O)/tests/bench/load: tests/bench/load.c $(wildcard tests/bench/guest.[Sh]) $(call vmm)

$(O)/tests/exitgen $(O)/tests/nested $(O)/tests/locks $(O)/tests/leaves $(O)/tests/bench/load: Makefile
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O2 -g -Iuser -I. -pthread $(filter %.c %.S %.a,$^) -o $@

$(O)/tests/bench/empty.bpf.o: tests/bench/empty.bpf.c Makefile
	$(say) BPF $@
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MF /dev/null -c $< -o $@

$(O)/tests/bench/empty.skel.h: $(O)/tests/bench/empty.bpf.o
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name empty > $@

$(O)/tests/bench/empty: tests/bench/empty.c $(O)/tests/bench/empty.skel.h
	$(say) CC $@
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O2 -g -I$(@D) $< -lbpf -lelf -lz -o $@

# The headers of bpf/ have programs in them, of which it takes none.
NATIVE := $(addprefix tests/native/native.,c h bpf.c) tests/native/order.h

$(O)/tests/native/native.bpf.o: $(NATIVE) $(wildcard bpf/*.h) Makefile
	$(say) BPF $@
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -Wno-unused-function -MF /dev/null -c $(filter %.bpf.c,$^) -o $@

$(O)/tests/native/native.skel.h: $(O)/tests/native/native.bpf.o
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name native > $@

NATIVE_OBJECTS := $(addprefix $(O)/user/trace/,chunks.o mapped.o)

$(O)/tests/native/native: $(NATIVE) $(O)/tests/native/native.skel.h $(NATIVE_OBJECTS)
	$(say) CC $@
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O2 -g -I. -Iuser -I$(@D) \
		tests/native/native.c $(NATIVE_OBJECTS) -lbpf -lelf -lz -ljansson -o $@

$(O)/tests/no-btf.so: tests/host/no_btf.c
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(WARNINGS) -O2 -shared -fPIC $< -o $@

$(O)/tests/rewrite: tests/rewrite/rewrite.c $(O)/libexitstat.a
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MF /dev/null $^ -ljansson -o $@

$(O)/tests/frames: $(wildcard tests/frames/*.[ch]) $(O)/libexitstat.a
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MF /dev/null $(filter %.c %.a,$^) -lz -lzstd -ljansson -o $@

# A host that is made up, for the full-screen view.
$(O)/tests/tui/made: tests/tui/made.c tests/unit/synthetic.c tests/unit/synthetic.h $(O)/libexitstat.a
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Itests/unit -MF /dev/null $(filter %.c %.a,$^) $(LIBS) -o $@

# The sanitized twin of everything that the unit tests link.
SANITIZED = $(patsubst %.c,$(O)/sanitized/%.o,$(PURE_SOURCES) $(HOST_SOURCES) $(UNIT_SOURCES))

$(SANITIZED): | $(O)/bpf/exitstat.skel.h

$(O)/sanitized/%.o: %.c Makefile
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -O0 $(SANITIZE) -c $< -o $@

# What tests/unit/allocations.c lets fail.
ALLOCATORS := malloc calloc realloc reallocarray strdup realpath asprintf vasprintf fopen fdopen open_memstream
WRAP       := $(ALLOCATORS:%=-Wl,--wrap=%)

$(O)/tests/unit: $(SANITIZED)
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) $(LDFLAGS) $(WRAP) $^ -lcmocka $(LIBS) -o $@

$(O)/tests/html-sample: tests/html/sample.c tests/html/hour.c $(O)/libexitstat.a
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MF /dev/null $^ -lz -lzstd -ljansson -o $@

# Of the tests' made-up hosts, which need cmocka; not sanitized, as its memory is measured.
LARGE := tests/bench/large.c $(addprefix tests/unit/,pair_sample.c traffic.c sample.c)

$(O)/tests/bench/large: $(LARGE) $(wildcard tests/unit/*.h) $(O)/libexitstat.a
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Itests/unit -MF /dev/null $(filter %.c %.a,$^) -lcmocka $(LIBS) -o $@

$(O)/tests/metrics-sample: tests/prometheus/sample.c tests/unit/synthetic.c tests/unit/synthetic.h $(O)/libexitstat.a
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Itests/unit -MF /dev/null $(filter %.c %.a,$^) -ljansson -lm -o $@

# What the fuzz harnesses link, compiled so that they see which way an input goes.
FUZZERS      := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_SOURCES := $(PURE_SOURCES) $(HOST_SOURCES) $(sort $(wildcard tests/fuzz/*.c))
FUZZ_OBJECTS := $(FUZZ_SOURCES:%.c=$(O)/fuzz/%.o)

$(FUZZ_OBJECTS): | $(O)/bpf/exitstat.skel.h

$(O)/fuzz/%.o: %.c Makefile
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(ALL_CFLAGS) -O1 $(SANITIZE) -fsanitize=fuzzer-no-link -c $< -o $@

$(O)/fuzz/libfuzzed.a: $(FUZZ_SOURCES:%.c=$(O)/fuzz/%.o)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(FUZZERS:%=$(O)/fuzz/fuzz_%): $(O)/fuzz/fuzz_%: $(O)/fuzz/tests/fuzz/fuzz_%.o $(O)/fuzz/libfuzzed.a
	$(say) LINK $@
	$(Q)$(CLANG) $(SANITIZE) -fsanitize=fuzzer $(LDFLAGS) $^ $(LIBS) -o $@

# The release that the emulated hosts boot (see tests/lab/choose). It is looked up when a
# recipe first wants it, and only once: `newest` changes from day to day.
lab_kernel := $(or $(KERNEL),6.1)
lab_release = $(eval lab_release := $(or $(word 1,$(shell tests/lab/choose $(lab_kernel))),\
		$(error no kernel for KERNEL=$(lab_kernel))))$(lab_release)
in_lab      = O=$(O) KERNEL=$(lab_release)

deps:
	@tests/install-packages tests/packages tests/lab/packages

test: deps
	@$(MAKE) --no-print-directory KERNEL=$(lab_release) all tests lab-modules
	@$(in_lab) LAB_APPEND=$(PREEMPT:%=preempt=%) tests/run

# On this machine's own KVM: REPORT=FILE is what a bug report wants.
test-host: $(O)/exitstat-bpf $(O)/tests/exitgen $(O)/tests/bench/load $(O)/tests/no-btf.so
	@O=$(O) tests/host/run $(or $(REPORT),$(O)/test-host.md)

# All that tests/matrix has, and what CI runs of it: UNTIL=SECONDS skips what has not begun by
# then. RECORD=1: its page is the one to keep.
test-all test-ci: deps
	@tests/install-packages kernel-patch/packages tests/html/packages tests/prometheus/packages
	@$(MAKE) --no-print-directory all tests
	@O=$(O) tests/all $(if $(filter test-ci,$@),--ci $(UNTIL:%=--until %)) $(if $(RECORD),--record)

# GROUPS='unit audit': only these of tests/run.
coverage: deps
	@$(MAKE) --no-print-directory KERNEL=$(lab_release) lab-modules
	@$(in_lab) tests/coverage $(GROUPS)

# A page of report --html in a browser, which is large: make test skips it where there is none.
# RECORD=1: keep its pictures.
html-test:
	@tests/install-packages tests/packages tests/html/packages
	@$(MAKE) --no-print-directory $(O)/exitstat-bpf $(O)/tests/html-sample
	@O=$(O) tests/run page
	@$(if $(RECORD),cp $(addprefix $(O)/tests/logs/page/,light.png dark.png narrow.png) user/html/pictures)

demo: deps
	@$(MAKE) --no-print-directory all
	@$(in_lab) tests/demo

reproduce: deps
	@$(MAKE) --no-print-directory KERNEL=$(lab_release) $(O)/exitstat-guest lab-modules
	@$(in_lab) tests/reproduce/run

# SHORT=1: a few runs.
crosscheck: deps
	@$(if $(SHORT),,tests/install-packages tests/lab/qemu-packages)
	@$(MAKE) --no-print-directory KERNEL=$(lab_release) all tests lab-modules
	@$(if $(SHORT),,tests/lab/build-qemu --output $(O)/qemu)
	@$(in_lab) tests/crosscheck/run $(if $(SHORT),--short)

# SHORT=1: a few rows. RECORD=1: take the outcome as what later runs are held to.
bench: deps
	@$(if $(SHORT),,tests/install-packages tests/bench/packages)
	@$(MAKE) --no-print-directory KERNEL=$(lab_release) $(O)/exitstat-bpf $(O)/tests/bench/load $(O)/tests/bench/empty lab-patched
	@$(in_lab) tests/bench/run $(if $(SHORT),--short) $(if $(RECORD),--record)

# What large files take. SHORT=1: a tenth of them.
bench-files: deps
	@$(MAKE) --no-print-directory $(O)/exitstat-bpf $(O)/tests/bench/large
	@tests/bench/files $(if $(SHORT),--short)

# On this machine's own CPU, without a VM. As root. SHORT=1: fewer rows.
bench-native:
	@$(MAKE) --no-print-directory $(O)/tests/native/native
	@$(O)/tests/native/native $(if $(SHORT),--short) --json $(O)/bench-native.json

# SECONDS=N: for so long, not ten minutes.
soak: deps
	@$(MAKE) --no-print-directory $(O)/exitstat-bpf $(O)/tests/exitgen
	@$(in_lab) tests/bench/soak $(SECONDS)

# SECONDS=N: each harness for so long, not a minute. FUZZERS='host cpuid': only these.
fuzz:
	@tests/install-packages tests/packages tests/fuzz/packages
	@$(MAKE) --no-print-directory $(FUZZERS:%=$(O)/fuzz/fuzz_%)
	@O=$(O) tests/fuzz/run $(or $(SECONDS),60) $(FUZZERS)

peer-tests: deps
	@tests/install-packages kernel-patch/packages
	@$(MAKE) --no-print-directory KERNEL=$(lab_release) $(O)/exitstat-bpf lab-modules
	@$(in_lab) tests/peers/run

# KINDS='kasan': only this kernel.
kvm-sanitize: deps
	@tests/install-packages kernel-patch/packages
	@$(MAKE) --no-print-directory $(O)/tests/exitgen $(O)/tests/leaves
	@O=$(O) tests/sanitize/run $(KINDS)

# --- the KVM patch ------------------------------------------------------------------

# A Debian kernel's release.
KERNEL ?= $(shell uname -r)

# APT: the apt that has its packages, where the machine's has not.
build_modules = $(if $(APT),APT_CONFIG=$(APT)) kernel-patch/build-modules

kvm-modules:
	@tests/install-packages kernel-patch/packages
	@$(build_modules) --output $(O)/kvm-modules/$(KERNEL) $(KERNEL)

# Those of the kernel that the emulated hosts of tests/lab boot; lab-patched: the good ones.
lab-modules lab-patched:
	@apt=$$(tests/lab/suites) && $(MAKE) --no-print-directory KERNEL=$(lab_release) APT="$$apt" \
		kvm-modules kvm-selftest $(if $(filter lab-modules,$@),broken-modules)

# The selftest that the patch brings.
kvm-selftest: kvm-modules
	@$(build_modules) --selftest --output $(O)/kvm-modules/$(KERNEL) $(KERNEL)

# Those with a patch that is wrong on purpose. After the others: they share the tree.
broken-modules: kvm-modules
	@for patch in tests/broken/*.patch; do \
		$(build_modules) --output $(O)/broken/$(KERNEL)/$$(basename $$patch .patch) \
			--patch $$patch $(KERNEL) || exit 1; done

# The patch as a series for git am, for the line of the kernel that KERNEL names.
kvm-series:
	@tests/install-packages kernel-patch/packages
	@apt=$$(tests/lab/suites) && \
		tree=$$(APT_CONFIG=$$apt kernel-patch/build-modules --tree $(lab_release)) && \
		kernel-patch/make-series "$$tree" $(O)/kvm-series

kvm-install:
	@kernel-patch/install-modules install --from $(O)/kvm-modules/$(KERNEL) $(KERNEL)

kvm-uninstall:
	@kernel-patch/install-modules uninstall $(KERNEL)

# --- style ------------------------------------------------------------------------

check-style: $(O)/bpf/exitstat.skel.h
	$(say) FORMAT 'C files'
	$(Q)clang-format --dry-run -Werror $(C_FILES)
	$(say) LAYERS user/
	$(Q)tests/style/layers --test
	$(say) SPELL 'all that is written'
	$(Q)codespell -L nd,parm bpf kernel-patch tests user vmlinux Makefile *.md
	$(say) SHELL 'scripts'
	$(Q)shellcheck -x $(SCRIPTS)
	$(say) GCC 'all C files'
	$(Q)for f in $(USER_SOURCES) $(UNIT_SOURCES); do \
		gcc $(ALL_CFLAGS) -DEXITSTAT_VERSION='""' -MF /dev/null -fsyntax-only $$f || exit 1; done
	$(say) CLANG 'all C files'
	$(Q)for f in $(USER_SOURCES) $(UNIT_SOURCES) $(VMM_SOURCES) tests/rewrite/rewrite.c tests/html/sample.c $(wildcard tests/frames/*.c tests/fuzz/*.c); do \
		$(CLANG) $(ALL_CFLAGS) -DEXITSTAT_VERSION='""' -MF /dev/null -fsyntax-only $$f || exit 1; done

# --- packages -----------------------------------------------------------------------

deb:
	@tests/install-packages tests/packages user/packaging/packages
	@user/packaging/build-deb $(O)/packages

rpm:
	@tests/install-packages tests/packages user/packaging/rpm-packages
	@user/packaging/build-rpm $(O)/rpm

# QUICK=1: without a kernel that modules are built for, and what else takes minutes.
deb-test: deb
	@tests/install-packages tests/lab/packages tests/debian/packages
	@$(MAKE) --no-print-directory $(O)/tests/leaves $(O)/tests/exitgen
	@$(in_lab) tests/debian/run $(if $(QUICK),--quick)

# --- the rest ---------------------------------------------------------------------

install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(SBINDIR) $(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(DATADIR) $(DESTDIR)$(BASHDIR) $(DESTDIR)$(UNITDIR)
	install -m 755 $(O)/exitstat-bpf $(DESTDIR)$(SBINDIR)/exitstat-bpf
	install -m 755 $(O)/exitstat-guest $(DESTDIR)$(BINDIR)/exitstat-guest
	install -m 644 user/man/*.8 $(DESTDIR)$(MANDIR)/man8
	install -m 644 user/doc/*.schema.json user/packaging/prometheus/*.yml $(DESTDIR)$(DATADIR)
	install -m 644 user/packaging/grafana/exitstat.json $(DESTDIR)$(DATADIR)/grafana.json
	install -m 644 user/packaging/completion.bash $(DESTDIR)$(BASHDIR)/exitstat-bpf
	install -m 644 user/packaging/completion.bash $(DESTDIR)$(BASHDIR)/exitstat-guest
	install -m 644 user/packaging/systemd/exitstat.* $(DESTDIR)$(UNITDIR)
	sed -i 's|/usr/sbin/|$(SBINDIR)/|' $(DESTDIR)$(UNITDIR)/exitstat.service

uninstall:
	rm -f $(DESTDIR)$(SBINDIR)/exitstat-bpf $(DESTDIR)$(BINDIR)/exitstat-guest
	rm -f $(addprefix $(DESTDIR)$(MANDIR)/man8/,$(notdir $(wildcard user/man/*.8)))
	rm -f $(addprefix $(DESTDIR)$(BASHDIR)/,exitstat-bpf exitstat-guest)
	rm -f $(addprefix $(DESTDIR)$(UNITDIR)/,exitstat.service exitstat.socket)
	rm -rf $(DESTDIR)$(DATADIR)

clean:
	rm -rf $(O)

help:
	@echo 'make              build $(O)/exitstat-bpf and $(O)/exitstat-guest'
	@echo 'make static       build $(O)/static/exitstat-bpf, which needs no library where it runs'
	@echo 'make demo         trace a real Linux guest on an emulated KVM host (installs what it needs)'
	@echo 'make reproduce    repeat five write-ups on an emulated Intel host: kernel-patch/REPRODUCE.md'
	@echo 'make crosscheck   audit both observers on emulated AMD and Intel hosts, a long run (SHORT=1)'
	@echo 'make bench-native the same on this CPU, in ns, without a VM; as root (SHORT=1)'
	@echo 'make bench        what an exit costs, beside perf and bpftrace (SHORT=1, RECORD=1): tests/bench/README.md'
	@echo 'make bench-files  what it takes to read large files: time, memory (SHORT=1)'
	@echo 'make soak         ten minutes at the highest rate: all is counted, nothing lost (SECONDS=N)'
	@echo 'make fuzz         a minute of made-up inputs for each parser (SECONDS=N): tests/fuzz/README.md'
	@echo 'make peer-tests   KVM'\''s own selftests on stock and patched KVM, a long run'
	@echo 'make kvm-sanitize kernels with KASAN and KCSAN have nothing to say of the patch, a long'
	@echo '                  run: each is built first (KINDS=kasan: only this one)'
	@echo 'make test         all tests: unit, and system tests on the emulated host (PREEMPT=full:'
	@echo '                  all of these on a kernel that can be preempted anywhere)'
	@echo 'make test-host    exactness and cost on this machine'\''s own KVM, no lab, a minute; needs root:'
	@echo '                  $(O)/test-host.md is a report (REPORT=FILE)'
	@echo 'make test-all     all tests on each line of kernels, hours: $(O)/test-all.md is a page of'
	@echo '                  what passed where (RECORD=1: tests/tried-on.md has it from now on)'
	@echo 'make test-ci      what CI runs of these'
	@echo 'make html-test    a page of report --html in chromium, which it installs'
	@echo 'make coverage     which lines of user/ the tests reach: $(O)/coverage/index.txt (GROUPS=)'
	@echo 'make deps         install the Debian packages that building and testing need'
	@echo 'make kvm-modules  build KVM with the counters of kernel-patch/ (KERNEL=RELEASE: a Debian'
	@echo '                  kernel other than the running one); sudo make kvm-install puts them'
	@echo '                  beside the stock modules, sudo make kvm-uninstall takes them away'
	@echo 'make kvm-series   write the patch as a series for git am (KERNEL=6.12: of that line)'
	@echo 'make check-style  clang-format, shellcheck, gcc and clang, warnings as errors'
	@echo 'make deb          Debian packages in $(O)/packages: user/packaging/README.md'
	@echo 'make rpm          RPMs in $(O)/rpm, by user/packaging/exitstat.spec'
	@echo 'make deb-test     how they are installed, used, upgraded, removed (QUICK=1); needs root'
	@echo 'make install      to $(PREFIX) (PREFIX=, DESTDIR=); make uninstall takes it away'
	@echo 'make clean        remove $(O)'
	@echo
	@echo 'V=1 shows the commands, O=DIR builds to DIR. KERNEL= says which of Debian'\''s kernels the'
	@echo 'emulated hosts boot: a release, a line (6.12) or newest; 6.1 if nothing does.'

-include $(patsubst %.c,$(O)/%.d,$(USER_SOURCES)) $(SANITIZED:.o=.d) $(FUZZ_OBJECTS:.o=.d) $(O)/bpf/exitstat.bpf.d
