package modelslab

import (
	"crypto/rand"
	"encoding/binary"
	"strconv"

	"github.com/google/uuid"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

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
