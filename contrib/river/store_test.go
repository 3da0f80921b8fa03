package river_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/modelslab-go/modelslab/contrib/durable"
	"github.com/modelslab-go/modelslab/contrib/durable/storetest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/river"
)

func TestPostgresStore(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"cache_statement", "exec"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(t *testing.T) durable.Store[pgx.Tx] {
				store, err := river.OpenStore(t.Context(), open(t, newSchema(t)+"&default_query_exec_mode="+mode))
				require.NoError(t, err)
				return store
			})
		})
	}
}
