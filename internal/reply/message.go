package reply

import (
	"strings"

	"github.com/modelslab-go/modelslab/internal/wire"
)

// messageText returns the text about the state, and the first field that a
// validation message names.
func (m *members) messageText(workflow bool, status string) (text, field string) {
	fields := [...]string{m.message, m.messege, m.errorText}
	if workflow {
		fields = [...]string{m.errorText, m.message, m.messege}
	}
	for _, value := range fields {
		if value == "" {
			continue
		}
		said, named := messageOf(value)
		if text == "" {
			text = said
		}
		if field == "" {
			field = named
		}
	}
	reasons, named := messageOf(m.errors)
	if field == "" {
		field = named
	}
	switch {
	case text == "":
		text = reasons
	case reasons != "" && !strings.Contains(text, reasons): // the message of a validation says no more than that there were errors
		text = strings.TrimSuffix(text, ".") + "; " + reasons
	}
	if text == "" && status == Failed {
		if text = wire.Scalar(m.tip); text == "" {
			text = wire.Scalar(m.tips)
		}
	}
	return text, field
}

// messageOf reads a message: a string, a list of them, an object with a message
// of its own, or a map from fields to what is wrong with them, whose first
// field is returned too.
func messageOf(value string) (text, field string) {
	if !isObject(value) {
		return listOf(value, "; "), ""
	}
	if text, ok := wire.String(wire.Field(value, "message")); ok {
		return text, ""
	}
	var b strings.Builder
	_ = wire.Object(value, func(key, reasons string) error {
		if b.Len() == 0 {
			field = key
		} else {
			b.WriteString("; ")
		}
		b.WriteString(key)
		b.WriteString(": ")
		b.WriteString(listOf(reasons, ", "))
		return nil
	})
	return b.String(), field
}

// listOf joins the texts of a list; a single text is its own list.
func listOf(value, separator string) string {
	if value == "" || value[0] != '[' {
		return wire.Scalar(value)
	}
	var texts []string
	_ = wire.Array(value, func(element string) error {
		if text := wire.Scalar(element); text != "" {
			texts = append(texts, text)
		}
		return nil
	})
	return strings.Join(texts, separator)
}
