package durable

import (
	"context"
	"database/sql"
)

// Failpoints are the names of all of them.
var Failpoints = []string{
	"insert", "inserted", "claim", "claimed", "submit", "submitted", "save", "saved",
	"receive", "received", "deliver", "called", "delivered", "poll", "polled",
}

// SetFailpoint makes f run at every failpoint. Call it before anything else.
func SetFailpoint(f func(name string)) { failpoint = f }

// OpenSQLiteVersion opens a store whose schema is not newer than version.
func OpenSQLiteVersion(ctx context.Context, path string, version int) (Store[*sql.Tx], error) {
	return openSQLite(ctx, path, version)
}
