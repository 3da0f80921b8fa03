package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

// store keeps the rows in a file, in WAL mode with synchronous FULL: what
// is committed survives the machine.
type store struct {
	write  *sql.DB
	read   *sql.DB
	writer *group
}

func (s *store) Close() error {
	s.writer.stop()
	return errors.Join(s.read.Close(), s.write.Close())
}

func (s *store) Tx(ctx context.Context, f func(context.Context, *sql.Tx) error) error {
	return s.writer.write(ctx, f)
}

func (s *store) View(ctx context.Context, f func(context.Context, *sql.Tx) error) error {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("sqlite: read: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	return f(ctx, tx)
}

func (s *store) Insert(ctx context.Context, tx *sql.Tx, job *durable.Job, request []byte) (*durable.Job, bool, error) {
	now := time.Now().UnixMicro()
	digest := sha256.Sum256([]byte(job.TrackID))
	large := len(request) > maxRowRequest
	stored := request
	if large {
		stored = []byte{}
	}
	var key any
	if job.Key != "" {
		key = job.Key
	}
	jobs, err := queryJobs(ctx, tx, nil, `
INSERT INTO modelslab_jobs (track_id, token, key, kind, policy, state, created, since, due, request, digest)
VALUES (?1, ?2, ?3, ?4, ?5, 'new', ?6, ?6, ?6, ?7, ?8) ON CONFLICT DO NOTHING RETURNING `+jobColumns,
		job.TrackID, digest[:16], key, job.Kind, job.Policy, now, stored, job.Digest)
	if err == nil && len(jobs) == 0 {
		// The key decides where both are taken: it is what the caller repeats.
		if _, err := tx.ExecContext(ctx, `UPDATE modelslab_jobs SET key = ?1 WHERE track_id = ?2 AND key IS NULL AND digest = ?3
	AND NOT EXISTS (SELECT 1 FROM modelslab_jobs WHERE key = ?1)`, key, job.TrackID, job.Digest); err != nil {
			return nil, false, err
		}
		jobs, err = queryJobs(ctx, tx, nil, `SELECT `+jobColumns+` FROM modelslab_jobs
WHERE key = ?1 OR track_id = ?2 ORDER BY key = ?1 DESC LIMIT 1`, key, job.TrackID)
		if err == nil && len(jobs) == 1 {
			return jobs[0], false, nil
		}
	}
	if err == nil && large {
		_, err = tx.ExecContext(ctx, `INSERT INTO modelslab_requests VALUES (?, ?)`, job.TrackID, request)
	}
	if err != nil {
		return nil, false, err
	}
	return jobs[0], true, nil
}

func (s *store) Claim(ctx context.Context, tx *sql.Tx, want durable.Want) ([]*durable.Job, error) {
	now := time.Now()
	jobs, err := queryJobs(ctx, tx, nil, `
UPDATE modelslab_jobs SET fence = fence + 1, due = ?1 WHERE track_id IN (
	SELECT track_id FROM modelslab_jobs WHERE due <= ?2 AND state <> 'new' ORDER BY due LIMIT ?3
) RETURNING `+jobColumns, now.Add(want.Lease).UnixMicro(), now.UnixMicro(), want.Jobs)
	if err != nil {
		return nil, err
	}
	n := min(want.New, want.Jobs-len(jobs))
	if want.Slots > 0 && n > 0 {
		held, err := slotsHeld(ctx, tx)
		if err != nil {
			return nil, err
		}
		n = min(n, want.Slots-held)
	}
	if n <= 0 {
		return jobs, nil
	}
	return queryJobs(ctx, tx, jobs, `
UPDATE modelslab_jobs SET state = 'submitting', since = ?2, submits = submits + 1, fence = fence + 1, due = ?1
WHERE track_id IN (
	SELECT track_id FROM modelslab_jobs WHERE due <= ?2 AND state = 'new' ORDER BY due LIMIT ?3
) RETURNING `+jobColumns+requestColumn, now.Add(want.Lease).UnixMicro(), now.UnixMicro(), n)
}

func (s *store) ClaimOne(ctx context.Context, tx *sql.Tx, trackID string, want durable.Want) (*durable.Job, bool, error) {
	now := time.Now()
	job, err := s.Get(ctx, tx, trackID)
	if err != nil {
		return nil, false, err
	}
	if job.Due.IsZero() || job.Due.After(now) {
		return job, false, nil
	}
	query := `UPDATE modelslab_jobs SET fence = fence + 1, due = ?1 WHERE track_id = ?3 RETURNING ` + jobColumns
	if job.State == durable.StateNew {
		if want.New <= 0 {
			return job, false, nil
		}
		if want.Slots > 0 {
			if held, err := slotsHeld(ctx, tx); err != nil || held >= want.Slots {
				return job, false, err
			}
		}
		query = `UPDATE modelslab_jobs SET state = 'submitting', since = ?2, submits = submits + 1, fence = fence + 1, due = ?1
WHERE track_id = ?3 RETURNING ` + jobColumns + requestColumn
	}
	jobs, err := queryJobs(ctx, tx, nil, query, now.Add(want.Lease).UnixMicro(), now.UnixMicro(), trackID)
	if err != nil || len(jobs) == 0 {
		return job, false, err
	}
	return jobs[0], true, nil
}

// slotsHeld counts the jobs that hold a slot of the queue limit.
func slotsHeld(ctx context.Context, tx *sql.Tx) (n int, err error) {
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM modelslab_jobs
WHERE state IN ('submitting', 'waiting') OR state = 'unknown' AND since > ?`,
		time.Now().Add(-durable.UnknownSlot).UnixMicro()).Scan(&n)
	return n, err
}

func (s *store) Extend(ctx context.Context, tx *sql.Tx, claims []durable.Claim, lease time.Duration) ([]bool, error) {
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

func (s *store) Save(ctx context.Context, tx *sql.Tx, changes []durable.Change) ([]bool, error) {
	now := time.Now()
	saved := make([]bool, len(changes))
	for i, c := range changes {
		ref, result, err := durable.EncodeRow(c.Job)
		if err != nil {
			return nil, err
		}
		var due any
		if c.After >= 0 {
			due = now.Add(c.After).UnixMicro()
		}
		saved[i], err = execOne(ctx, tx, `
UPDATE modelslab_jobs SET state = ?1, reason = ?2, message = ?3, ref = ?4, eta = ?5, submits = ?6, attempts = ?7,
	fence = ?8, due = ?9, result = ?10, since = CASE WHEN state = ?1 THEN since ELSE ?11 END,
	request = CASE WHEN ?1 = 'done' THEN x'' ELSE request END
WHERE track_id = ?12 AND state = ?13 AND fence = ?14`,
			c.Job.State, c.Job.Reason, c.Job.Message, ref, c.Job.ETA.Microseconds(), c.Job.Submits,
			c.Job.Attempts, c.Job.Fence, due, result, now.UnixMicro(), c.Job.TrackID, c.From, c.Fence)
		if err != nil {
			return nil, err
		}
	}
	return saved, nil
}

func (s *store) Receive(ctx context.Context, tx *sql.Tx, deliveries []durable.Delivery) (jobs []*durable.Job, fresh []bool, err error) {
	now := time.Now().UnixMicro()
	jobs, fresh = make([]*durable.Job, len(deliveries)), make([]bool, len(deliveries))
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

func (s *store) Get(ctx context.Context, tx *sql.Tx, trackID string) (*durable.Job, error) {
	jobs, err := queryJobs(ctx, tx, nil, `SELECT `+jobColumns+requestColumn+` FROM modelslab_jobs WHERE track_id = ?`, trackID)
	if err == nil && len(jobs) == 0 {
		err = durable.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return jobs[0], nil
}

// List asks for what the filter names and nothing else, so that an index serves
// every filter.
func (s *store) List(ctx context.Context, tx *sql.Tx, f durable.Filter) ([]*durable.Job, error) {
	var where []string
	var args []any
	pick := func(condition string, value any) {
		where, args = append(where, condition), append(args, value)
	}
	if f.State != "" {
		pick(`state = ?`, f.State)
	}
	if f.Reason != "" {
		pick(`reason <> '' AND reason = ?`, f.Reason)
	}
	if f.Kind != "" {
		pick(`kind = ?`, f.Kind)
	}
	if !f.From.IsZero() {
		pick(`created >= ?`, f.From.UnixMicro())
	}
	if !f.To.IsZero() {
		pick(`created < ?`, f.To.UnixMicro())
	}
	if f.After != "" {
		pick(`(created, track_id) > (SELECT created, track_id FROM modelslab_jobs WHERE track_id = ?)`, f.After)
	}
	query := `SELECT ` + jobColumns + ` FROM modelslab_jobs`
	if len(where) > 0 {
		query += ` WHERE ` + strings.Join(where, ` AND `)
	}
	return queryJobs(ctx, tx, nil, query+` ORDER BY created, track_id LIMIT ?`, append(args, f.PageSize())...)
}

func (s *store) Count(ctx context.Context, tx *sql.Tx) (map[durable.State]int, time.Duration, error) {
	rows, err := tx.QueryContext(ctx, `SELECT state, n FROM modelslab_counts WHERE n > 0`)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = rows.Close() }()
	counts := map[durable.State]int{}
	for rows.Next() {
		var state durable.State
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

func (s *store) NextDue(ctx context.Context, tx *sql.Tx, limit time.Duration) (time.Duration, error) {
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

func (s *store) Park(ctx context.Context, tx *sql.Tx, job *durable.Job, after time.Duration) (bool, error) {
	return execOne(ctx, tx, `
UPDATE modelslab_jobs SET message = ?1, due = ?2, submits = submits - (state = 'submitting'),
	state = CASE state WHEN 'submitting' THEN 'new' ELSE state END
WHERE track_id = ?3 AND state = ?4 AND fence = ?5`,
		job.Message, time.Now().Add(after).UnixMicro(), job.TrackID, job.State, job.Fence)
}

func (s *store) Delete(ctx context.Context, tx *sql.Tx, trackID string) (bool, error) {
	if _, err := s.Get(ctx, tx, trackID); err != nil {
		return false, err
	}
	gone, err := execOne(ctx, tx, `DELETE FROM modelslab_jobs WHERE track_id = ? AND state IN ('done', 'dead')`, trackID)
	if err != nil || !gone {
		return false, err
	}
	digest := sha256.Sum256([]byte(trackID))
	_, err = tx.ExecContext(ctx, `DELETE FROM modelslab_deliveries WHERE token = ?`, digest[:16])
	return err == nil, err
}

// vacuumPages bounds how much of the file one transaction gives back: 40 MB.
const vacuumPages = 10_000

func (s *store) Prune(ctx context.Context, tx *sql.Tx, done, dead time.Duration, n int) (int, error) {
	const jobs = `DELETE FROM modelslab_jobs WHERE track_id IN (
	SELECT track_id FROM modelslab_jobs WHERE state = ?1 AND created < ?2 AND since < ?2 ORDER BY created LIMIT ?3)`
	now := time.Now()
	before := now.Add(-done).UnixMicro()
	total, err := execCount(ctx, tx, `DELETE FROM modelslab_deliveries WHERE (token, digest) IN (
	SELECT token, digest FROM modelslab_deliveries WHERE received < ? ORDER BY received LIMIT ?)`, before, n)
	if err != nil {
		return 0, err
	}
	gone, err := execCount(ctx, tx, jobs, durable.StateDone, before, n)
	if total += gone; err == nil && dead != 0 {
		gone, err = execCount(ctx, tx, jobs, durable.StateDead, now.Add(-dead).UnixMicro(), n)
		total += gone
	}
	if err == nil && total > 0 {
		_, err = tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA incremental_vacuum(%d)`, vacuumPages)) // gives pages back to the file system
	}
	return total, err
}
