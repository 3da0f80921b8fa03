package river_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/modelslab-go/modelslab/contrib/durable"
	"github.com/modelslab-go/modelslab/contrib/durable/storetest"

	"github.com/modelslab-go/modelslab/contrib/river"
)

func TestMain(m *testing.M) {
	if child, ok := storetest.ChildOf(); ok {
		if err := runChild(child); err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if text := os.Getenv(keeperEnv); text != "" {
		if err := keep(text); err != nil {
			fmt.Fprintln(os.Stderr, "PostgreSQL:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	var err error
	if server, err = startPostgres("off"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	server.stop()
	os.Exit(code)
}

func runChild(c storetest.Child) error {
	ctx := context.Background()
	pool, err := newPool(ctx, c.Store)
	if err != nil {
		return err
	}
	defer pool.Close()
	engine, err := river.Open(ctx, river.Config{Config: c.Config(), Pool: pool})
	if err != nil {
		return err
	}
	engine.OnEvent(effect)
	return storetest.RunChild(c, engine)
}

// effect is a callback whose work is counted.
func effect(ctx context.Context, tx pgx.Tx, ev durable.Event) error {
	if ev.Err != nil {
		return nil //nolint:nilerr // only results are counted
	}
	_, err := tx.Exec(ctx, `INSERT INTO effects VALUES ($1)`, ev.TrackID)
	return err
}
