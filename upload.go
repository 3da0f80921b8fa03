package modelslab

import (
	"context"
	"errors"
)

// upload puts a local file on the web for a day, for endpoints that take URLs only.
func (c *Client) upload(_ context.Context, op, field string, _ Media) (string, error) {
	return "", &Error{Op: op, Field: field, reason: ErrInvalid, cause: errors.New("uploads are not there yet")}
}
