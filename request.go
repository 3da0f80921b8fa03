package modelslab

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"strconv"

	"github.com/google/uuid"

	"github.com/modelslab-go/modelslab/internal/encode"
	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// plans are how the request structs are encoded.
var plans = encode.Plans{File: fileOf}

// Request is a generation that can be submitted: a pointer to one of this
// package's request structs, or a [RawRequest]. The request value is the
// endpoint; Submit, Run and RunAll take any of them.
type Request interface {
	endpoint() *endpoint.Endpoint
}

// checker is a Request with a rule that its field tags cannot state.
type checker interface {
	// check returns the JSON name of a field that the server is certain to
	// miss, or "".
	check() string
}

// pather is a Request with an argument in its path.
type pather interface {
	path() string
}

// rawRequest is a [RawRequest], asked for by what it does: a program without
// one does not link the table of all endpoints.
type rawRequest interface {
	callbackFields() (webhook, trackID string, generated bool)
	model() string
	encode(ctx context.Context, c *Client, e *encode.Encoder) error
	frozen() RawRequest
}

// newTrackID makes up the id of a request whose caller gave none: a UUID, or,
// where the vendor documents track_id as an integer, a random number of 53 bits,
// the most that a reader of JSON keeps exactly.
func newTrackID(number bool) string {
	if !number {
		return uuid.NewString()
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return strconv.FormatUint(max(binary.LittleEndian.Uint64(b[:])>>11, 1), 10)
}

// fillTrackID gives a frozen request the id that submitting it would make up.
// Which server it goes to is not decided yet, so one integer column decides.
func (r *RawRequest) fillTrackID(e *endpoint.Endpoint) {
	if r.TrackID != "" {
		return
	}
	number := e.TrackNumber
	for i := range e.Enterprise {
		number = number || e.Enterprise[i].TrackNumber
	}
	r.TrackID, r.GeneratedTrackID = newTrackID(number), true
}
