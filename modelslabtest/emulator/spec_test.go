package emulator

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/modelslabtest"
)

func TestLatencySpec(t *testing.T) {
	t.Parallel()
	f, err := parseLatency("3s, video=20s,v7/voice=0s")
	require.NoError(t, err)
	for kind, want := range map[string]time.Duration{"images": 3 * time.Second, "video": 20 * time.Second, "v7/voice": 0} {
		require.Equal(t, want, f(&modelslabtest.Request{Kind: kind}))
	}
}

func TestFaultSpec(t *testing.T) {
	t.Parallel()
	count := func(spec string, call modelslabtest.Call, hit func(*modelslabtest.Fault) bool) (n int) {
		t.Helper()
		script, err := parseFaults(spec, 7)
		require.NoError(t, err)
		for range 1000 {
			if hit(script(&modelslabtest.Request{Call: call})) {
				n++
			}
		}
		return n
	}
	lost := func(f *modelslabtest.Fault) bool { return f.Lost }
	require.InDelta(t, 250, count("lost=0.25,slow=0.5", modelslabtest.Submit, lost), 60)
	first := count("lost=0.25", modelslabtest.Submit, lost)
	require.Equal(t, first, count("lost=0.25", modelslabtest.Submit, lost))
	require.Equal(t, 0, count("lost=1", modelslabtest.Fetch, lost))
	require.Equal(t, 1000, count("slow=1", modelslabtest.Fetch, func(f *modelslabtest.Fault) bool { return f.Slow > 0 }))
	for name := range mischiefs {
		zero := modelslabtest.Fault{}
		changed := count(name+"=1", modelslabtest.Submit, func(f *modelslabtest.Fault) bool {
			return f.Lost != zero.Lost || f.Duplicates+f.Progress != 0 || f.Late+f.Slow != 0 || f.Early || f.Reordered ||
				f.Fail != "" || f.Never || f.Reset || f.Status != 0 || f.Stall > 0
		})
		require.Equal(t, 1000, changed, name)
	}
}
