# The commands of everyday work. The tools are pinned here and built by Go.
LINT = go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
NFPM = go run $$(sed -n 's/^nfpm=//p' packaging/build)
BENCHSTAT = go run golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da
FUZZINPUTS ?= 50000

build:
	CGO_ENABLED=0 go build -trimpath -o bin/vedetta ./cmd/vedetta

test:
	sh .ci/test

# Fetches the tools that checks and packages need.
tools:
	$(LINT) version >/dev/null
	$(NFPM) --version >/dev/null

lint:
	test -z "$$(gofmt -l .)" || { gofmt -d .; exit 1; }
	go vet ./...
	$(LINT) run

# Every fuzz target with FUZZINPUTS inputs.
fuzz:
	sh .ci/fuzz $(FUZZINPUTS)

# Precision and recall of topic and stories on labelled articles.
eval: build
	cat topic/testdata/labelled/*.jsonl | bin/vedetta eval -
	bin/vedetta eval topic/testdata/check/stampa.jsonl

# Benchmarks, COUNT times each, into bench.out. BENCH picks some by a pattern;
# SHORT= takes the large sizes as well, which takes minutes more.
BENCH ?= .
COUNT ?= 6
BENCHTIME ?= 0.2s
SHORT ?= -short
bench:
	BENCH='$(BENCH)' sh .ci/bench $(SHORT) -count $(COUNT) -benchtime $(BENCHTIME) -timeout 2h >bench.out; status=$$?; cat bench.out; exit $$status

# What changed between two outputs of make bench.
OLD ?= bench.old
NEW ?= bench.out
bench-compare:
	$(BENCHSTAT) $(OLD) $(NEW)

# How late answers come at RATE requests a second, while the daemon does nothing
# else and while it polls a thousand feeds; with SLOW slow readers beside.
RATE ?= 5000
SLOW ?= 0
load:
	go test ./cmd/vedetta -run '^TestLoad$$' -count=1 -v -timeout 15m -load $(RATE) -load.slow $(SLOW)

# Kills the program KILLS times at random instants (see docs/durability.md).
KILLS ?= 300
SEED ?= $(shell date +%s)
crash:
	go test ./crash -run TestKill -count=1 -v -timeout 60m -kills $(KILLS) -seed $(SEED)

# A simulated year of the whole daemon: memory, descriptors, goroutines and the
# database by month, on standard output and as docs/img/soak.svg.
soak:
	go test ./cmd/vedetta -run '^TestSoak$$' -count=1 -v -timeout 60m -soak.days 365 -soak.svg $(CURDIR)/docs/img/soak.svg

# What a unit of work costs while sources, items, articles, topics and pages
# grow, and how many sources a machine carries: a table on standard output and
# the curves as docs/img/growth.svg. GROWTH=largest goes to a million articles.
GROWTH ?= large
growth:
	go test ./cmd/vedetta -run '^TestGrowth$$' -count=1 -v -timeout 3h -growth $(GROWTH) -growth.svg $(CURDIR)/docs/img/growth.svg

run: build
	bin/vedetta run

# Packages for Debian and RPM systems, amd64 and arm64, in dist/. VERSION=1.2.3
# names a version that the repository does not say.
package:
	packaging/build

# The life of the .deb on a Debian system booted in a container.
package-test: package
	packaging/test/reproducible
	packaging/test/run boot

# The README's pictures, of the demo, by headless Chromium.
screenshots:
	bash docs/screenshots.sh

.PHONY: build test tools lint fuzz eval bench bench-compare load crash soak growth run package package-test screenshots
