//go:build unix

package modelslab_test

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSaveAllOnAFullDisk saves in a process of its own that the system lets
// write small files only.
func TestSaveAllOnAFullDisk(t *testing.T) {
	const child = "MODELSLAB_TEST_FILE_LIMIT"
	if os.Getenv(child) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSaveAllOnAFullDisk$", "-test.v")
		cmd.Env = append(os.Environ(), child+"=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Contains(t, string(out), "PASS: TestSaveAllOnAFullDisk")
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit))
	limit.Cur = 64 << 10
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))

	client := stubClient(t, func(r *http.Request) (*http.Response, error) {
		size := 10_000
		if strings.Contains(r.URL.Path, "big") {
			size = 1 << 20
		}
		return &http.Response{
			StatusCode: 200, ContentLength: int64(size), Header: http.Header{},
			Body: io.NopCloser(strings.NewReader(mp4Head + strings.Repeat("x", size-len(mp4Head)))),
		}, nil
	})
	dir := t.TempDir()
	all := collect(t, client.SaveAll(t.Context(), outcomesOf(
		"https://cdn.example.com/0.mp4", "https://cdn.example.com/big.mp4", "https://cdn.example.com/2.mp4",
	), dir))
	require.Len(t, all, 3)
	require.NoError(t, all[0].Err)
	require.ErrorIs(t, all[1].Err, syscall.EFBIG)
	require.ErrorContains(t, all[1].Err, "writing: write ")
	require.NotNil(t, all[1].Job, "it can be saved later")
	require.NoError(t, all[2].Err)
	require.Len(t, filesIn(t, dir), 2)
}
