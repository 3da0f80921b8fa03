package sqlite

import (
	"context"
	"database/sql"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

// OpenVersion opens a store whose schema is not newer than version.
func OpenVersion(ctx context.Context, path string, version int) (durable.Store[*sql.Tx], error) {
	return open(ctx, path, version)
}
