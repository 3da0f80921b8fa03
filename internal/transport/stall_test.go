package transport_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/retry"
	"github.com/modelslab-go/modelslab/internal/transport"
)

// slowBody sends a byte after each of its pauses, then ends; -1 is for ever.
type slowBody struct {
	ctx    context.Context // that of its request
	pauses []time.Duration
	closed chan struct{}
}

func (b *slowBody) Read(p []byte) (int, error) {
	if len(b.pauses) == 0 {
		return 0, io.EOF
	}
	var pause <-chan time.Time
	if b.pauses[0] >= 0 {
		timer := time.NewTimer(b.pauses[0])
		defer timer.Stop()
		pause = timer.C
	}
	select {
	case <-pause:
		b.pauses = b.pauses[1:]
		p[0] = '{'
		return 1, nil
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	case <-b.closed:
		return 0, http.ErrBodyReadAfterClose
	}
}

func (b *slowBody) Close() error {
	select {
	case <-b.closed:
	default:
		close(b.closed)
	}
	return nil
}

func TestAnAnswerThatStallsIsGivenUp(t *testing.T) {
	t.Parallel()
	const s = time.Second
	for _, tt := range []struct {
		name    string
		purpose transport.Purpose
		begins  time.Duration // -1 for never
		pauses  []time.Duration
		took    time.Duration
		stalls  bool // in the body
		lost    bool // before it
	}{
		{"a fetch without headers", transport.Fetch, -1, nil, 30 * s, false, true},
		{"a fetch whose headers come in time", transport.Fetch, 29 * s, []time.Duration{29 * s}, 58 * s, false, false},
		{"a fetch whose body stops", transport.Fetch, s, []time.Duration{s, -1}, 32 * s, true, false},
		{"a slow fetch", transport.Fetch, 0, []time.Duration{20 * s, 20 * s, 20 * s, 20 * s}, 80 * s, false, false},
		{"a submit that is answered when the job is done", transport.Submit, 9 * time.Minute, []time.Duration{s}, 9*time.Minute + s, false, false},
		{"a submit whose body stops", transport.Submit, 40 * s, []time.Duration{s, s, -1}, 72 * s, true, false},
		{"a submit whose body never begins", transport.Submit, s, []time.Duration{-1}, 31 * s, true, false},
		{"a query whose body stops", transport.Query, s, []time.Duration{-1}, 31 * s, true, false},
		{"a slow listing", transport.Query, 40 * s, []time.Duration{29 * s, 29 * s}, 98 * s, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tr := through(t, roundTripper(func(r *http.Request) (*http.Response, error) {
					if tt.begins < 0 {
						<-r.Context().Done()
						return nil, r.Context().Err()
					}
					if err := retry.Sleep(r.Context(), tt.begins); err != nil {
						return nil, err
					}
					body := &slowBody{ctx: r.Context(), pauses: tt.pauses, closed: make(chan struct{})}
					return &http.Response{StatusCode: 200, Header: http.Header{}, Body: body, ContentLength: -1}, nil
				}))
				start := time.Now()
				a, e := tr.Do(t.Context(), &transport.Call{Op: "POST /x", Purpose: tt.purpose})
				require.Equal(t, tt.took, time.Since(start))
				if tt.lost {
					require.ErrorIs(t, e, fault.Unavailable)
					require.ErrorContains(t, e, "nothing came for 30s")
					require.NotErrorIs(t, e, context.Canceled)
					return
				}
				require.Nil(t, e)
				if !tt.stalls {
					require.NoError(t, a.Broken)
					return
				}
				require.ErrorContains(t, a.Broken, "nothing came for 30s")
				require.Len(t, a.Body, len(tt.pauses)-1, "what came is kept")
			})
		})
	}
}

func TestTheCallersContextEndsAFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, e := through(t, roundTripper(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})).Do(ctx, &transport.Call{Purpose: transport.Fetch})
		require.ErrorIs(t, e, context.DeadlineExceeded)
		require.NotContains(t, e.Error(), "nothing came")
	})
}
