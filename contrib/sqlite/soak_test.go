//go:build soak

package sqlite_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"flag"
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab/contrib/durable"
	"github.com/modelslab-go/modelslab/contrib/durable/storetest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/sqlite"
)

var soak = flag.Duration("soak", 30*time.Minute, "how long processes are killed, every 20 seconds")

// oldJobs are recorded by the first version of the schema.
const oldJobs = 1000

func oldJob(n int) (trackID string, token, request []byte, policy durable.Policy) {
	trackID = fmt.Sprint("old-", n)
	sum := sha256.Sum256([]byte(trackID))
	request = fmt.Appendf(nil, `{"kind":"video","path":"/v6/video/text2video","body":{"model_id":"m","prompt":"job %d"},"track_id":%q}`, n, trackID)
	if n%2 == 1 {
		return trackID, sum[:16], request, durable.Resubmit
	}
	return trackID, sum[:16], request, durable.AtMostOnce
}

func soakCrash(store string) *storetest.Crash {
	kills := max(1, int(*soak/(20*time.Second)))
	return &storetest.Crash{
		Store: store, Processes: 2, Jobs: max(oldJobs, int(100_000**soak/(30*time.Minute))), Kills: kills, Every: 20 * time.Second,
		Lease: 5 * time.Second, Fault: storetest.Rough,
	}
}

func TestSoak(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jobs.db")
	old, err := sqlite.OpenVersion(t.Context(), path, 1)
	require.NoError(t, err)
	require.NoError(t, old.Tx(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
		for n := range oldJobs {
			trackID, token, request, policy := oldJob(n)
			_, err := tx.ExecContext(ctx, `INSERT INTO modelslab_jobs (track_id, token, key, kind, policy, state, created, since, due, request)
	VALUES (?1, ?2, ?3, 'video', ?4, 'new', ?5, ?5, ?5, ?6)`, trackID, token, strconv.Itoa(n), string(policy), time.Now().UnixMicro(), request)
			if err != nil {
				return err
			}
		}
		return nil
	}))
	require.NoError(t, old.Close())
	r := openCrashRig(t, path)
	soakCrash(path).Run(t, r.list, r.effects)
	r.intact()
}
