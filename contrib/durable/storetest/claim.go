package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

func insertChecks[TTx any]() []check[TTx] {
	return []check[TTx]{
		{"writes a new job", func(f *fixture[TTx]) {
			start := time.Now().Add(-time.Minute)
			job, created := f.insertJob(durable.Job{TrackID: "a", Key: "order 1", Policy: durable.Resubmit})
			require.True(f, created)
			require.Equal(f, "a", job.TrackID)
			require.Equal(f, "order 1", job.Key)
			require.Equal(f, durable.Resubmit, job.Policy)
			require.Equal(f, durable.StateNew, job.State)
			require.True(f, job.Created.After(start) && job.Since.Equal(job.Created) && job.Due.Equal(job.Created))
			require.Zero(f, job.Submits)
		}},
		{"is due at once", func(f *fixture[TTx]) {
			f.insert("a")
			require.Len(f, f.claim(10, time.Hour, 0), 1)
		}},
		{"returns the present job of a track id", func(f *fixture[TTx]) {
			f.in("a", durable.StateWaiting)
			job, created := f.insertJob(durable.Job{TrackID: "a"})
			require.False(f, created)
			require.Equal(f, durable.StateWaiting, job.State)
		}},
		{"returns the present job of a key", func(f *fixture[TTx]) {
			f.insertJob(durable.Job{TrackID: "a", Key: "k"})
			job, created := f.insertJob(durable.Job{TrackID: "b", Key: "k"})
			require.False(f, created)
			require.Equal(f, "a", job.TrackID)
			f.missing("b")
		}},
		{"lets the key decide where track id and key are taken", func(f *fixture[TTx]) {
			f.insertJob(durable.Job{TrackID: "a", Key: "k"})
			f.insertJob(durable.Job{TrackID: "b"})
			job, created := f.insertJob(durable.Job{TrackID: "b", Key: "k"})
			require.False(f, created)
			require.Equal(f, "a", job.TrackID)
		}},
		{"takes no key for a key", func(f *fixture[TTx]) {
			f.insert("a", "b")
			require.Equal(f, []string{"a", "b"}, f.list(durable.Filter{}))
		}},
		{"keeps a large request", func(f *fixture[TTx]) {
			prompt := strings.Repeat("largé ", 1<<18)
			f.tx(func(ctx context.Context, tx TTx) error {
				_, _, err := f.store.Insert(ctx, tx, &durable.Job{TrackID: "a", Policy: durable.AtMostOnce}, request(prompt))
				return err
			})
			require.Contains(f, string(f.get("a").Request.Body), prompt)
		}},
		{"keeps odd characters of names", func(f *fixture[TTx]) {
			name := "Ω '\"\\ %_\n" + strings.Repeat("x", 300)
			f.insertJob(durable.Job{TrackID: name, Key: name})
			require.Equal(f, name, f.get(name).Key)
		}},
		{"is undone with its transaction", func(f *fixture[TTx]) {
			f.undone(func(ctx context.Context, tx TTx) error {
				_, created, err := f.store.Insert(ctx, tx, &durable.Job{TrackID: "a", Key: "k", Policy: durable.AtMostOnce}, request(""))
				require.True(f, created)
				return err
			})
			f.missing("a")
			_, created := f.insertJob(durable.Job{TrackID: "b", Key: "k"})
			require.True(f, created)
		}},
		{"creates one job for a key under contention", func(f *fixture[TTx]) {
			var wg sync.WaitGroup
			var mu sync.Mutex
			created := 0
			for i := range 20 {
				wg.Go(func() {
					err := f.store.Tx(f.Context(), func(ctx context.Context, tx TTx) error {
						job := durable.Job{TrackID: fmt.Sprint("t", i), Key: "k", Policy: durable.AtMostOnce}
						_, ok, err := f.store.Insert(ctx, tx, &job, request(""))
						mu.Lock()
						defer mu.Unlock()
						if ok {
							created++
						}
						return err
					})
					if err != nil {
						f.Error(err)
					}
				})
			}
			wg.Wait()
			require.Equal(f, 1, created)
			require.Len(f, f.list(durable.Filter{}), 1)
		}},
	}
}

func claimChecks[TTx any]() []check[TTx] {
	return []check[TTx]{
		{"finds nothing in an empty store", func(f *fixture[TTx]) {
			require.Empty(f, f.claim(10, time.Hour, 0))
		}},
		{"makes a new job submitting", func(f *fixture[TTx]) {
			f.insert("a")
			jobs := f.claim(10, time.Hour, 0)
			require.Len(f, jobs, 1)
			require.Equal(f, durable.StateSubmitting, jobs[0].State)
			require.Equal(f, 1, jobs[0].Submits)
			require.EqualValues(f, 1, jobs[0].Fence)
			require.Contains(f, string(jobs[0].Request.Body), "prompt of a")
			require.Equal(f, durable.StateSubmitting, f.get("a").State)
		}},
		{"takes at most n", func(f *fixture[TTx]) {
			f.insert("a", "b", "c")
			require.Len(f, f.claim(2, time.Hour, 0), 2)
			require.Len(f, f.claim(2, time.Hour, 0), 1)
		}},
		{"counts n over all states", func(f *fixture[TTx]) {
			f.moved(f.claimed("w"), durable.StateWaiting, 0)
			f.insert("a", "b")
			require.Len(f, f.claim(2, time.Hour, 0), 2)
		}},
		{"takes the longest due first", func(f *fixture[TTx]) {
			f.insert("a", "b", "c")
			require.Equal(f, []string{"a"}, trackIDs(f.claim(1, time.Hour, 0)))
			require.Equal(f, []string{"b"}, trackIDs(f.claim(1, time.Hour, 0)))
		}},
		{"leaves a leased job", func(f *fixture[TTx]) {
			f.insert("a")
			f.claim(1, time.Hour, 0)
			require.Empty(f, f.claim(1, time.Hour, 0))
		}},
		{"takes over an expired lease with a higher fence", func(f *fixture[TTx]) {
			f.insert("a")
			first := f.claim(1, 0, 0)[0]
			second := f.claim(1, time.Hour, 0)[0]
			require.Equal(f, durable.StateSubmitting, second.State)
			require.Equal(f, 1, second.Submits)
			require.Greater(f, second.Fence, first.Fence)
		}},
		{"takes due jobs of every living state", func(f *fixture[TTx]) {
			for _, state := range []durable.State{durable.StateUnknown, durable.StateWaiting, durable.StateResult} {
				f.moved(f.claimed(string(state)), state, 0)
			}
			jobs := f.claim(10, time.Hour, 0)
			require.Len(f, jobs, 3)
			for _, j := range jobs {
				require.Equal(f, j.TrackID, string(j.State))
				require.Empty(f, j.Request.Path)
			}
		}},
		{"leaves jobs that are not due", func(f *fixture[TTx]) {
			f.in("a", durable.StateWaiting)
			f.in("b", durable.StateUnknown)
			require.Empty(f, f.claim(10, time.Hour, 0))
		}},
		{"leaves final jobs", func(f *fixture[TTx]) {
			f.in("a", durable.StateDone)
			f.in("b", durable.StateDead)
			require.Empty(f, f.claim(10, time.Hour, 0))
		}},
		{"leaves a new job that was put off", func(f *fixture[TTx]) {
			f.moved(f.claimed("a"), durable.StateNew, time.Hour)
			require.Empty(f, f.claim(10, time.Hour, 0))
		}},
		{"keeps to the slots", func(f *fixture[TTx]) {
			f.insert("a", "b", "c")
			require.Len(f, f.claim(10, time.Hour, 2), 2)
			require.Empty(f, f.claim(10, time.Hour, 2))
		}},
		{"counts open jobs against the slots", func(f *fixture[TTx]) {
			f.in("s", durable.StateSubmitting)
			f.in("u", durable.StateUnknown)
			f.in("w", durable.StateWaiting)
			f.insert("a", "b")
			require.Empty(f, f.claim(10, time.Hour, 3))
			require.Len(f, f.claim(10, time.Hour, 4), 1)
		}},
		{"counts no closed jobs against the slots", func(f *fixture[TTx]) {
			f.in("r", durable.StateResult)
			f.in("d", durable.StateDone)
			f.in("x", durable.StateDead)
			f.insert("a")
			require.Len(f, f.claim(10, time.Hour, 1), 1)
		}},
		{"claims open jobs when the slots are full", func(f *fixture[TTx]) {
			f.moved(f.claimed("w"), durable.StateWaiting, 0)
			f.insert("a")
			require.Equal(f, []string{"w"}, trackIDs(f.claim(10, time.Hour, 1)))
		}},
		{"takes as many new jobs as are wanted", func(f *fixture[TTx]) {
			f.moved(f.claimed("w"), durable.StateWaiting, 0)
			f.insert("a")
			f.insert("b")
			want := durable.Want{Jobs: 10, New: 1, Lease: time.Hour}
			f.tx(func(ctx context.Context, tx TTx) error {
				jobs, err := f.store.Claim(ctx, tx, want)
				require.Equal(f, []string{"w", "a"}, trackIDs(jobs))
				return err
			})
			want.New = 0
			f.tx(func(ctx context.Context, tx TTx) error {
				job, ok, err := f.store.ClaimOne(ctx, tx, "b", want)
				require.False(f, ok)
				require.Equal(f, durable.StateNew, job.State)
				return err
			})
		}},
		{"is undone with its transaction", func(f *fixture[TTx]) {
			f.insert("a")
			f.undone(func(ctx context.Context, tx TTx) error {
				jobs, err := f.store.Claim(ctx, tx, durable.Want{Jobs: 1, New: 1, Lease: time.Hour})
				require.Len(f, jobs, 1)
				return err
			})
			require.Equal(f, durable.StateNew, f.get("a").State)
			require.Len(f, f.claim(1, time.Hour, 0), 1)
		}},
		{"gives a job to one claimer", func(f *fixture[TTx]) { contend(f, 0) }},
		{"keeps to the slots under contention", func(f *fixture[TTx]) { contend(f, 7) }},
	}
}

// contend lets many claim at once.
func contend[TTx any](f *fixture[TTx], slots int) {
	const jobs = 60
	for i := range jobs {
		f.insert(fmt.Sprintf("t%02d", i))
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[string]int{}
	for range 8 {
		wg.Go(func() {
			for range jobs / 4 {
				err := f.store.Tx(f.Context(), func(ctx context.Context, tx TTx) error {
					claimed, err := f.store.Claim(ctx, tx, durable.Want{Jobs: 4, New: 4, Lease: time.Hour, Slots: slots})
					mu.Lock()
					defer mu.Unlock()
					for _, j := range claimed {
						seen[j.TrackID]++
					}
					return err
				})
				if err != nil {
					f.Error(err)
				}
			}
		})
	}
	wg.Wait()
	want := jobs
	if slots > 0 {
		want = slots
	}
	require.Len(f, seen, want)
	for id, n := range seen {
		require.Equal(f, 1, n, id)
	}
}

func claimOneChecks[TTx any]() []check[TTx] {
	return []check[TTx]{
		{"takes a new job", func(f *fixture[TTx]) {
			f.insert("a")
			job, ok := f.claimOne("a", time.Hour, 1)
			require.True(f, ok)
			require.Equal(f, durable.StateSubmitting, job.State)
			require.Equal(f, 1, job.Submits)
			require.Contains(f, string(job.Request.Body), "prompt of a")
		}},
		{"takes a due job of another state", func(f *fixture[TTx]) {
			before := f.moved(f.claimed("a"), durable.StateWaiting, 0)
			job, ok := f.claimOne("a", time.Hour, 1)
			require.True(f, ok)
			require.Equal(f, durable.StateWaiting, job.State)
			require.Greater(f, job.Fence, before.Fence)
		}},
		{"shows a job that is not due", func(f *fixture[TTx]) {
			f.in("a", durable.StateWaiting)
			job, ok := f.claimOne("a", time.Hour, 0)
			require.False(f, ok)
			require.Greater(f, time.Until(job.Due), 50*time.Minute)
		}},
		{"shows a final job", func(f *fixture[TTx]) {
			f.in("a", durable.StateDone)
			job, ok := f.claimOne("a", time.Hour, 0)
			require.False(f, ok)
			require.Equal(f, durable.StateDone, job.State)
			require.Zero(f, job.Due)
		}},
		{"shows a new job when the slots are full", func(f *fixture[TTx]) {
			f.in("w", durable.StateWaiting)
			f.insert("a")
			job, ok := f.claimOne("a", time.Hour, 1)
			require.False(f, ok)
			require.Equal(f, durable.StateNew, job.State)
		}},
		{"refuses a job that is not there", func(f *fixture[TTx]) {
			err := f.store.Tx(f.Context(), func(ctx context.Context, tx TTx) error {
				_, _, err := f.store.ClaimOne(ctx, tx, "a", durable.Want{New: 1, Lease: time.Hour})
				return err
			})
			require.ErrorIs(f, err, durable.ErrNotFound)
		}},
	}
}

func extendChecks[TTx any]() []check[TTx] {
	extend := func(f *fixture[TTx], claims ...durable.Claim) (held []bool) {
		f.tx(func(ctx context.Context, tx TTx) (err error) {
			held, err = f.store.Extend(ctx, tx, claims, time.Hour)
			return err
		})
		return held
	}
	return []check[TTx]{
		{"keeps a lease", func(f *fixture[TTx]) {
			f.insert("a")
			job := f.claim(1, 0, 0)[0]
			require.Equal(f, []bool{true}, extend(f, durable.Claim{TrackID: "a", Fence: job.Fence}))
			require.Empty(f, f.claim(1, time.Hour, 0))
		}},
		{"refuses who was fenced out", func(f *fixture[TTx]) {
			f.insert("a")
			first := f.claim(1, 0, 0)[0]
			f.claim(1, 0, 0)
			require.Equal(f, []bool{false}, extend(f, durable.Claim{TrackID: "a", Fence: first.Fence}))
			require.Len(f, f.claim(1, time.Hour, 0), 1)
		}},
		{"wakes no final job", func(f *fixture[TTx]) {
			job := f.in("a", durable.StateDone)
			require.Equal(f, []bool{false}, extend(f, durable.Claim{TrackID: "a", Fence: job.Fence}))
			require.Zero(f, f.get("a").Due)
		}},
		{"refuses a job that is not there", func(f *fixture[TTx]) {
			require.Equal(f, []bool{false}, extend(f, durable.Claim{TrackID: "a", Fence: 1}))
		}},
		{"answers for each of several", func(f *fixture[TTx]) {
			a, b := f.claimed("a"), f.claimed("b")
			require.Equal(f, []bool{true, false, true}, extend(f, durable.Claim{TrackID: "a", Fence: a.Fence},
				durable.Claim{TrackID: "a", Fence: 99}, durable.Claim{TrackID: "b", Fence: b.Fence}))
		}},
	}
}
