package river

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/modelslab-go/modelslab/contrib/durable"
)

// store keeps the rows in PostgreSQL. The clock is the database's.
type store struct{ pool *pgxpool.Pool }

// OpenStore creates or migrates the tables in the schema that the pool's
// search_path names first. Most programs want [Open].
func OpenStore(ctx context.Context, pool *pgxpool.Pool) (durable.Store[pgx.Tx], error) {
	if err := migrate(ctx, pool, len(migrations)); err != nil {
		return nil, fmt.Errorf("river: migrate: %w", err)
	}
	return &store{pool}, nil
}

// Close leaves the pool to whoever made it.
func (s *store) Close() error { return nil }

func (s *store) Tx(ctx context.Context, f func(context.Context, pgx.Tx) error) error {
	return s.begin(ctx, pgx.TxOptions{}, f)
}

func (s *store) View(ctx context.Context, f func(context.Context, pgx.Tx) error) error {
	return s.begin(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly}, f)
}

// beginTries outlasts the connections that a restart of the server has broken.
const beginTries = 4

func (s *store) begin(ctx context.Context, opts pgx.TxOptions, f func(context.Context, pgx.Tx) error) (err error) {
	var tx pgx.Tx
	for range beginTries {
		if tx, err = s.pool.BeginTx(ctx, opts); err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("river: begin: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := durable.Protect(func() error { return f(ctx, tx) }); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

const columns = `j.track_id, coalesce(j.key, ''), j.kind, j.policy, j.state, j.reason, j.message, j.ref, j.eta, j.submits,
	j.attempts, j.fence, j.created, j.since, j.due, j.result, j.digest, statement_timestamp()`

func (s *store) Insert(ctx context.Context, tx pgx.Tx, job *durable.Job, request []byte) (*durable.Job, bool, error) {
	digest := sha256.Sum256([]byte(job.TrackID))
	var key *string
	if job.Key != "" {
		key = &job.Key
	}
	jobs, err := query(ctx, tx, nil, `
INSERT INTO modelslab_jobs AS j (track_id, token, key, kind, policy, state, created, since, due, request, digest)
SELECT $1, $2, $3, $4, $5, 'new', t AS created, t AS since, t AS due, $6, $7 FROM statement_timestamp() AS t
ON CONFLICT DO NOTHING RETURNING `+columns+`, NULL::bytea`,
		job.TrackID, digest[:16], key, string(job.Kind), string(job.Policy), request, job.Digest)
	if err != nil {
		return nil, false, err
	}
	if len(jobs) > 0 {
		return jobs[0], true, nil
	}
	if key != nil {
		// A unique index refuses a key that another transaction records meanwhile.
		if _, err := tx.Exec(ctx, `UPDATE modelslab_jobs SET key = $1 WHERE track_id = $2 AND key IS NULL AND digest = $3
	AND NOT EXISTS (SELECT FROM modelslab_jobs WHERE key = $1)`, key, job.TrackID, job.Digest); err != nil {
			return nil, false, err
		}
	}
	// The key decides where both are taken: it is what the caller repeats.
	jobs, err = query(ctx, tx, nil, `SELECT `+columns+`, NULL::bytea FROM modelslab_jobs j
WHERE key = $1 OR track_id = $2 ORDER BY (key = $1) IS TRUE DESC LIMIT 1`, key, job.TrackID)
	if err == nil && len(jobs) == 0 {
		err = errors.New("river: the job that had the key is gone; repeat")
	}
	if err != nil {
		return nil, false, err
	}
	return jobs[0], false, nil
}

func (s *store) Claim(ctx context.Context, tx pgx.Tx, want durable.Want) ([]*durable.Job, error) {
	jobs, err := query(ctx, tx, nil, `
WITH c AS MATERIALIZED (
	SELECT track_id FROM modelslab_jobs WHERE due <= statement_timestamp() AND state <> 'new'
	ORDER BY due LIMIT $1 FOR UPDATE SKIP LOCKED
) UPDATE modelslab_jobs j SET fence = fence + 1, due = statement_timestamp() + $2 * interval '1 microsecond'
FROM c WHERE j.track_id = c.track_id RETURNING `+columns+`, NULL::bytea`, want.Jobs, want.Lease.Microseconds())
	if err != nil {
		return nil, err
	}
	n := min(want.New, want.Jobs-len(jobs))
	if want.Slots > 0 && n > 0 {
		free, err := freeSlots(ctx, tx, want.Slots)
		if err != nil {
			return nil, err
		}
		n = min(n, free)
	}
	if n <= 0 {
		return jobs, nil
	}
	return query(ctx, tx, jobs, `
WITH c AS MATERIALIZED (
	SELECT track_id FROM modelslab_jobs WHERE due <= statement_timestamp() AND state = 'new'
	ORDER BY due LIMIT $1 FOR UPDATE SKIP LOCKED
) UPDATE modelslab_jobs j SET `+submitting+`
FROM c WHERE j.track_id = c.track_id RETURNING `+columns+`, j.request`, n, want.Lease.Microseconds())
}

const submitting = `state = 'submitting', since = statement_timestamp(), submits = submits + 1, fence = fence + 1,
	due = statement_timestamp() + $2 * interval '1 microsecond'`

// freeSlots locks the count until the transaction ends: two machines must not
// take the same slot.
func freeSlots(ctx context.Context, tx pgx.Tx, slots int) (int, error) {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('modelslab slots of ' || current_schema(), 0))`); err != nil {
		return 0, err
	}
	var held int
	err := tx.QueryRow(ctx, `SELECT count(*) FROM modelslab_jobs WHERE state IN ('submitting', 'waiting')
	OR state = 'unknown' AND since > statement_timestamp() - $1 * interval '1 microsecond'`, durable.UnknownSlot.Microseconds()).Scan(&held)
	return slots - held, err
}

// ticketKey carries the id of the River job that claims.
type ticketKey struct{}

func (s *store) ClaimOne(ctx context.Context, tx pgx.Tx, trackID string, want durable.Want) (*durable.Job, bool, error) {
	jobs, err := query(ctx, tx, nil, `SELECT `+columns+`, NULL::bytea FROM modelslab_jobs j WHERE track_id = $1 FOR UPDATE`, trackID)
	if err == nil && len(jobs) == 0 {
		err = durable.ErrNotFound
	}
	if err != nil {
		return nil, false, err
	}
	job := jobs[0]
	if job.Due.IsZero() || job.Due.After(job.Since.Add(job.Age)) {
		return job, false, nil
	}
	set, request := `fence = fence + 1, due = statement_timestamp() + $2 * interval '1 microsecond'`, `NULL::bytea`
	if job.State == durable.StateNew {
		if want.New <= 0 {
			return job, false, nil
		}
		if want.Slots > 0 {
			if free, err := freeSlots(ctx, tx, want.Slots); err != nil || free <= 0 {
				return job, false, err
			}
		}
		set, request = submitting, `j.request`
	}
	var ticket *int64
	if id, ok := ctx.Value(ticketKey{}).(int64); ok {
		ticket = &id
	}
	jobs, err = query(ctx, tx, nil, `UPDATE modelslab_jobs j SET ticket = coalesce($3, ticket), `+set+`
WHERE track_id = $1 RETURNING `+columns+`, `+request, trackID, want.Lease.Microseconds(), ticket)
	if err != nil || len(jobs) == 0 {
		return job, false, err
	}
	return jobs[0], true, nil
}

func (s *store) Extend(ctx context.Context, tx pgx.Tx, claims []durable.Claim, lease time.Duration) ([]bool, error) {
	ids, fences := make([]string, len(claims)), make([]int64, len(claims))
	for i, c := range claims {
		ids[i], fences[i] = c.TrackID, c.Fence
	}
	rows, err := tx.Query(ctx, `
UPDATE modelslab_jobs j SET due = statement_timestamp() + $3 * interval '1 microsecond'
FROM unnest($1::text[], $2::bigint[]) AS c (track_id, fence)
WHERE j.track_id = c.track_id AND j.fence = c.fence AND j.due IS NOT NULL RETURNING j.track_id, j.fence`,
		ids, fences, lease.Microseconds())
	if err != nil {
		return nil, err
	}
	extended, err := pgx.CollectRows(rows, pgx.RowToStructByPos[durable.Claim])
	if err != nil {
		return nil, err
	}
	held := make([]bool, len(claims))
	for i, c := range claims {
		held[i] = slices.Contains(extended, c)
	}
	return held, nil
}

// saveAll also takes the River job off a job whose state changes: another one
// is inserted for the new state, whose id the claim writes.
const saveAll = `
UPDATE modelslab_jobs j SET state = c.state, reason = c.reason, message = c.message, ref = c.ref, eta = c.eta,
	submits = c.submits, attempts = c.attempts, fence = c.fence, result = c.result,
	due = statement_timestamp() + c.after * interval '1 microsecond',
	since = CASE WHEN j.state = c.state THEN j.since ELSE statement_timestamp() END,
	ticket = CASE WHEN j.state = c.state THEN j.ticket END,
	request = CASE WHEN c.state = 'done' THEN ''::bytea ELSE j.request END
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
	$9::bytea[], $10::bigint[], $11::text[], $12::text[], $13::bigint[])
	AS c (state, reason, message, ref, eta, submits, attempts, fence, result, after, track_id, from_state, from_fence)
WHERE j.track_id = c.track_id AND j.state = c.from_state AND j.fence = c.from_fence RETURNING j.track_id`

// rows are changes, column by column.
type rows struct {
	state, reason, message, ref, trackID, from []string
	eta, submits, attempts, fence, guard       []int64
	result                                     [][]byte
	after                                      []*int64
}

func (r *rows) add(c *durable.Change) error {
	ref, result, err := durable.EncodeRow(c.Job)
	if err != nil {
		return err
	}
	var after *int64
	if c.After >= 0 {
		after = new(c.After.Microseconds())
	}
	r.state, r.reason = append(r.state, string(c.Job.State)), append(r.reason, string(c.Job.Reason))
	r.message, r.ref = append(r.message, c.Job.Message), append(r.ref, ref)
	r.eta, r.submits = append(r.eta, c.Job.ETA.Microseconds()), append(r.submits, int64(c.Job.Submits))
	r.attempts, r.fence = append(r.attempts, int64(c.Job.Attempts)), append(r.fence, c.Job.Fence)
	r.result, r.after = append(r.result, result), append(r.after, after)
	r.trackID, r.from, r.guard = append(r.trackID, c.Job.TrackID), append(r.from, string(c.From)), append(r.guard, c.Fence)
	return nil
}

func (s *store) Save(ctx context.Context, tx pgx.Tx, changes []durable.Change) ([]bool, error) {
	saved := make([]bool, len(changes))
	for from := 0; from < len(changes); {
		// One statement for all, up to one that changes the same job again.
		var r rows
		index := map[string]int{}
		to := from
		for ; to < len(changes); to++ {
			id := changes[to].Job.TrackID
			if _, again := index[id]; again {
				break
			}
			index[id] = to
			if err := r.add(&changes[to]); err != nil {
				return nil, err
			}
		}
		found, err := tx.Query(ctx, saveAll, r.state, r.reason, r.message, r.ref, r.eta, r.submits, r.attempts, r.fence,
			r.result, r.after, r.trackID, r.from, r.guard)
		if err != nil {
			return nil, err
		}
		var id string
		if _, err := pgx.ForEachRow(found, []any{&id}, func() error {
			saved[index[id]] = true
			return nil
		}); err != nil {
			return nil, err
		}
		from = to
	}
	return saved, nil
}

func (s *store) Receive(ctx context.Context, tx pgx.Tx, deliveries []durable.Delivery) (jobs []*durable.Job, fresh []bool, err error) {
	n := len(deliveries)
	jobs, fresh = make([]*durable.Job, n), make([]bool, n)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	// Always in the same order, or two batches could lock each other up.
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(bytes.Compare(deliveries[a].Token[:], deliveries[b].Token[:]), bytes.Compare(deliveries[a].Digest[:], deliveries[b].Digest[:]))
	})
	tokens, digests, bodies, events := make([][]byte, n), make([][]byte, n), make([][]byte, n), make([]string, n)
	for at, i := range order {
		d := &deliveries[i]
		tokens[at], digests[at], bodies[at], events[at] = d.Token[:], d.Digest[:], d.Body, d.Event
	}
	rows, err := tx.Query(ctx, `
INSERT INTO modelslab_deliveries SELECT d.token, d.digest, d.event, d.body, statement_timestamp()
FROM unnest($1::bytea[], $2::bytea[], $3::text[], $4::bytea[]) AS d (token, digest, event, body)
ON CONFLICT DO NOTHING RETURNING token, digest`, tokens, digests, events, bodies)
	if err != nil {
		return nil, nil, err
	}
	type name struct {
		token  [16]byte
		digest [32]byte
	}
	inserted := map[name]bool{}
	var token, digest []byte
	if _, err := pgx.ForEachRow(rows, []any{&token, &digest}, func() error {
		inserted[name{[16]byte(token), [32]byte(digest)}] = true
		return nil
	}); err != nil {
		return nil, nil, err
	}
	if len(inserted) == 0 {
		return jobs, fresh, nil
	}
	found, err := query(ctx, tx, nil, `SELECT `+columns+`, NULL::bytea FROM modelslab_jobs j
WHERE token = ANY($1) ORDER BY token FOR UPDATE`, tokens)
	if err != nil {
		return nil, nil, err
	}
	byToken := map[[16]byte]*durable.Job{}
	for _, j := range found {
		sum := sha256.Sum256([]byte(j.TrackID))
		byToken[[16]byte(sum[:16])] = j
	}
	for i := range deliveries {
		d := &deliveries[i]
		if id := (name{d.Token, d.Digest}); inserted[id] {
			delete(inserted, id) // a repeat in the same call is one
			fresh[i] = true
			if j := byToken[d.Token]; j != nil {
				jobs[i] = new(*j)
			}
		}
	}
	return jobs, fresh, nil
}
