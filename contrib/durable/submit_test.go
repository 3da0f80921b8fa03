package durable_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

func TestSubmitInsideTheCallback(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(time.Second))
		defer server.Close()
		engine, err := durable.New(durable.NewMemoryStore(), nil, durable.Config{Client: server.Client()})
		require.NoError(t, err)
		var ids []string
		engine.OnEvent(func(ctx context.Context, tx memTx, ev durable.Event) error {
			ids = append(ids, ev.TrackID)
			if len(ids) > 2 {
				return nil
			}
			if _, err := engine.Submit(ctx, video("next")); err == nil {
				return errors.New("Submit must refuse")
			}
			_, err := engine.SubmitTx(ctx, tx, video("next"))
			return err
		})
		ran := make(chan error, 1)
		go func() { ran <- engine.Run(t.Context()) }()
		_, err = engine.Submit(t.Context(), video("first"))
		require.NoError(t, err)
		pass(time.Minute)
		synctest.Wait()
		require.Len(t, ids, 3)
		require.NoError(t, engine.Shutdown(t.Context()))
		require.NoError(t, <-ran)
	})
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	t.Run("records before anything is sent", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			r.server.Next(modelslabtest.Submit, modelslabtest.Fault{Slow: time.Hour})
			id := r.submit()
			require.Equal(r, "/v6/video/text2video", r.job(id).Request.Path)
			require.NotContains(r, string(r.job(id).Request.Body), "test-key")
		})
	})
	t.Run("takes the same key for the same job", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			id := r.submit(durable.IdempotencyKey("order 7"))
			require.Equal(r, id, r.submit(durable.IdempotencyKey("order 7")))
			require.NotEqual(r, id, r.submit(durable.IdempotencyKey("order 8")))
			r.after(time.Minute)
			require.Equal(r, id, r.submit(durable.IdempotencyKey("order 7")))
			r.after(time.Minute)
			require.Equal(r, 2, r.count(modelslabtest.Submit))
		})
	})
	t.Run("takes the same track id for the same job", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			for range 3 {
				req := video("x")
				req.TrackID = "video_001"
				id, err := r.engine.Submit(r.Context(), req)
				require.NoError(r, err)
				require.Equal(r, "video_001", id)
			}
			r.after(time.Minute)
			require.Equal(r, 1, r.server.Accepted("video_001"))
		})
	})
	t.Run("refuses what ModelsLab would refuse", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			_, err := r.engine.Submit(r.Context(), video(""))
			require.ErrorIs(r, err, modelslab.ErrInvalid)
			_, err = r.engine.Submit(r.Context(), video("x"), durable.OnUnknown("perhaps"))
			require.ErrorContains(r, err, "unknown policy")
		})
	})
	t.Run("is undone with the caller's transaction", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			undo := errors.New("undo")
			err := r.engine.Tx(r.Context(), func(ctx context.Context, tx memTx) error {
				_, err := r.engine.SubmitTx(ctx, tx, video("x"))
				return errors.Join(err, undo)
			})
			require.ErrorIs(r, err, undo)
			r.after(time.Minute)
			require.Zero(r, r.count(modelslabtest.Submit))
		})
	})
}

func TestTheQueueLimitHolds(t *testing.T) {
	t.Parallel()
	bubble(t, durable.Config{QueueLimit: 3}, func(r *rig) {
		for range 12 {
			r.submit()
		}
		r.after(5 * time.Second)
		require.Equal(r, 3, r.stats().Jobs[durable.StateWaiting])
		require.Equal(r, 9, r.stats().Jobs[durable.StateNew])
		r.after(20 * time.Second)
		require.Equal(r, 3, r.stats().Jobs[durable.StateDone])
		r.after(70 * time.Second)
		require.Equal(r, 12, r.stats().Jobs[durable.StateDone])
		for _, req := range r.server.Requests() {
			require.NotEqual(r, modelslabtest.Helper, req.Call)
		}
		require.Equal(r, 12, r.count(modelslabtest.Submit))
	}, modelslabtest.WithQueueLimit(3))
}
