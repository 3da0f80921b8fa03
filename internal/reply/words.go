package reply

import (
	"errors"
	"strings"

	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/wire"
)

// meaning is what the words of a refusal say.
type meaning struct {
	reason error
	failed bool // of a job: it was accepted, ran and failed
	lost   bool // a machine between the API and the job gave no answer: what it was asked may have been done
	repeat bool // the filter of equal requests refused it
}

// phrases are tried in order, the most telling first: "monthly limit exceeded"
// is about credits, not about rates, and "processing failed: timed out" about
// the job, not about the call.
var phrases = []struct {
	meaning

	words []string
}{
	{meaning{reason: fault.RateLimited, repeat: true}, []string{"spam", "same request"}},
	{meaning{reason: fault.Invalid, failed: true}, []string{"processing failed", "generation failed", "failed, try again", "job failed", "training failed"}},
	{meaning{reason: fault.Auth}, []string{"api key", "apikey", "unauthorized", "unauthenticated"}},
	{meaning{reason: fault.Credits}, []string{"credit", "balance", "monthly limit", "limit exceeded, upgrade", "wallet"}},
	{meaning{reason: fault.Forbidden}, []string{"premium", "subscription", "not allowed for your plan"}},
	{meaning{reason: fault.RateLimited}, []string{"rate limit", "queued requests", "queue is full", "queue limit", "too many request", "too many attempt"}},
	{meaning{reason: fault.Unavailable, lost: true}, []string{"gateway", "time-out", "timeout", "timed out", "curl error", "connection reset", "connection closed"}},
	{meaning{reason: fault.NotFound}, []string{"not found", "does not exist"}},
	{meaning{reason: fault.Unavailable}, []string{
		"server error", "unavailable", "try again later", "busy", "maintenance", "overload", "too many", "curl",
		"could not resolve", "connection refused",
	}},
}

// wordsOf classifies a refusal that comes with HTTP 200. What a caller wrote
// decides nothing: neither quotations, nor the texts of the request that was
// sent, nor the name of the field that a validation is about.
func wordsOf(message, field string, sent []byte) meaning {
	if field != "" {
		if field == "key" {
			return meaning{reason: fault.Auth}
		}
		return meaning{reason: fault.Invalid}
	}
	if strings.TrimSpace(message) == "" {
		return meaning{reason: fault.Unavailable}
	}
	said := unquoted(strings.ToLower(message))
	m := meaningOf(said)
	if errors.Is(m.reason, fault.Invalid) || len(sent) == 0 {
		return m
	}
	return meaningOf(withoutEchoes(said, string(sent), 0))
}

func meaningOf(text string) meaning {
	for i := range phrases {
		for _, words := range phrases[i].words {
			if strings.Contains(text, words) {
				return phrases[i].meaning
			}
		}
	}
	return meaning{reason: fault.Invalid}
}

// unquoted removes what stands between quotation marks. One that is never
// closed, in a text that was cut off, reaches to the end.
func unquoted(text string) string {
	var b strings.Builder
	for text != "" {
		open, mark, closing := nextQuote(text)
		if open < 0 {
			break
		}
		b.WriteString(text[:open])
		text = text[open+len(mark):]
		end := strings.Index(text, closing)
		if end < 0 {
			return b.String()
		}
		text = text[end+len(closing):]
	}
	b.WriteString(text)
	return b.String()
}

// nextQuote returns where the next quotation begins, or -1. An apostrophe
// begins one only at the start of a word.
func nextQuote(text string) (at int, mark, closing string) {
	at = -1
	for _, pair := range [...][2]string{{`"`, `"`}, {"“", "”"}, {"«", "»"}, {"`", "`"}, {" '", "'"}} {
		if i := strings.Index(text, pair[0]); i >= 0 && (at < 0 || i < at) {
			at, mark, closing = i, pair[0], pair[1]
		}
	}
	return at, mark, closing
}

// withoutEchoes removes the texts of a request that would decide what a refusal
// means.
func withoutEchoes(said, value string, depth int) string {
	if depth > maxResultDepth || value == "" {
		return said
	}
	each := func(element string) { said = withoutEchoes(said, element, depth+1) }
	switch value[0] {
	case '{':
		_ = wire.Object(value, func(_, member string) error { each(member); return nil })
	case '[':
		_ = wire.Array(value, func(element string) error { each(element); return nil })
	case '"':
		text, _ := wire.String(value)
		text = strings.ToLower(strings.TrimSpace(text))
		if m := meaningOf(text); text != "" && !errors.Is(m.reason, fault.Invalid) {
			said = strings.ReplaceAll(said, text, "")
		}
	}
	return said
}
