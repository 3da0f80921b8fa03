// Command conformance compares the requests of this package with ModelsLab's
// OpenAPI files and prints every operation and parameter that is missing, extra
// or of another kind:
//
//	go run ./internal/conformance -openapi FOLDER
//
// It fails on any difference that the list of known ones does not name, and on
// a known one that is gone.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

func main() {
	folder := flag.String("openapi", "", "`folder` of OpenAPI files")
	flag.Parse()
	if err := run(os.Stdout, *folder, known); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

var errDifferences = errors.New("the requests and the OpenAPI files differ")

// run prints what is not known, and what is known for nothing.
func run(w io.Writer, folder string, known []reason) error {
	if folder == "" {
		return errors.New("want -openapi FOLDER")
	}
	ops, err := load(folder)
	if err != nil {
		return err
	}
	unknown := map[string]bool{}
	for _, difference := range compare(ops, endpoint.All(), requestTypes()) {
		unknown[difference] = true
	}
	var lines []string
	count := 0
	for _, r := range known {
		for _, difference := range r.differences {
			if count++; !unknown[difference] {
				lines = append(lines, "no longer so: "+difference)
			}
			delete(unknown, difference)
		}
	}
	lines = append(sorted(unknown), lines...)
	verdict := errDifferences
	if len(lines) == 0 {
		verdict = nil
		lines = []string{fmt.Sprintf("%d operations conform, with %d known differences", len(ops), count)}
	}
	_, err = io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return errors.Join(verdict, err)
}
