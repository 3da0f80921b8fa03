package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

const key = "sk-live-0123456789"

// The questions by their places in the list.
const (
	query = iota
	eta
	synchronous
	text
	number
	ids
	progress
	workflow
	keyHeader
	limit
)

// api is an API that the probe is pointed at.
type api struct {
	script  func(*modelslabtest.Request) *modelslabtest.Fault // comes before the faults
	faults  map[string]modelslabtest.Fault                    // by path, "*" for all others
	lenient bool
	key     string                                                       // what its key has more than that of the probe
	deliver func(w http.ResponseWriter, r *http.Request, h http.Handler) // nil delivers as it is
	args    []string
	private bool // no public URL and no workflow
}

// fault picks the fault of a call: the API is as the library assumes it to be,
// apart from what the test says.
func (a *api) fault(r *modelslabtest.Request) *modelslabtest.Fault {
	if a.script != nil {
		if f := a.script(r); f != nil {
			return f
		}
	}
	assumed := map[string]modelslabtest.Fault{
		"/v6/images/text2img":      {TwoIDs: true},
		"/v6/realtime/text2img":    {Sync: true},
		"/v1/workflows/wf_abc/run": {Fail: "Processing failed"},
	}
	if f, ok := a.faults[r.Path]; ok {
		return &f
	}
	if f, ok := a.faults["*"]; ok {
		return &f
	}
	if f, ok := assumed[r.Path]; ok {
		return &f
	}
	return nil
}

// result is what the probe made of it.
type result struct {
	code     int
	out      string
	report   string
	verdicts []verdict
	requests []modelslabtest.Request
	recorded string // path
}

// probe runs the command against an API in virtual time.
func probe(t *testing.T, a *api) (res result) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		opts := []modelslabtest.Option{
			modelslabtest.WithKey(key + a.key), modelslabtest.WithLatency(20 * time.Second),
			modelslabtest.WithWorkflow(modelslabtest.Workflow{ID: "wf_abc", Webhook: "https://probe.example/hook/workflow"}),
		}
		if !a.lenient {
			opts = append(opts, modelslabtest.WithStrict())
		}
		srv := modelslabtest.NewServer(opts...)
		defer srv.Close()
		srv.Script(a.fault)
		var out bytes.Buffer
		p := &command{out: &out, key: key, transport: srv.HTTPClient().Transport}
		p.listen = func(_ context.Context, _ string, h http.Handler) (func(), error) {
			srv.DeliverTo(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if a.deliver == nil {
					h.ServeHTTP(w, r)
				} else {
					a.deliver(w, r, h)
				}
			}))
			return func() {}, nil
		}
		args := []string{"-yes", "-report", filepath.Join(dir, "report.md"), "-out", filepath.Join(dir, "recordings")}
		if !a.private {
			args = append(args, "-public-url", "https://probe.example/hook", "-listen", "127.0.0.1:8788", "-workflow", "wf_abc")
		}
		res.code = p.run(t.Context(), append(args, a.args...))
		res.out, res.requests = out.String(), srv.Requests()
	})
	res.recorded = filepath.Join(dir, "recordings", "probe.json")
	if report, err := os.ReadFile(filepath.Join(dir, "report.md")); err == nil {
		res.report = string(report)
	}
	for line := range strings.Lines(res.report) {
		if v, ok := strings.CutPrefix(line, "- Verdict: **"); ok {
			res.verdicts = append(res.verdicts, verdict(strings.TrimSuffix(v, "**\n")))
		}
	}
	return res
}

func (res *result) submits() map[string]int {
	submits := map[string]int{}
	for _, r := range res.requests {
		if r.Call == modelslabtest.Submit {
			submits[r.Path]++
		}
	}
	return submits
}

func sectionOf(report string, question int) string {
	return strings.Split(report, "\n## ")[question+1]
}

// withoutQuery loses the query of the callback URL of a trial.
func withoutQuery(trial string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, h http.Handler) {
		if strings.HasSuffix(r.URL.Path, "/"+trial) {
			r.URL.RawQuery = "from=api"
		}
		h.ServeHTTP(w, r)
	}
}

func TestAllAsAssumed(t *testing.T) {
	t.Parallel()
	res := probe(t, &api{})
	require.Equal(t, exitAgrees, res.code, res.out)
	require.Contains(t, res.out, "Nothing differs")
	require.Len(t, res.verdicts, len(questions))
	for i, v := range res.verdicts {
		require.Equal(t, agrees, v, res.report, questions[i].text)
	}
	require.Equal(t, map[string]int{
		"/v6/images/text2img": 1, "/v6/realtime/text2img": 1, "/v6/voice/lyrics_generator": 2, "/v1/workflows/wf_abc/run": 1,
	}, res.submits(), "each job serves several questions")
}

func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	for _, a := range []api{{}, {deliver: withoutQuery("image")}, {faults: map[string]modelslabtest.Fault{
		"/v6/images/text2img":        {Body: `{"status":"error","message":"no such key ` + key + `"}`},
		"/v6/voice/lyrics_generator": {Status: 500, Body: "<p>" + key + "</p>"},
	}}} {
		res := probe(t, &a)
		recorded, err := os.ReadFile(res.recorded)
		require.NoError(t, err)
		for _, text := range []string{res.out, res.report, string(recorded)} {
			require.NotEmpty(t, text)
			require.NotContains(t, text, key)
			require.NotContains(t, text, "sig=")
		}
	}
}

// What the probe recorded is what a test server answers from then on.
func TestRecordingsReplay(t *testing.T) {
	t.Parallel()
	res := probe(t, &api{})
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithRecording(res.recorded))
		defer srv.Close()
		delivered := make(chan string, 1)
		srv.DeliverTo(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { delivered <- r.URL.Path }))
		var trackID string
		for _, r := range res.requests {
			if r.Path == "/v6/realtime/text2img" {
				trackID = r.TrackID
			}
		}
		job, err := srv.Client().Image.RealtimeTextToImage(t.Context(), &modelslab.RealtimeTextToImageRequest{
			Prompt: "a red dot on white", Width: new(256), Height: new(256), Samples: new(1), Webhook: "https://your-server.com/hook", TrackID: trackID,
		})
		require.NoError(t, err)
		require.Equal(t, modelslab.StatusSuccess, job.Status)
		require.Equal(t, "/hook", <-delivered)
	})
}

func TestWithoutPublicURL(t *testing.T) {
	t.Parallel()
	res := probe(t, &api{private: true})
	require.Equal(t, exitAgrees, res.code, res.out)
	require.Len(t, res.verdicts, len(questions))
	for i, v := range res.verdicts {
		if questions[i].callback {
			require.Equal(t, open, v, questions[i].text)
			require.Contains(t, sectionOf(res.report, i), "it needs -public-url")
		} else {
			require.Equal(t, agrees, v, res.report)
		}
	}
	for _, r := range res.requests {
		require.NotContains(t, string(r.Body), "webhook")
	}
	require.NotContains(t, res.submits(), "/v6/realtime/text2img", "only a question about webhooks wants it")
}

func TestBudget(t *testing.T) {
	t.Parallel()
	for budget, submits := range map[string]int{"0.01": 0, "0.02": 1, "0.04": 2, "0.09": 3, "0.14": 4, "0.24": 5} {
		res := probe(t, &api{args: []string{"-budget", budget}})
		require.Equal(t, exitAgrees, res.code, res.out)
		sent := 0
		for _, n := range res.submits() {
			sent += n
		}
		require.Equal(t, submits, sent, budget)
		require.Equal(t, submits < 5, strings.Contains(res.report, "the budget of $"+budget+" does not reach"), budget)
		require.Equal(t, agrees, res.verdicts[keyHeader], "what is free is asked")
	}
}

// What the wallet lost counts, where that is more than was guessed.
func TestBudgetOfTheWallet(t *testing.T) {
	t.Parallel()
	balances, calls := []string{"10", "10", "10", "9.6"}, 0
	res := probe(t, &api{script: func(r *modelslabtest.Request) *modelslabtest.Fault {
		if r.Path != "/wallet_balance" {
			return nil
		}
		balance := balances[min(calls, len(balances)-1)]
		calls++
		return &modelslabtest.Fault{Body: `{"status":"success","data":{"balance":` + balance + `,"currency":"USD"}}`}
	}, args: []string{"-budget", "0.42"}})
	require.Contains(t, res.out, "$0.40 are spent, this costs up to $0.05")
	require.Equal(t, map[string]int{"/v6/images/text2img": 1, "/v6/realtime/text2img": 1}, res.submits())
}

// A wallet that cannot be read stops nobody.
func TestWithoutWallet(t *testing.T) {
	t.Parallel()
	res := probe(t, &api{faults: map[string]modelslabtest.Fault{"/wallet_balance": modelslabtest.Refused(404, "Not found")}})
	require.Equal(t, exitAgrees, res.code, res.out)
	require.Equal(t, agrees, res.verdicts[query])
}

func TestCannotBeAsked(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]api{
		"unreachable": {faults: map[string]modelslabtest.Fault{"*": {NoConnection: true}}},
		"wrong key":   {key: "-other"},
		"forbidden":   {faults: map[string]modelslabtest.Fault{"/wallet_balance": modelslabtest.Refused(403, "No")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := probe(t, &a)
			require.Equal(t, exitUnasked, res.code, res.out)
			require.Contains(t, res.out, "cannot be asked")
			require.NotContains(t, res.out, key)
			require.Empty(t, res.report)
			require.Empty(t, res.submits())
		})
	}
	var out bytes.Buffer
	require.Equal(t, exitUnasked, (&command{out: &out}).run(t.Context(), []string{"-yes"}))
	require.Contains(t, out.String(), "MODELSLAB_API_KEY")
}
