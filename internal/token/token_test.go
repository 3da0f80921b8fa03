package token

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	secretA = bytes.Repeat([]byte("a"), MinSecret)
	secretB = bytes.Repeat([]byte("b"), MinSecret)
	now     = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

func key(t testing.TB, secret []byte) *Key {
	t.Helper()
	k, err := NewKey(secret)
	require.NoError(t, err)
	return k
}

func TestNewKeyRefusesShortSecrets(t *testing.T) {
	t.Parallel()
	_, err := NewKey(secretA[:MinSecret-1])
	require.EqualError(t, err, "webhook secret of 31 bytes: want at least 32 random bytes")
	_, err = NewKey(nil)
	require.Error(t, err)
}

func TestKeyCopiesTheSecret(t *testing.T) {
	t.Parallel()
	mutable := bytes.Clone(secretA)
	k := key(t, mutable)
	mutable[0] = 'x'
	tok := k.Sign(Claims{Expiry: now.Add(time.Hour)})
	_, ok := Verify([]*Key{key(t, secretA)}, tok, now)
	require.True(t, ok)
}

func TestKeyPrintsNoSecret(t *testing.T) {
	t.Parallel()
	k := key(t, []byte("hunter2-hunter2-hunter2-hunter2-"))
	k.Sign(Claims{Expiry: now})
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		text := fmt.Sprintf(verb, k)
		require.NotContains(t, text, "hunter2")
		require.NotContains(t, text, "68756e74657232")
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	want := Claims{Kind: 4, Expiry: now.Add(Lifetime).Truncate(time.Second), Job: JobOf("video_001")}
	tok := key(t, secretA).Sign(want)
	require.Len(t, tok, Size)
	require.Equal(t, tok, key(t, secretA).Sign(want), "the same claims make the same token")
	require.NotContains(t, tok, "=")
	got, ok := Verify([]*Key{key(t, secretB), key(t, secretA)}, tok, now)
	require.True(t, ok)
	require.True(t, want.Expiry.Equal(got.Expiry))
	got.Expiry = want.Expiry
	require.Equal(t, want, got)
}

func TestVerify(t *testing.T) {
	t.Parallel()
	good := Claims{Kind: 4, Expiry: now.Add(time.Hour), Job: JobOf("a")}
	tok := key(t, secretA).Sign(good)
	raw, err := base64.RawURLEncoding.DecodeString(tok)
	require.NoError(t, err)
	flipped := func(at int) string {
		b := bytes.Clone(raw)
		b[at] ^= 1
		return base64.RawURLEncoding.EncodeToString(b)
	}
	tests := []struct {
		name string
		keys []*Key
		tok  string
		now  time.Time
		want bool
	}{
		{"good", []*Key{key(t, secretA)}, tok, now, true},
		{"rotated in", []*Key{key(t, secretB), key(t, secretA)}, tok, now, true},
		{"rotated out", []*Key{key(t, secretB)}, tok, now, false},
		{"no keys", nil, tok, now, false},
		{"a second before expiry", []*Key{key(t, secretA)}, tok, good.Expiry.Add(-time.Second), true},
		{"expired", []*Key{key(t, secretA)}, tok, good.Expiry, false},
		{"empty", []*Key{key(t, secretA)}, "", now, false},
		{"short", []*Key{key(t, secretA)}, tok[:Size-1], now, false},
		{"long", []*Key{key(t, secretA)}, tok + "A", now, false},
		{"padded", []*Key{key(t, secretA)}, tok + "=", now, false},
		{"line break", []*Key{key(t, secretA)}, tok[:Size-1] + "\n", now, false},
		{"standard alphabet", []*Key{key(t, secretA)}, strings.Repeat("+", Size), now, false},
		{"not ASCII", []*Key{key(t, secretA)}, strings.Repeat("é", Size/2), now, false},
		{"megabyte", []*Key{key(t, secretA)}, strings.Repeat("A", 1<<20), now, false},
		{"other version", []*Key{key(t, secretA)}, flipped(0), now, false},
		{"other key id", []*Key{key(t, secretA)}, flipped(1), now, false},
		{"other kind", []*Key{key(t, secretA)}, flipped(2), now, false},
		{"other expiry", []*Key{key(t, secretA)}, flipped(6), now, false},
		{"other job", []*Key{key(t, secretA)}, flipped(7), now, false},
		{"other MAC", []*Key{key(t, secretA)}, flipped(rawSize - 1), now, false},
		{"zero token", []*Key{key(t, secretA)}, strings.Repeat("A", Size), now, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, ok := Verify(tt.keys, tt.tok, tt.now)
			require.Equal(t, tt.want, ok)
		})
	}
}

// A vendor's stored URL outlives releases of this package, so the bytes are fixed.
func TestTokenFormatIsStable(t *testing.T) {
	t.Parallel()
	tok := key(t, secretA).Sign(Claims{Kind: 4, Expiry: time.Unix(1800000000, 0), Job: JobOf("video_001")})
	require.Equal(t, "ATsEa0nSAAoq50uO2mLPsxvkkQZRGjpXCBtDejI1RlbRHxY1zWWP", tok)
}

func TestWorkflowsAndTrackIDsDoNotMeet(t *testing.T) {
	t.Parallel()
	require.NotEqual(t, JobOf("wf_1"), JobOfWorkflow("wf_1"))
	require.NotEqual(t, JobOfWorkflow("wf_1"), JobOfWorkflow("wf_2"))
}

func TestNeverFitsTheToken(t *testing.T) {
	t.Parallel()
	tok := key(t, secretA).Sign(Claims{Kind: AnyRun, Expiry: Never})
	got, ok := Verify([]*Key{key(t, secretA)}, tok, now)
	require.True(t, ok)
	require.True(t, Never.Equal(got.Expiry))
}

func FuzzVerify(f *testing.F) {
	k, err := NewKey(secretA)
	if err != nil {
		f.Fatal(err)
	}
	good := k.Sign(Claims{Kind: 4, Expiry: now.Add(time.Hour), Job: JobOf("a")})
	f.Add(good)
	f.Add("")
	f.Add(good + "A")
	f.Add(strings.ToLower(good))
	f.Fuzz(func(t *testing.T, tok string) {
		c, ok := Verify([]*Key{k}, tok, now)
		if ok && k.Sign(c) != tok {
			t.Fatalf("%q was accepted, but nobody signed it", tok)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	keys := []*Key{key(b, secretA)}
	tok := keys[0].Sign(Claims{Kind: 4, Expiry: now.Add(time.Hour), Job: JobOf("video_001")})
	b.ReportAllocs()
	for b.Loop() {
		Verify(keys, tok, now)
	}
}
