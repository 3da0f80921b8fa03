package modelslab_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

func TestParseRef(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]modelslab.Ref{
		"video/12202888":           {Kind: "video", ID: "12202888"},
		"v7/voice/1":               {Kind: "v7/voice", ID: "1"},
		"enterprise/5":             {Kind: "enterprise", ID: "5"},
		"enterprise/flux/5":        {Kind: "enterprise/flux", ID: "5"},
		"workflow/wf_1/exec_2":     {Kind: "workflow", ID: "wf_1/exec_2"},
		"/v6/new/fetch/abc-def":    {Kind: "/v6/new/fetch", ID: "abc-def"},
		"images/a%2Fb":             {Kind: "images", ID: "a/b"},
		"training/F5jvdzGnYi":      {Kind: "training", ID: "F5jvdzGnYi"},
		"3d/18446744073709551616":  {Kind: "3d", ID: "18446744073709551616"},
		"workflow/only-a-workflow": {Kind: "workflow", ID: "only-a-workflow"},
	} {
		got, err := modelslab.ParseRef(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
		require.Equal(t, text, got.String())
	}
	for _, text := range []string{"", "12202888", "nonsense/1", "video/", "video", "enterprise/nowhere/1", "video/1/2", "/7", "video/%zz", "workflow/a/b/c"} {
		_, err := modelslab.ParseRef(text)
		require.Error(t, err, "%q", text)
	}
}

func TestRefInJSON(t *testing.T) {
	t.Parallel()
	type row struct {
		Ref  modelslab.Ref
		Name string
	}
	in := row{modelslab.Ref{Kind: modelslab.KindWorkflow, ID: "a b/c%d"}, "x"}
	text, err := json.Marshal(in)
	require.NoError(t, err)
	require.JSONEq(t, `{"Ref":"workflow/a%20b/c%25d","Name":"x"}`, string(text))
	var out row
	require.NoError(t, json.Unmarshal(text, &out))
	require.Equal(t, in, out)
	require.Error(t, json.Unmarshal([]byte(`{"Ref":"nonsense/1"}`), &out))
}

func FuzzParseRef(f *testing.F) {
	for _, seed := range []string{"video/1", "workflow/a/b", "/v6/new/fetch/7", "enterprise/flux/%2F", "", "3d/", "//", "/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ref, err := modelslab.ParseRef(text)
		if err != nil {
			require.Zero(t, ref)
			return
		}
		again, err := modelslab.ParseRef(ref.String())
		require.NoError(t, err, "%q became %q", text, ref.String())
		require.Equal(t, ref, again)
	})
}
