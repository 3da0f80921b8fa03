package durable_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

func TestDeliveries(t *testing.T) {
	t.Parallel()
	post := func(r *rig, id, body string) int {
		r.Helper()
		return modelslabtest.Deliver(r.engine.Handler(), modelslabtest.SignedRequest(callbackURL, secret, modelslab.KindVideo, id, body)).StatusCode
	}
	start := func(r *rig) (id, vendorID string) {
		r.server.Next(modelslabtest.Submit, modelslabtest.Fault{Never: true})
		id = r.submit()
		r.after(time.Second)
		return id, r.job(id).Ref.ID
	}
	t.Run("contradicting the result are counted, and lose", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			id, vendorID := start(r)
			require.Equal(r, 200, post(r, id, fmt.Sprintf(`{"status":"success","id":%s,"track_id":%q,"output":["https://cdn.example/0.mp4"]}`, vendorID, id)))
			require.Equal(r, 200, post(r, id, fmt.Sprintf(`{"status":"failed","id":%s,"track_id":%q,"message":"no"}`, vendorID, id)))
			r.after(time.Second)
			require.NoError(r, r.event().Err)
			require.Equal(r, map[durable.Outcome]int{durable.OutcomeApplied: 1, durable.OutcomeConflict: 1}, r.observed())
		})
	})
	t.Run("of another job of ModelsLab cause a fetch and nothing else", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			id, _ := start(r)
			before := r.count(modelslabtest.Fetch)
			require.Equal(r, 200, post(r, id, fmt.Sprintf(`{"status":"success","id":1,"track_id":%q,"output":["https://evil.example/0.mp4"]}`, id)))
			r.after(time.Millisecond)
			require.Equal(r, durable.StateWaiting, r.job(id).State)
			require.Equal(r, before+1, r.count(modelslabtest.Fetch))
			require.Equal(r, 1, r.observed()[durable.OutcomeDoubted])
		})
	})
	t.Run("are only a hint where every one is confirmed", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{Confirm: true}, func(r *rig) {
			id, vendorID := start(r)
			require.Equal(r, 200, post(r, id, fmt.Sprintf(`{"status":"success","id":%s,"track_id":%q,"output":["https://evil.example/0.mp4"]}`, vendorID, id)))
			r.after(time.Second)
			require.Equal(r, durable.StateWaiting, r.job(id).State)
			id = r.submit()
			r.after(21 * time.Second)
			require.Equal(r, durable.StateDone, r.job(id).State)
			require.NotContains(r, r.event().Job.Output[0], "evil")
		})
	})
	t.Run("of nobody's job are kept", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			require.Equal(r, 200, post(r, "stranger", `{"status":"success","id":1,"track_id":"stranger","output":["https://cdn.example/0.mp4"]}`))
			require.Equal(r, 1, r.observed()[durable.OutcomeStray])
		})
	})
	t.Run("forged or of another job are refused", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			id, _ := start(r)
			body := fmt.Sprintf(`{"status":"success","id":1,"track_id":%q,"output":["https://evil.example/0.mp4"]}`, id)
			require.Equal(r, http.StatusUnauthorized, post(r, "another", body))
			req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, callbackURL, http.NoBody)
			require.NoError(r, err)
			require.Equal(r, http.StatusUnauthorized, modelslabtest.Deliver(r.engine.Handler(), req).StatusCode)
			require.Empty(r, r.observed())
		})
	})
}

func TestRunEndsGracefully(t *testing.T) {
	t.Parallel()
	t.Run("and the next one goes on", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			r.server.Next(modelslabtest.Submit, modelslabtest.Fault{Slow: 10 * time.Second})
			id := r.submit()
			r.after(time.Second)
			r.stop()
			require.NoError(r, <-r.ran)
			require.Equal(r, durable.StateWaiting, r.job(id).State)
			r.start()
			r.after(time.Minute)
			require.NoError(r, r.event().Err)
			require.Equal(r, 1, r.server.Accepted(id))
		})
	})
	t.Run("and cancels what takes too long", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{Drain: 5 * time.Second}, func(r *rig) {
			r.server.Next(modelslabtest.Submit, modelslabtest.Fault{Slow: time.Hour, Took: 2 * time.Minute})
			id := r.submit()
			r.after(time.Second)
			began := time.Now()
			r.stop()
			require.NoError(r, <-r.ran)
			require.Equal(r, 5*time.Second, time.Since(began))
			require.Equal(r, durable.StateUnknown, r.job(id).State)
			r.start()
			r.after(3 * time.Minute)
			require.NoError(r, r.event().Err)
			require.Equal(r, 1, r.server.Accepted(id))
		})
	})
}

func TestAnEngineThatIsShutDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := modelslabtest.NewServer(modelslabtest.WithStrict())
		defer server.Close()
		engine, err := durable.New(durable.NewMemoryStore(), nil, durable.Config{
			Client: server.Client(modelslab.WithWebhook(callbackURL, secret)), Secrets: [][]byte{secret},
		})
		require.NoError(t, err)
		require.ErrorContains(t, engine.Run(t.Context()), "OnEvent")
		engine.OnEvent(func(context.Context, memTx, durable.Event) error { return nil })
		require.NoError(t, engine.Shutdown(t.Context()))
		require.NoError(t, engine.Shutdown(t.Context()))
		require.NoError(t, engine.Run(t.Context()))
		_, err = engine.Submit(t.Context(), video("x"))
		require.Error(t, err)
		_, err = engine.Step(t.Context(), "x")
		require.Error(t, err)
	})
}

func TestAWrongConfigIsAnError(t *testing.T) {
	t.Parallel()
	server := modelslabtest.NewServer(modelslabtest.WithStrict())
	t.Cleanup(server.Close)
	for name, cfg := range map[string]durable.Config{
		"no client":         {},
		"unknown policy":    {Client: server.Client(), Policy: "perhaps"},
		"negative duration": {Client: server.Client(), Lease: -1},
		"negative number":   {Client: server.Client(), Workers: -1},
		"short secret":      {Client: server.Client(modelslab.WithWebhook(callbackURL, secret)), Secrets: [][]byte{secret, []byte("short")}},
		"another secret":    {Client: server.Client(modelslab.WithWebhook(callbackURL, secret)), Secrets: [][]byte{bytes.Repeat([]byte("x"), 32)}},
		"unsigned client":   {Client: server.Client(), Secrets: [][]byte{secret}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := durable.New(durable.NewMemoryStore(), nil, cfg)
			require.Error(t, err)
		})
	}
}
