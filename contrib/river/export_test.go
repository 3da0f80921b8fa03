package river

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"
)

// MigrateTo makes a schema that is not newer than version.
func MigrateTo(ctx context.Context, pool *pgxpool.Pool, version int) error {
	return migrate(ctx, pool, version)
}
