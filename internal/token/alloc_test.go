//go:build !race

package token

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The work must not depend on the text: no early return for a wrong length or alphabet.
func TestVerifyAllocatesTheSameForEveryCause(t *testing.T) { //nolint:paralleltest // counts allocations
	keys := []*Key{key(t, secretA), key(t, secretB)}
	good := keys[0].Sign(Claims{Expiry: now.Add(time.Hour)})
	for _, tok := range []string{good, "", "x", strings.Repeat("A", Size), strings.Repeat("!", Size), strings.Repeat("A", 4096)} {
		require.Zero(t, testing.AllocsPerRun(100, func() { Verify(keys, tok, now) }), tok)
	}
}
