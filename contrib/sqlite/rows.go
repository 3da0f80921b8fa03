package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

const jobColumns = `track_id, coalesce(key, ''), kind, policy, state, reason, message, ref, eta, submits, attempts, fence, created, since, due, result, digest`

const jobColumnCount = 17

// requestColumn is the request, wherever it is: every change of a row writes all
// of it again, so large requests have a table of their own.
const requestColumn = `, CASE WHEN length(request) > 0 THEN request ELSE
	(SELECT r.request FROM modelslab_requests r WHERE r.track_id = modelslab_jobs.track_id) END`

// maxRowRequest is the largest request that is kept in its row, in bytes.
const maxRowRequest = 1 << 10

func execOne(ctx context.Context, tx *sql.Tx, query string, args ...any) (bool, error) {
	n, err := execCount(ctx, tx, query, args...)
	return n == 1, err
}

// execCount returns how many rows a statement changed.
func execCount(ctx context.Context, tx *sql.Tx, query string, args ...any) (int, error) {
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// queryJobs appends the rows of a query for jobColumns, and for the request
// where it is asked for as well.
func queryJobs(ctx context.Context, tx *sql.Tx, jobs []*durable.Job, query string, args ...any) ([]*durable.Job, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	withRequest := len(columns) > jobColumnCount
	now := time.Now()
	for rows.Next() {
		var j durable.Job
		var ref string
		var eta, created, since int64
		var due sql.NullInt64
		var result, request []byte
		dest := []any{
			&j.TrackID, &j.Key, &j.Kind, &j.Policy, &j.State, &j.Reason, &j.Message, &ref, &eta,
			&j.Submits, &j.Attempts, &j.Fence, &created, &since, &due, &result, &j.Digest,
		}
		if withRequest {
			dest = append(dest, &request)
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		j.ETA = time.Duration(eta) * time.Microsecond
		j.Created, j.Since = time.UnixMicro(created), time.UnixMicro(since)
		j.Age = max(0, now.Sub(j.Since))
		if due.Valid {
			j.Due = time.UnixMicro(due.Int64)
		}
		durable.DecodeRow(&j, ref, result, request)
		jobs = append(jobs, &j)
	}
	return jobs, rows.Err()
}
