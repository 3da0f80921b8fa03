//go:build soak

package river_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab/contrib/durable"
	"github.com/modelslab-go/modelslab/contrib/durable/storetest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/river"
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
	url := newSchema(t)
	pool := open(t, url)
	require.NoError(t, river.MigrateTo(t.Context(), pool, 1))
	for n := range oldJobs {
		trackID, token, request, policy := oldJob(n)
		_, err := pool.Exec(t.Context(), `INSERT INTO modelslab_jobs (track_id, token, key, kind, policy, state, created, since, due, request)
SELECT $1, $2, $3, 'video', $4, 'new', t AS created, t AS since, t AS due, $5 FROM now() AS t`, trackID, token, strconv.Itoa(n), string(policy), request)
		require.NoError(t, err)
	}
	r := newRig(t, url)
	soakCrash(url).Run(t, r.list, r.effects)
}
