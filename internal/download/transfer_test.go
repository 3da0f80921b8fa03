package download_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/download"
	"github.com/modelslab-go/modelslab/internal/download/downloadtest"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/publicnet"
)

const fileURL = "https://files.example.com/out/video.mp4?X-Signature=topsecret"

func clientOf(rt http.RoundTripper) *download.Client {
	return &download.Client{
		Net: publicnet.New(publicnet.Config{Base: rt}), Key: func() string { return "key-1234567890" },
		UserAgent: "test", Log: slog.New(slog.DiscardHandler), Tries: 4,
	}
}

// transfer brings a file to the end.
func transfer(t *testing.T, rt http.RoundTripper, url string, o download.Options) ([]byte, error) {
	t.Helper()
	f, err := clientOf(rt).Open(t.Context(), url, o)
	if err != nil {
		return nil, err
	}
	defer func() { require.NoError(t, f.Close()) }()
	var got bytes.Buffer
	n, err := f.WriteTo(&got)
	require.Equal(t, int64(got.Len()), n)
	return got.Bytes(), err
}

func TestTransfer(t *testing.T) {
	t.Parallel()
	file := downloadtest.Video(700_001)
	other := bytes.Clone(file)
	for i := 5000; i < len(other); i++ {
		other[i] ^= 0xff
	}
	const old, later = "Mon, 02 Jan 2006 15:04:05 GMT", "Tue, 03 Jan 2006 15:04:05 GMT"
	tests := []struct {
		name   string
		script []downloadtest.Reply
		file   []byte // else the one above
		want   []byte // else the file
		ranges []string
		err    error
		text   string // of the error
		n      int64  // written; -1 for all
	}{
		{name: "at once", script: []downloadtest.Reply{{}}, ranges: []string{""}, n: -1},
		{name: "of unknown size", script: []downloadtest.Reply{{NoLength: true}}, ranges: []string{""}, n: -1},
		{name: "of one byte", script: []downloadtest.Reply{{ETag: "-"}}, file: []byte{7}, ranges: []string{""}, n: -1},
		{name: "broken twice", script: []downloadtest.Reply{{Cut: 300_000}, {Cut: 1000}, {}}, ranges: []string{"", "bytes=300000-", "bytes=301000-"}, n: -1},
		{
			name: "broken, known by date", script: []downloadtest.Reply{{Cut: 9999, ETag: "-", Modified: old}, {ETag: "-", Modified: old}},
			ranges: []string{"", "bytes=9999-"}, n: -1,
		},
		{
			name: "broken, weak tag", script: []downloadtest.Reply{{Cut: 9999, ETag: `W/"one"`}, {ETag: `W/"one"`}},
			ranges: []string{"", ""}, n: -1,
		},
		{name: "broken, ranges ignored", script: []downloadtest.Reply{{Cut: 500_000}, {Whole: true}}, ranges: []string{"", "bytes=500000-"}, n: -1},
		{name: "broken, nothing to know it by", script: []downloadtest.Reply{{Cut: 500_000, ETag: "-"}, {ETag: "-"}}, ranges: []string{"", ""}, n: -1},
		{name: "broken without a word", script: []downloadtest.Reply{{Cut: 300_000, Ended: true}, {}}, ranges: []string{"", "bytes=300000-"}, n: -1},
		{name: "broken without a word in the skipped part", script: []downloadtest.Reply{{Cut: 500_000, ETag: "-", NoLength: true}, {Cut: 400_000, Ended: true, ETag: "-", NoLength: true}}, ranges: []string{"", ""}, n: 500_000, err: fault.Unavailable, text: "changed"},
		{name: "broken in the skipped part", script: []downloadtest.Reply{{Cut: 500_000, ETag: "-"}, {Cut: 400_000, ETag: "-"}, {ETag: "-"}}, ranges: []string{"", "", ""}, n: -1},
		{name: "broken before the first bytes", script: []downloadtest.Reply{{Cut: 100}, {}}, ranges: []string{"", ""}, n: -1},
		{name: "broken at the end, of unknown size", script: []downloadtest.Reply{{Cut: 700_001, NoLength: true}, {Status: 416, Header: http.Header{"Content-Range": {"bytes */700001"}}}}, ranges: []string{"", "bytes=700001-"}, n: -1},
		{
			name: "changed, by its size", script: []downloadtest.Reply{{Cut: 1000, ETag: "-"}, {ETag: "-", Data: file[:90_000]}},
			ranges: []string{"", ""}, n: 1000, err: fault.Unavailable, text: "changed",
		},
		{
			name: "changed, by its content", script: []downloadtest.Reply{{Cut: 1000, ETag: "-"}, {ETag: "-", Data: append([]byte{1}, file[1:]...)}},
			ranges: []string{"", ""}, n: 1000, err: fault.Unavailable, text: "changed",
		},
		{name: "not there yet", script: []downloadtest.Reply{{Status: 404}, {Status: 403}, {Page: true}, {Data: []byte{}}, {}}, ranges: []string{"", "", "", "", ""}, n: -1},
		{name: "a page that says it is a video", script: []downloadtest.Reply{{Data: []byte("<html><body>soon</body></html>")}, {}}, ranges: []string{"", ""}, n: -1},
		{name: "gone in between", script: []downloadtest.Reply{{Cut: 1000}, {Status: 404}, {Page: true}, {}}, ranges: []string{"", "bytes=1000-", "bytes=1000-", "bytes=1000-"}, n: -1},
		{name: "unavailable, then there", script: []downloadtest.Reply{{Status: 503}, {Status: 500}, {Err: io.ErrUnexpectedEOF}, {}}, ranges: []string{"", "", "", ""}, n: -1},
		{name: "unavailable", script: []downloadtest.Reply{{Status: 503}}, ranges: []string{"", "", "", ""}, err: fault.Unavailable, text: "HTTP 503"},
		{name: "unreachable", script: []downloadtest.Reply{{Err: errors.New("no route")}}, ranges: []string{"", "", "", ""}, err: fault.Unavailable, text: "no route"},
		{name: "gone", script: []downloadtest.Reply{{Status: 410}}, ranges: []string{""}, err: fault.NotFound, text: "gone"},
		{name: "not for us", script: []downloadtest.Reply{{Status: 401}}, ranges: []string{""}, err: fault.Auth},
		{name: "refused", script: []downloadtest.Reply{{Status: 400}}, ranges: []string{""}, err: fault.Invalid},

		// A resumed download is one file.
		{name: "the tag vanished, the file is the same", script: []downloadtest.Reply{{Cut: 9000}, {ETag: "-", Whole: true}}, ranges: []string{"", "bytes=9000-"}, n: -1},
		{name: "the tag vanished with the file", script: []downloadtest.Reply{{Cut: 9000}, {ETag: "-", Whole: true, Data: other}}, ranges: []string{"", "bytes=9000-"}, n: 9000, err: fault.Unavailable, text: "changed"},
		{name: "the tag changed with the file", script: []downloadtest.Reply{{Cut: 9000}, {ETag: `"two"`, Data: other}}, ranges: []string{"", "bytes=9000-"}, n: 9000, err: fault.Unavailable, text: "changed"},
		{name: "the tag changed, what came is the same", script: []downloadtest.Reply{{Cut: 1000}, {ETag: `"two"`, Data: other}}, want: other, ranges: []string{"", "bytes=1000-"}, n: -1},
		{name: "the tag became weak", script: []downloadtest.Reply{{Cut: 9000}, {ETag: `W/"one"`, Deaf: true}, {Whole: true}}, ranges: []string{"", "bytes=9000-", ""}, n: -1},
		{name: "a part without its tag", script: []downloadtest.Reply{{Cut: 9000}, {ETag: "-", Deaf: true}, {Data: other, Whole: true}}, ranges: []string{"", "bytes=9000-", ""}, n: 9000, err: fault.Unavailable, text: "changed"},
		{name: "a part of another tag", script: []downloadtest.Reply{{Cut: 9000}, {ETag: `"two"`, Deaf: true, Data: other}, {}}, ranges: []string{"", "bytes=9000-", ""}, n: -1},
		{name: "a part of another date", script: []downloadtest.Reply{{Cut: 9000, ETag: "-", Modified: old}, {ETag: "-", Modified: later, Deaf: true, Data: other}, {}}, ranges: []string{"", "bytes=9000-", ""}, n: -1},
		{name: "a part without its date", script: []downloadtest.Reply{{Cut: 9000, ETag: "-", Modified: old}, {ETag: "-", Deaf: true}, {}}, ranges: []string{"", "bytes=9000-", ""}, n: -1},
		{name: "a part of that tag and another date", script: []downloadtest.Reply{{Cut: 9000, Modified: old}, {Modified: later, Deaf: true, Data: other}, {}}, ranges: []string{"", "bytes=9000-", ""}, n: -1},
		{name: "a date as young as the answer", script: []downloadtest.Reply{{Cut: 9000, ETag: "-", Modified: old, Header: http.Header{"Date": {old}}}, {}}, ranges: []string{"", ""}, n: -1},
		{name: "a date older than the answer", script: []downloadtest.Reply{{Cut: 9000, ETag: "-", Modified: old, Header: http.Header{"Date": {later}}}, {ETag: "-", Modified: old}}, ranges: []string{"", "bytes=9000-"}, n: -1},
		{name: "a part of a file of another size", script: []downloadtest.Reply{{Cut: 9000}, {Header: http.Header{"Content-Range": {"bytes 9000-700001/700002"}}}, {Whole: true}}, ranges: []string{"", "bytes=9000-", ""}, n: -1},
		{name: "a part of a file of unknown size", script: []downloadtest.Reply{{Cut: 9000}, {Header: http.Header{"Content-Range": {"bytes 9000-700000/*"}}}}, ranges: []string{"", "bytes=9000-"}, n: -1},
		{name: "a part that starts earlier", script: []downloadtest.Reply{{Cut: 9000}, {From: -808}}, ranges: []string{"", "bytes=9000-"}, n: -1},
		{name: "a part that starts earlier, broken in what came before", script: []downloadtest.Reply{{Cut: 9000}, {From: -808, Cut: 7}, {}}, ranges: []string{"", "bytes=9000-", "bytes=9000-"}, n: -1},
		{name: "a part that starts earlier and ends too early", script: []downloadtest.Reply{{Cut: 9000}, {From: -808, Cut: 7, Ended: true}}, ranges: []string{"", "bytes=9000-"}, n: 9000, err: fault.Unavailable, text: "changed"},
		{name: "a part that starts earlier, of another tag", script: []downloadtest.Reply{{Cut: 9000}, {From: -808, ETag: `"two"`, Deaf: true, Data: other}, {}}, ranges: []string{"", "bytes=9000-", ""}, n: -1},
		{name: "a part that is all of it", script: []downloadtest.Reply{{Cut: 9000}, {From: -9000}}, ranges: []string{"", "bytes=9000-"}, n: -1},
		{name: "a part that is all of it, of another tag", script: []downloadtest.Reply{{Cut: 9000}, {From: -9000, ETag: `"two"`, Deaf: true}}, ranges: []string{"", "bytes=9000-"}, n: -1},
		{name: "a part that is all of another file", script: []downloadtest.Reply{{Cut: 9000}, {From: -9000, Data: other}}, ranges: []string{"", "bytes=9000-"}, n: 9000, err: fault.Unavailable, text: "changed"},
		{name: "a part that starts later", script: []downloadtest.Reply{{Cut: 9000}, {From: 5}}, ranges: []string{"", "bytes=9000-", ""}, n: -1},
		{name: "a part of nothing that can be read", script: []downloadtest.Reply{{Cut: 9000}, {Status: 206}}, ranges: []string{"", "bytes=9000-", ""}, n: 9000, err: fault.Unavailable, text: "another range"},
		{name: "a part in another unit", script: []downloadtest.Reply{{Cut: 9000}, {Header: http.Header{"Content-Range": {"items 9000-700000/700001"}}}, {Whole: true}}, ranges: []string{"", "bytes=9000-", ""}, n: -1},
		{name: "a compressed part", script: []downloadtest.Reply{{Cut: 9000}, {Header: http.Header{"Content-Encoding": {"gzip"}}}, {Whole: true}}, ranges: []string{"", "bytes=9000-", ""}, n: -1},
		{name: "no such part any more", script: []downloadtest.Reply{{Cut: 9000}, {Status: 416, Header: http.Header{"Content-Range": {"bytes */500"}}}, {}}, ranges: []string{"", "bytes=9000-", ""}, n: -1},
		{name: "no such part, for all that is said", script: []downloadtest.Reply{{Cut: 9000}, {Status: 416}, {}}, ranges: []string{"", "bytes=9000-", ""}, n: -1},
		{name: "no part after the end of another file", script: []downloadtest.Reply{{Cut: 9000, NoLength: true}, {Status: 416, ETag: `"two"`, Header: http.Header{"Content-Range": {"bytes */9000"}}}, {}}, ranges: []string{"", "bytes=9000-", ""}, n: -1},
		{name: "as long as it is said to be, and longer", script: []downloadtest.Reply{{Cut: 9000}, {Status: 416, Header: http.Header{"Content-Range": {"bytes */9000"}}}, {}}, ranges: []string{"", "bytes=9000-", ""}, n: -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &downloadtest.Server{File: file, Script: tt.script}
				if tt.file != nil {
					server.File = tt.file
				}
				want := server.File
				if tt.want != nil {
					want = tt.want
				}
				got, err := transfer(t, server, fileURL, download.Options{})
				require.Equal(t, tt.ranges, server.Ranges())
				if tt.err == nil {
					require.NoError(t, err)
					require.True(t, bytes.Equal(want, got))
					return
				}
				require.ErrorIs(t, err, tt.err)
				require.ErrorContains(t, err, tt.text)
				require.ErrorContains(t, err, "https://files.example.com/out/video.mp4")
				require.NotContains(t, err.Error(), "topsecret")
				require.Len(t, got, int(tt.n))
				require.True(t, bytes.Equal(want[:tt.n], got))
			})
		})
	}
}
