package durable

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/modelslab-go/modelslab"
)

// MemoryTx is a transaction of the store that [NewMemoryStore] returns.
type MemoryTx struct{ undo []func() }

// OnRollback registers f to run, last first, when the transaction is undone, so
// that a test's own effects can be undone with it.
func (tx *MemoryTx) OnRollback(f func()) { tx.undo = append(tx.undo, f) }

// memoryStore is a store for tests: it forgets everything, and its time is
// virtual inside testing/synctest.
type memoryStore struct {
	turn       chan struct{} // holds one while a transaction runs
	jobs       map[string]*memoryJob
	keys       map[string]string
	tokens     map[[16]byte]string
	deliveries map[deliveryID]time.Time
}

type memoryJob struct {
	Job

	request []byte
	result  []byte
}

type deliveryID struct {
	token  [16]byte
	digest [32]byte
}

// NewMemoryStore returns a store that keeps everything in memory, for tests. A
// crash loses all of it.
func NewMemoryStore() Store[*MemoryTx] {
	return &memoryStore{
		turn: make(chan struct{}, 1),
		jobs: map[string]*memoryJob{}, keys: map[string]string{},
		tokens: map[[16]byte]string{}, deliveries: map[deliveryID]time.Time{},
	}
}

func (s *memoryStore) Close() error { return nil }

func (s *memoryStore) Tx(ctx context.Context, f func(context.Context, *MemoryTx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	tx := new(MemoryTx)
	err := Protect(func() error { return f(ctx, tx) })
	if err != nil {
		for _, undo := range slices.Backward(tx.undo) {
			undo()
		}
	}
	return err
}

func (s *memoryStore) View(ctx context.Context, f func(context.Context, *MemoryTx) error) error {
	return s.Tx(ctx, f)
}

// put replaces a row and remembers the old one.
func (s *memoryStore) put(tx *MemoryTx, row memoryJob) {
	old := s.jobs[row.TrackID]
	s.jobs[row.TrackID] = &row
	tx.OnRollback(func() {
		if old == nil {
			delete(s.jobs, row.TrackID)
		} else {
			s.jobs[row.TrackID] = old
		}
	})
}

// read returns a copy that shares nothing with the row.
func (row *memoryJob) read(withRequest bool) *Job {
	j := row.Job
	j.Request, j.Result = modelslab.RawRequest{}, nil
	j.Age = time.Since(j.Since)
	var request []byte
	if withRequest {
		request = row.request
	}
	DecodeRow(&j, "", row.result, request)
	return &j
}

func (s *memoryStore) Insert(_ context.Context, tx *MemoryTx, job *Job, request []byte) (*Job, bool, error) {
	trackID := job.TrackID
	if taken, ok := s.keys[job.Key]; ok && job.Key != "" {
		trackID = taken
	}
	if row, ok := s.jobs[trackID]; ok {
		if row.Key == "" && job.Key != "" && bytes.Equal(row.Digest, job.Digest) {
			keyed := *row
			keyed.Key = job.Key
			s.put(tx, keyed)
			s.name(tx, &keyed)
			row = &keyed
		}
		return row.read(false), false, nil
	}
	now := time.Now()
	row := memoryJob{Job: *job, request: request}
	row.State, row.Created, row.Since, row.Due = StateNew, now, now, now
	s.put(tx, row)
	digest := sha256.Sum256([]byte(job.TrackID))
	token := [16]byte(digest[:16])
	s.tokens[token] = job.TrackID
	tx.OnRollback(func() { delete(s.tokens, token) })
	s.name(tx, &row)
	return row.read(false), true, nil
}

// name indexes a job by its key.
func (s *memoryStore) name(tx *MemoryTx, row *memoryJob) {
	if row.Key == "" {
		return
	}
	s.keys[row.Key] = row.TrackID
	tx.OnRollback(func() { delete(s.keys, row.Key) })
}

func (s *memoryStore) slotsHeld() (n int) {
	for _, row := range s.jobs {
		if row.State.Open() && (row.State != StateUnknown || time.Since(row.Since) < UnknownSlot) {
			n++
		}
	}
	return n
}

func (s *memoryStore) due() []*memoryJob {
	var due []*memoryJob
	now := time.Now()
	for _, row := range s.jobs {
		if !row.Due.IsZero() && !row.Due.After(now) {
			due = append(due, row)
		}
	}
	slices.SortFunc(due, func(a, b *memoryJob) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.TrackID, b.TrackID))
	})
	return due
}

func (s *memoryStore) Claim(_ context.Context, tx *MemoryTx, want Want) ([]*Job, error) {
	var claimed []*Job
	due, fresh := s.due(), 0
	for _, isNew := range []bool{false, true} {
		for _, row := range due {
			if isNew != (row.State == StateNew) {
				continue
			}
			if len(claimed) == want.Jobs || isNew && (fresh == want.New || s.full(want.Slots)) {
				break
			}
			claimed = append(claimed, s.claim(tx, row, want.Lease))
			if isNew {
				fresh++
			}
		}
	}
	return claimed, nil
}

func (s *memoryStore) full(slots int) bool { return slots > 0 && s.slotsHeld() >= slots }

func (s *memoryStore) claim(tx *MemoryTx, row *memoryJob, lease time.Duration) *Job {
	next, now := *row, time.Now()
	fresh := next.State == StateNew
	if fresh {
		next.State, next.Since = StateSubmitting, now
		next.Submits++
	}
	next.Fence++
	next.Due = now.Add(lease)
	s.put(tx, next)
	return next.read(fresh)
}

func (s *memoryStore) ClaimOne(_ context.Context, tx *MemoryTx, trackID string, want Want) (*Job, bool, error) {
	row, ok := s.jobs[trackID]
	if !ok {
		return nil, false, ErrNotFound
	}
	if row.Due.IsZero() || row.Due.After(time.Now()) || row.State == StateNew && (want.New <= 0 || s.full(want.Slots)) {
		return row.read(false), false, nil
	}
	return s.claim(tx, row, want.Lease), true, nil
}

func (s *memoryStore) Extend(_ context.Context, tx *MemoryTx, claims []Claim, lease time.Duration) ([]bool, error) {
	held := make([]bool, len(claims))
	for i, c := range claims {
		if row, ok := s.jobs[c.TrackID]; ok && row.Fence == c.Fence && !row.Due.IsZero() {
			next := *row
			next.Due = time.Now().Add(lease)
			s.put(tx, next)
			held[i] = true
		}
	}
	return held, nil
}

func (s *memoryStore) Save(_ context.Context, tx *MemoryTx, changes []Change) ([]bool, error) {
	saved := make([]bool, len(changes))
	for i, c := range changes {
		row, ok := s.jobs[c.Job.TrackID]
		if !ok || row.State != c.From || row.Fence != c.Fence {
			continue
		}
		_, result, err := EncodeRow(c.Job)
		if err != nil {
			return nil, err
		}
		next, now := memoryJob{Job: *c.Job, request: row.request, result: result}, time.Now()
		next.Key, next.Kind, next.Policy, next.Digest = row.Key, row.Kind, row.Policy, row.Digest
		next.Created, next.Since = row.Created, row.Since
		if next.State == StateDone {
			next.request = nil
		}
		next.Due = time.Time{}
		if next.State != row.State {
			next.Since = now
		}
		if c.After >= 0 {
			next.Due = now.Add(c.After)
		}
		s.put(tx, next)
		saved[i] = true
	}
	return saved, nil
}

func (s *memoryStore) Receive(_ context.Context, tx *MemoryTx, deliveries []Delivery) (jobs []*Job, fresh []bool, err error) {
	jobs, fresh = make([]*Job, len(deliveries)), make([]bool, len(deliveries))
	for i := range deliveries {
		d := deliveryID{deliveries[i].Token, deliveries[i].Digest}
		if _, repeat := s.deliveries[d]; repeat {
			continue
		}
		s.deliveries[d] = time.Now()
		tx.OnRollback(func() { delete(s.deliveries, d) })
		fresh[i] = true
		if row, ok := s.jobs[s.tokens[d.token]]; ok {
			jobs[i] = row.read(false)
		}
	}
	return jobs, fresh, nil
}

func (s *memoryStore) Get(_ context.Context, _ *MemoryTx, trackID string) (*Job, error) {
	row, ok := s.jobs[trackID]
	if !ok {
		return nil, ErrNotFound
	}
	return row.read(true), nil
}

func (s *memoryStore) List(_ context.Context, _ *MemoryTx, f Filter) ([]*Job, error) {
	after, paged := s.jobs[f.After]
	if f.After != "" && !paged {
		return nil, nil
	}
	var rows []*memoryJob
	for _, row := range s.jobs {
		if f.Matches(&row.Job) && (!paged || byAge(row, after) > 0) {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, byAge)
	var jobs []*Job
	for _, row := range rows[:min(len(rows), f.PageSize())] {
		jobs = append(jobs, row.read(false))
	}
	return jobs, nil
}

func byAge(a, b *memoryJob) int {
	return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.TrackID, b.TrackID))
}

func (s *memoryStore) Count(context.Context, *MemoryTx) (map[State]int, time.Duration, error) {
	counts := map[State]int{}
	for _, row := range s.jobs {
		counts[row.State]++
	}
	var late time.Duration
	if due := s.due(); len(due) > 0 {
		late = time.Since(due[0].Due)
	}
	return counts, late, nil
}

func (s *memoryStore) NextDue(_ context.Context, _ *MemoryTx, limit time.Duration) (time.Duration, error) {
	for _, row := range s.jobs {
		if !row.Due.IsZero() {
			limit = min(limit, max(0, time.Until(row.Due)))
		}
	}
	return limit, nil
}

func (s *memoryStore) Park(_ context.Context, tx *MemoryTx, job *Job, after time.Duration) (bool, error) {
	row, ok := s.jobs[job.TrackID]
	if !ok || row.State != job.State || row.Fence != job.Fence {
		return false, nil
	}
	next := *row
	if next.State == StateSubmitting {
		next.State = StateNew
		next.Submits--
	}
	next.Message, next.Due = job.Message, time.Now().Add(after)
	s.put(tx, next)
	return true, nil
}

func (s *memoryStore) Delete(_ context.Context, tx *MemoryTx, trackID string) (bool, error) {
	row, ok := s.jobs[trackID]
	if !ok {
		return false, ErrNotFound
	}
	if !row.State.Final() {
		return false, nil
	}
	s.remove(tx, row)
	digest := sha256.Sum256([]byte(trackID))
	for d, received := range s.deliveries {
		if d.token == [16]byte(digest[:16]) {
			delete(s.deliveries, d)
			tx.OnRollback(func() { s.deliveries[d] = received })
		}
	}
	return true, nil
}

func (s *memoryStore) remove(tx *MemoryTx, row *memoryJob) {
	delete(s.jobs, row.TrackID)
	tx.OnRollback(func() { s.jobs[row.TrackID] = row })
	if s.keys[row.Key] == row.TrackID {
		delete(s.keys, row.Key)
		tx.OnRollback(func() { s.keys[row.Key] = row.TrackID })
	}
}

func (s *memoryStore) Prune(_ context.Context, tx *MemoryTx, done, dead time.Duration, n int) (int, error) {
	now, total := time.Now(), 0
	for d, received := range s.deliveries {
		if now.Sub(received) > done && total < n {
			delete(s.deliveries, d)
			tx.OnRollback(func() { s.deliveries[d] = received })
			total++
		}
	}
	for state, age := range map[State]time.Duration{StateDone: done, StateDead: dead} {
		gone := 0
		for _, row := range s.jobs {
			if row.State != state || now.Sub(row.Since) <= age || gone == n || state == StateDead && dead == 0 {
				continue
			}
			s.remove(tx, row)
			gone++
		}
		total += gone
	}
	return total, nil
}
