package reply_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/reply"
)

func TestAResultIsAResult(t *testing.T) {
	t.Parallel()
	const a, b, p, q = "https://cdn.example.com/a.png", "https://cdn.example.com/b.png", "https://proxy.example.com/a.png", "https://proxy.example.com/b.png"
	for name, tt := range map[string]struct {
		members string
		urls    []string
		text    string
		proxies []string
	}{
		"a space in the name":            {`"output":["https://cdn.example.com/my file.png"]`, []string{"https://cdn.example.com/my file.png"}, "", nil},
		"a space in the query":           {`"output":"https://cdn.example.com/a.png?name=my file"`, []string{"https://cdn.example.com/a.png?name=my file"}, "", nil},
		"space around":                   {`"output":["  ` + a + `\n"]`, []string{a}, "", nil},
		"capitals":                       {`"output":"HTTPS://CDN.example.com/A.PNG"`, []string{"HTTPS://CDN.example.com/A.PNG"}, "", nil},
		"one a line":                     {`"output":"` + a + `\n` + b + `\r\n"`, []string{a, b}, "", nil},
		"a list in a string":             {`"output":"[\"` + a + `\",\"` + b + `\"]"`, []string{a, b}, "", nil},
		"an object in a string":          {`"output":"{\"0\":\"` + a + `\"}"`, []string{a}, "", nil},
		"a list of numbers is a text":    {`"output":"[1,2]"`, nil, "[1,2]", nil},
		"half a list is a text":          {`"output":"[\"` + a + `\""`, nil, `["` + a + `"`, nil},
		"a data URI":                     {`"output":["data:image/png;base64,AAAA"]`, []string{"data:image/png;base64,AAAA"}, "", nil},
		"a text about data":              {`"output":"data: a, b/c"`, nil, "data: a, b/c", nil},
		"a sentence with a URL":          {`"output":"` + a + ` is a picture"`, nil, a + " is a picture", nil},
		"a sentence with a site":         {`"output":"https://a.example is a site.png"`, nil, "https://a.example is a site.png", nil},
		"what describes a URL":           {`"output":{"url":"` + a + `","label":"a cat","seed":"12"}`, []string{a}, "", nil},
		"in a list":                      {`"output":[{"label":"a cat","url":"` + a + `"},{"url":"` + b + `"}]`, []string{a, b}, "", nil},
		"a caption beside a list":        {`"output":{"images":["` + a + `"],"caption":"a cat"}`, []string{a}, "a cat", nil},
		"a null before":                  {`"output":[null,"` + b + `"],"proxy_links":["` + p + `","` + q + `"]`, []string{b}, "", []string{q}},
		"an empty one between":           {`"output":["` + a + `","","` + b + `"],"proxy_links":["` + p + `","x","` + q + `"]`, []string{a, b}, "", []string{p, q}},
		"a null among the proxies":       {`"output":["` + a + `","` + b + `"],"proxy_links":[null,"` + q + `"]`, []string{a, b}, "", []string{a, q}},
		"both":                           {`"output":[null,"` + b + `"],"proxy_links":["` + p + `",null]`, []string{b}, "", []string{b}},
		"lists of different lengths":     {`"output":[null,"` + b + `"],"proxy_links":["` + q + `"]`, []string{b}, "", []string{q}},
		"nothing but a null and a proxy": {`"output":[null],"proxy_links":["` + p + `"]`, []string{p}, "", []string{p}},
	} {
		var s reply.JobState
		require.NoError(t, decode(`{"status":"success","id":1,`+tt.members+`}`, &s), name)
		require.Equal(t, tt.urls, s.Output, name)
		require.Equal(t, tt.text, s.Text, name)
		require.Equal(t, tt.proxies, s.ProxyLinks, name)
	}
}
