package modelslab_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

// prompts is a sequence of n requests that differ.
func prompts(n int) iter.Seq[modelslab.Request] {
	return func(yield func(modelslab.Request) bool) {
		for i := range n {
			if !yield(prompt(i)) {
				return
			}
		}
	}
}

func prompt(i int) *modelslab.TextToVideoRequest {
	return &modelslab.TextToVideoRequest{
		ModelID: "cogvideox", Prompt: fmt.Sprintf("study number %d", i), TrackID: fmt.Sprintf("track-%d", i),
	}
}

// collect runs a batch to its end and checks that every index came once.
func collect(t *testing.T, outcomes iter.Seq2[int, modelslab.Outcome]) map[int]modelslab.Outcome {
	t.Helper()
	all := map[int]modelslab.Outcome{}
	for i, o := range outcomes {
		require.NotContains(t, all, i)
		all[i] = o
	}
	return all
}

func TestRunAllKeepsToTheQueueLimit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		opts []modelslab.Option
	}{
		{"its own", nil},
		{"the client's", []modelslab.Option{modelslab.WithQueueLimit(modelslab.PayAsYouGo)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatencyFunc(uneven))
				defer srv.Close()
				all := collect(t, srv.Client(tt.opts...).RunAll(t.Context(), prompts(100)))
				require.Len(t, all, 100)
				for i, o := range all {
					require.NoError(t, o.Err)
					require.Equal(t, modelslab.StatusSuccess, o.Job.Status)
					require.Equal(t, o.Job.Ref, o.Ref)
					require.Equal(t, fmt.Sprintf("track-%d", i), o.TrackID)
					require.Equal(t, 1, o.Attempts)
					require.GreaterOrEqual(t, o.Took, time.Second)
				}
				stats := srv.Stats()
				require.Equal(t, 100, stats.Submits)
				require.Equal(t, 5, stats.MaxOpen)
				require.Zero(t, stats.Refused)
			})
		})
	}
}

// uneven is a latency of one to ten seconds that depends on the request.
func uneven(r *modelslabtest.Request) time.Duration {
	sum := 0
	for _, b := range r.Body {
		sum += int(b)
	}
	return time.Duration(1+sum%10) * time.Second
}

func TestRunAllYieldsAsJobsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict())
		defer srv.Close()
		srv.Script(func(r *modelslabtest.Request) *modelslabtest.Fault {
			switch {
			case r.Call != modelslabtest.Submit:
				return nil
			case r.TrackID == "track-0":
				return &modelslabtest.Fault{Took: time.Minute}
			case r.TrackID == "track-1":
				return &modelslabtest.Fault{Fail: "out of memory"}
			}
			return nil
		})
		var order []int
		for i, o := range srv.Client().RunAll(t.Context(), prompts(4)) {
			order = append(order, i)
			if i != 1 {
				require.NoError(t, o.Err)
				continue
			}
			var failed *modelslab.JobError
			require.ErrorAs(t, o.Err, &failed)
			require.Equal(t, "out of memory", failed.Job.Message)
			require.Equal(t, failed.Job.Ref, o.Ref)
		}
		require.Len(t, order, 4)
		require.Equal(t, 0, order[3], "the slow one comes last: %v", order)
	})
}

func TestRunAllGoesOnAfterAnUnusableRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict())
		defer srv.Close()
		requests := []modelslab.Request{prompt(0), &modelslab.TextToVideoRequest{}, nil, prompt(3)}
		all := collect(t, srv.Client().RunAll(t.Context(), slices.Values(requests)))
		require.Len(t, all, 4)
		require.NoError(t, all[0].Err)
		require.ErrorIs(t, all[1].Err, modelslab.ErrInvalid)
		require.ErrorIs(t, all[2].Err, modelslab.ErrInvalid)
		require.NoError(t, all[3].Err)
		require.Equal(t, 2, srv.Stats().Submits)
	})
}

func TestRunAllTakesRequestsLazily(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(time.Minute))
		defer srv.Close()
		var taken atomic.Int64
		requests := func(yield func(modelslab.Request) bool) {
			for i := range 1_000_000 {
				taken.Add(1)
				if !yield(prompt(i)) {
					return
				}
			}
		}
		n := 0
		for range srv.Client().RunAll(t.Context(), requests) {
			synctest.Wait()
			require.LessOrEqual(t, taken.Load(), int64(n+5+1))
			if n++; n == 20 {
				break
			}
		}
	})
}

func TestRunAllWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatencyFunc(uneven))
		defer srv.Close()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		all := map[int]modelslab.Outcome{}
		for i, o := range srv.Client().RunAll(ctx, prompts(1000)) {
			if all[i] = o; len(all) == 30 {
				cancel()
			}
		}
		stats := srv.Stats()
		require.Len(t, all, stats.Submits, "one outcome for each accepted job")
		require.Less(t, stats.Submits, 40)
		open := 0
		for _, o := range all {
			require.False(t, o.Ref.IsZero())
			if o.Err == nil {
				continue
			}
			open++
			var waiting *modelslab.WaitError
			require.ErrorAs(t, o.Err, &waiting)
			require.ErrorIs(t, o.Err, context.Canceled)
			require.Equal(t, o.Ref, waiting.Ref)
		}
		require.Positive(t, open)
		for _, o := range all {
			job, err := srv.Client().Wait(t.Context(), o.Ref)
			require.NoError(t, err)
			require.Equal(t, modelslab.StatusSuccess, job.Status)
		}
	})
}

func TestRunAllAnswersSubmitsUnderWay(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		stop func(cancel func()) (leave bool)
	}{
		{"break", func(func()) bool { return true }},
		{"context", func(cancel func()) bool { cancel(); return false }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := modelslabtest.NewServer(modelslabtest.WithStrict())
				defer srv.Close()
				srv.Script(func(r *modelslabtest.Request) *modelslabtest.Fault {
					if r.TrackID == "track-0" {
						return &modelslabtest.Fault{Took: time.Second}
					}
					return &modelslabtest.Fault{Slow: 20 * time.Second, Took: time.Hour}
				})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				refs := make(chan modelslab.Ref, 100)
				for range srv.Client().RunAll(ctx, prompts(100), modelslab.OnUpdate(func(j *modelslab.Job) { refs <- j.Ref })) {
					if tt.stop(cancel) {
						break
					}
				}
				close(refs)
				told := map[modelslab.Ref]bool{}
				for ref := range refs {
					told[ref] = true
				}
				require.Len(t, told, srv.Stats().Submits)
				require.Greater(t, len(told), 4)
				synctest.Wait()
			})
		})
	}
}

func TestRunAllOfAnEndedSequenceWaitsForWhatIsOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(10*time.Second))
		defer srv.Close()
		var stopped atomic.Bool
		requests := func(yield func(modelslab.Request) bool) {
			for i := 0; !stopped.Load() && yield(prompt(i)); i++ {
			}
		}
		n := 0
		for _, o := range srv.Client().RunAll(t.Context(), requests) {
			require.NoError(t, o.Err)
			n++
			stopped.Store(true)
		}
		require.Equal(t, srv.Stats().Submits, n)
		require.LessOrEqual(t, n, 6)
	})
}

func TestRunAllPassesOnAPanicOfTheSequence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict())
		defer srv.Close()
		requests := func(yield func(modelslab.Request) bool) {
			yield(prompt(0))
			panic("no more prompts")
		}
		n := 0
		require.PanicsWithValue(t, "no more prompts", func() {
			for range srv.Client().RunAll(t.Context(), requests) {
				n++
			}
		})
		require.Equal(t, 1, n)
	})
}

func TestRunAllSpacesEqualRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithSpamFilter())
		defer srv.Close()
		requests := func(yield func(modelslab.Request) bool) {
			for i := range 30 {
				r := prompt(i / 3) // three of each
				r.TrackID = ""
				if !yield(r) {
					return
				}
			}
		}
		start := time.Now()
		all := collect(t, srv.Client().RunAll(t.Context(), requests))
		require.Len(t, all, 30)
		for _, o := range all {
			require.NoError(t, o.Err)
			require.Equal(t, 1, o.Attempts)
		}
		require.Zero(t, srv.Stats().Refused)
		require.Less(t, time.Since(start), 90*time.Second, "others go on meanwhile")
	})
}

func TestRunAllSendsAgainWhatTheSpamFilterRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithSpamFilter())
		defer srv.Close()
		_, err := srv.Client().Submit(t.Context(), prompt(0)) // by another process
		require.NoError(t, err)
		all := collect(t, srv.Client().RunAll(t.Context(), prompts(3)))
		require.Len(t, all, 3)
		require.NoError(t, all[0].Err)
		require.Equal(t, 2, all[0].Attempts)
		require.GreaterOrEqual(t, all[0].Queued, 30*time.Second)
		require.Equal(t, 1, all[1].Attempts)
	})
}

func TestRunAllGivesUpOneJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict())
		defer srv.Close()
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{Never: true})
		all := collect(t, srv.Client().RunAll(t.Context(), prompts(50), modelslab.JobTimeout(time.Minute)))
		require.Len(t, all, 50)
		late := slices.Collect(maps.Keys(maps.Collect(func(yield func(int, error) bool) {
			for i, o := range all {
				if o.Err != nil && !yield(i, o.Err) {
					return
				}
			}
		})))
		require.Len(t, late, 1)
		var waiting *modelslab.WaitError
		require.ErrorAs(t, all[late[0]].Err, &waiting)
		require.ErrorIs(t, waiting, context.DeadlineExceeded)
		require.InDelta(t, time.Minute, all[late[0]].Took, float64(time.Second))
		require.Zero(t, srv.Stats().Refused, "the job that never ends keeps its slot")
	})
}

func TestRunAllWithABadOption(t *testing.T) {
	t.Parallel()
	srv := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer srv.Close()
	for _, o := range srv.Client().RunAll(t.Context(), prompts(3), modelslab.JobTimeout(0)) {
		require.Error(t, o.Err)
	}
	require.Empty(t, srv.Requests())
}

type brokenLimiter struct{ err error }

func (l brokenLimiter) Acquire(context.Context, bool) (modelslab.Slot, error) { return nil, l.err }

func TestRunAllEndsWithItsLimiter(t *testing.T) {
	t.Parallel()
	down := errors.New("redis is down")
	srv := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer srv.Close()
	all := collect(t, srv.Client(modelslab.WithLimiter(brokenLimiter{down})).RunAll(t.Context(), prompts(3)))
	require.Len(t, all, 1)
	require.ErrorIs(t, all[0].Err, down)
	require.Empty(t, srv.Requests())
}
