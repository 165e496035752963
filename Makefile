# The commands of this project. `make demo` and `make test` need nothing but Go, Node.js and Debian:
# what else is missing is installed with a sentence saying so (HABILIS_NO_INSTALL=1 forbids it).

.DEFAULT_GOAL := help
.PHONY: help build demo generate check test e2e fault bench timing clean

# One way to compile for the program, its tests and its linters: what one of them compiled serves the others, and a
# clone in another folder (only the race detector needs another way).
export CGO_ENABLED := 0
export GOFLAGS := -trimpath $(GOFLAGS)

# What the race detector runs. On PostgreSQL, where connections truly run side by side: whole packages that have
# goroutines or caches of their own in our process; of packages that have none, the tests that start several
# (tools/raced.mjs finds them): it sees nothing where one goroutine works alone; member's, a minute long, run in
# `make fault`. On SQLite, 37 times slower under the detector, a chosen few.
export RACE_POSTGRES := $(addprefix ./internal/,store limit job decision app)
export RACE_TESTS := $(addprefix ./internal/,audit action credential invitation enrolment login)
export RACE_SQLITE := $(addprefix ./internal/,limit job)
export RACE_SQLITE_TESTS := $(addprefix ./internal/,action)

# How hard `make fault` tries; `make test` runs the same tests with fewer rounds.
FAULT_KILLS ?= 100
FAULT_ROUNDS ?= 10000

help: ## this list
	@sed -nE 's/^([a-z0-9]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

build: ## the program, in bin/habilis
	@tools/need.sh go
	go build -mod=readonly -o bin/habilis ./cmd/habilis

demo: build ## serves the demonstration organisations on http://127.0.0.1:8080 (ARGS="--listen …")
	bin/habilis serve --demo $(ARGS)

generate: ## writes the *_templ.go anew from the *.templ
	@tools/need.sh go
	go tool -modfile=tools/go.mod templ generate

check: ## format, vet, linters, vulnerabilities, generated files, modules
	@tools/check.sh

test: ## the checks, the Go tests on SQLite and PostgreSQL, the race detector, the browser
	@tools/test.sh

e2e: ## the browser tests alone (FILES="members sites" chooses)
	@tools/need.sh go node postgresql chromium
	@tools/postgres.sh run -- node e2e/run.mjs $(FILES)

fault: ## kills, races and two processes, many more rounds than in `make test`
	@tools/need.sh go postgresql
	HABILIS_FAULT_KILLS=$(FAULT_KILLS) HABILIS_FAULT_ROUNDS=$(FAULT_ROUNDS) \
		tools/postgres.sh run -- go test -mod=readonly -count=1 -timeout 4h -run '^TestFault' -v ./...
	HABILIS_TEST_ENGINES=postgresql CGO_ENABLED=1 tools/postgres.sh run -- go test -mod=readonly -count=1 -timeout 1h -race ./internal/member

bench: ## the measurements of bench/, printed with their limits
	@tools/need.sh go postgresql
	tools/postgres.sh run -- go run ./bench $(ARGS)

timing: ## whether answers about accounts can be told apart by their times (a quiet machine)
	@tools/need.sh go postgresql
	tools/postgres.sh run -- go test -mod=readonly -count=1 -timeout 1h -tags timing -run '^TestTiming' -v ./internal/apptest

clean: ## removes what was built (never habilis-data)
	rm -rf bin e2e/node_modules e2e/shots
