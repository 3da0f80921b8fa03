package modelslab

import (
	"context"

	"github.com/modelslab-go/modelslab/internal/encode"
	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// plans are how the request structs are encoded.
var plans = encode.Plans{File: fileOf}

// Request is a generation that can be submitted: a pointer to one of this
// package's request structs, or a [RawRequest]. The request value is the
// endpoint; Submit, Run and RunAll take any of them.
type Request interface {
	endpoint() *endpoint.Endpoint
}

// checker is a Request with a rule that its field tags cannot state.
type checker interface {
	// check returns the JSON name of a field that the server is certain to
	// miss, or "".
	check() string
}

// pather is a Request with an argument in its path.
type pather interface {
	path() string
}

// rawRequest is a [RawRequest], asked for by what it does: a program without
// one does not link the table of all endpoints.
type rawRequest interface {
	callbackFields() (webhook, trackID string, generated bool)
	encode(ctx context.Context, c *Client, e *encode.Encoder) error
	frozen() RawRequest
}
