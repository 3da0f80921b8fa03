package download

import (
	"context"
	"errors"
	"io"
	"net/url"
	"strings"

	"github.com/modelslab-go/modelslab/internal/base64text"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/filetype"
)

func isData(rawURL string) bool {
	return len(rawURL) >= len("data:") && strings.EqualFold(rawURL[:len("data:")], "data:")
}

// openData makes a transfer of a data URI, which holds its file itself.
func openData(ctx context.Context, raw string, o Options) (*Transfer, error) {
	const op = "a data URI"
	header, data, ok := strings.Cut(raw[len("data:"):], ",")
	if !ok || data == "" {
		return nil, fault.Refuse(op, "", "the data URI holds no data")
	}
	if plain, err := url.PathUnescape(data); err == nil {
		data = plain
	}
	t := newTransfer(ctx, op, o)
	mediaType, encoded := cutSuffixFold(header, ";base64")
	t.contentType, t.ext = mediaType, filetype.ExtOf(mediaType)
	t.name = "data" + t.ext
	var body io.Reader = strings.NewReader(data)
	if encoded {
		body = base64text.NewReader(body)
	}
	t.body = io.NopCloser(dataReader{body})
	return t, nil
}

func cutSuffixFold(s, suffix string) (string, bool) {
	if len(s) < len(suffix) || !strings.EqualFold(s[len(s)-len(suffix):], suffix) {
		return s, false
	}
	return s[:len(s)-len(suffix)], true
}

// dataReader refuses a data URI that does not decode.
type dataReader struct{ r io.Reader }

func (d dataReader) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &fault.Error{Op: "a data URI", Reason: fault.Invalid, Cause: err}
	}
	return n, err
}
