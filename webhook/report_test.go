package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/webhook"
)

// records keeps what is logged from a level on.
type records struct {
	level slog.Level
	mu    sync.Mutex
	list  []map[string]string
}

func (r *records) Enabled(_ context.Context, level slog.Level) bool { return level >= r.level }
func (r *records) WithAttrs([]slog.Attr) slog.Handler               { return r }
func (r *records) WithGroup(string) slog.Handler                    { return r }

func (r *records) Handle(_ context.Context, record slog.Record) error {
	attrs := map[string]string{"level": record.Level.String(), "text": record.Message}
	record.Attrs(func(a slog.Attr) bool {
		attrs[a.Key] = a.Value.String()
		return true
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, attrs)
	return nil
}

func (r *records) lines() (lines []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, attrs := range r.list {
		lines = append(lines, attrs["level"]+" "+attrs["text"]+" "+attrs["reason"])
	}
	return lines
}

func TestLogLevels(t *testing.T) {
	t.Parallel()
	broken := func(claims bool) webhook.Option {
		s := &brokenStore{MemoryStore: webhook.NewMemoryStore()}
		s.claims.Store(claims)
		return webhook.WithStore(s)
	}
	failing := webhook.OnEvent(func(context.Context, webhook.Event) error { return errors.New("not now") })
	consumed := func() *http.Request {
		r := post(failure(1))
		r.Body = http.NoBody
		return r
	}
	for _, tt := range []struct {
		name     string
		requests func() []*http.Request
		opts     []webhook.Option
		want     []string
	}{
		{"handled", func() []*http.Request { return []*http.Request{post(failure(1)), post(failure(1))} }, nil, []string{
			"DEBUG modelslab delivery verified ", "DEBUG modelslab delivery delivered ",
			"DEBUG modelslab delivery verified ", "DEBUG modelslab delivery duplicate ",
		}},
		{"a conflict", func() []*http.Request {
			return []*http.Request{post(failure(1)), post(sign("video", "job1"), `{"status":"cancelled","id":1,"track_id":"job1"}`)}
		}, nil, []string{
			"DEBUG modelslab delivery verified ", "DEBUG modelslab delivery delivered ",
			"DEBUG modelslab delivery verified ", "WARN modelslab delivery conflict ",
		}},
		{"a failure", func() []*http.Request { return []*http.Request{post(failure(1))} }, []webhook.Option{failing}, []string{
			"DEBUG modelslab delivery verified ", "ERROR modelslab delivery failed ",
		}},
		{"forged", func() []*http.Request { return []*http.Request{post(path+"?sig=x", "{}")} }, nil, []string{"WARN modelslab delivery refused token"}},
		{"consumed", func() []*http.Request { return []*http.Request{consumed()} }, nil, []string{"ERROR modelslab delivery refused body_consumed"}},
		{"a store that fails", func() []*http.Request { return []*http.Request{post(failure(1))} }, []webhook.Option{broken(true)}, []string{
			"DEBUG modelslab delivery verified ", "ERROR modelslab delivery refused store",
		}},
	} {
		for _, level := range []slog.Level{slog.LevelDebug, slog.LevelWarn, slog.LevelError} {
			log := &records{level: level}
			h, err := webhook.NewHandler(append(tt.opts, webhook.WithSecrets(secret), webhook.WithLogger(slog.New(log)))...)
			require.NoError(t, err)
			for _, r := range tt.requests() {
				serve(h, r)
			}
			var want []string
			for _, line := range tt.want {
				if strings.HasPrefix(line, "ERROR") || level == slog.LevelDebug || level == slog.LevelWarn && strings.HasPrefix(line, "WARN") {
					want = append(want, line)
				}
			}
			require.Equal(t, want, log.lines(), "%s from %s", tt.name, level)
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			_ = h.Shutdown(ctx)
		}
	}
}

// Texts from outside are cut between characters, and what fits is whole.
func TestLoggedTextsAreCut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ message, want string }{
		{strings.Repeat("x", 256), strings.Repeat("x", 256)},
		{strings.Repeat("x", 257), strings.Repeat("x", 256) + "…"},
		{"x" + strings.Repeat("é", 200), "x" + strings.Repeat("é", 127) + "…"},
		{"a\nb", "a b"},
	} {
		log := &records{level: slog.LevelDebug}
		h := newHandler(t, webhook.WithLogger(slog.New(log)), webhook.WithLoggedBodies(20))
		body := fmt.Sprintf(`{"status":"failed","track_id":"a","message":%s}`, jsonString(tt.message))
		require.Equal(t, 200, serve(h, post(sign("video", "a"), body)).Code)
		require.Equal(t, tt.want, log.list[0]["message"])
		require.True(t, utf8.ValidString(log.list[0]["message"]))
		require.Equal(t, body[:20]+"…", log.list[0]["body"])
		require.Equal(t, "a", log.list[0]["track_id"])
		require.NotContains(t, log.list[0], "took")
	}
}

// A decision that took time says so, and one that went wrong says why.
func TestLoggedCauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &records{level: slog.LevelError}
		h, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithLogger(slog.New(log)),
			webhook.OnEvent(func(context.Context, webhook.Event) error {
				sleepFor(3 * time.Second)
				return errors.New("the database is down")
			}))
		require.NoError(t, err)
		require.Equal(t, 500, serve(h, post(failure(1))).Code)
		require.Equal(t, "3s", log.list[0]["took"])
		require.Equal(t, "the database is down", log.list[0]["error"])
		require.Error(t, h.Shutdown(t.Context()))
	})
}
