# make run    installs what is missing, builds, serves the demo on 127.0.0.1:8080
# make test   everything that CI runs
# make bench  speed, as ratios in the same run
# make bench-import  700,000 cells (CELLS=n) beside ogr2ogr, 1,000,000 points into them beside ST_Covers
# make bench-merge  four layers over 1,500 and 50,000 leaves (LEAVES="n n") beside ST_Intersection and mapshaper -union
# make bench-draw  coverages and draws beside PostGIS, mapshaper and METIS, into docs/benchmarks.md

SHELL := /bin/bash
CLIENT := static/dist/index.html
CLIENT_SOURCES := $(shell find static -path static/node_modules -prune -o -path static/dist -prune -o -path static/test -prune -o -type f -print)
TESTDATA := var/test

.PHONY: run build test lint unit browser bench bench-import bench-merge bench-draw install install-test schema clean

run: install build
	bin/unigrid serve --demo

install:
	@.ci/install

install-test:
	@.ci/install test

build: $(CLIENT)
	CGO_ENABLED=1 go build -o bin/unigrid ./cmd/unigrid

static/node_modules/.package-lock.json: static/package-lock.json
	cd static && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(CLIENT): static/node_modules/.package-lock.json $(CLIENT_SOURCES)
	cd static && npm run --silent build
	@touch $@

test: install-test build lint unit browser

lint: $(CLIENT)
	@out=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$out" ] || { echo "gofmt: $$out"; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	cd static && npx tsc --noEmit

# The tests' own cluster keeps nothing that matters, so it need not wait for the
# disk.
$(TESTDATA)/extra.conf:
	@mkdir -p $(TESTDATA)
	@printf 'fsync = off\nfull_page_writes = off\nsynchronous_commit = off\nmax_connections = 300\n' > $@

unit: $(TESTDATA)/extra.conf
	bin/unigrid --data $(TESTDATA) postgres -- go test -race -timeout 30m ./...

# A whole merge changes what the other tests look at, so it has a demo of its own.
browser:
	.ci/browser
	.ci/browser test/walk/merge.test.mjs

bench: build $(TESTDATA)/extra.conf
	bin/unigrid --data $(TESTDATA) postgres -- go test -run '^$$' -bench . -benchtime 1x ./...

bench-import: build $(TESTDATA)/extra.conf
	UNIGRID_BENCH_CELLS=$${CELLS:-700000} UNIGRID_BENCH_POINTS=$${POINTS:-1000000} bin/unigrid --data $(TESTDATA) postgres -- \
	  go test -run '^$$' -bench 'BenchmarkImport|BenchmarkPlacePoints' -benchtime 1x -timeout 3h -p 1 ./importers ./grids/objects

bench-merge: build $(TESTDATA)/extra.conf
	bin/unigrid --data $(TESTDATA) postgres -- .ci/bench/merge $${LEAVES:-1500 50000}

# Each is left out where it is not there.
bench-draw: build $(TESTDATA)/extra.conf
	@for b in coverage balanced; do [ ! -x .ci/bench/$$b ] || bin/unigrid --data $(TESTDATA) postgres -- .ci/bench/$$b || exit 1; done

schema: build $(TESTDATA)/extra.conf
	bin/unigrid --data $(TESTDATA) postgres -- go test ./grids/database -run TestSchemaDump -update

clean:
	rm -rf bin static/dist static/node_modules
