package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/modelslab-go/modelslab/contrib/durable"
	"github.com/modelslab-go/modelslab/contrib/durable/storetest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/sqlite"
)

func TestSQLiteStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) durable.Store[*sql.Tx] {
		store, err := sqlite.OpenStore(t.Context(), filepath.Join(t.TempDir(), "odd #name?.db"))
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, store.Close()) })
		return store
	})
}
