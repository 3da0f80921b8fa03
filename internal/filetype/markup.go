package filetype

import (
	"bytes"
	"encoding/json"
	"strings"
)

// sniffMarkup looks for the root element of a text, behind declarations and
// comments: those may stand before any markup.
func sniffMarkup(head []byte, contentType string) string {
	switch root := rootOf(head); {
	case root == "svg" || strings.HasSuffix(root, ":svg"):
		return "image/svg+xml"
	case root == "html" || root == "!doctype html":
		return "text/html"
	case root == "" && contentType == "text/html":
		return "text/xml" // a comment may precede anything
	default:
		return contentType
	}
}

func trim(text []byte) []byte {
	return bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), " \t\r\n\f")
}

// rootOf returns the name of the first element in lower case, "!doctype html"
// for that declaration, or "" when the text has none or begins with other text.
func rootOf(text []byte) string {
	for {
		text = trim(text)
		var found bool
		switch {
		case bytes.HasPrefix(text, []byte("<!--")):
			_, text, found = bytes.Cut(text, []byte("-->"))
		case bytes.HasPrefix(text, []byte("<?xml")), bytes.HasPrefix(text, []byte("<?XML")):
			_, text, found = bytes.Cut(text, []byte("?>"))
		case len(text) > 9 && strings.EqualFold(string(text[:9]), "<!doctype"):
			var declared []byte
			declared, text, found = bytes.Cut(text[9:], []byte(">"))
			if words := bytes.Fields(declared); len(words) > 0 && strings.EqualFold(string(words[0]), "html") {
				return "!doctype html"
			}
		case len(text) > 1 && text[0] == '<':
			end := bytes.IndexAny(text, " \t\r\n\f/>")
			if end < 0 {
				end = len(text)
			}
			return strings.ToLower(string(text[1:max(end, 1)]))
		}
		if !found {
			return ""
		}
	}
}

// IsError reports a text that is an error and nothing else: a JSON object such
// as {"error":"expired"}, or the <Error> of an object store.
func IsError(head []byte) bool {
	if rootOf(head) == "error" {
		return true
	}
	text := trim(head)
	return len(text) > 0 && text[0] == '{' && isErrorObject(text)
}

// errorWords are the members that objects about errors are made of. One of
// those marked says that it is one when nothing else is in the object.
var errorWords = map[string]bool{
	"message": true, "messege": true, "msg": true, "detail": true, "details": true, "reason": true, "title": true,
	"code": false, "status": false, "statuscode": false, "status_code": false, "type": false, "success": false, "ok": false,
	"requestid": false, "request_id": false, "instance": false, "tip": false, "tips": false, "timestamp": false, "path": false,
}

// isErrorObject reads the members of an object, as far as they came.
func isErrorObject(text []byte) bool {
	d := json.NewDecoder(bytes.NewReader(text))
	_, _ = d.Token() // the brace
	others, says := false, false
	for d.More() {
		name, err := d.Token()
		if err != nil {
			break
		}
		key, _ := name.(string)
		key = strings.ToLower(key)
		var value json.RawMessage
		err = d.Decode(&value)
		says = says || errorWords[key] && (err != nil || !isNothing(value))
		switch word := strings.ToLower(strings.Trim(string(value), `"`)); {
		case (key == "error" || key == "errors") && (err != nil || !isNothing(value)),
			key == "status" && (word == "error" || word == "failed" || word == "failure"),
			(key == "success" || key == "ok") && word == "false":
			return true
		}
		if _, known := errorWords[key]; !known && key != "error" && key != "errors" {
			others = true
		}
		if err != nil {
			break
		}
	}
	return says && !others
}

// isNothing reports a value that stands for no error.
func isNothing(value json.RawMessage) bool {
	switch string(bytes.TrimSpace(value)) {
	case "null", "false", `""`, "[]", "{}", "0":
		return true
	default:
		return false
	}
}
