package outfile_test

import (
	"encoding/base64"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/base64text"
	"github.com/modelslab-go/modelslab/internal/outfile"
)

const png = "\x89PNG\r\n\x1a\n"

// source is a text as the source of a file.
type source struct {
	io.Reader

	name, contentType string
}

func (s source) Name() string        { return s.name }
func (s source) ContentType() string { return s.contentType }

// save writes all of a source to a file in dir.
func save(dir string, src source) (saved, contentType string, err error) {
	content, err := outfile.Open(src)
	if err != nil {
		return "", "", err
	}
	p, err := outfile.Create(dir, "a-1"+content.Ext)
	if err != nil {
		return "", "", err
	}
	if err = content.CopyTo(p); err == nil {
		saved, err = p.Commit()
	}
	if err != nil {
		return "", "", errors.Join(err, p.Abort())
	}
	return saved, content.Type, nil
}

func namesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestFile(t *testing.T) {
	t.Parallel()
	long := png + strings.Repeat("a long picture ", 100_000)
	wrapped := "data:image/png;base64," + base64.StdEncoding.EncodeToString([]byte(long))
	tests := []struct {
		name, source, contentType string
		text, want, file, typed   string // want is "" when the text stays as it is
	}{
		{"picture", "x.png", "image/png", long, "", "a-1.png", "image/png"},
		{"picture of a few bytes", "", "", png, "", "a-1.png", "image/png"},
		{"nothing", "", "", "", "", "a-1.txt", "text/plain"},
		{"text", "", "Text/Plain;charset=UTF-8", "Hello", "", "a-1.txt", "text/plain; charset=UTF-8"},
		{"text of markup", "", "text/plain", "<svg/>", "", "a-1.txt", "text/plain"},
		{"data URI", "", "text/plain", wrapped, long, "a-1.png", "image/png"},
		{"base64 by its name", "x.srt.base64", "text/plain", base64.StdEncoding.EncodeToString([]byte("1\nHi")), "1\nHi", "a-1.srt", "application/x-subrip"},
		{"base64 by its name alone", ".BASE64", "text/plain", "SGk", "Hi", "a-1.txt", "text/plain"},
		{"data URI in a text", "x.txt", "text/plain", "data:text/plain;base64,SGk=", "Hi", "a-1.txt", "text/plain"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, r := range []io.Reader{strings.NewReader(tt.text), iotest.HalfReader(strings.NewReader(tt.text)), iotest.DataErrReader(strings.NewReader(tt.text))} {
				dir := t.TempDir()
				saved, contentType, err := save(dir, source{r, tt.source, tt.contentType})
				require.NoError(t, err)
				require.Equal(t, tt.typed, contentType)
				require.Equal(t, filepath.Join(dir, tt.file), saved)
				require.Equal(t, []string{tt.file}, namesIn(t, dir))
				got, err := os.ReadFile(saved)
				require.NoError(t, err)
				if tt.want == "" {
					tt.want = tt.text
				}
				require.True(t, tt.want == string(got), "%d bytes were saved", len(got)) //nolint:testifylint // Equal would print them
			}
		})
	}
}

// TestNothingHalf: a file that is not complete leaves what was there before.
func TestNothingHalf(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset by peer")
	then := func(text string) io.Reader { return io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)) }
	tests := []struct {
		name string
		r    io.Reader
		err  error
	}{
		{"broken at once", then(""), broken},
		{"broken in the head", then(png), broken},
		{"broken", then(png + strings.Repeat("x", 100_000)), broken},
		{"broken base64", then("data:image/png;base64," + strings.Repeat("QUJD", 100_000)), broken},
		{"base64 that ends in the middle", strings.NewReader("data:image/png;base64," + strings.Repeat("QUJD", 1000) + "Q"), base64text.ErrNot},
		{"base64 that ends in its head", strings.NewReader("data:image/png;base64,Q"), base64text.ErrNot},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			before := filepath.Join(dir, "a-1.png")
			require.NoError(t, os.WriteFile(before, []byte("before"), 0o600))
			_, _, err := save(dir, source{tt.r, "x.png", "image/png"})
			require.ErrorIs(t, err, tt.err)
			require.Equal(t, []string{"a-1.png"}, namesIn(t, dir))
			_, _, err = save(dir, source{strings.NewReader(png), "x.png", "image/png"})
			require.NoError(t, err)
			got, err := os.ReadFile(before)
			require.NoError(t, err)
			require.Equal(t, png, string(got))
		})
	}
}

func TestWhereNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := outfile.Create(filepath.Join(file, "out"), "a-1.png")
	var failed *os.PathError
	require.ErrorAs(t, err, &failed)
	_, err = outfile.Create(dir, "a/b.png")
	require.ErrorIs(t, err, os.ErrNotExist)

	require.NoError(t, os.Mkdir(filepath.Join(dir, "a-1.png"), 0o700))
	_, _, err = save(dir, source{Reader: strings.NewReader(png)})
	var unnamed *os.LinkError
	require.ErrorAs(t, err, &unnamed)
	require.Equal(t, []string{"a-1.png", "file"}, namesIn(t, dir))

	p, err := outfile.Create(filepath.Join(dir, "new", "deep"), "b")
	require.NoError(t, err)
	require.NoError(t, p.Abort())
	require.Empty(t, namesIn(t, filepath.Join(dir, "new", "deep")))
	_, err = p.Write([]byte(png))
	require.ErrorIs(t, err, os.ErrClosed)
	_, err = p.Commit()
	require.ErrorIs(t, err, os.ErrClosed)
	require.ErrorIs(t, p.Abort(), os.ErrNotExist)
}

func TestNames(t *testing.T) {
	t.Parallel()
	const uuid = "0a1b2c3d-0000-4000-8000-0123456789ab"
	for _, tt := range []struct{ kind, id, want string }{
		{"video", "12202888", "video-12202888"},
		{"image_editing", "7", "image_editing-7"},
		{"job", "video_001", "job-video_001"},
		{"job", uuid, "job-" + uuid},
		{"job", "az_09", "job-az_09"},
		{"job", strings.Repeat("a", 96), "job-" + strings.Repeat("a", 96)},
	} {
		require.Equal(t, tt.want, outfile.Name(tt.kind, tt.id))
	}
	require.Regexp(t, "^job-A-Z-a-z-[0-9a-f]{16}$", outfile.Name("job", "A/Z/a/z"))
	require.Regexp(t, "^job-a{96}-[0-9a-f]{16}$", outfile.Name("job", strings.Repeat("a", 97)))

	// A hash in them, or of them, tells all of these apart.
	hashed := outfile.Name("job", "a/b")
	require.Regexp(t, "^job-a-b-[0-9a-f]{16}$", hashed)
	pairs := [][2]string{
		{"job", "a/b"},
		{"job", "a-b"},
		{"job-a", "b"},
		{"job/a", "b"},
		{"job", "a b"},
		{"job", "a.b"},
		{"job", "a:b"},
		{"job", "a%b"},
		{"job", "a\x00b"},
		{"job", "a\nb"},
		{"job", `a\b`},
		{"job", "../a"},
		{"job", ".."},
		{"job", "."},
		{"job", ""},
		{"job", " "},
		{"job", "-"},
		{"job", "ab"},
		{"job", "AB"},
		{"job", "Ab"},
		{"job", "aB"},
		{"job", "ä"},
		{"job", "a\u0308"},
		{"job", "日本"},
		{"job", "日木"},
		{"job", "🙂"},
		{"job", "con"},
		{"con", "1"},
		{"job", "nul."},
		{"job", "nul"},
		{"job", "a."},
		{"job", "a"},
		{"job", "a-0"},
		{"job", "a_0"},
		{"job", strings.TrimPrefix(hashed, "job-")},
		{"job", "0123456789abcdef"},
		{"job", uuid},
		{"job", strings.ToUpper(uuid)},
		{"job", uuid[:23]},
		{"job", strings.Repeat("a", 1000)},
		{"job", strings.Repeat("a", 1001)},
		{"job", strings.Repeat("a", 90)},
		{"job", strings.Repeat("a", 100)},
		{"/v9/new/fetch", "7"},
		{"v9/new/fetch", "7"},
		{"v9", "new/fetch/7"},
	}
	names := map[string][2]string{strings.ToLower(outfile.NameOf("job", "content")): {}, strings.ToLower(outfile.NameOf("job", "another")): {}}
	for _, pair := range pairs {
		name := outfile.Name(pair[0], pair[1])
		require.NotContains(t, names, strings.ToLower(name), "%q and %q", pair, names[strings.ToLower(name)])
		names[strings.ToLower(name)] = pair
	}
}

// FuzzNames: a name is one in its folder, everywhere, and another pair's only
// when the pairs are equal.
func FuzzNames(f *testing.F) {
	for _, seed := range []string{"a/b", "a-b", "../..", "CON", "nul.", "日本", strings.Repeat("x", 300)} {
		f.Add("job", seed, "job", "a-b")
	}
	f.Fuzz(func(t *testing.T, kind, id, kind2, id2 string) {
		name, name2 := outfile.Name(kind, id), outfile.Name(kind2, id2)
		require.Regexp(t, "^[A-Za-z0-9_-]{1,120}$", name)
		require.Equal(t, kind == kind2 && id == id2, strings.EqualFold(name, name2))
	})
}
