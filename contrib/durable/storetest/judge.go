package storetest

import (
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

// judge compares the store with the ledger of the vendor.
func (c *Crash) judge(jobs []*durable.Job, effects map[string]int) {
	keys := map[string]bool{}
	resubmits, dead, total := 0, 0, 0
	for _, j := range jobs {
		keys[j.Key] = true
		accepted := c.vendor.Accepted(j.TrackID)
		require.LessOrEqual(c.t, accepted, j.Submits, "job %s was sent more often than counted", j.TrackID)
		if j.Policy == durable.AtMostOnce {
			require.LessOrEqual(c.t, accepted, 1, "job %s was billed twice", j.TrackID)
			require.LessOrEqual(c.t, j.Submits, 1)
		}
		resubmits += max(0, accepted-1)
		want := 1
		if j.State == durable.StateDead {
			dead++
			want = 0
			require.Equal(c.t, durable.ReasonUnknown, j.Reason, j.Message)
			require.True(c.t, j.Policy == durable.AtMostOnce || j.Submits == 3, "job %s was given up", j.TrackID)
		}
		require.Equal(c.t, want, effects[j.TrackID], "effects of job %s, %s", j.TrackID, j.State)
		total += effects[j.TrackID]
		if want == 1 {
			require.Positive(c.t, accepted, "job %s ended without the vendor", j.TrackID)
			require.NotEmpty(c.t, j.Result.Output)
		}
	}
	require.Len(c.t, keys, c.Jobs, "a job is lost")
	require.Len(c.t, effects, total, "an effect of no job")
	slices.SortFunc(jobs, func(a, b *durable.Job) int { return b.Since.Compare(a.Since) })
	for _, j := range jobs[:min(3, len(jobs))] {
		c.t.Logf("one of the last: %s %s, %d submits, %s old, ETA %s: %s", j.Policy, j.State, j.Submits, j.Since.Sub(j.Created), j.ETA, j.Message)
	}
	c.t.Logf("%d jobs: %d done, %d dead because their submit was lost, %d billed again by policy", len(jobs), total, dead, resubmits)
}
