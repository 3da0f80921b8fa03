// Command conformance compares this module with ModelsLab's OpenAPI files. It
// prints every operation and parameter of the client's requests that is missing,
// extra or of another kind, and all in which the answers of the test server
// differ from their schemas:
//
//	go run ./internal/conformance -openapi FOLDER
//
// It fails on any difference that the list of known ones does not name, and on
// a known one that is gone.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

func main() {
	folder := flag.String("openapi", "", "`folder` of OpenAPI files")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *folder, slices.Concat(known, knownAnswers)); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

var errDifferences = errors.New("the requests and the OpenAPI files differ")

// run prints what is not known, and what is known for nothing.
func run(ctx context.Context, w io.Writer, folder string, known []excuse) error {
	if folder == "" {
		return errors.New("want -openapi FOLDER")
	}
	ops, err := load(folder)
	if err != nil {
		return err
	}
	faults, err := answers(ctx, ops, endpoint.All())
	if err != nil {
		return err
	}
	unknown := map[string]bool{}
	for _, difference := range append(compare(ops, endpoint.All(), requestTypes()), faults...) {
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
