SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := test

BENCH ?= .
COUNT ?= 1
FUZZTIME ?= 30s

ARTIFACTS := $(CURDIR)/.artifacts
BIN := $(CURDIR)/.bin
MODULES = $(shell .ci/modules)
NESTED = $(filter-out .,$(MODULES))
in = for m in $(1); do echo "== $$m"; (cd $$m && $(2)); done

.PHONY: test check bench fuzz conformance fmt lint tidy vuln apidiff setup tools

## test: vet and race tests of every module, nested ones without the workspace too, and the examples
test: setup
	@mkdir -p $(ARTIFACTS)
	@$(call in,$(MODULES),go vet ./... && go test -race -shuffle=on -artifacts -outputdir $(ARTIFACTS) ./...)
	@export GOWORK=off; $(call in,$(NESTED),go vet ./... && go test ./...)
	.ci/examples

## check: all of CI; conformance when OPENAPI=folder is given
check: test lint tidy vuln $(if $(OPENAPI),conformance)

## bench: benchmarks of every module (BENCH=pattern, COUNT=n for benchstat)
bench:
	@$(call in,$(MODULES),go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./...)

## fuzz: every fuzz target for FUZZTIME
fuzz:
	FUZZTIME=$(FUZZTIME) .ci/fuzz

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
