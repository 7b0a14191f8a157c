# asset_inventory
#
#   make demo        install what is missing, build, load real images, serve them on 127.0.0.1:8080
#   make up | down   the same in the background; writes build/demo.env
#   make check       every test suite; closes with "N passed, M failed"
#   make bench       the benchmarks, as ratios of one run
#   make             the extension; make install, make installcheck as every PGXS extension
#   make proxy       build/asset-inventory-proxy
#   make loader      build/asset-inventory-load
#   make fuzz SECONDS=60 | format | dist
#   make deb         Debian packages in build/deb/; make check-packages tries them

EXTNAME     = asset_inventory
# The version is written once, in META.json (its first "version" member).
EXTVERSION := $(shell sed -n 's/^ *"version": *"\([0-9.]*\)".*/\1/p' META.json | head -n 1)

EXTENSION   = build/$(EXTNAME)
MODULE_big  = $(EXTNAME)
SOURCES    := $(sort $(wildcard extension/*/*.cpp))
OBJS        = $(SOURCES:.cpp=.o)

# The install script is assembled from the numbered pieces; upgrade scripts are
# kept as they are.
SCRIPT      = build/$(EXTNAME)--$(EXTVERSION).sql
DATA_built  = $(SCRIPT) build/$(EXTNAME).control
DATA        = $(wildcard sql/upgrade/*--*--*.sql)

TESTS      := $(sort $(wildcard test/sql/*.sql))
REGRESS     = $(patsubst test/sql/%.sql,%,$(TESTS))
REGRESS_OPTS = --inputdir=test --outputdir=build/regress --encoding=UTF8 --no-locale

# A command that needs PGXS must work on a machine that has it not yet.
PREPARED   := demo up down check bench bench-scale soak fuzz packages format dist deb check-packages loader
ifneq ($(filter $(PREPARED),$(MAKECMDGOALS)),)
NO_PGXS     = 1
endif

PG_CONFIG  ?= pg_config
PG_CPPFLAGS = -Iextension -isystem $(shell $(PG_CONFIG) --includedir-server 2>/dev/null)
PG_CXXFLAGS = -std=c++20 -fvisibility=hidden -fvisibility-inlines-hidden -DINVENTORY_VERSION='"$(EXTVERSION)"' \
              -Wextra -Wshadow -Werror=vla -Wno-register -Wno-missing-field-initializers -MMD -MP $(WERROR)
SHLIB_LINK  = -lstdc++ -lcrypto
EXTRA_CLEAN = build/$(EXTNAME).control $(SCRIPT) $(OBJS:.o=.d)

# Bitcode would let the JIT inline us; C++ that throws gains nothing from it,
# and PGXS passes PG_CXXFLAGS (so -std) to neither clang rule.
override with_llvm = no

ifndef NO_PGXS
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)
endif

$(SCRIPT): $(sort $(wildcard sql/[0-9]*.sql)) | build
	cat $^ > $@

build/$(EXTNAME).control: extension/$(EXTNAME).control.in META.json | build
	sed 's/@VERSION@/$(EXTVERSION)/' $< > $@

build build/regress:
	mkdir -p $@

installcheck: | build/regress

# The core is plain C++: it is compiled without the server's include path, so
# a stray #include "postgres.h" does not build.
extension/core/%.o: override CPPFLAGS := -Iextension $(filter -D%,$(CPPFLAGS))

-include $(OBJS:.o=.d)

# ---- the commands a person types ----

.PHONY: proxy loader demo up down check bench bench-scale soak fuzz packages format dist deb check-packages

proxy: | build
	cmake -S . -B build/cmake >build/cmake.log || { cat build/cmake.log; exit 1; }
	cmake --build build/cmake --target asset-inventory-proxy -j2
	cp -f build/cmake/asset-inventory-proxy build/asset-inventory-proxy

loader: | build
	cmake -S . -B build/cmake >build/cmake.log || { cat build/cmake.log; exit 1; }
	cmake --build build/cmake --target asset-inventory-load -j2
	cp -f build/cmake/asset-inventory-load build/asset-inventory-load

packages:
	tools/packages

demo up down:
	tools/demo $@

ifdef NO_PGXS
check:
	tools/packages check
	test/run
endif

bench bench-scale soak:
	tools/packages bench
	test/bench/run $@

fuzz:
	tools/packages fuzz
	test/fuzz/run $(or $(SECONDS),60)

format:
	clang-format -i $(shell git ls-files 'extension/*.?pp' 'proxy/*.?pp' 'loader/*.?pp' 'test/*.?pp')

# A PGXN archive of the last commit.
dist: | build
	rm -f build/$(EXTNAME)-$(EXTVERSION).zip
	git archive --format zip --prefix=$(EXTNAME)-$(EXTVERSION)/ --output build/$(EXTNAME)-$(EXTVERSION).zip HEAD
	test/package/pgxn build/$(EXTNAME)-$(EXTVERSION).zip

deb:
	tools/deb

# Not a part of check: it builds everything anew.
check-packages:
	test/run package
