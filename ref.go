package modelslab

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// Kind says where a job's result is fetched from. It is one row of the fetch
// table, or, for a [RawRequest], a fetch path that starts with a slash.
type Kind string

// The kinds of the public API. Enterprise kinds are spelled
// "enterprise/{server}", and "enterprise" for the root server.
const (
	KindImages       Kind = "images"
	KindRealtime     Kind = "realtime"
	KindImageEditing Kind = "image_editing"
	KindVideo        Kind = "video"
	KindVoice        Kind = "voice"
	KindWhisper      Kind = "whisper"
	Kind3D           Kind = "3d"
	KindFaceSwap     Kind = "faceswap"
	KindInterior     Kind = "interior"
	KindTraining     Kind = "training"
	KindWorkflow     Kind = "workflow"
	KindV7Images     Kind = "v7/images"
	KindV7Video      Kind = "v7/video-fusion"
	KindV7Voice      Kind = "v7/voice"
	KindV8Images     Kind = "v8/images"
)

// Ref names a job: enough to fetch it from another process, today or next
// week. Its text form is "video/12202888"; a workflow run's is
// "workflow/{workflow id}/{execution id}". It sits in JSON and in databases as
// that text.
type Ref struct {
	Kind Kind
	ID   string
}

// String returns the text form that [ParseRef] reads.
func (r Ref) String() string {
	id := url.PathEscape(r.ID)
	if r.Kind == KindWorkflow {
		workflow, execution, ok := strings.Cut(r.ID, "/")
		if id = url.PathEscape(workflow); ok {
			id += "/" + url.PathEscape(execution)
		}
	}
	if r.Kind == "" {
		return id
	}
	return string(r.Kind) + "/" + id
}

// IsZero reports whether the Ref names nothing.
func (r Ref) IsZero() bool { return r == Ref{} }

// ParseRef reads the text form of a Ref. It takes the longest kind it knows; a
// text that starts with a slash is a fetch path and an id. A bare id is an
// error, because it could belong to any of the fetch endpoints.
func ParseRef(s string) (Ref, error) {
	r, err := parseRef(s)
	if err == nil && (r.Kind == "" || r.ID == "") {
		err = fmt.Errorf("modelslab: %q is not a job reference: want kind/id such as video/12202888", s)
	}
	if err != nil {
		return Ref{}, err
	}
	return r, nil
}

// parseRef also reads what String makes of a Ref without a kind.
func parseRef(s string) (Ref, error) {
	kind, rest := longestKind(s)
	if kind == "" && strings.HasPrefix(s, "/") {
		slash := strings.LastIndexByte(s, '/')
		kind, rest = s[:slash], s[slash+1:]
	}
	if n := strings.Count(rest, "/"); n > 1 || n == 1 && kind != string(KindWorkflow) {
		return Ref{}, fmt.Errorf("modelslab: %q starts with no known kind: want kind/id such as video/12202888", s)
	}
	id, err := url.PathUnescape(rest)
	if err != nil {
		return Ref{}, fmt.Errorf("modelslab: job reference %q: %w", s, err)
	}
	return Ref{Kind: Kind(kind), ID: id}, nil
}

func longestKind(s string) (kind, rest string) {
	rest = s
	for i := len(s) - 1; i > 0; i-- {
		if s[i] != '/' {
			continue
		}
		if _, ok := endpoint.FetchOf(s[:i]); ok {
			return s[:i], s[i+1:]
		}
	}
	return kind, rest
}

// MarshalText makes Ref sit in JSON and databases as its text form.
func (r Ref) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the text form; an empty text is the zero Ref.
func (r *Ref) UnmarshalText(text []byte) error {
	ref, err := parseRef(string(text))
	if err != nil {
		return err
	}
	*r = ref
	return nil
}
