package delivery_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/delivery"
)

func TestTrusts(t *testing.T) {
	t.Parallel()
	table := newTable()
	long := strings.Repeat("a", 253) // no host name is longer
	table.Fetched(&delivery.Report{Links: [3][]string{{"https://pub-1.r2.dev/x", "nonsense", "https:///x", "https://" + long + "/", "https://" + long + "b/"}, nil, {"https://PUB-2.r2.dev:8443/x"}}})
	for link, want := range map[string]bool{
		"https://modelslab.com/a.png":               true,
		"https://cdn2.modelslab.com/a":              true,
		"https://CDN.ModelsLab.com/a":               true,
		"https://evilmodelslab.com/a":               false,
		"https://modelslab.com.evil.example/a":      false,
		"https://modelslab.com@evil.example/":       false,
		`https://modelslab.com\@evil.example/`:      true, // the host ends where a browser ends it
		"https://evil%2eexample/":                   false,
		"https://a b/":                              false,
		"https://pub-1.r2.dev/other":                true,
		"https://pub-1.r2.dev?x=/":                  true,
		"https://pub-1.r2.dev#x":                    true,
		"https://pub-2.r2.dev:8443/other":           true,
		"https://pub-2.r2.dev/other":                false,
		"https://pub-3.r2.dev/other":                false,
		"nonsense":                                  false,
		"https:///x":                                false,
		"https://" + long + "/":                     true,
		"https://" + long + "b/":                    false,
		"modelslab.com/a.png":                       false,
		"":                                          false,
		"https://" + strings.Repeat("a", 300) + "/": false,
	} {
		require.Equal(t, want, table.Trusts(link), link)
	}
}

func TestHostsAreBounded(t *testing.T) {
	t.Parallel()
	table := newTable()
	const kept = 1 << 10
	for i := range kept + 1 {
		table.Fetched(&delivery.Report{Links: [3][]string{{fmt.Sprintf("https://h%d.example/", i)}}})
	}
	require.False(t, table.Trusts("https://h0.example/"))
	require.True(t, table.Trusts("https://h1.example/"))
	require.True(t, table.Trusts(fmt.Sprintf("https://h%d.example/", kept)))
}
