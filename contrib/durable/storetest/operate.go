package storetest

import (
	"context"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

// operateChecks are about what operators see and do.
func operateChecks[TTx any]() []check[TTx] {
	remove := func(f *fixture[TTx], trackID string) (gone bool) {
		f.tx(func(ctx context.Context, tx TTx) (err error) {
			gone, err = f.store.Delete(ctx, tx, trackID)
			return err
		})
		return gone
	}
	park := func(f *fixture[TTx], job *durable.Job) (held bool) {
		f.tx(func(ctx context.Context, tx TTx) (err error) {
			held, err = f.store.Park(ctx, tx, job, time.Hour)
			return err
		})
		return held
	}
	return []check[TTx]{
		{"lists by reason, kind and time", func(f *fixture[TTx]) {
			f.insert("new")
			f.insertJob(durable.Job{TrackID: "image", Kind: modelslab.KindImages})
			for _, reason := range []durable.Reason{durable.ReasonRefused, durable.ReasonUnknown} {
				f.moved(f.claimed(string(reason)), durable.StateDead, durable.Never, func(j *durable.Job) { j.Reason = reason })
			}
			require.Equal(f, []string{"refused"}, f.list(durable.Filter{Reason: durable.ReasonRefused}))
			require.Equal(f, []string{"unknown"}, f.list(durable.Filter{State: durable.StateDead, Reason: durable.ReasonUnknown}))
			require.Empty(f, f.list(durable.Filter{State: durable.StateNew, Reason: durable.ReasonUnknown}))
			require.Equal(f, []string{"image"}, f.list(durable.Filter{Kind: modelslab.KindImages}))
			last := f.get("unknown").Created
			require.Equal(f, []string{"unknown"}, f.list(durable.Filter{From: last}))
			require.Equal(f, []string{"new", "image", "refused"}, f.list(durable.Filter{To: last}))
			require.Equal(f, []string{"image"}, f.list(durable.Filter{To: last, After: "new", Limit: 1}))
		}},
		{"gives a key to a job that has none", func(f *fixture[TTx]) {
			digest := []byte("digest")
			f.insertJob(durable.Job{TrackID: "a", Digest: digest})
			present, created := f.insertJob(durable.Job{TrackID: "a", Key: "k", Digest: digest})
			require.False(f, created)
			require.Equal(f, "k", present.Key)
			require.Equal(f, digest, present.Digest)
			present, created = f.insertJob(durable.Job{TrackID: "b", Key: "k", Digest: digest})
			require.False(f, created)
			require.Equal(f, "a", present.TrackID)
		}},
		{"gives no key to the job of another request", func(f *fixture[TTx]) {
			f.insertJob(durable.Job{TrackID: "a", Digest: []byte("one")})
			present, created := f.insertJob(durable.Job{TrackID: "a", Key: "k", Digest: []byte("two")})
			require.False(f, created)
			require.Empty(f, present.Key)
		}},
		{"takes no key from another job", func(f *fixture[TTx]) {
			digest := []byte("digest")
			f.insertJob(durable.Job{TrackID: "a", Digest: digest})
			f.insertJob(durable.Job{TrackID: "b", Key: "k", Digest: digest})
			present, created := f.insertJob(durable.Job{TrackID: "a", Key: "k", Digest: digest})
			require.False(f, created)
			require.Equal(f, "b", present.TrackID, "the key decides")
			require.Empty(f, f.get("a").Key)
		}},
		{"drops the request of a job that is done", func(f *fixture[TTx]) {
			require.NotEmpty(f, f.in("dead", durable.StateDead).Request.Path)
			require.Empty(f, f.in("done", durable.StateDone).Request.Path)
		}},
		{"shows a row that it cannot read", func(f *fixture[TTx]) {
			f.insertJob(durable.Job{TrackID: "newer", Kind: "hologram"})
			f.insert("a")
			require.Equal(f, []string{"newer", "a"}, f.list(durable.Filter{}))
			require.Contains(f, f.get("newer").Problem, "hologram")
			jobs := f.claim(10, time.Hour, 0)
			require.ElementsMatch(f, []string{"newer", "a"}, trackIDs(jobs))
		}},
		{"parks a job as it was", func(f *fixture[TTx]) {
			f.insert("fresh")
			job, _ := f.claimOne("fresh", time.Hour, 0)
			job.Message = "parked"
			require.True(f, park(f, job))
			parked := f.get("fresh")
			require.Equal(f, durable.StateNew, parked.State)
			require.Zero(f, parked.Submits)
			require.Equal(f, "parked", parked.Message)
			require.False(f, park(f, job), "it is not held any more")
			_, ok := f.claimOne("fresh", time.Hour, 0)
			require.False(f, ok, "it is not due")

			waiting := f.moved(f.claimed("waiting"), durable.StateWaiting, 0, func(j *durable.Job) {
				j.Ref = modelslab.Ref{Kind: modelslab.KindVideo, ID: "7"}
			})
			job, ok = f.claimOne("waiting", time.Hour, 0)
			require.True(f, ok)
			require.True(f, park(f, job))
			parked = f.get("waiting")
			require.Equal(f, durable.StateWaiting, parked.State)
			require.Equal(f, waiting.Ref, parked.Ref)
			require.Equal(f, 1, parked.Submits)
			stale := *job
			stale.Fence--
			require.False(f, park(f, &stale))
		}},
		{"deletes what has ended, with its deliveries", func(f *fixture[TTx]) {
			for _, state := range []durable.State{durable.StateDone, durable.StateDead} {
				id := string(state)
				f.in(id, state)
				f.receive(delivery(id, "{}"))
				require.True(f, remove(f, id))
				f.missing(id)
				_, fresh := f.receive(delivery(id, "{}"))
				require.Equal(f, []bool{true}, fresh)
			}
		}},
		{"deletes nothing that goes on", func(f *fixture[TTx]) {
			f.in("a", durable.StateWaiting)
			require.False(f, remove(f, "a"))
			f.get("a")
			err := f.store.Tx(f.Context(), func(ctx context.Context, tx TTx) error {
				_, err := f.store.Delete(ctx, tx, "nobody")
				return err
			})
			require.ErrorIs(f, err, durable.ErrNotFound)
		}},
		{"prunes dead jobs when that is wanted", func(f *fixture[TTx]) {
			f.in("dead", durable.StateDead)
			prune := func(dead time.Duration) (gone int) {
				f.tx(func(ctx context.Context, tx TTx) (err error) {
					gone, err = f.store.Prune(ctx, tx, -time.Minute, dead, 10)
					return err
				})
				return gone
			}
			require.Zero(f, prune(0))
			require.Zero(f, prune(time.Hour))
			require.Equal(f, 1, prune(-time.Minute))
		}},
	}
}
