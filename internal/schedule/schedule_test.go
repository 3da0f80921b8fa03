package schedule_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/schedule"
)

func TestUntilFollowsThePauses(t *testing.T) {
	t.Parallel()
	for _, eta := range []time.Duration{time.Second, 45 * time.Second, 10 * time.Minute} {
		var at, pause time.Duration
		for look := range 30 {
			next := schedule.Pause(eta, look, pause, at)
			require.Equal(t, next, schedule.Until(eta, at), "look %d", look)
			require.Equal(t, next/2, schedule.Until(eta, at+next-next/2), "look %d, late", look)
			at, pause = at+next, next
		}
	}
}

func TestUntilTakesAnAbsurdETAForNone(t *testing.T) {
	t.Parallel()
	for _, eta := range []time.Duration{-1, 0, schedule.MaxETA + 1} {
		require.Equal(t, schedule.Until(schedule.UnknownETA, time.Minute), schedule.Until(eta, time.Minute))
	}
}

func TestPatience(t *testing.T) {
	t.Parallel()
	require.Equal(t, 30*time.Minute, schedule.Patience(0, false))
	require.Equal(t, 2*time.Hour, schedule.Patience(10*time.Minute, false))
	require.Equal(t, 24*time.Hour, schedule.Patience(10*time.Minute, true))
	require.Equal(t, 30*time.Minute, schedule.Patience(schedule.MaxETA+1, false), "an absurd ETA is none")
}
