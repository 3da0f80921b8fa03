SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := test

BENCH ?= .
COUNT ?= 1
FUZZTIME ?= 30s
SOAK ?= 30m
PACKAGES ?= $(filter-out internal/benchcheck internal/conformance internal/footprint,$(wildcard internal/*)) webhook

ARTIFACTS := $(CURDIR)/.artifacts
BIN := $(CURDIR)/.bin
MODULES = $(shell .ci/modules)
NESTED = $(filter-out .,$(MODULES))
# in runs a command in every module of a list, to the end, and fails if it failed in any.
in = failed=; for m in $(1); do echo "== $$m"; (cd $$m && $(2)) || failed="$$failed $$m"; done; \
	[ -z "$$failed" ] || { echo "failed in:$$failed" >&2; exit 1; }

# A change that runs out of time counts as neither noticed nor unnoticed, so a busy machine must not make it so.
MUTATE ?= --threshold-efficacy 90 --workers 1 --timeout-coefficient 20

.PHONY: test check bench bench-check soak fuzz mutate portable conformance fmt lint tidy vuln apidiff setup tools

## test: vet and race tests of every module, nested ones vetted and built without the workspace too, and the examples
test: setup
	@mkdir -p $(ARTIFACTS)
	@$(call in,$(MODULES),go vet ./... && go test -race -shuffle=on -artifacts -outputdir $(ARTIFACTS) ./...)
	@export GOWORK=off; $(call in,$(NESTED),go vet ./... && go build -o /dev/null ./...)
	.ci/examples

## portable: packages and tests build and vet for Windows and macOS
portable:
	@export CGO_ENABLED=0 GOOS=windows; $(call in,$(MODULES),go vet ./...)
	@export CGO_ENABLED=0 GOOS=darwin; $(call in,$(MODULES),go vet ./...)

## check: all of CI; conformance when OPENAPI=folder is given
check: test portable lint tidy vuln $(if $(OPENAPI),conformance)

## bench: benchmarks of every module (BENCH=pattern, COUNT=n for benchstat)
bench:
	@$(call in,$(MODULES),go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./...)

## bench-check: what the library costs beside the plainest code, against its bars (BENCHCHECK=flags, such as -slow)
bench-check:
	go run ./internal/benchcheck $(BENCHCHECK)

## soak: processes of the durable engine killed every 20 seconds for SOAK, on both databases
soak: setup
	@$(call in,contrib/sqlite contrib/river,go test -tags soak -run '^TestSoak$$' -timeout 0 -v . -soak $(SOAK))

## fuzz: every fuzz target for FUZZTIME
fuzz:
	FUZZTIME=$(FUZZTIME) .ci/fuzz

## mutate: whether the tests of PACKAGES notice a changed operator or condition (defaults to internal packages and webhook)
mutate: tools
	@for p in $(PACKAGES); do echo "== $$p"; $(BIN)/gremlins unleash $(MUTATE) ./$$p || failed="$${failed:-} $$p"; done; \
	[ -z "$${failed:-}" ] || { echo "efficacy under 90 % in:$$failed" >&2; exit 1; }

## conformance: requests and the test server's answers against the vendor's OpenAPI files (OPENAPI=folder)
conformance:
	go run ./internal/conformance -openapi "$(or $(OPENAPI),$(error set OPENAPI to the folder of OpenAPI files))"

## fmt: format every module
fmt: tools
	@$(call in,$(MODULES),$(BIN)/golangci-lint fmt -c $(CURDIR)/.golangci.yml)

## lint: golangci-lint in every module
lint: tools
	@$(call in,$(MODULES),$(BIN)/golangci-lint run -c $(CURDIR)/.golangci.yml ./...)

## tidy: fail when a go.mod or go.sum is not tidy
tidy:
	@export GOWORK=off; $(call in,$(MODULES) tools,go mod tidy -diff)

## vuln: govulncheck in every module
vuln: tools
	.ci/vuln

## apidiff: exported API against the newest tag
apidiff: tools
	.ci/apidiff

setup:
	.ci/setup

tools:
	GOWORK=off GOBIN=$(BIN) go install -C tools tool
