package webhook

import (
	"errors"
	"fmt"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/token"
)

// TrackKey stands for a track id: a hash of it, of 16 bytes, whatever its
// length. A signed callback URL carries it, so every delivery has it, those of
// trainings too, whose bodies name no track id. It is a key for a table of
// jobs.
type TrackKey [token.JobSize]byte

// KeyOf returns the key of a track id, and the zero key of "".
func KeyOf(trackID string) TrackKey {
	if trackID == "" {
		return TrackKey{}
	}
	return TrackKey(token.JobOf(trackID))
}

// Sign returns the callback URL that a client with modelslab.WithWebhook sends
// with a job of that kind and track id: for requests that another program or
// another HTTP client sends. The token is good for 30 days. Of
// [modelslab.KindWorkflow] the track id is the workflow's id, and the URL, which
// is to be configured on the workflow, serves all its runs and does not expire;
// see client.WorkflowCallbackURL.
//
// It returns an error without a track id; for a secret of less than 32 bytes; for a URL that is not
// absolute HTTPS, or HTTP on loopback, has a user, a fragment, or a query value
// "sig" or "kind"; and when the signed URL has more than the 191 characters that
// ModelsLab keeps.
func Sign(url string, secret []byte, kind modelslab.Kind, trackID string) (string, error) {
	if trackID == "" {
		return "", errors.New("webhook: sign: the track id is empty")
	}
	claims := token.OfJob(endpoint.CodeOf(string(kind)), trackID, time.Now())
	if kind == modelslab.KindWorkflow {
		claims = token.OfWorkflow(trackID)
	}
	key, err := token.NewKey(secret)
	if err != nil {
		return "", fmt.Errorf("webhook: sign: %w", err)
	}
	u, err := token.Parse(url, true)
	if err != nil {
		return "", fmt.Errorf("webhook: sign: %w", err)
	}
	signed, err := token.Callback(u, key, claims, string(kind))
	if err != nil {
		return "", fmt.Errorf("webhook: sign: %w", err)
	}
	return signed, nil
}
