package sqlite_test

import (
	"context"
	"database/sql"
	"net/http"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/contrib/durable"

	"github.com/modelslab-go/modelslab/contrib/sqlite"
)

func Example() {
	var (
		ctx    context.Context
		secret []byte
		mux    *http.ServeMux
		prompt string
	)
	client, err := modelslab.New("", modelslab.WithWebhook("https://shop.example/webhook/modelslab", secret))
	if err != nil {
		panic(err)
	}
	engine, err := sqlite.Open(ctx, "jobs.db", durable.Config{Client: client, Secrets: [][]byte{secret}})
	if err != nil {
		panic(err)
	}
	engine.OnEvent(func(ctx context.Context, tx *sql.Tx, ev durable.Event) error {
		// What is written through tx commits together with the job's completion.
		_, err := tx.ExecContext(ctx, `UPDATE orders SET done = $1 WHERE track_id = $2`, ev.Err == nil, ev.TrackID)
		return err
	})
	mux.Handle("/webhook/modelslab", engine.Handler())
	go func() {
		if err := engine.Run(ctx); err != nil {
			panic(err)
		}
	}()

	// The order and its job are written in one transaction, before anything is sent.
	err = engine.Tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		trackID, err := engine.SubmitTx(ctx, tx, &modelslab.TextToVideoRequest{ModelID: "cogvideox", Prompt: prompt},
			durable.IdempotencyKey("order 4711"))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO orders (id, track_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, 4711, trackID)
		return err
	})
	if err != nil {
		panic(err)
	}
}
