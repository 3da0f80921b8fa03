// Package token makes and checks the value that authenticates a callback URL.
// ModelsLab signs nothing, so the URL itself says which job it is about and
// proves that this library made it.
package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// Param is the query value a token travels in, and KindParam the one that
// names the kind where there is no token.
const (
	Param     = "sig"
	KindParam = "kind"
)

// Size is the length of a token in characters, MinSecret that of the shortest
// secret in bytes, and JobSize that of a Job in bytes.
const (
	Size      = 52
	MinSecret = 32
	JobSize   = 16
)

const (
	version   = 1
	keyOffset = 1
	signed    = 1 + 1 + 1 + 4 + JobSize // version, key id, kind, expiry, job
	macSize   = 16
	rawSize   = signed + macSize
)

// Job stands for a track id in tokens and names.
type Job [JobSize]byte

// JobOf hashes a track id.
func JobOf(trackID string) Job {
	sum := sha256.Sum256([]byte(trackID))
	return Job(sum[:JobSize])
}

// Claims are what a token says.
type Claims struct {
	Kind   byte // code of the kind in the fetch table, 0 for none
	Expiry time.Time
	Job    Job
}

// Sign returns the token of c under secret.
func Sign(secret []byte, c Claims) string {
	var raw [rawSize]byte
	raw[0] = version
	raw[keyOffset] = keyID(secret)
	raw[2] = c.Kind
	binary.BigEndian.PutUint32(raw[3:], uint32(c.Expiry.Unix())) //nolint:gosec // good until 2106
	copy(raw[7:], c.Job[:])
	var mac [sha256.Size]byte
	copy(raw[signed:], sum(secret, raw[:signed], mac[:0])[:macSize])
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// Verify returns what a token says when one of the secrets signed it and it has
// not expired. Every secret is tried, so that the time taken tells nothing.
func Verify(secrets [][]byte, tok string, now time.Time) (Claims, bool) {
	var raw [rawSize]byte
	wellFormed := len(tok) == Size
	if wellFormed {
		n, err := base64.RawURLEncoding.Strict().Decode(raw[:], []byte(tok))
		wellFormed = err == nil && n == rawSize && raw[0] == version
	}
	var mac [sha256.Size]byte
	ok := false
	for _, secret := range secrets {
		if hmac.Equal(sum(secret, raw[:signed], mac[:0])[:macSize], raw[signed:]) {
			ok = true
		}
	}
	c := Claims{Kind: raw[2], Expiry: time.Unix(int64(binary.BigEndian.Uint32(raw[3:])), 0)}
	copy(c.Job[:], raw[7:])
	return c, ok && wellFormed && now.Before(c.Expiry)
}

func sum(secret, data, dst []byte) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write(data)
	return h.Sum(dst)
}

// keyID tells operators which secret signed a URL; it decides nothing.
func keyID(secret []byte) byte {
	s := sha256.Sum256(secret)
	return s[0]
}
