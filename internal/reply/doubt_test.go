package reply_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/reply"
)

func TestDoubt(t *testing.T) {
	t.Parallel()
	type answer struct {
		after   time.Duration
		message string
		failed  bool
	}
	for name, answers := range map[string][]answer{
		"three equal ones":          {{0, "a", false}, {10 * time.Second, "a", false}, {20 * time.Second, "a", true}, {21 * time.Second, "a", true}},
		"too close together":        {{0, "a", false}, {9 * time.Second, "a", false}, {19 * time.Second, "a", false}, {28 * time.Second, "a", false}, {29 * time.Second, "a", true}},
		"another one between":       {{0, "a", false}, {10 * time.Second, "a", false}, {11 * time.Second, "b", false}, {21 * time.Second, "a", false}, {31 * time.Second, "a", false}, {41 * time.Second, "a", true}},
		"all different":             {{0, "a", false}, {time.Minute, "b", false}, {2 * time.Minute, "c", false}, {3 * time.Minute, "d", false}},
		"without a word, but often": {{0, "", false}, {time.Minute, "", false}, {2 * time.Minute, "", true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d reply.Doubt
			start := time.Now()
			for _, a := range answers {
				e := &fault.Error{Doubtful: true, Message: a.message, Reason: fault.Unavailable}
				require.True(t, reply.Weighs(e))
				require.Equal(t, a.failed, d.Weigh(e, start.Add(a.after)), "%+v", a)
				require.ErrorIs(t, e, fault.Unavailable)
			}
		})
	}
}

func TestPagesAreToleratedForAWhile(t *testing.T) {
	t.Parallel()
	var d reply.Doubt
	start := time.Now()
	for second := range 41 {
		e := &fault.Error{Page: true, Reason: fault.Forbidden, HTTPStatus: 403, Message: "Forbidden"}
		require.False(t, d.Weigh(e, start.Add(time.Duration(second)*time.Second)))
		if second < 40 {
			require.ErrorIs(t, e, fault.Unavailable)
			require.ErrorContains(t, e, "page of a proxy")
		} else {
			require.ErrorIs(t, e, fault.Forbidden, "somebody means it")
		}
	}
	limited := &fault.Error{Page: true, Reason: fault.RateLimited}
	require.False(t, new(reply.Doubt).Weigh(limited, start))
	require.ErrorIs(t, limited, fault.RateLimited)
}

func TestFetchPath(t *testing.T) {
	t.Parallel()
	base, err := url.Parse("https://proxy.example.com/api")
	require.NoError(t, err)
	for address, want := range map[string][2]string{
		"https://proxy.example.com/api/v8/images/fetch/7":       {"/v8/images/fetch", "7"},
		"https://modelslab.com/api/v8/images/fetch/7":           {"/v8/images/fetch", "7"},
		"https://api.modelslab.com/api/v8/images/fetch/7?x=1#y": {"/v8/images/fetch", "7"},
		"/api/v9/a-b/c_d/fetch/ab-12":                           {"/v9/a-b/c_d/fetch", "ab-12"},
		"https://elsewhere.example.com/api/v8/images/fetch/7":   {},
		"https://evilmodelslab.com/api/v8/images/fetch/7":       {},
		"https://modelslab.com/v8/images/fetch/7":               {},
		"https://modelslab.com/api/v8/images/delete/7":          {},
		"https://modelslab.com/api/v8/images/fetch/":            {},
		"https://modelslab.com/api/v8/images/fetch":             {},
		"https://modelslab.com/api/v8/../fetch/7":               {},
		"https://modelslab.com/api//fetch/7":                    {},
		"https://modelslab.com/api/v8/images/fetch/..":          {},
		"https://modelslab.com/api/v8/im%2Fages/fetch/7":        {},
		"https://modelslab.com":                                 {},
		"":                                                      {},
	} {
		path, id, ok := reply.FetchPath(address, base)
		require.Equal(t, want[1] != "", ok, address)
		require.Equal(t, want, [2]string{path, id}, address)
	}
}
