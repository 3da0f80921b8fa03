package river

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/contrib/durable"
)

func (s *store) Get(ctx context.Context, tx pgx.Tx, trackID string) (*durable.Job, error) {
	jobs, err := query(ctx, tx, nil, `SELECT `+columns+`, j.request FROM modelslab_jobs j WHERE track_id = $1`, trackID)
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
func (s *store) List(ctx context.Context, tx pgx.Tx, f durable.Filter) ([]*durable.Job, error) {
	where := []string{`true`}
	var args []any
	pick := func(condition string, value any) {
		args = append(args, value)
		where = append(where, strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(args))))
	}
	if f.State != "" {
		pick(`state = ?`, string(f.State))
	}
	if f.Reason != "" {
		pick(`reason <> '' AND reason = ?`, string(f.Reason))
	}
	if f.Kind != "" {
		pick(`kind = ?`, string(f.Kind))
	}
	if !f.From.IsZero() {
		pick(`created >= ?`, f.From)
	}
	if !f.To.IsZero() {
		pick(`created < ?`, f.To)
	}
	if f.After != "" {
		pick(`(created, track_id) > ((SELECT created FROM modelslab_jobs WHERE track_id = ?), ?)`, f.After)
	}
	args = append(args, f.PageSize())
	return query(ctx, tx, nil, fmt.Sprintf(`SELECT %s, NULL::bytea FROM modelslab_jobs j WHERE %s ORDER BY created, track_id LIMIT $%d`,
		columns, strings.Join(where, ` AND `), len(args)), args...)
}

func (s *store) Count(ctx context.Context, tx pgx.Tx) (map[durable.State]int, time.Duration, error) {
	rows, err := tx.Query(ctx, `SELECT state, sum(n)::bigint FROM modelslab_counts GROUP BY state HAVING sum(n) > 0`)
	if err != nil {
		return nil, 0, err
	}
	counts := map[durable.State]int{}
	var state string
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&state, &n}, func() error {
		counts[durable.State(state)] = n
		return nil
	}); err != nil {
		return nil, 0, err
	}
	left, err := untilDue(ctx, tx)
	if err != nil || left == nil {
		return counts, 0, err
	}
	return counts, max(0, -*left), nil
}

// foldCounts makes one row for each state of what the triggers have written.
func foldCounts(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `
WITH folded AS (
	DELETE FROM modelslab_counts WHERE ctid IN (SELECT ctid FROM modelslab_counts FOR UPDATE SKIP LOCKED) RETURNING state, n
) INSERT INTO modelslab_counts SELECT state, sum(n) FROM folded GROUP BY state HAVING sum(n) <> 0`)
	return err
}

func (s *store) NextDue(ctx context.Context, tx pgx.Tx, limit time.Duration) (time.Duration, error) {
	left, err := untilDue(ctx, tx)
	if err != nil || left == nil {
		return limit, err
	}
	return min(max(0, *left), limit), nil
}

func untilDue(ctx context.Context, tx pgx.Tx) (*time.Duration, error) {
	var micros *int64
	err := tx.QueryRow(ctx, `SELECT (extract(epoch FROM least(
	(SELECT min(due) FROM modelslab_jobs WHERE due IS NOT NULL AND state <> 'new'),
	(SELECT min(due) FROM modelslab_jobs WHERE state = 'new')) - statement_timestamp()) * 1000000)::bigint`).Scan(&micros)
	if err != nil || micros == nil {
		return nil, err
	}
	return new(time.Duration(*micros) * time.Microsecond), nil
}

func (s *store) Prune(ctx context.Context, tx pgx.Tx, done, dead time.Duration, n int) (int, error) {
	const jobs = `DELETE FROM modelslab_jobs WHERE track_id IN (SELECT track_id FROM modelslab_jobs
	WHERE state = $1 AND greatest(created, since) < statement_timestamp() - $2 * interval '1 microsecond'
	ORDER BY created LIMIT $3 FOR UPDATE SKIP LOCKED)`
	if err := foldCounts(ctx, tx); err != nil {
		return 0, err
	}
	tag, err := tx.Exec(ctx, `DELETE FROM modelslab_deliveries WHERE (token, digest) IN (SELECT token, digest FROM modelslab_deliveries
	WHERE received < statement_timestamp() - $1 * interval '1 microsecond' ORDER BY received LIMIT $2 FOR UPDATE SKIP LOCKED)`,
		done.Microseconds(), n)
	if err != nil {
		return 0, err
	}
	total := int(tag.RowsAffected())
	tag, err = tx.Exec(ctx, jobs, string(durable.StateDone), done.Microseconds(), n)
	if total += int(tag.RowsAffected()); err != nil || dead == 0 {
		return total, err
	}
	tag, err = tx.Exec(ctx, jobs, string(durable.StateDead), dead.Microseconds(), n)
	return total + int(tag.RowsAffected()), err
}

func (s *store) Park(ctx context.Context, tx pgx.Tx, job *durable.Job, after time.Duration) (bool, error) {
	tag, err := tx.Exec(ctx, `
UPDATE modelslab_jobs SET message = $1, due = statement_timestamp() + $2 * interval '1 microsecond',
	submits = submits - CASE state WHEN 'submitting' THEN 1 ELSE 0 END,
	state = CASE state WHEN 'submitting' THEN 'new' ELSE state END
WHERE track_id = $3 AND state = $4 AND fence = $5`,
		job.Message, after.Microseconds(), job.TrackID, string(job.State), job.Fence)
	return tag.RowsAffected() == 1, err
}

func (s *store) Delete(ctx context.Context, tx pgx.Tx, trackID string) (bool, error) {
	if _, err := s.Get(ctx, tx, trackID); err != nil {
		return false, err
	}
	tag, err := tx.Exec(ctx, `DELETE FROM modelslab_jobs WHERE track_id = $1 AND state IN ('done', 'dead')`, trackID)
	if err != nil || tag.RowsAffected() == 0 {
		return false, err
	}
	digest := sha256.Sum256([]byte(trackID))
	_, err = tx.Exec(ctx, `DELETE FROM modelslab_deliveries WHERE token = $1`, digest[:16])
	return err == nil, err
}

// query appends the rows of a query for columns and the request.
func query(ctx context.Context, tx pgx.Tx, jobs []*durable.Job, sql string, args ...any) ([]*durable.Job, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var j durable.Job
		var kind, policy, state, reason, ref string
		var eta int64
		var due *time.Time
		var now time.Time
		var result, request []byte
		if err := rows.Scan(&j.TrackID, &j.Key, &kind, &policy, &state, &reason, &j.Message, &ref, &eta, &j.Submits,
			&j.Attempts, &j.Fence, &j.Created, &j.Since, &due, &result, &j.Digest, &now, &request); err != nil {
			return nil, err
		}
		j.Kind, j.Policy, j.State, j.Reason = modelslab.Kind(kind), durable.Policy(policy), durable.State(state), durable.Reason(reason)
		j.ETA = time.Duration(eta) * time.Microsecond
		j.Age = max(0, now.Sub(j.Since))
		if due != nil {
			j.Due = *due
		}
		durable.DecodeRow(&j, ref, result, request)
		jobs = append(jobs, &j)
	}
	return jobs, rows.Err()
}
