package modelslab_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

// The benchmark of a local image in a request body, and its floor: a request
// made by hand whose body is an encoding io.Reader.

const mediaSize = 10 << 20

// encodingReader is base64 of data, encoded as it is read.
type encodingReader struct {
	prefix, suffix string
	data           []byte
}

func (r *encodingReader) Read(p []byte) (int, error) {
	switch {
	case r.prefix != "":
		n := copy(p, r.prefix)
		r.prefix = r.prefix[n:]
		return n, nil
	case len(r.data) > 0:
		n := min(len(r.data), len(p)/4*3)
		base64.StdEncoding.Encode(p, r.data[:n])
		r.data = r.data[n:]
		return base64.StdEncoding.EncodedLen(n), nil
	case r.suffix != "":
		n := copy(p, r.suffix)
		r.suffix = r.suffix[n:]
		return n, nil
	default:
		return 0, io.EOF
	}
}

// drain reads bodies as net/http's transport does, 32 KiB at a time.
type drain struct {
	buf   []byte
	bytes int64
}

func newDrain() *drain { return &drain{buf: make([]byte, 32<<10)} }

func (d *drain) RoundTrip(r *http.Request) (*http.Response, error) {
	d.bytes = 0
	for {
		n, err := r.Body.Read(d.buf)
		d.bytes += int64(n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	_ = r.Body.Close()
	return &http.Response{
		StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(len(benchReply)),
		Body: io.NopCloser(bytes.NewReader([]byte(benchReply))), Request: r,
	}, nil
}

func mediaRequest(m modelslab.Media) *modelslab.ImageToVideoUltraRequest {
	return &modelslab.ImageToVideoUltraRequest{ModelID: "wan2.2", Prompt: "it moves", InitImage: m, TrackID: "t"}
}

func BenchmarkMediaBody(b *testing.B) {
	d := newDrain()
	client, err := modelslab.New(testKey, modelslab.WithHTTPClient(&http.Client{Transport: d}))
	require.NoError(b, err)
	data := content(mediaSize)
	b.SetBytes(mediaSize)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Submit(b.Context(), mediaRequest(modelslab.MediaBytes(data))); err != nil {
			b.Fatal(err)
		}
	}
	require.Greater(b, d.bytes, int64(mediaSize/3*4))
}

func BenchmarkMediaBodyFloor(b *testing.B) {
	d := newDrain()
	hc := &http.Client{Transport: d}
	data := content(mediaSize)
	b.SetBytes(mediaSize)
	b.ReportAllocs()
	for b.Loop() {
		body := &encodingReader{
			prefix: `{"key":"` + testKey + `","model_id":"wan2.2","prompt":"it moves","init_image":"`,
			data:   data, suffix: `","base64":true,"track_id":"t"}`,
		}
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "https://modelslab.com/api/v6/video/img2video_ultra", body)
		require.NoError(b, err)
		resp, err := hc.Do(req)
		require.NoError(b, err)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(b, err)
	}
	require.Greater(b, d.bytes, int64(mediaSize/3*4))
}

// TestMediaBodyAllocations holds a request with 10 MiB in it to 128 KiB.
func TestMediaBodyAllocations(t *testing.T) { //nolint:paralleltest // it counts what the process allocates
	if raceEnabled {
		t.Log("the race detector allocates on its own account")
		return
	}
	client, err := modelslab.New(testKey, modelslab.WithHTTPClient(&http.Client{Transport: newDrain()}))
	require.NoError(t, err)
	data := content(mediaSize)
	submit := func() {
		_, err := client.Submit(t.Context(), mediaRequest(modelslab.MediaBytes(data)))
		require.NoError(t, err)
	}
	submit()
	const runs = 10
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		submit()
	}
	runtime.ReadMemStats(&after)
	perRequest := (after.TotalAlloc - before.TotalAlloc) / runs
	require.LessOrEqual(t, perRequest, uint64(128<<10))
}
