package durable

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"runtime/debug"

	"github.com/modelslab-go/modelslab"
)

// What every [Store] does alike.

const defaultPage = 100

// PageSize is how many jobs List returns at most.
func (f Filter) PageSize() int {
	if f.Limit <= 0 {
		return defaultPage
	}
	return f.Limit
}

// EncodeRow returns what a row holds as text: the job's Ref, "" for the zero
// Ref, and its Result as JSON, nil without one.
func EncodeRow(j *Job) (ref string, result []byte, err error) {
	if !j.Ref.IsZero() {
		ref = j.Ref.String()
	}
	if j.Result == nil {
		return ref, nil, nil
	}
	if result, err = json.Marshal(j.Result); err != nil {
		return "", nil, fmt.Errorf("durable: store the result of job %q: %w", j.TrackID, err)
	}
	return ref, result, nil
}

// DecodeRow sets Ref, Result and Request of a job to what [EncodeRow] returned
// and Insert was given. Empty text leaves the field as it is. What cannot be read
// sets Problem, so that one odd row stops no other.
func DecodeRow(j *Job, ref string, result, request []byte) {
	if err := j.decode(ref, result, request); err != nil {
		j.Problem = err.Error()
	}
}

func (j *Job) decode(ref string, result, request []byte) error {
	if ref != "" {
		if err := j.Ref.UnmarshalText([]byte(ref)); err != nil {
			return fmt.Errorf("its ref cannot be read: %w", err)
		}
	}
	if len(result) > 0 {
		j.Result = new(modelslab.Job)
		if err := json.Unmarshal(result, j.Result); err != nil {
			j.Result = nil
			return fmt.Errorf("its result cannot be read: %w", err)
		}
	}
	if len(request) == 0 {
		return nil
	}
	if err := json.Unmarshal(request, &j.Request); err != nil {
		return fmt.Errorf("its request cannot be read: %w", err)
	}
	if _, err := modelslab.ParseRef(string(j.Kind) + "/0"); j.Kind != "" && err != nil {
		return fmt.Errorf("its kind is unknown: %w", err)
	}
	return nil
}

// digestOf is the same for requests that differ in their track ids alone, which
// may have been made up.
func digestOf(r modelslab.RawRequest) ([]byte, error) {
	r.TrackID, r.GeneratedTrackID = "", false
	text, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("durable: store the request: %w", err)
	}
	sum := sha256.Sum256(text)
	return sum[:], nil
}

// Protect runs f and returns a panic of it as an error with its stack: a bug of
// one caller must not end the process that others share.
func Protect(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("durable: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}
