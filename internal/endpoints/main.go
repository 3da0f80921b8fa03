// Command endpoints writes docs/endpoints.md from the endpoint table:
//
//	go run ./internal/endpoints -o docs/endpoints.md
//	go run ./internal/endpoints -check docs/endpoints.md
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	out := flag.String("o", "", "`file` to write; standard output without it")
	check := flag.String("check", "", "`file` to compare, in place of writing one")
	flag.Parse()
	if err := run(os.Stdout, *out, *check); err != nil {
		fmt.Fprintln(os.Stderr, "endpoints:", err)
		os.Exit(1)
	}
}

func run(stdout io.Writer, out, check string) error {
	text, err := page()
	switch {
	case err != nil:
		return err
	case check != "":
		return compare(check, text)
	case out != "":
		return os.WriteFile(out, text, 0o644) //nolint:gosec // a page of documentation, for everybody to read
	}
	_, err = stdout.Write(text)
	return err
}

var errStale = errors.New("it is not what the table says; run: go run ./internal/endpoints -o docs/endpoints.md")

func compare(file string, want []byte) error {
	got, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%s: %w", file, errStale)
	}
	return nil
}
