package retry_test

import (
	"context"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/retry"
)

func TestAfter(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		header func(now time.Time) http.Header
		want   time.Duration
	}{
		{"nothing", func(time.Time) http.Header { return nil }, 0},
		{"seconds", func(time.Time) http.Header { return http.Header{"Retry-After": {"17"}} }, 17 * time.Second},
		{"seconds with spaces", func(time.Time) http.Header { return http.Header{"Retry-After": {" 17 "}} }, 17 * time.Second},
		{"parts of a second", func(time.Time) http.Header { return http.Header{"Retry-After": {"1.5"}} }, 1500 * time.Millisecond},
		{"less than nothing", func(time.Time) http.Header { return http.Header{"Retry-After": {"-3"}} }, 0},
		{"not a number", func(time.Time) http.Header { return http.Header{"Retry-After": {"NaN"}} }, 0},
		{"infinity", func(time.Time) http.Header { return http.Header{"Retry-After": {"Inf"}} }, retry.Longest},
		{"more than is believed", func(time.Time) http.Header { return http.Header{"Retry-After": {"999999999"}} }, retry.Longest},
		{"words", func(time.Time) http.Header { return http.Header{"Retry-After": {"soon"}} }, 0},
		{"a date by our clock", func(now time.Time) http.Header {
			return http.Header{"Retry-After": {now.Add(time.Minute).UTC().Format(http.TimeFormat)}}
		}, time.Minute},
		{"a date in the past", func(now time.Time) http.Header {
			return http.Header{"Retry-After": {now.Add(-time.Minute).UTC().Format(http.TimeFormat)}}
		}, 0},
		{"a date by a clock that is an hour ahead", func(now time.Time) http.Header {
			return http.Header{
				"Date":        {now.Add(time.Hour).UTC().Format(http.TimeFormat)},
				"Retry-After": {now.Add(time.Hour + time.Minute).UTC().Format(http.TimeFormat)},
			}
		}, time.Minute},
		{"a date by a clock that is an hour behind", func(now time.Time) http.Header {
			return http.Header{
				"Date":        {now.Add(-time.Hour).UTC().Format(http.TimeFormat)},
				"Retry-After": {now.Add(-time.Hour + time.Minute).UTC().Format(http.TimeFormat)},
			}
		}, time.Minute},
		{"a reset as a moment", func(now time.Time) http.Header {
			return http.Header{"X-Ratelimit-Reset": {strconv.FormatInt(now.Add(42*time.Second).Unix(), 10)}}
		}, 42 * time.Second},
		{"a reset by another clock", func(now time.Time) http.Header {
			return http.Header{
				"Date":              {now.Add(time.Hour).UTC().Format(http.TimeFormat)},
				"X-Ratelimit-Reset": {strconv.FormatInt(now.Add(time.Hour+42*time.Second).Unix(), 10)},
			}
		}, 42 * time.Second},
		{"a reset as a span", func(time.Time) http.Header { return http.Header{"X-Ratelimit-Reset": {"42"}} }, 42 * time.Second},
		{"a reset as a moment long ago", func(time.Time) http.Header { return http.Header{"X-Ratelimit-Reset": {"2592000"}} }, 0},
		{"Retry-After before a reset", func(time.Time) http.Header {
			return http.Header{"Retry-After": {"5"}, "X-Ratelimit-Reset": {"42"}}
		}, 5 * time.Second},
		{"a reset where Retry-After cannot be read", func(time.Time) http.Header {
			return http.Header{"Retry-After": {"soon"}, "X-Ratelimit-Reset": {"42"}}
		}, 42 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // the clock stands, at a whole second
				require.Equal(t, tt.want, retry.After(tt.header(time.Now())))
			})
		})
	}
}

func TestSleep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		require.NoError(t, retry.Sleep(t.Context(), time.Minute))
		require.Equal(t, time.Minute, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		require.ErrorIs(t, retry.Sleep(ctx, time.Minute), context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(start))
	})
}

func TestBackoffGrowsToThirtySeconds(t *testing.T) {
	t.Parallel()
	b := retry.Backoff()
	first := b.NextBackOff()
	require.InDelta(t, time.Second, first, float64(time.Second/2))
	for range 100 {
		require.Positive(t, b.NextBackOff(), "it has no end")
	}
	require.LessOrEqual(t, b.NextBackOff(), 45*time.Second)
}
