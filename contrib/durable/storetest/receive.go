package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

func receiveChecks[TTx any]() []check[TTx] {
	return []check[TTx]{
		{"finds the job", func(f *fixture[TTx]) {
			want := f.in("a", durable.StateWaiting)
			jobs, fresh := f.receive(delivery("a", "{}"))
			require.Equal(f, []bool{true}, fresh)
			require.Equal(f, want.TrackID, jobs[0].TrackID)
			require.Equal(f, want.Fence, jobs[0].Fence)
			require.Equal(f, want.State, jobs[0].State)
		}},
		{"recognises a repeat", func(f *fixture[TTx]) {
			f.in("a", durable.StateWaiting)
			f.receive(delivery("a", "{}"))
			_, fresh := f.receive(delivery("a", "{}"))
			require.Equal(f, []bool{false}, fresh)
		}},
		{"recognises a repeat within one call", func(f *fixture[TTx]) {
			f.in("a", durable.StateWaiting)
			_, fresh := f.receive(delivery("a", "{}"), delivery("a", "{}"))
			require.Equal(f, []bool{true, false}, fresh)
		}},
		{"takes another body for another delivery", func(f *fixture[TTx]) {
			f.in("a", durable.StateWaiting)
			_, fresh := f.receive(delivery("a", "{}"), delivery("a", `{"a":1}`))
			require.Equal(f, []bool{true, true}, fresh)
		}},
		{"takes the same body of another job for another delivery", func(f *fixture[TTx]) {
			f.in("a", durable.StateWaiting)
			f.in("b", durable.StateWaiting)
			jobs, fresh := f.receive(delivery("b", "{}"), delivery("a", "{}"))
			require.Equal(f, []bool{true, true}, fresh)
			require.Equal(f, []string{"b", "a"}, trackIDs(jobs))
		}},
		{"keeps what belongs to no job", func(f *fixture[TTx]) {
			jobs, fresh := f.receive(delivery("a", "{}"))
			require.Equal(f, []bool{true}, fresh)
			require.Nil(f, jobs[0])
			_, fresh = f.receive(delivery("a", "{}"))
			require.Equal(f, []bool{false}, fresh)
		}},
		{"takes a body of 1 MiB", func(f *fixture[TTx]) {
			_, fresh := f.receive(delivery("a", strings.Repeat("\x00é", 1<<19)))
			require.Equal(f, []bool{true}, fresh)
		}},
		{"is undone with its transaction", func(f *fixture[TTx]) {
			f.undone(func(ctx context.Context, tx TTx) error {
				_, _, err := f.store.Receive(ctx, tx, []durable.Delivery{delivery("a", "{}")})
				return err
			})
			_, fresh := f.receive(delivery("a", "{}"))
			require.Equal(f, []bool{true}, fresh)
		}},
		{"is new to one of many", func(f *fixture[TTx]) {
			f.in("a", durable.StateWaiting)
			f.in("b", durable.StateWaiting)
			var wg sync.WaitGroup
			var mu sync.Mutex
			count := 0
			for i := range 16 {
				wg.Go(func() {
					ds := []durable.Delivery{delivery("a", "{}"), delivery("b", "{}")}
					if i%2 == 0 { // the other way round must not lock the store up
						ds[0], ds[1] = ds[1], ds[0]
					}
					err := f.store.Tx(f.Context(), func(ctx context.Context, tx TTx) error {
						_, fresh, err := f.store.Receive(ctx, tx, ds)
						mu.Lock()
						defer mu.Unlock()
						for _, ok := range fresh {
							if ok {
								count++
							}
						}
						return err
					})
					if err != nil {
						f.Error(err)
					}
				})
			}
			wg.Wait()
			require.Equal(f, 2, count)
		}},
	}
}

func readChecks[TTx any]() []check[TTx] {
	count := func(f *fixture[TTx]) (counts map[durable.State]int, late time.Duration) {
		require.NoError(f, f.store.View(f.Context(), func(ctx context.Context, tx TTx) (err error) {
			counts, late, err = f.store.Count(ctx, tx)
			return err
		}))
		return counts, late
	}
	next := func(f *fixture[TTx]) (d time.Duration) {
		require.NoError(f, f.store.View(f.Context(), func(ctx context.Context, tx TTx) (err error) {
			d, err = f.store.NextDue(ctx, tx, time.Minute)
			return err
		}))
		return d
	}
	return []check[TTx]{
		{"gets no job that is not there", func(f *fixture[TTx]) { f.missing("a") }},
		{"gets the request", func(f *fixture[TTx]) {
			f.insert("a")
			require.Contains(f, string(f.get("a").Request.Body), "prompt of a")
		}},
		{"reports the age in the state", func(f *fixture[TTx]) {
			age := f.in("a", durable.StateWaiting).Age
			require.True(f, age >= 0 && age < time.Minute, age)
		}},
		{"lists nothing", func(f *fixture[TTx]) { require.Empty(f, f.list(durable.Filter{})) }},
		{"lists the oldest first", func(f *fixture[TTx]) {
			f.insert("c", "a", "b")
			require.Equal(f, []string{"c", "a", "b"}, f.list(durable.Filter{}))
		}},
		{"lists one state", func(f *fixture[TTx]) {
			f.insert("n")
			f.in("w", durable.StateWaiting)
			f.in("x", durable.StateDead)
			require.Equal(f, []string{"x"}, f.list(durable.Filter{State: durable.StateDead}))
		}},
		{"lists in pages", func(f *fixture[TTx]) {
			f.insert("e", "d", "c", "b", "a")
			require.Equal(f, []string{"e", "d"}, f.list(durable.Filter{Limit: 2}))
			require.Equal(f, []string{"c", "b"}, f.list(durable.Filter{Limit: 2, After: "d"}))
			require.Equal(f, []string{"a"}, f.list(durable.Filter{Limit: 2, After: "b"}))
			require.Empty(f, f.list(durable.Filter{Limit: 2, After: "a"}))
		}},
		{"lists a hundred by default", func(f *fixture[TTx]) {
			f.tx(func(ctx context.Context, tx TTx) error {
				for i := range 120 {
					job := durable.Job{TrackID: fmt.Sprintf("t%03d", i), Policy: durable.AtMostOnce}
					if _, _, err := f.store.Insert(ctx, tx, &job, request("")); err != nil {
						return err
					}
				}
				return nil
			})
			require.Len(f, f.list(durable.Filter{}), 100)
			require.Len(f, f.list(durable.Filter{Limit: 1000}), 120)
		}},
		{"counts nothing", func(f *fixture[TTx]) {
			counts, late := count(f)
			require.Empty(f, counts)
			require.Zero(f, late)
		}},
		{"counts every state", func(f *fixture[TTx]) {
			want := map[durable.State]int{durable.StateNew: 1}
			for i, state := range durable.States[1:] {
				for j := range i + 1 {
					f.in(fmt.Sprint(state, j), state)
					want[state]++
				}
			}
			f.insert("n")
			counts, _ := count(f)
			require.Equal(f, want, counts)
		}},
		{"reports how late it is", func(f *fixture[TTx]) {
			f.insert("a")
			_, late := count(f)
			require.True(f, late >= 0 && late < time.Minute, late)
		}},
		{"is next due at the limit when nothing is", func(f *fixture[TTx]) {
			f.in("a", durable.StateDone)
			require.Equal(f, time.Minute, next(f))
		}},
		{"is next due now", func(f *fixture[TTx]) {
			f.in("w", durable.StateWaiting)
			f.insert("a")
			require.Zero(f, next(f))
		}},
		{"is next due later", func(f *fixture[TTx]) {
			f.moved(f.claimed("a"), durable.StateWaiting, 30*time.Second)
			f.moved(f.claimed("b"), durable.StateWaiting, time.Hour)
			require.InDelta(f, 30, next(f).Seconds(), 20)
		}},
	}
}

func pruneChecks[TTx any]() []check[TTx] {
	prune := func(f *fixture[TTx], age time.Duration, n int) (gone int) {
		f.tx(func(ctx context.Context, tx TTx) (err error) {
			gone, err = f.store.Prune(ctx, tx, age, 0, n)
			return err
		})
		return gone
	}
	const all = -time.Minute // a clock that runs behind must not matter
	return []check[TTx]{
		{"deletes what is done and frees its key", func(f *fixture[TTx]) {
			f.insertJob(durable.Job{TrackID: "a", Key: "k"})
			job, _ := f.claimOne("a", time.Hour, 0)
			f.moved(job, durable.StateDone, durable.Never)
			require.Equal(f, 1, prune(f, all, 10))
			f.missing("a")
			_, created := f.insertJob(durable.Job{TrackID: "b", Key: "k"})
			require.True(f, created)
		}},
		{"keeps what is young", func(f *fixture[TTx]) {
			f.in("a", durable.StateDone)
			f.receive(delivery("a", "{}"))
			require.Zero(f, prune(f, time.Hour, 10))
		}},
		{"keeps what is not done", func(f *fixture[TTx]) {
			for _, state := range []durable.State{durable.StateSubmitting, durable.StateUnknown, durable.StateWaiting, durable.StateResult, durable.StateDead} {
				f.in(string(state), state)
			}
			require.Zero(f, prune(f, all, 10))
			require.Len(f, f.list(durable.Filter{}), 5)
		}},
		{"deletes deliveries", func(f *fixture[TTx]) {
			f.receive(delivery("a", "{}"))
			require.Equal(f, 1, prune(f, all, 10))
			_, fresh := f.receive(delivery("a", "{}"))
			require.Equal(f, []bool{true}, fresh)
		}},
		{"deletes a part at a time", func(f *fixture[TTx]) {
			for _, id := range []string{"a", "b", "c"} {
				f.in(id, durable.StateDone)
			}
			require.Equal(f, 2, prune(f, all, 2))
			require.Equal(f, 1, prune(f, all, 2))
		}},
	}
}

func txChecks[TTx any]() []check[TTx] {
	return []check[TTx]{
		{"returns the error itself", func(f *fixture[TTx]) {
			err := f.store.Tx(f.Context(), func(context.Context, TTx) error { return errUndo })
			require.ErrorIs(f, err, errUndo)
		}},
		{"survives a panic", func(f *fixture[TTx]) {
			err := f.store.Tx(f.Context(), func(ctx context.Context, tx TTx) error {
				_, _, err := f.store.Insert(ctx, tx, &durable.Job{TrackID: "a", Policy: durable.AtMostOnce}, request(""))
				require.NoError(f, err)
				panic("in the middle")
			})
			require.ErrorContains(f, err, "in the middle")
			f.missing("a")
			f.insert("b")
		}},
		{"does nothing for a cancelled context", func(f *fixture[TTx]) {
			ctx, cancel := context.WithCancel(f.Context())
			cancel()
			err := f.store.Tx(ctx, func(ctx context.Context, tx TTx) error {
				_, _, err := f.store.Insert(ctx, tx, &durable.Job{TrackID: "a", Policy: durable.AtMostOnce}, request(""))
				return err
			})
			require.ErrorIs(f, err, context.Canceled)
			f.missing("a")
		}},
		{"commits several writes together", func(f *fixture[TTx]) {
			f.tx(func(ctx context.Context, tx TTx) error {
				for _, id := range []string{"a", "b"} {
					if _, _, err := f.store.Insert(ctx, tx, &durable.Job{TrackID: id, Policy: durable.AtMostOnce}, request("")); err != nil {
						return err
					}
				}
				jobs, err := f.store.Claim(ctx, tx, durable.Want{Jobs: 1, New: 1, Lease: time.Hour})
				require.Len(f, jobs, 1)
				return err
			})
			require.Equal(f, []string{"b"}, f.list(durable.Filter{State: durable.StateNew}))
		}},
		{"keeps one caller's failure from the others", func(f *fixture[TTx]) {
			var wg sync.WaitGroup
			for i := range 60 {
				wg.Go(func() {
					err := f.store.Tx(f.Context(), func(ctx context.Context, tx TTx) error {
						job := durable.Job{TrackID: fmt.Sprintf("t%02d", i), Policy: durable.AtMostOnce}
						_, _, err := f.store.Insert(ctx, tx, &job, request(""))
						if i%2 == 0 {
							return errors.Join(err, errUndo)
						}
						return err
					})
					if i%2 == 0 != errors.Is(err, errUndo) {
						f.Error(i, err)
					}
				})
			}
			wg.Wait()
			require.Len(f, f.list(durable.Filter{}), 30)
		}},
	}
}
