package main

import (
	"fmt"
	"runtime/debug"

	"github.com/modelslab-go/modelslab"
)

type versionCommand struct{}

// Run prints the version of the command, which is "(devel)" when it was built
// from a clone, and that of the package in it.
func (versionCommand) Run(p *program) error {
	own, goVersion := "unknown", "go"
	if info, ok := debug.ReadBuildInfo(); ok {
		own, goVersion = info.Main.Version, info.GoVersion
	}
	_, err := fmt.Fprintf(p.out, "modelslab %s, package %s, %s\n", own, modelslab.Version, goVersion)
	return err
}
