package durable

import (
	"encoding/json"
	"fmt"

	"github.com/modelslab-go/modelslab"
)

const defaultPage = 100

func (f Filter) limit() int {
	if f.Limit <= 0 {
		return defaultPage
	}
	return f.Limit
}

// refText is a Ref in a column; the zero Ref is the empty text.
func refText(r modelslab.Ref) string {
	if r.IsZero() {
		return ""
	}
	return r.String()
}

func encodeResult(j *modelslab.Job) ([]byte, error) {
	if j == nil {
		return nil, nil
	}
	b, err := json.Marshal(j)
	if err != nil {
		return nil, fmt.Errorf("durable: store the result: %w", err)
	}
	return b, nil
}

// decodeJob fills in what a row holds as text.
func decodeJob(j *Job, ref string, result, request []byte) error {
	if ref != "" {
		if err := j.Ref.UnmarshalText([]byte(ref)); err != nil {
			return fmt.Errorf("durable: job %q: %w", j.TrackID, err)
		}
	}
	if len(result) > 0 {
		j.Result = new(modelslab.Job)
		if err := json.Unmarshal(result, j.Result); err != nil {
			return fmt.Errorf("durable: result of job %q: %w", j.TrackID, err)
		}
	}
	if len(request) > 0 {
		if err := json.Unmarshal(request, &j.Request); err != nil {
			return fmt.Errorf("durable: request of job %q: %w", j.TrackID, err)
		}
	}
	return nil
}
