// Package retry holds what repeating needs: intervals that grow, the pause that
// a server asks for, and a sleep that a context interrupts.
package retry

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// Longest is the longest pause that a server is believed to ask for.
const Longest = 24 * time.Hour

// longestSpan tells the two forms of X-RateLimit-Reset apart: a larger number
// is a Unix time.
const longestSpan = 30 * 24 * time.Hour

// mostSeconds tells a Unix time in seconds, until the year 5138, from one in milliseconds.
const mostSeconds = 1e11

// Intervals are pauses that grow. NextBackOff returns Stop when MaxElapsedTime,
// where it is set, has passed.
type Intervals = backoff.ExponentialBackOff

// Stop is the pause before no further try.
const Stop = backoff.Stop

// Backoff returns intervals from one second, doubling with jitter up to 30
// seconds, without end.
func Backoff() *Intervals {
	return backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(time.Second),
		backoff.WithMultiplier(2),
		backoff.WithMaxInterval(30*time.Second),
		backoff.WithMaxElapsedTime(0),
	)
}

// Sleep returns after d, or the context's error when that ends first.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// After reads how long an answer asks to wait: Retry-After in seconds or as a
// date, else X-RateLimit-Reset in seconds or as a Unix time,
// of seconds or milliseconds. Dates are relative
// to the answer's own Date where it has one, since the clocks of the two sides
// may differ. It returns 0 where nothing is asked, and at most [Longest].
func After(h http.Header) time.Duration {
	asked, reset := strings.TrimSpace(h.Get("Retry-After")), strings.TrimSpace(h.Get("X-RateLimit-Reset"))
	if asked != "" {
		if s, err := strconv.ParseFloat(asked, 64); err == nil {
			return seconds(s)
		}
		if at, err := http.ParseTime(asked); err == nil {
			return bounded(at.Sub(sent(h)))
		}
	}
	s, err := strconv.ParseFloat(reset, 64)
	if err != nil {
		return 0
	}
	if s < longestSpan.Seconds() {
		return seconds(s)
	}
	if s > mostSeconds {
		s /= 1000
	}
	return seconds(s - float64(sent(h).UnixNano())/1e9)
}

// sent is when an answer was made, by its server's clock.
func sent(h http.Header) time.Time {
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		return at
	}
	return time.Now()
}

func seconds(s float64) time.Duration {
	return bounded(time.Duration(min(max(s, 0), Longest.Seconds()) * float64(time.Second)))
}

func bounded(d time.Duration) time.Duration { return min(max(d, 0), Longest) }
