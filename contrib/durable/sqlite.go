package durable

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"time"

	_ "modernc.org/sqlite" // the driver
)

// busyTimeout is how long a statement waits for another process's transaction.
const busyTimeout = 10 * time.Second

// sqliteStore keeps the rows in a file, in WAL mode with synchronous FULL: what
// is committed survives the machine.
type sqliteStore struct {
	write  *sql.DB
	read   *sql.DB
	writer *group
}

// OpenSQLiteStore opens, creates or migrates the file at path. Most programs
// want [OpenSQLite].
func OpenSQLiteStore(ctx context.Context, path string) (Store[*sql.Tx], error) {
	return openSQLite(ctx, path, len(sqliteMigrations))
}

func openSQLite(ctx context.Context, path string, version int) (*sqliteStore, error) {
	s := new(sqliteStore)
	var err error
	if s.write, err = sql.Open("sqlite", sqliteDSN(path, false)); err != nil {
		return nil, fmt.Errorf("durable: open %s: %w", path, err)
	}
	s.write.SetMaxOpenConns(1)
	conn, err := s.write.Conn(ctx)
	if err == nil {
		err = migrateSQLite(ctx, conn, version)
		_ = conn.Close()
	}
	if err != nil {
		_ = s.write.Close()
		return nil, fmt.Errorf("durable: open %s: %w", path, err)
	}
	if s.read, err = sql.Open("sqlite", sqliteDSN(path, true)); err != nil {
		_ = s.write.Close()
		return nil, fmt.Errorf("durable: open %s: %w", path, err)
	}
	s.read.SetMaxOpenConns(4)
	s.writer = newGroup(s.write)
	return s, nil
}

// sqliteDSN spells path as a file URI, because a bare path may not contain a
// question mark.
func sqliteDSN(path string, readOnly bool) string {
	q := url.Values{"_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()),
		"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)",
	}}
	if readOnly {
		q.Add("_pragma", "query_only(ON)")
	} else {
		q.Set("_txlock", "immediate")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func (s *sqliteStore) Close() error {
	s.writer.stop()
	return errors.Join(s.read.Close(), s.write.Close())
}

func (s *sqliteStore) Tx(ctx context.Context, f func(context.Context, *sql.Tx) error) error {
	return s.writer.write(ctx, f)
}

func (s *sqliteStore) View(ctx context.Context, f func(context.Context, *sql.Tx) error) error {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("durable: read: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	return f(ctx, tx)
}

const jobColumns = `track_id, coalesce(key, ''), kind, policy, state, reason, message, ref, eta, submits, attempts, fence, created, since, due, result`

const jobColumnCount = 16

func (s *sqliteStore) Insert(ctx context.Context, tx *sql.Tx, job *Job, request []byte) (*Job, bool, error) {
	now := time.Now().UnixMicro()
	digest := sha256.Sum256([]byte(job.TrackID))
	var key any
	if job.Key != "" {
		key = job.Key
	}
	jobs, err := queryJobs(ctx, tx, nil, `
INSERT INTO modelslab_jobs (track_id, token, key, kind, policy, state, created, since, due, request)
VALUES (?1, ?2, ?3, ?4, ?5, 'new', ?6, ?6, ?6, ?7) ON CONFLICT DO NOTHING RETURNING `+jobColumns,
		job.TrackID, digest[:16], key, job.Kind, job.Policy, now, request)
	if err == nil && len(jobs) == 0 {
		// The key decides where both are taken: it is what the caller repeats.
		jobs, err = queryJobs(ctx, tx, nil, `SELECT `+jobColumns+` FROM modelslab_jobs
WHERE key = ?1 OR track_id = ?2 ORDER BY key = ?1 DESC LIMIT 1`, key, job.TrackID)
		if err == nil && len(jobs) == 1 {
			return jobs[0], false, nil
		}
	}
	if err != nil {
		return nil, false, err
	}
	return jobs[0], true, nil
}

func (s *sqliteStore) Claim(ctx context.Context, tx *sql.Tx, n int, lease time.Duration, slots int) ([]*Job, error) {
	now := time.Now()
	jobs, err := queryJobs(ctx, tx, nil, `
UPDATE modelslab_jobs SET fence = fence + 1, due = ?1 WHERE track_id IN (
	SELECT track_id FROM modelslab_jobs WHERE due <= ?2 AND state <> 'new' ORDER BY due LIMIT ?3
) RETURNING `+jobColumns, now.Add(lease).UnixMicro(), now.UnixMicro(), n)
	if err != nil {
		return nil, err
	}
	n -= len(jobs)
	if slots > 0 && n > 0 {
		open, err := countOpen(ctx, tx)
		if err != nil {
			return nil, err
		}
		n = min(n, slots-open)
	}
	if n <= 0 {
		return jobs, nil
	}
	return queryJobs(ctx, tx, jobs, `
UPDATE modelslab_jobs SET state = 'submitting', since = ?2, submits = submits + 1, fence = fence + 1, due = ?1
WHERE track_id IN (
	SELECT track_id FROM modelslab_jobs WHERE due <= ?2 AND state = 'new' ORDER BY due LIMIT ?3
) RETURNING `+jobColumns+`, request`, now.Add(lease).UnixMicro(), now.UnixMicro(), n)
}

func (s *sqliteStore) ClaimOne(ctx context.Context, tx *sql.Tx, trackID string, lease time.Duration, slots int) (*Job, bool, error) {
	now := time.Now()
	job, err := s.Get(ctx, tx, trackID)
	if err != nil {
		return nil, false, err
	}
	if job.Due.IsZero() || job.Due.After(now) {
		return job, false, nil
	}
	query := `UPDATE modelslab_jobs SET fence = fence + 1, due = ?1 WHERE track_id = ?3 RETURNING ` + jobColumns
	if job.State == StateNew {
		open, err := 0, error(nil)
		if slots > 0 {
			open, err = countOpen(ctx, tx)
		}
		if err != nil || slots > 0 && open >= slots {
			return job, false, err
		}
		query = `UPDATE modelslab_jobs SET state = 'submitting', since = ?2, submits = submits + 1, fence = fence + 1, due = ?1
WHERE track_id = ?3 RETURNING ` + jobColumns + `, request`
	}
	jobs, err := queryJobs(ctx, tx, nil, query, now.Add(lease).UnixMicro(), now.UnixMicro(), trackID)
	if err != nil || len(jobs) == 0 {
		return job, false, err
	}
	return jobs[0], true, nil
}

func countOpen(ctx context.Context, tx *sql.Tx) (n int, err error) {
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM modelslab_jobs WHERE state IN ('submitting', 'unknown', 'waiting')`).Scan(&n)
	return n, err
}

func (s *sqliteStore) Extend(ctx context.Context, tx *sql.Tx, claims []Claim, lease time.Duration) ([]bool, error) {
	due := time.Now().Add(lease).UnixMicro()
	held := make([]bool, len(claims))
	for i, c := range claims {
		var err error
		held[i], err = execOne(ctx, tx, `UPDATE modelslab_jobs SET due = ? WHERE track_id = ? AND fence = ? AND due IS NOT NULL`,
			due, c.TrackID, c.Fence)
		if err != nil {
			return nil, err
		}
	}
	return held, nil
}

func (s *sqliteStore) Save(ctx context.Context, tx *sql.Tx, changes []Change) ([]bool, error) {
	now := time.Now()
	saved := make([]bool, len(changes))
	for i, c := range changes {
		result, err := encodeResult(c.Job.Result)
		if err != nil {
			return nil, err
		}
		var due any
		if c.After >= 0 {
			due = now.Add(c.After).UnixMicro()
		}
		saved[i], err = execOne(ctx, tx, `
UPDATE modelslab_jobs SET state = ?1, reason = ?2, message = ?3, ref = ?4, eta = ?5, submits = ?6, attempts = ?7,
	fence = ?8, due = ?9, result = ?10, since = CASE WHEN state = ?1 THEN since ELSE ?11 END
WHERE track_id = ?12 AND state = ?13 AND fence = ?14`,
			c.Job.State, c.Job.Reason, c.Job.Message, refText(c.Job.Ref), c.Job.ETA.Microseconds(), c.Job.Submits,
			c.Job.Attempts, c.Job.Fence, due, result, now.UnixMicro(), c.Job.TrackID, c.From, c.Fence)
		if err != nil {
			return nil, err
		}
	}
	return saved, nil
}

func (s *sqliteStore) Receive(ctx context.Context, tx *sql.Tx, deliveries []Delivery) (jobs []*Job, fresh []bool, err error) {
	now := time.Now().UnixMicro()
	jobs, fresh = make([]*Job, len(deliveries)), make([]bool, len(deliveries))
	for i := range deliveries {
		d := &deliveries[i]
		fresh[i], err = execOne(ctx, tx, `INSERT INTO modelslab_deliveries VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			d.Token[:], d.Digest[:], d.Event, d.Body, now)
		if err != nil {
			return nil, nil, err
		}
		if !fresh[i] {
			continue
		}
		found, err := queryJobs(ctx, tx, nil, `SELECT `+jobColumns+` FROM modelslab_jobs WHERE token = ?`, d.Token[:])
		if err != nil {
			return nil, nil, err
		}
		if len(found) > 0 {
			jobs[i] = found[0]
		}
	}
	return jobs, fresh, nil
}

func (s *sqliteStore) Get(ctx context.Context, tx *sql.Tx, trackID string) (*Job, error) {
	jobs, err := queryJobs(ctx, tx, nil, `SELECT `+jobColumns+`, request FROM modelslab_jobs WHERE track_id = ?`, trackID)
	if err == nil && len(jobs) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return jobs[0], nil
}

func (s *sqliteStore) List(ctx context.Context, tx *sql.Tx, f Filter) ([]*Job, error) {
	return queryJobs(ctx, tx, nil, `SELECT `+jobColumns+` FROM modelslab_jobs
WHERE (?1 = '' OR state = ?1) AND (?2 = '' OR (created, track_id) > (SELECT created, track_id FROM modelslab_jobs WHERE track_id = ?2))
ORDER BY created, track_id LIMIT ?3`, f.State, f.After, f.limit())
}

func (s *sqliteStore) Count(ctx context.Context, tx *sql.Tx) (map[State]int, time.Duration, error) {
	rows, err := tx.QueryContext(ctx, `SELECT state, count(*) FROM modelslab_jobs GROUP BY state`)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = rows.Close() }()
	counts := map[State]int{}
	for rows.Next() {
		var state State
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, 0, err
		}
		counts[state] = n
	}
	if err := rows.Err(); err != nil {
		return nil, 0, err
	}
	next, err := firstDue(ctx, tx)
	if err != nil || next == 0 {
		return counts, 0, err
	}
	return counts, max(0, time.Since(time.UnixMicro(next))), nil
}

func (s *sqliteStore) NextDue(ctx context.Context, tx *sql.Tx, limit time.Duration) (time.Duration, error) {
	next, err := firstDue(ctx, tx)
	if err != nil || next == 0 {
		return limit, err
	}
	return min(max(0, time.Until(time.UnixMicro(next))), limit), nil
}

// firstDue asks each index for its own first: over both at once SQLite would scan.
func firstDue(ctx context.Context, tx *sql.Tx) (int64, error) {
	var next sql.NullInt64
	err := tx.QueryRowContext(ctx, `SELECT min(due) FROM (
	SELECT min(due) AS due FROM modelslab_jobs WHERE due IS NOT NULL AND state <> 'new'
	UNION ALL SELECT min(due) FROM modelslab_jobs WHERE state = 'new')`).Scan(&next)
	return next.Int64, err
}

func (s *sqliteStore) Prune(ctx context.Context, tx *sql.Tx, age time.Duration, n int) (int, error) {
	before := time.Now().Add(-age).UnixMicro()
	total := 0
	for _, query := range []string{
		`DELETE FROM modelslab_deliveries WHERE (token, digest) IN (
			SELECT token, digest FROM modelslab_deliveries WHERE received < ? ORDER BY received LIMIT ?)`,
		`DELETE FROM modelslab_jobs WHERE track_id IN (
			SELECT track_id FROM modelslab_jobs WHERE state = 'done' AND created < ?1 AND since < ?1 ORDER BY created LIMIT ?2)`,
	} {
		res, err := tx.ExecContext(ctx, query, before, n)
		if err != nil {
			return total, err
		}
		gone, err := res.RowsAffected()
		if err != nil {
			return total, err
		}
		total += int(gone)
	}
	return total, nil
}

func execOne(ctx context.Context, tx *sql.Tx, query string, args ...any) (bool, error) {
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// queryJobs appends the rows of a query for jobColumns, and for the request
// where it is asked for as well.
func queryJobs(ctx context.Context, tx *sql.Tx, jobs []*Job, query string, args ...any) ([]*Job, error) {
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
		var j Job
		var ref string
		var eta, created, since int64
		var due sql.NullInt64
		var result, request []byte
		dest := []any{
			&j.TrackID, &j.Key, &j.Kind, &j.Policy, &j.State, &j.Reason, &j.Message, &ref, &eta,
			&j.Submits, &j.Attempts, &j.Fence, &created, &since, &due, &result,
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
		if err := decodeJob(&j, ref, result, request); err != nil {
			return nil, err
		}
		jobs = append(jobs, &j)
	}
	return jobs, rows.Err()
}
