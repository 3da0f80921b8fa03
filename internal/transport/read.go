package transport

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// announced is how much room an answer gets on its word alone.
const announced = 1 << 20

// readAll reads to the end, so that the connection can be used again. On an
// error it returns what came until then. The timer starts anew whenever bytes
// come.
func readAll(resp *http.Response, limit int64, stalled *time.Timer) ([]byte, error) {
	if resp.ContentLength > limit {
		return nil, fmt.Errorf("the answer has %d bytes, more than the %d that are read", resp.ContentLength, limit)
	}
	size := resp.ContentLength
	if size < 0 {
		size = 4 << 10
	}
	b := make([]byte, 0, min(size, announced)+1) // one more than announced, so that the end is seen without growing
	for {
		n, err := resp.Body.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if n > 0 {
			stalled.Reset(StallLimit)
		}
		switch {
		case int64(len(b)) > limit:
			return b, fmt.Errorf("the answer has more than the %d bytes that are read", limit)
		case errors.Is(err, io.EOF):
			return b, nil
		case err != nil:
			return b, fmt.Errorf("the answer broke off: %w", err)
		case len(b) == cap(b):
			more := max(int64(len(b)), size+1-int64(len(b))) // the rest, once the first part has come
			b = slices.Grow(b, int(min(more, limit+1)))
		}
	}
}
