package durable_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

func TestAnOutageIsNotTheJobs(t *testing.T) {
	t.Parallel()
	const jobs = 100
	for _, tt := range []struct {
		name  string
		fault modelslabtest.Fault
		lost  bool // the outcome of a submit that meets it is unknown
	}{
		{"503", modelslabtest.Fault{Status: 503, Body: "<html>503</html>"}, true},
		{"521", modelslabtest.Fault{Status: 521, Body: "<html>521</html>"}, true},
		{"a reset", modelslabtest.Fault{Reset: true}, true},
		{"no connection", modelslabtest.Fault{NoConnection: true}, false},
		{"a wrong key", modelslabtest.Fault{Status: 401, Body: `{"status":"error","message":"Invalid API key"}`}, false},
		{"a wrong key within 200", modelslabtest.Fault{Body: `{"status":"error","messege":"Invalid API key"}`}, false},
		{"no credits", modelslabtest.Fault{Status: 402, Body: `{"status":"error","message":"Insufficient credits."}`}, false},
		{"a rate limit", modelslabtest.Fault{Status: 429, Body: `{"status":"error","message":"Rate limit exceeded.","retry_after":5}`}, false},
	} {
		for _, slots := range []int{0, 15} {
			t.Run(fmt.Sprintf("%s with %d slots", tt.name, slots), func(t *testing.T) {
				t.Parallel()
				bubble(t, durable.Config{QueueLimit: slots, Grace: 15 * time.Minute}, func(r *rig) {
					var down atomic.Bool
					var met atomic.Int64
					down.Store(true)
					r.server.Script(func(req *modelslabtest.Request) *modelslabtest.Fault {
						if !down.Load() {
							return nil
						}
						if req.Call == modelslabtest.Submit {
							met.Add(1)
						}
						return &tt.fault
					})
					for range jobs {
						r.submit()
					}
					r.after(30 * time.Second)
					require.Less(r, met.Load(), int64(25), "submits that met the outage")
					require.Positive(r, r.stats().Pause.For)
					require.NotEmpty(r, r.stats().Pause.Cause)
					down.Store(false)
					r.after(14 * time.Minute) // less than Grace
					require.Zero(r, r.stats().Pause)
					counts := r.stats().Jobs
					require.Zero(r, counts[durable.StateDead])
					if tt.lost {
						require.LessOrEqual(r, counts[durable.StateUnknown], int(met.Load()))
						require.Equal(r, jobs, counts[durable.StateDone]+counts[durable.StateUnknown])
					} else {
						require.Equal(r, jobs, counts[durable.StateDone])
					}
				})
			})
		}
	}
}

// brokenLimiter is the limiter of a client whose Redis is down.
type brokenLimiter struct{ down atomic.Bool }

func (l *brokenLimiter) Acquire(context.Context, bool) (modelslab.Slot, error) {
	if l.down.Load() {
		return nil, errors.New("redis: connection refused")
	}
	return freeSlot{}, nil
}

type freeSlot struct{}

func (freeSlot) Release()                 {}
func (freeSlot) Refused(*modelslab.Error) {}

func TestALocalCauseRefusesNoJob(t *testing.T) {
	t.Parallel()
	limiter := &brokenLimiter{}
	limiter.down.Store(true)
	bubbleWith(t, durable.Config{}, []modelslab.Option{modelslab.WithLimiter(limiter)}, func(r *rig) {
		for range 20 {
			r.submit()
		}
		r.after(time.Minute)
		require.Equal(r, map[durable.State]int{durable.StateNew: 20}, r.stats().Jobs)
		require.Zero(r, r.count(modelslabtest.Submit))
		limiter.down.Store(false)
		r.after(5 * time.Minute)
		require.Equal(r, map[durable.State]int{durable.StateDone: 20}, r.stats().Jobs)
	})
}

func TestAFullQueueIsWaitedOutWithoutAWorker(t *testing.T) {
	t.Parallel()
	bubbleWith(t, durable.Config{}, []modelslab.Option{modelslab.WithQueueLimit(2)}, func(r *rig) {
		for range 6 {
			r.submit()
		}
		r.after(5 * time.Second)
		require.Equal(r, map[durable.State]int{durable.StateNew: 4, durable.StateWaiting: 2}, r.stats().Jobs)
		require.Zero(r, r.stats().Pause, "a full queue is no trouble")
		r.after(5 * time.Minute)
		require.Equal(r, map[durable.State]int{durable.StateDone: 6}, r.stats().Jobs)
	})
}

func TestAStopWhileTheRateIsLimitedLeavesJobsNew(t *testing.T) {
	t.Parallel()
	bubble(t, durable.Config{Drain: time.Second}, func(r *rig) {
		r.server.Script(func(*modelslabtest.Request) *modelslabtest.Fault {
			return &modelslabtest.Fault{Status: 429, Body: `{"status":"error","message":"Rate limit exceeded","retry_after":20}`}
		})
		for range 20 {
			r.submit()
		}
		r.after(3 * time.Second)
		require.Equal(r, map[durable.State]int{durable.StateNew: 20}, r.stats().Jobs, "nothing waits inside a submit")
		r.stop()
		require.NoError(r, <-r.ran)
		r.server.Script(nil)
		r.start()
		r.after(5 * time.Minute)
		require.Equal(r, map[durable.State]int{durable.StateDone: 20}, r.stats().Jobs)
	})
}

func TestPausesAreReported(t *testing.T) {
	t.Parallel()
	var pauses []durable.Pause
	cfg := durable.Config{Workers: 1, Hooks: durable.Hooks{
		Paused: func(_ context.Context, p durable.Pause) { pauses = append(pauses, p) },
	}}
	bubble(t, cfg, func(r *rig) {
		r.server.Next(modelslabtest.Submit, repeat(3, modelslabtest.Fault{NoConnection: true})...)
		for range 10 {
			r.submit()
		}
		r.after(5 * time.Minute)
		require.Equal(r, map[durable.State]int{durable.StateDone: 10}, r.stats().Jobs)
	})
	require.Len(t, pauses, 3)
	require.Equal(t, time.Second, pauses[0].For)
	require.Equal(t, 2*time.Second, pauses[1].For)
	require.NotEmpty(t, pauses[1].Cause)
	require.Zero(t, pauses[2], "submits go on")
}
