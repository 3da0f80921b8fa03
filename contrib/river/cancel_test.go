package river_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/contrib/durable"
	"github.com/modelslab-go/modelslab/modelslabtest"
	riverqueue "github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/river"
)

// operator opens an engine whose jobs never end, and returns the id of the River
// job that looks after one of them while it waits.
func operator(t *testing.T) (r *rig, engine *durable.Engine[pgx.Tx], trackID string, riverID int64) {
	t.Helper()
	r = newRig(t, newSchema(t))
	vendor := newVendor(t)
	vendor.Script(func(*modelslabtest.Request) *modelslabtest.Fault { return &modelslabtest.Fault{Never: true, ETA: "2"} })
	engine = run(t, river.Config{Config: config(vendor), Pool: r.pool})
	trackID, err := engine.Submit(t.Context(), &modelslab.TextToVideoRequest{ModelID: "m", Prompt: "x"})
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		return r.pool.QueryRow(t.Context(), `SELECT r.id FROM river_job r JOIN modelslab_jobs j ON j.state = 'waiting'
	WHERE r.kind = 'modelslab_poll' AND r.state <> 'completed'`).Scan(&riverID) == nil
	}, time.Minute, 20*time.Millisecond)
	return r, engine, trackID, riverID
}

func awaitState(t *testing.T, engine *durable.Engine[pgx.Tx], trackID string, state durable.State) (job *durable.Job) {
	t.Helper()
	require.Eventually(t, func() bool {
		var err error
		job, err = engine.Job(t.Context(), trackID)
		return err == nil && job.State == state
	}, time.Minute, 20*time.Millisecond)
	return job
}

func TestAJobCancelledInRiverIsCancelled(t *testing.T) {
	t.Parallel()
	r, engine, id, riverID := operator(t)
	client, err := riverqueue.NewClient(riverpgxv5.New(r.pool), &riverqueue.Config{})
	require.NoError(t, err)
	_, err = client.JobCancel(t.Context(), riverID)
	require.NoError(t, err)
	require.Equal(t, durable.ReasonCancelled, awaitState(t, engine, id, durable.StateDead).Reason)
	require.NoError(t, engine.Redrive(t.Context(), id))
	awaitState(t, engine, id, durable.StateWaiting)
}

func TestAJobDiscardedInRiverIsDiscarded(t *testing.T) {
	t.Parallel()
	r, engine, id, riverID := operator(t)
	_, err := r.pool.Exec(t.Context(), `UPDATE river_job SET state = 'discarded', finalized_at = now() WHERE id = $1`, riverID)
	require.NoError(t, err)
	require.Equal(t, durable.ReasonCancelled, awaitState(t, engine, id, durable.StateDead).Reason)
}

func TestAJobDeletedInRiverIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	r, engine, id, riverID := operator(t)
	_, err := r.pool.Exec(t.Context(), `DELETE FROM river_job WHERE id = $1`, riverID)
	require.NoError(t, err)
	before, err := engine.Stats(t.Context())
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		s, err := engine.Stats(t.Context())
		return err == nil && s.Polls > before.Polls
	}, time.Minute, 20*time.Millisecond)
	awaitState(t, engine, id, durable.StateWaiting)
}
