package webhook_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/modelslabtest"
)

// An answer that does not come costs one poll, not the watch.
func TestWatchOutlivesAStalledFetch(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		s.Next(modelslabtest.Submit, modelslabtest.Fault{Lost: true})
		job := s.submit(t, "a")
		s.Next(modelslabtest.Fetch, modelslabtest.Fault{Slow: 24 * time.Hour})
		require.NoError(t, s.handler.Watch(job, time.Now().Add(time.Hour)))
		sleepFor(10 * time.Minute)
		require.Len(t, s.seen.all(), 1)
		require.Zero(t, s.handler.Stats().Watched)
	})
}
