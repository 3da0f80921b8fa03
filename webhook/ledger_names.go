package webhook

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash/maphash"
	"strconv"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/token"
)

// names returns all names that the job goes by, in the space of text. Each means
// this job and no other: ids are unique within a kind, and track ids are not
// unique at all.
func (d *delivery) names(text []byte) nameList {
	l := nameList{text: text[:0]}
	var digits [2 * token.JobSize]byte
	var track []byte
	if d.track != (TrackKey{}) {
		track = base64.RawURLEncoding.AppendEncode(digits[:0], d.track[:])
	}
	ids := [...]string{d.job.Ref.ID, d.job.ID, d.submit.OtherID}
	if d.job.Ref.Kind == modelslab.KindWorkflow {
		ids[1], ids[2] = "", "" // ends of the first
	}
	for i, id := range ids {
		if id == "" || i > 0 && id == ids[0] || i > 1 && id == ids[1] {
			continue
		}
		if d.kind != "" {
			l = l.end(append(append(append(l.text, d.kind...), '/'), id...))
		} else if track == nil {
			l = l.end(append(append(l.text, "?/"...), id...))
		}
		// A delivery with the kind and one without it meet under this name.
		if track != nil && (d.noAuth || endpoint.CodeOf(string(d.kind)) == 0) {
			l = l.end(append(append(append(append(l.text, "track/"...), track...), '/'), id...))
		}
	}
	if track != nil && d.expiry != 0 {
		l = l.end(strconv.AppendInt(append(append(append(l.text, "token/"...), track...), '/'), d.expiry, 36))
	}
	switch {
	case l.n > 0:
	case track != nil:
		l = l.end(append(append(l.text, "track/"...), track...))
	default:
		l = l.end(append(append(l.text, "body/"...), digest(d.job.Raw)...))
	}
	return l
}

// nameList is names in one text. It is passed by value, so that the text can
// stay on the stack.
type nameList struct {
	text []byte
	ends [maxNames]int
	n    int
}

// maxNames is two for each of three ids, and that of the token.
const maxNames = 7

// end takes the text with one name more. One that stores may not be able to
// keep is hashed.
func (l nameList) end(text []byte) nameList {
	start := len(l.text)
	if name := text[start:]; !printable(name) {
		sum := digest(name)
		text = append(append(text[:start], "hash/"...), sum...)
	}
	l.text, l.ends[l.n] = text, len(text)
	l.n++
	return l
}

func (l nameList) list() []string {
	names := make([]string, l.n)
	text, start := string(l.text), 0
	for i, end := range l.ends[:l.n] {
		names[i] = text[start:end]
		start = end
	}
	return names
}

// hash makes c a claim under these names.
func (l *nameList) hash(s *MemoryStore, c *memoryClaim, event string) {
	s.start(c, event)
	start := 0
	for _, end := range l.ends[:l.n] {
		s.name(c, maphash.Bytes(s.seed, l.text[start:end]))
		start = end
	}
}

const maxName = 200

// printable reports whether stores can be relied on to keep a name as it is.
func printable[T string | []byte](name T) bool {
	if len(name) > maxName {
		return false
	}
	for i := range len(name) {
		if name[i] <= ' ' || name[i] >= 0x7f {
			return false
		}
	}
	return true
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// eventName is the event as the store has it; see Store.
func (d *delivery) eventName() string {
	job := d.event.Job()
	if final(d.event) {
		switch job.Status {
		case modelslab.StatusSuccess:
			return finalEvent + "success"
		case modelslab.StatusCancelled:
			return finalEvent + "cancelled"
		default:
			return finalEvent + "failed"
		}
	}
	switch e := d.event.(type) {
	case *TrainingUpdated:
		if name := "stage:" + string(e.Stage); printable(name) {
			return name
		}
		return "stage:" + digest([]byte(e.Stage))
	case *Progress:
		return "progress:" + digest(job.Raw)
	default:
		return "unknown:" + digest(job.Raw)
	}
}
