package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"
)

// films are n items without pictures, of which no thumbnails have to be made.
func films(n int) []*item {
	items := make([]*item, n)
	for i := range items {
		items[i] = &item{
			Index: i, Kind: "video", Prompt: fmt.Sprintf("Study number %d", i), Seed: int64(i),
			TrackID: fmt.Sprintf("batch-test-%03d", i), State: unsent,
		}
	}
	return items
}

// TestInterrupts presses Ctrl-C once or twice at random moments of a batch,
// resumes it, presses again, and lets it end. The server counts.
func TestInterrupts(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				rnd := rand.New(rand.NewPCG(seed, 7))
				srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatencyFunc(latency))
				defer srv.Close()
				slow := rand.New(rand.NewPCG(seed, 8))
				srv.Script(func(r *modelslabtest.Request) *modelslabtest.Fault {
					if r.Call != modelslabtest.Submit {
						return nil
					}
					return &modelslabtest.Fault{Slow: time.Duration(slow.IntN(500)) * time.Millisecond}
				})
				const n = 200
				items := films(n)
				for run := 0; ; run++ {
					require.Less(t, run, 5)
					var interrupts chan os.Signal
					if run < 2 {
						interrupts = press(rnd)
					}
					b := newBatch(config{out: dir}, items)
					b.client = srv.Client(modelslab.WithQueueLimit(modelslab.PayAsYouGo))
					b.display = &lines{w: new(strings.Builder), total: n}
					require.NoError(t, b.run(interrupts))
					require.FileExists(t, filepath.Join(dir, "index.html"))

					var err error
					if items, err = loadResume(dir); err != nil {
						require.ErrorContains(t, err, "there is nothing to resume")
						items = b.items
						break
					}
				}
				stats := srv.Stats()
				require.Equal(t, n, stats.Submits, "nothing is sent twice, nothing is lost")
				require.Equal(t, n, stats.Succeeded)
				require.LessOrEqual(t, stats.MaxOpen, modelslab.PayAsYouGo)
				require.Zero(t, stats.Refused)
				for _, it := range items {
					require.Equal(t, 1, srv.Accepted(it.TrackID))
					require.Equal(t, done, it.State, it.Error)
					require.Len(t, it.Files, 1)
					require.FileExists(t, filepath.Join(dir, it.Files[0]))
				}
				files, err := os.ReadDir(dir)
				require.NoError(t, err)
				require.Len(t, files, n+1, "the files and the gallery")
			})
		})
	}
}

// press presses Ctrl-C once or twice in the first minute.
func press(rnd *rand.Rand) chan os.Signal {
	interrupts := make(chan os.Signal, 2)
	first := time.Duration(rnd.Int64N(int64(time.Minute)))
	time.AfterFunc(first, func() { interrupts <- os.Interrupt })
	if rnd.IntN(3) > 0 {
		again := time.Duration(rnd.Int64N(int64(2 * time.Second)))
		time.AfterFunc(first+again, func() { interrupts <- os.Interrupt })
	}
	return interrupts
}

func TestTheFirstInterruptFinishesOpenJobs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(10*time.Second))
		defer srv.Close()
		interrupts := make(chan os.Signal, 2)
		time.AfterFunc(15*time.Second, func() { interrupts <- os.Interrupt })
		var out strings.Builder
		b := newBatch(config{out: dir}, films(100))
		b.client, b.display = srv.Client(modelslab.WithQueueLimit(5)), &lines{w: &out, total: 100}
		require.NoError(t, b.run(interrupts))
		require.Equal(t, 10, srv.Stats().Submits)
		require.Len(t, b.with(done), 10)
		require.Len(t, b.with(unsent), 90)
		require.Contains(t, out.String(), "stopping: no more prompts are sent")
		require.EqualError(t, b.report(&out), "0 jobs are open and 90 prompts unsent: go on with -resume")
	})
}

// TestTheSecondInterruptWritesDownWhatIsOpen has submits under way when it comes.
func TestTheSecondInterruptWritesDownWhatIsOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(time.Hour))
		defer srv.Close()
		srv.Script(func(r *modelslabtest.Request) *modelslabtest.Fault {
			if r.Call == modelslabtest.Submit {
				return &modelslabtest.Fault{Slow: 30 * time.Second}
			}
			return nil
		})
		interrupts := make(chan os.Signal, 2)
		time.AfterFunc(time.Second, func() { interrupts <- os.Interrupt; interrupts <- syscall.SIGTERM })
		start := time.Now()
		b := newBatch(config{out: dir}, films(20))
		b.client, b.display = srv.Client(modelslab.WithQueueLimit(5)), &lines{w: new(strings.Builder), total: 20}
		require.NoError(t, b.run(interrupts))
		require.Equal(t, 30*time.Second, time.Since(start), "the answers are awaited, the jobs are not")
		require.Equal(t, 5, srv.Stats().Submits)

		items, err := loadResume(dir)
		require.NoError(t, err)
		again := newBatch(config{out: dir}, items)
		require.Len(t, again.with(open), 5)
		require.Len(t, again.with(unsent), 15)
		for _, it := range again.with(open) {
			require.False(t, it.Ref.IsZero())
		}
		again.startOver()
		require.Len(t, again.with(unsent), 20, "after a test server that is gone")
	})
}

func TestWhatCannotBeResumed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, file, err string }{
		{"nothing", "", "there is nothing to resume in "},
		{"no JSON", "{", "resume.json: unexpected end of JSON input"},
		{"no items", `{"items":[]}`, "resume.json has no items"},
		{"items out of order", `{"items":[{"index":1}]}`, "resume.json: item 0 is out of order"},
		{"null", `{"items":[null]}`, "resume.json: item 0 is out of order"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if tt.file != "" {
				require.NoError(t, os.WriteFile(filepath.Join(dir, resumeFile), []byte(tt.file), 0o600))
			}
			_, err := load(config{out: dir, resume: true, limit: 5})
			require.ErrorContains(t, err, tt.err)
		})
	}
}

// TestUnknownOutcomes loses the answer to a submit: whether its job runs
// nobody knows, so that resuming must leave it alone.
func TestUnknownOutcomes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict())
		defer srv.Close()
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{Reset: true, Accept: true})
		b := newBatch(config{out: dir}, films(10))
		b.client, b.display = srv.Client(modelslab.WithQueueLimit(5)), &lines{w: new(strings.Builder), total: 10}
		require.NoError(t, b.run(nil))
		require.Len(t, b.with(unknown), 1)
		require.Len(t, b.with(done), 9)
		require.NoFileExists(t, filepath.Join(dir, resumeFile), "there is nothing that could be done about it")
	})
}
