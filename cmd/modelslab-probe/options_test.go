package main

import (
	"bytes"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestArguments(t *testing.T) {
	t.Parallel()
	const local = " -listen 127.0.0.1:1"
	for args, want := range map[string]struct {
		code int
		out  string
	}{
		"":             {exitAgrees, "All of it costs at most $0.12"},
		"-h":           {exitAgrees, "exits with 0 when nothing differs"},
		"--help":       {exitAgrees, "exits with 0 when nothing differs"},
		"-budget 0.10": {exitAgrees, "over the budget"},

		"-workflow wf -public-url https://a.example" + local:                         {exitAgrees, "All of it costs at most $0.24"},
		"-public-url https://a.example" + local:                                      {exitAgrees, "it needs -workflow"},
		"-public-url http://127.0.0.1:1 -base-url http://127.0.0.1:8787/api" + local: {exitAgrees, "Nothing has been sent"},

		"now":                            {exitUsage, `unexpected argument "now"`},
		"-yes -budget 0":                 {exitUsage, "-budget 0"},
		"-budget -1":                     {exitUsage, "-budget -1"},
		"-budget NaN":                    {exitUsage, "-budget NaN"},
		"-budget 1000":                   {exitUsage, "at most 100"},
		"-budget much":                   {exitUsage, "invalid value"},
		"-unknown":                       {exitUsage, "-unknown"},
		"-patience 0s":                   {exitUsage, "-patience"},
		"-grace -1s":                     {exitUsage, "-grace"},
		"-report=":                       {exitUsage, "-report"},
		"-base-url http://a.example/api": {exitUsage, "-base-url"},
		"-base-url https://a.example/v6": {exitUsage, "-base-url"},
		"-public-url https://a.example":  {exitUsage, "both or neither"},
		"-listen 127.0.0.1:1":            {exitUsage, "both or neither"},
		"-workflow wf":                   {exitUsage, "-workflow"},
		"-workflow-body []":              {exitUsage, "JSON object"},
		"-workflow-body null":            {exitUsage, "JSON object"},

		"-public-url http://a.example" + local:                {exitUsage, "-public-url"},
		"-public-url http://127.0.0.1" + local:                {exitUsage, "-public-url"},
		"-public-url https://a.example?b=1" + local:           {exitUsage, "no query"},
		"-public-url https://a.example -listen 0.0.0.0:1":     {exitUsage, "on this machine"},
		"-public-url https://a.example -listen 8788":          {exitUsage, "on this machine"},
		"-public-url https://a.example -workflow a/b" + local: {exitUsage, "id of a workflow"},
	} {
		var out bytes.Buffer
		p := &command{out: &out, key: key} // it has no transport: whatever is sent would panic
		require.Equal(t, want.code, p.run(t.Context(), strings.Fields(args)), args)
		require.Contains(t, out.String(), want.out, args)
	}
}

func TestHelpIsTheDocumentation(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "main.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	require.NoError(t, err)
	require.Equal(t, usage, file.Doc.Text())
}
