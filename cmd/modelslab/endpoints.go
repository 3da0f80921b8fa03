package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/modelslab-go/modelslab"

	"github.com/modelslab-go/modelslab/cmd/modelslab/internal/operation"
)

type endpointsCommand struct {
	Filter string `arg:"" optional:"" help:"Part of a path or of a method, or the name of one operation."`
}

// Help is what -h says beyond the flags.
func (endpointsCommand) Help() string {
	return `Every line is an operation: the name that modelslab run takes, the method of package modelslab that does the same, and
the endpoint. The name of one operation lists its parameters.`
}

// Run lists operations. It needs no key.
func (c *endpointsCommand) Run(p *program) error {
	if one, err := operation.Find(c.Filter); err == nil {
		return p.describe(one)
	}
	found := operation.Matching(c.Filter)
	if len(found) == 0 {
		_, err := operation.Find(c.Filter)
		return usageError{err}
	}
	table := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tMETHOD\tENDPOINT")
	for _, o := range found {
		fmt.Fprintf(table, "%s\t%s\t%s %s\n", operation.Name(o), operation.Method(o), o.Method, o.Path)
	}
	return table.Flush()
}

// describe prints the parameters of an operation.
func (p *program) describe(o modelslab.Operation) error {
	fmt.Fprintf(p.out, "%s  %s  %s %s\n\n", operation.Name(o), operation.Method(o), o.Method, o.Path)
	table := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	for _, f := range operation.Parameters(o.New()) {
		required := ""
		if f.Required {
			required = "\trequired"
		}
		fmt.Fprintf(table, "%s\t%s%s\n", f.Name, f.Type, required)
	}
	return table.Flush()
}
