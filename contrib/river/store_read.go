package river

import (
	"context"
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

func (s *store) List(ctx context.Context, tx pgx.Tx, f durable.Filter) ([]*durable.Job, error) {
	return query(ctx, tx, nil, `SELECT `+columns+`, NULL::bytea FROM modelslab_jobs j
WHERE ($1 = '' OR state = $1) AND ($2 = '' OR (created, track_id) > (SELECT created, track_id FROM modelslab_jobs WHERE track_id = $2))
ORDER BY created, track_id LIMIT $3`, string(f.State), f.After, f.PageSize())
}

func (s *store) Count(ctx context.Context, tx pgx.Tx) (map[durable.State]int, time.Duration, error) {
	rows, err := tx.Query(ctx, `SELECT state, count(*) FROM modelslab_jobs GROUP BY state`)
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

func (s *store) Prune(ctx context.Context, tx pgx.Tx, age time.Duration, n int) (int, error) {
	total := 0
	for _, query := range []string{
		`DELETE FROM modelslab_deliveries WHERE (token, digest) IN (SELECT token, digest FROM modelslab_deliveries
			WHERE received < statement_timestamp() - $1 * interval '1 microsecond' ORDER BY received LIMIT $2 FOR UPDATE SKIP LOCKED)`,
		`DELETE FROM modelslab_jobs WHERE track_id IN (SELECT track_id FROM modelslab_jobs
			WHERE state = 'done' AND greatest(created, since) < statement_timestamp() - $1 * interval '1 microsecond'
			ORDER BY created LIMIT $2 FOR UPDATE SKIP LOCKED)`,
	} {
		tag, err := tx.Exec(ctx, query, age.Microseconds(), n)
		if err != nil {
			return total, err
		}
		total += int(tag.RowsAffected())
	}
	return total, nil
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
			&j.Attempts, &j.Fence, &j.Created, &j.Since, &due, &result, &now, &request); err != nil {
			return nil, err
		}
		j.Kind, j.Policy, j.State, j.Reason = modelslab.Kind(kind), durable.Policy(policy), durable.State(state), durable.Reason(reason)
		j.ETA = time.Duration(eta) * time.Microsecond
		j.Age = max(0, now.Sub(j.Since))
		if due != nil {
			j.Due = *due
		}
		if err := durable.DecodeRow(&j, ref, result, request); err != nil {
			return nil, err
		}
		jobs = append(jobs, &j)
	}
	return jobs, rows.Err()
}
