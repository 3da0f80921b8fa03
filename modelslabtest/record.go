package modelslabtest

import (
	"net/http"
	"os"
	"testing"
	"testing/synctest"

	"github.com/modelslab-go/modelslab"
)

// recordVariable is the environment variable that makes tests record.
const recordVariable = "MODELSLAB_RECORD"

func recordingMode() bool { return os.Getenv(recordVariable) == "1" }

// Record returns a client that replays the recording at path, through a strict
// server with [WithRecording]. With MODELSLAB_RECORD=1 in the environment it
// calls the API instead, with the key of MODELSLAB_API_KEY, or the emulator that
// [modelslab.WithBaseURL] among opts names, and writes the recording when the test
// has passed. The file holds no key, no callback URL and no query of a URL.
//
// The opts hold in both modes, save [modelslab.WithHTTPClient], which Record sets
// itself. The test fails at once when there is no recording to replay. A test
// that waits for jobs wants [Bubble] around it.
//
// [modelslab.WithBaseURL]: https://pkg.go.dev/github.com/modelslab-go/modelslab#WithBaseURL
// [modelslab.WithHTTPClient]: https://pkg.go.dev/github.com/modelslab-go/modelslab#WithHTTPClient
func Record(tb testing.TB, path string, opts ...modelslab.Option) *modelslab.Client {
	tb.Helper()
	var key string
	var transport http.RoundTripper
	if recordingMode() {
		recorder := NewRecorder(nil)
		transport = recorder
		tb.Cleanup(func() { recorder.save(tb, path) })
	} else {
		if _, err := ReadRecording(path); err != nil {
			tb.Fatalf("modelslabtest: %v; %s=1 records it", err, recordVariable)
		}
		srv := NewServer(WithStrict(), WithRecording(path))
		tb.Cleanup(srv.Close)
		key, transport = "replayed", srv.HTTPClient().Transport
	}
	all := append([]modelslab.Option{}, opts...)
	client, err := modelslab.New(key, append(all, modelslab.WithHTTPClient(&http.Client{Transport: transport}))...)
	if err != nil {
		tb.Fatalf("modelslabtest: %v", err)
	}
	return client
}

// save writes what a passed test recorded.
func (r *Recorder) save(tb testing.TB, path string) {
	tb.Helper()
	if tb.Failed() {
		return
	}
	recording, err := r.Recording()
	if err == nil {
		err = recording.WriteFile(path)
	}
	if err != nil {
		tb.Errorf("modelslabtest: %v", err)
	}
}

// Bubble runs f in a testing/synctest bubble, where a recorded job of ten minutes
// takes no time. With MODELSLAB_RECORD=1 it runs f as it is, since the network
// has no part in virtual time.
func Bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	if recordingMode() {
		f(t)
		return
	}
	synctest.Test(t, f)
}
