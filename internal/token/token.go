// Package token makes and checks the value that authenticates a callback URL.
// ModelsLab signs nothing, so the URL itself says which job it is about and
// proves that this library made it.
package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash"
	"math"
	"sync"
	"time"
)

// Size is the length of a token in characters, MinSecret that of the shortest
// secret in bytes, and JobSize that of a Job in bytes.
const (
	Size      = 52
	MinSecret = 32
	JobSize   = 16
)

// AnyRun is the kind code of a URL that is configured on a workflow and serves
// all its runs. No row of the fetch table has it.
const AnyRun = 255

// Lifetime is how long a token is good for after the submit.
const Lifetime = 30 * 24 * time.Hour

// Never is the expiry of a token that outlives every submit: 2106.
var Never = time.Unix(math.MaxUint32, 0)

const (
	version   = 1
	keyOffset = 1
	signed    = 1 + 1 + 1 + 4 + JobSize // version, key id, kind, expiry, job
	macSize   = 16
	rawSize   = signed + macSize
)

// JobKey stands for a track id in tokens and names.
type JobKey [JobSize]byte

// JobOf hashes a track id.
func JobOf(trackID string) JobKey {
	sum := sha256.Sum256([]byte(trackID))
	return JobKey(sum[:JobSize])
}

// JobOfWorkflow hashes a workflow's id, apart from all track ids.
func JobOfWorkflow(workflowID string) JobKey { return JobOf("workflow\x00" + workflowID) }

// Claims are what a token says.
type Claims struct {
	Kind   byte // code of the kind in the fetch table, 0 for none
	Expiry time.Time
	Job    JobKey
}

// OfJob are the claims of a job's callback URL that is made now.
func OfJob(kind byte, trackID string, now time.Time) Claims {
	return Claims{Kind: kind, Job: JobOf(trackID), Expiry: now.Add(Lifetime)}
}

// OfWorkflow are the claims of the URL that serves all runs of a workflow.
func OfWorkflow(workflowID string) Claims {
	return Claims{Kind: AnyRun, Job: JobOfWorkflow(workflowID), Expiry: Never}
}

// Key is a secret made ready for use. It is safe for concurrent use, and fmt
// cannot print the secret.
type Key struct {
	id   byte
	macs sync.Pool // of hash.Hash: an HMAC is costly to key and cheap to reset
}

// NewKey copies the secret. It refuses one that could be guessed.
func NewKey(secret []byte) (*Key, error) {
	if len(secret) < MinSecret {
		return nil, fmt.Errorf("webhook secret of %d bytes: want at least %d random bytes", len(secret), MinSecret)
	}
	secret = append([]byte(nil), secret...)
	k := &Key{}
	k.macs.New = func() any { return hmac.New(sha256.New, secret) }
	// It tells operators which secret signed a URL; it decides nothing.
	k.id = sha256.Sum256(secret)[0]
	return k, nil
}

// Same reports, in constant time, whether both keys were made of one secret.
func (k *Key) Same(other *Key) bool {
	probe := []byte("same secret")
	return hmac.Equal(k.mac(probe, nil), other.mac(probe, nil))
}

// mac appends the MAC of data to dst.
func (k *Key) mac(data, dst []byte) []byte {
	h := k.macs.Get().(hash.Hash)
	h.Reset()
	h.Write(data)
	dst = h.Sum(dst)
	k.macs.Put(h)
	return dst[:macSize]
}

// Sign returns the token of c.
func (k *Key) Sign(c Claims) string {
	buf := make([]byte, rawSize+sha256.Size)
	raw := buf[:rawSize]
	raw[0] = version
	raw[keyOffset] = k.id
	raw[2] = c.Kind
	binary.BigEndian.PutUint32(raw[3:], uint32(c.Expiry.Unix())) //nolint:gosec // good until 2106
	copy(raw[7:], c.Job[:])
	copy(raw[signed:], k.mac(raw[:signed], buf[rawSize:rawSize]))
	return base64.RawURLEncoding.EncodeToString(raw)
}

var strict = base64.RawURLEncoding.Strict()

// buffer is what passes through the hash interface, and so is on the heap.
type buffer struct {
	raw  [rawSize]byte
	text [Size]byte
	sum  [sha256.Size]byte
}

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// Verify returns what a token says when one of the keys signed it and it has
// not expired. Every key is tried, whatever the text, so that the time taken
// tells nothing about which part of it is wrong.
func Verify(keys []*Key, tok string, now time.Time) (Claims, bool) {
	buf := buffers.Get().(*buffer)
	defer buffers.Put(buf)
	raw, text, sum := buf.raw[:], buf.text[:], buf.sum[:0]
	wellFormed := len(tok) == Size
	clear(text[copy(text, tok):])
	n, err := strict.Decode(raw, text)
	wellFormed = wellFormed && err == nil && n == rawSize && raw[0] == version
	ok := false
	for _, k := range keys {
		if hmac.Equal(k.mac(raw[:signed], sum), raw[signed:]) {
			ok = true
		}
	}
	c := Claims{Kind: raw[2], Expiry: time.Unix(int64(binary.BigEndian.Uint32(raw[3:])), 0)}
	copy(c.Job[:], raw[7:])
	return c, ok && wellFormed && now.Before(c.Expiry)
}
