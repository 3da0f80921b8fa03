package durable

import (
	"context"
	"errors"
	"time"

	"github.com/modelslab-go/modelslab"
)

// The errors of engines and stores.
var (
	// ErrNotFound means that the store has no such job.
	ErrNotFound = errors.New("durable: no such job")
	// ErrClosed means that the engine was shut down: open another one.
	ErrClosed = errors.New("durable: the engine is closed")
)

// Store keeps jobs and deliveries. Everything that must hold after a crash is
// in its rows; an [Engine] keeps nothing else. Times are the store's own: the
// caller gives the time from now. Package storetest checks an implementation.
//
// A row is claimed by moving its due time ahead: that is the lease. Whoever
// claims it raises the fence, and every write is refused, by a false and not by
// an error, unless state and fence are still those that the writer read.
type Store[TTx any] interface { //nolint:interfacebloat // one storage, and transactions tie its parts together
	// Tx runs f in a transaction and commits it, unless f returns an error.
	// Transactions of several callers may be committed together; f sees only
	// its own writes undone, and is called again, alone, when what they share
	// cannot be committed or is lost to one that returned [ErrAbandoned]. A panic of f is an error, see [Protect].
	Tx(ctx context.Context, f func(ctx context.Context, tx TTx) error) error

	// View runs f in a transaction that writes nothing.
	View(ctx context.Context, f func(ctx context.Context, tx TTx) error) error

	// Insert records a job in state new, due at once. Where the key or the track
	// id is taken the present job is returned, the one of the key first, without
	// its request, and false. A job that has no key and the same digest is given
	// the key; else nothing is written.
	Insert(ctx context.Context, tx TTx, job *Job, request []byte) (*Job, bool, error)

	// Claim takes due jobs, the longest due first. Jobs in state new become
	// submitting, with their Submits raised, and come with their request.
	Claim(ctx context.Context, tx TTx, want Want) ([]*Job, error)

	// ClaimOne claims like Claim one job that must be due. Where it may not be
	// claimed it returns the row as it is, and false.
	ClaimOne(ctx context.Context, tx TTx, trackID string, want Want) (*Job, bool, error)

	// Extend moves the ends of leases; it reports for each whether it is still
	// held.
	Extend(ctx context.Context, tx TTx, claims []Claim, lease time.Duration) ([]bool, error)

	// Save writes the rows of changes and reports for each whether its guard
	// held. Key, Kind, Policy and Digest of a job never change, nor does its
	// request, which is dropped when the job is done.
	Save(ctx context.Context, tx TTx, changes []Change) ([]bool, error)

	// Park gives a claimed job that has a Problem back as it was, due after a
	// while, with its Message; one that was claimed in state new is new again.
	// It reports whether the job was still held.
	Park(ctx context.Context, tx TTx, job *Job, after time.Duration) (bool, error)

	// Receive records deliveries and reports for each whether it was new. It
	// returns the jobs they are about, locked until the transaction ends, nil
	// where there is none.
	Receive(ctx context.Context, tx TTx, deliveries []Delivery) (jobs []*Job, fresh []bool, err error)

	// Get returns one job, or ErrNotFound.
	Get(ctx context.Context, tx TTx, trackID string) (*Job, error)

	// List returns jobs without their requests, oldest first.
	List(ctx context.Context, tx TTx, filter Filter) ([]*Job, error)

	// Count returns how many jobs are in each state, and how long the longest
	// due one has been due.
	Count(ctx context.Context, tx TTx) (map[State]int, time.Duration, error)

	// NextDue returns how long it is until a job is due, at most limit.
	NextDue(ctx context.Context, tx TTx, limit time.Duration) (time.Duration, error)

	// Delete removes a job that is done or dead, and its deliveries. It reports
	// false, and removes nothing, for a job in another state.
	Delete(ctx context.Context, tx TTx, trackID string) (bool, error)

	// Prune deletes up to n done jobs and n deliveries that are older than done,
	// and up to n dead jobs older than dead, 0 for none, and returns how many
	// rows went.
	Prune(ctx context.Context, tx TTx, done, dead time.Duration, n int) (int, error)

	// Close releases what the store opened.
	Close() error
}

// Want says what a claim may take.
type Want struct {
	Jobs  int           // at most; ClaimOne takes one
	New   int           // of these, at most so many in state new
	Lease time.Duration // how long they are held
	Slots int           // new jobs are taken while fewer than this many hold a slot; 0: any number
}

// UnknownSlot is how long a job in state unknown holds a slot of the queue
// limit: an outage, whose submits all have unknown outcomes, must not hold every
// slot until Config.Grace. Submitting and waiting jobs hold theirs throughout.
const UnknownSlot = time.Minute

// Claim names a lease.
type Claim struct {
	TrackID string
	Fence   int64
}

// Change is a guarded write of a whole row.
type Change struct {
	Job   *Job          // the new row
	From  State         // guard: the state it was read in
	Fence int64         // guard: the fence it was read with
	After time.Duration // due that long from now; Never when nobody has to look
}

// Never is the After of a job that nobody has to look at.
const Never = time.Duration(-1)

// Delivery is a webhook in the inbox.
type Delivery struct {
	Token  [16]byte // stands for the track id: the first half of its SHA-256
	Digest [32]byte // of the body, so that a repeat is seen as one
	Event  string   // its type, for people
	Body   []byte
}

// Filter picks jobs.
type Filter struct {
	State  State          // Defaults to any
	Reason Reason         // Defaults to any
	Kind   modelslab.Kind // Defaults to any
	From   time.Time      // created then or later; defaults to the beginning
	To     time.Time      // created before; defaults to now
	Limit  int            // Defaults to 100
	After  string         // the track id of the last job of the page before; defaults to the beginning
}

// Matches reports whether the filter picks the job, page and limit aside.
func (f Filter) Matches(j *Job) bool {
	return (f.State == "" || f.State == j.State) && (f.Reason == "" || f.Reason == j.Reason) &&
		(f.Kind == "" || f.Kind == j.Kind) &&
		(f.From.IsZero() || !j.Created.Before(f.From)) && (f.To.IsZero() || j.Created.Before(f.To))
}
