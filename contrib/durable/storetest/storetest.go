// Package storetest checks that a store keeps what package durable builds on.
package storetest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

// Run runs every check, each on an empty store of its own, which open makes and
// closes.
func Run[TTx any](t *testing.T, open func(t *testing.T) durable.Store[TTx]) {
	t.Helper()
	for group, checks := range map[string][]check[TTx]{
		"Insert": insertChecks[TTx](), "Claim": claimChecks[TTx](), "ClaimOne": claimOneChecks[TTx](),
		"Extend": extendChecks[TTx](), "Save": saveChecks[TTx](), "Receive": receiveChecks[TTx](),
		"Read": readChecks[TTx](), "Prune": pruneChecks[TTx](), "Operate": operateChecks[TTx](), "Tx": txChecks[TTx](),
	} {
		t.Run(group, func(t *testing.T) {
			t.Parallel()
			for _, c := range checks {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					c.run(&fixture[TTx]{T: t, store: open(t)})
				})
			}
		})
	}
}

type check[TTx any] struct {
	name string
	run  func(f *fixture[TTx])
}

// fixture is a store with calls of one transaction each, that must succeed.
type fixture[TTx any] struct {
	*testing.T

	store durable.Store[TTx]
}

var errUndo = errors.New("undo")

func (f *fixture[TTx]) tx(do func(ctx context.Context, tx TTx) error) {
	f.Helper()
	require.NoError(f, f.store.Tx(f.Context(), do))
}

// undone runs do in a transaction that is rolled back.
func (f *fixture[TTx]) undone(do func(ctx context.Context, tx TTx) error) {
	f.Helper()
	err := f.store.Tx(f.Context(), func(ctx context.Context, tx TTx) error {
		return errors.Join(do(ctx, tx), errUndo)
	})
	require.ErrorIs(f, err, errUndo)
}

func request(prompt string) []byte {
	b, err := json.Marshal(modelslab.RawRequest{
		Kind: modelslab.KindVideo, Path: "/v6/video/text2video",
		Body: json.RawMessage(fmt.Sprintf(`{"prompt":%q}`, prompt)),
	})
	if err != nil {
		panic(err)
	}
	return b
}

func (f *fixture[TTx]) insert(trackIDs ...string) {
	f.Helper()
	for _, id := range trackIDs {
		_, created := f.insertJob(durable.Job{TrackID: id})
		require.True(f, created)
	}
}

func (f *fixture[TTx]) insertJob(job durable.Job) (got *durable.Job, created bool) {
	f.Helper()
	if job.Kind == "" {
		job.Kind = modelslab.KindVideo
	}
	if job.Policy == "" {
		job.Policy = durable.AtMostOnce
	}
	f.tx(func(ctx context.Context, tx TTx) (err error) {
		got, created, err = f.store.Insert(ctx, tx, &job, request("prompt of "+job.TrackID))
		return err
	})
	return got, created
}

func (f *fixture[TTx]) claim(n int, lease time.Duration, slots int) (jobs []*durable.Job) {
	f.Helper()
	f.tx(func(ctx context.Context, tx TTx) (err error) {
		jobs, err = f.store.Claim(ctx, tx, durable.Want{Jobs: n, New: n, Lease: lease, Slots: slots})
		return err
	})
	return jobs
}

// claimed inserts a job and claims it for an hour: it is submitting.
func (f *fixture[TTx]) claimed(trackID string) *durable.Job {
	f.Helper()
	f.insert(trackID)
	job, ok := f.claimOne(trackID, time.Hour, 0)
	require.True(f, ok)
	return job
}

func (f *fixture[TTx]) claimOne(trackID string, lease time.Duration, slots int) (job *durable.Job, ok bool) {
	f.Helper()
	f.tx(func(ctx context.Context, tx TTx) (err error) {
		job, ok, err = f.store.ClaimOne(ctx, tx, trackID, durable.Want{New: 1, Lease: lease, Slots: slots})
		return err
	})
	return job, ok
}

func (f *fixture[TTx]) save(changes ...durable.Change) (saved []bool) {
	f.Helper()
	f.tx(func(ctx context.Context, tx TTx) (err error) {
		saved, err = f.store.Save(ctx, tx, changes)
		return err
	})
	return saved
}

// moved saves the job in another state and returns how it then stands.
func (f *fixture[TTx]) moved(job *durable.Job, to durable.State, after time.Duration, edit ...func(*durable.Job)) *durable.Job {
	f.Helper()
	next := *job
	next.State = to
	for _, e := range edit {
		e(&next)
	}
	require.Equal(f, []bool{true}, f.save(durable.Change{Job: &next, From: job.State, Fence: job.Fence, After: after}))
	return f.get(job.TrackID)
}

// in makes a job in that state, due in an hour where it can be due.
func (f *fixture[TTx]) in(trackID string, state durable.State) *durable.Job {
	f.Helper()
	job := f.claimed(trackID)
	switch {
	case state == durable.StateSubmitting:
		return job
	case state.Final():
		return f.moved(job, state, durable.Never)
	default:
		return f.moved(job, state, time.Hour)
	}
}

func (f *fixture[TTx]) get(trackID string) (job *durable.Job) {
	f.Helper()
	f.tx(func(ctx context.Context, tx TTx) (err error) {
		job, err = f.store.Get(ctx, tx, trackID)
		return err
	})
	return job
}

func (f *fixture[TTx]) missing(trackID string) {
	f.Helper()
	err := f.store.View(f.Context(), func(ctx context.Context, tx TTx) error {
		_, err := f.store.Get(ctx, tx, trackID)
		return err
	})
	require.ErrorIs(f, err, durable.ErrNotFound)
}

func (f *fixture[TTx]) list(filter durable.Filter) (ids []string) {
	f.Helper()
	err := f.store.View(f.Context(), func(ctx context.Context, tx TTx) error {
		jobs, err := f.store.List(ctx, tx, filter)
		for _, j := range jobs {
			ids = append(ids, j.TrackID)
		}
		return err
	})
	require.NoError(f, err)
	return ids
}

func delivery(trackID, body string) durable.Delivery {
	sum := sha256.Sum256([]byte(trackID))
	return durable.Delivery{Token: [16]byte(sum[:16]), Digest: sha256.Sum256([]byte(body)), Event: "succeeded", Body: []byte(body)}
}

func (f *fixture[TTx]) receive(ds ...durable.Delivery) (jobs []*durable.Job, fresh []bool) {
	f.Helper()
	f.tx(func(ctx context.Context, tx TTx) (err error) {
		jobs, fresh, err = f.store.Receive(ctx, tx, ds)
		return err
	})
	require.Len(f, jobs, len(ds))
	require.Len(f, fresh, len(ds))
	return jobs, fresh
}

func trackIDs(jobs []*durable.Job) []string {
	ids := make([]string, 0, len(jobs))
	for _, j := range jobs {
		ids = append(ids, j.TrackID)
	}
	return ids
}
