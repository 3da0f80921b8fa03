package batch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/cmd/modelslab/internal/operation"
	"github.com/modelslab-go/modelslab/cmd/modelslab/internal/progress"
)

// noFiles has no files: the requests of these tests name none.
type noFiles struct{}

func (noFiles) Open(string) (modelslab.Media, error) {
	return modelslab.Media{}, errors.New("no files")
}

func pictures(n int) []*Item {
	items := make([]*Item, n)
	for i := range items {
		items[i] = &Item{Index: i, Operation: "text2img", State: Unsent, Parameters: []operation.Assignment{
			{Name: "prompt", Value: fmt.Sprintf("Study number %d", i)}, {Name: "model_id", Value: "flux"},
		}}
	}
	return items
}

func films(n int) []*Item {
	items := pictures(n)
	for _, it := range items { // no thumbnails have to be made of them
		it.Operation, it.Parameters[1].Value = "text2video", "cogvideox"
	}
	return items
}

func config(srv *modelslabtest.Server, dir string) Config {
	return Config{
		Dir: dir, Client: srv.Client(modelslab.WithQueueLimit(modelslab.PayAsYouGo)), Files: noFiles{}, API: "test",
	}
}

// interrupted runs a batch that is interrupted softly, and a while later hard.
func interrupted(t *testing.T, b *Batch, soft, hard time.Duration, show progress.Display) {
	t.Helper()
	softly, stop := context.WithTimeout(t.Context(), soft)
	defer stop()
	hardly, leave := context.WithTimeout(t.Context(), soft+hard)
	defer leave()
	require.NoError(t, b.Run(softly, hardly, show))
}

const never = 1000 * time.Hour

// Random interrupts of a batch, which is gone on with until it is done. The
// server counts what was sent.
func TestInterrupts(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				rnd := rand.New(rand.NewPCG(seed, 7))
				srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(1200*time.Millisecond))
				defer srv.Close()
				slow := rand.New(rand.NewPCG(seed, 8))
				srv.Script(func(r *modelslabtest.Request) *modelslabtest.Fault {
					if r.Call != modelslabtest.Submit {
						return nil
					}
					return &modelslabtest.Fault{Slow: time.Duration(slow.IntN(500)) * time.Millisecond}
				})
				const n = 60
				var b *Batch
				for _, hard := range []time.Duration{time.Duration(rnd.Int64N(int64(2 * time.Second))), never, never} {
					var err error
					b, err = New(config(srv, dir), films(n))
					require.NoError(t, err)
					soft := time.Duration(rnd.Int64N(int64(10 * time.Second)))
					if hard == never && len(b.With(Unsent)) < n/2 {
						soft = never
					}
					interrupted(t, b, soft, hard, progress.Silent{})
				}
				b, err := New(config(srv, dir), nil)
				require.NoError(t, err)
				interrupted(t, b, never, 0, progress.Silent{})
				require.Len(t, b.With(Done), n)
				require.Equal(t, n, srv.Stats().Submits, "nothing is sent twice, nothing is lost")
				require.LessOrEqual(t, srv.Stats().MaxOpen, modelslab.PayAsYouGo)
				films, err := filepath.Glob(filepath.Join(dir, "*-study-*"))
				require.NoError(t, err)
				require.Len(t, films, n)
			})
		})
	}
}

func TestTheFirstInterruptFinishesOpenJobs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(10*time.Second))
		defer srv.Close()
		b, err := New(config(srv, dir), films(100))
		require.NoError(t, err)
		var out strings.Builder
		interrupted(t, b, 15*time.Second, never, progress.NewLines(&out, 100))
		require.Equal(t, 10, srv.Stats().Submits)
		require.Len(t, b.With(Done), 10)
		require.Len(t, b.With(Unsent), 90)
		require.EqualError(t, b.Report(&out), "0 jobs are open and 90 requests unsent: the same command goes on")
		require.Contains(t, out.String(), "10 of 100 saved, 0 failed")
	})
}

// The second interrupt finds submits under way: their answers are awaited.
func TestTheSecondInterruptLeavesWhatIsOpen(t *testing.T) {
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
		start := time.Now()
		b, err := New(config(srv, dir), films(20))
		require.NoError(t, err)
		interrupted(t, b, time.Second, 0, progress.Silent{})
		require.Equal(t, 30*time.Second, time.Since(start), "the answers are awaited, the jobs are not")
		require.Equal(t, 5, srv.Stats().Submits)

		again, err := New(config(srv, dir), films(20))
		require.NoError(t, err)
		require.Len(t, again.With(Open), 5)
		require.Len(t, again.With(Unsent), 15)
		require.NoError(t, again.journal.close())
	})
}

// The answer to a submit is lost: whether its job runs nobody knows, so it is
// left alone from then on.
func TestUnknownOutcomes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict())
		defer srv.Close()
		srv.Next(modelslabtest.Submit, modelslabtest.LostAnswer())
		for range 2 {
			b, err := New(config(srv, dir), films(10))
			require.NoError(t, err)
			interrupted(t, b, never, 0, progress.Silent{})
			require.Len(t, b.With(Unknown), 1)
			require.NotEmpty(t, b.With(Unknown)[0].TrackID)
			require.Len(t, b.With(Done), 9)
			require.EqualError(t, b.Report(new(strings.Builder)), "1 of 10 failed")
		}
		require.Equal(t, 10, srv.Stats().Submits)
	})
}

// Requests of an account that is refused are not sent one after the other, and
// they are sent when it is no more.
func TestRefusedAccount(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict())
		defer srv.Close()
		srv.Script(func(*modelslabtest.Request) *modelslabtest.Fault {
			f := modelslabtest.Refused(402, "Insufficient credits")
			return &f
		})
		b, err := New(config(srv, dir), films(50))
		require.NoError(t, err)
		interrupted(t, b, never, 0, progress.Silent{})
		require.NotEmpty(t, b.With(Refused))
		require.Less(t, len(b.With(Refused)), 20)
		require.Error(t, b.Report(new(strings.Builder)))

		srv.Script(nil)
		b, err = New(config(srv, dir), films(50))
		require.NoError(t, err)
		interrupted(t, b, never, 0, progress.Silent{})
		require.Len(t, b.With(Done), 50)
		require.NoError(t, b.Report(new(strings.Builder)))
	})
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	const head = `{"api":"test"}` + "\n"
	for _, tt := range []struct {
		name, journal string
		items         []*Item
		err           string
	}{
		{"nothing", "", nil, "there is no batch in "},
		{"no journal", "[]\n", nil, "it is no journal of a batch"},
		{"another API", `{"api":"emulator"}` + "\n", films(1), "was sent to emulator, not to test"},
		{"no items", head, nil, "there is no batch in "},
		{"items out of order", head + `{"index":1}` + "\n", nil, "item 1 is out of order"},
		{"no JSON", head + "{\n", nil, "unexpected end of JSON input"},
		{"other requests", head + `{"index":0,"operation":"sfx"}` + "\n", films(2), "request 1 is not that of the batch"},
		{"fewer requests", head + `{"index":0}` + "\n" + `{"index":1}` + "\n", films(1), "has a batch of 2 requests, and the file 1"},
		{"an unknown operation", "", []*Item{{Operation: "text2mig"}}, "did you mean text2img?"},
		{"a parameter short", "", []*Item{{Operation: "text2img"}}, "request 1: text2img wants model_id and prompt"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if tt.journal != "" {
				require.NoError(t, os.WriteFile(filepath.Join(dir, journalFile), []byte(tt.journal), 0o600))
			}
			_, err := New(Config{Dir: dir, Files: noFiles{}, API: "test"}, tt.items)
			require.ErrorContains(t, err, tt.err)
		})
	}
}

// A kill leaves half a line, and a request that may have been sent.
func TestAfterAKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := Config{Dir: dir, Files: noFiles{}, API: "test"}
	b, err := New(c, films(3))
	require.NoError(t, err)
	_, err = New(c, films(3))
	require.ErrorContains(t, err, "another process runs the batch")
	_, ok := b.next(b.items[0])
	require.True(t, ok)
	_, err = b.journal.file.WriteString(`{"index":1,"sta`)
	require.NoError(t, err)
	require.NoError(t, b.journal.close())

	b, err = New(c, films(4))
	require.NoError(t, err)
	require.Len(t, b.With(Unknown), 1)
	require.Len(t, b.With(Unsent), 3, "one was added to the file")
	require.NoError(t, b.journal.close())
	b, err = New(c, nil)
	require.NoError(t, err)
	require.Equal(t, 4, b.Len())
	require.Equal(t, films(4)[3], b.items[3])
	require.NoError(t, b.journal.close())
}

func FuzzJournal(f *testing.F) {
	f.Add([]byte(`{"api":"test"}` + "\n" + `{"index":0,"state":"done"}` + "\n"))
	f.Add([]byte("{"))
	f.Fuzz(func(t *testing.T, text []byte) {
		items, whole, err := readJournal(strings.NewReader(string(text)), "test")
		if err != nil {
			return
		}
		require.LessOrEqual(t, whole, int64(len(text)))
		for i, it := range items {
			require.Equal(t, i, it.Index)
		}
	})
}
