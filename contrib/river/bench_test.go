package river_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/contrib/durable"
	"github.com/modelslab-go/modelslab/contrib/durable/storetest"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/river"
)

// BenchmarkDeliveries includes the insert of the River job that runs the callback.
func BenchmarkDeliveries(b *testing.B) {
	postgres, err := startPostgres("on")
	require.NoError(b, err)
	defer postgres.stop()
	vendor := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer vendor.Close()
	pool := open(b, postgres.url("postgres", "")+"&pool_max_conns=50")
	store, err := river.OpenStore(b.Context(), pool)
	require.NoError(b, err)
	engine, err := river.Open(b.Context(), river.Config{Pool: pool, Config: durable.Config{
		Client: vendor.Client(modelslab.WithWebhook(callbackURL, storetest.BenchSecret)), Secrets: [][]byte{storetest.BenchSecret},
	}})
	require.NoError(b, err)
	engine.OnEvent(func(context.Context, pgx.Tx, durable.Event) error { return nil })
	_, err = pool.Exec(b.Context(), `CREATE TABLE floor (n bigint PRIMARY KEY, body text)`)
	require.NoError(b, err)
	storetest.BenchDeliveries(b, store, engine, func(n int) error {
		_, err := pool.Exec(b.Context(), `INSERT INTO floor VALUES ($1, $2)`, n, "a row of about the size of a delivery")
		return err
	})
	require.NoError(b, engine.Shutdown(b.Context()))
}
