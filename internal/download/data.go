package download

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/modelslab-go/modelslab/internal/base64text"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/filetype"
)

// openData makes a transfer of a data URI, which holds its file itself.
func openData(ctx context.Context, raw string, o Options) (*Transfer, error) {
	const op = "a data URI"
	contentType, content, ok := base64text.FromDataURI(raw)
	if !ok || strings.HasSuffix(raw, ",") {
		return nil, fault.Refuse(op, "", "the data URI holds no data")
	}
	t := newTransfer(ctx, op, o)
	t.contentType, t.ext = contentType, filetype.ExtOf(contentType)
	t.name = "data" + t.ext
	t.body = io.NopCloser(dataReader{content})
	return t, nil
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
