package modelslabtest

import (
	"encoding/json"
	"maps"
	"strings"
)

// newGeneration returns the job of a request.
func newGeneration(x *incoming) *serverJob {
	j := &serverJob{
		kind: x.Kind, op: lastElement(x.route.row.Path), origin: x.origin, fault: x.fault,
		trackID: x.fields["track_id"], webhook: x.str("webhook"),
		width: size(x.number("width", 512)), height: size(x.number("height", 512)),
		count: min(max(x.number("samples", 1), 1), 8),
	}
	if len(j.trackID) == 0 {
		j.trackID = json.RawMessage("null")
	}
	j.ext = outputExt(x)
	j.base64 = x.flag("base64") && flagIsForOutput(x.route.row)
	switch {
	case j.ext == "":
		j.count = 1
	case j.op == "vocal_isolator":
		j.count = 2
	}
	j.prompt = variant(x)
	return j
}

func lastElement(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// size keeps pictures small enough to be made at once.
func size(n int) int { return min(max(n, 64), 1024) }

// echo returns the meta of a job: the parameters of the request, the callback URL
// among them, and the track id as a string. Values over 4 KB are left out.
func (j *serverJob) echo(x *incoming) json.RawMessage {
	const tooLong = 4 << 10
	m := maps.Clone(x.fields)
	if m == nil {
		m = map[string]json.RawMessage{}
	}
	for name, value := range m {
		if len(value) > tooLong {
			delete(m, name)
		}
	}
	if x.TrackID != "" {
		m["track_id"] = quote(x.TrackID)
	}
	if outputs := j.outputs(); outputs != nil {
		m["output"] = raw(outputs)
	}
	return raw(m)
}
