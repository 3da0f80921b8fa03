package reply

import (
	"net/url"
	"strings"
)

// FetchPath reads a fetch URL that the table of kinds does not have. It counts
// when it is on the API's host and below the base URL, ".../fetch/{id}", and
// returns that path, without the id, and the id.
func FetchPath(address string, base *url.URL) (path, id string, ok bool) {
	host, path := splitURL(address)
	if host != "" && host != base.Host && host != "modelslab.com" && !strings.HasSuffix(host, ".modelslab.com") {
		return "", "", false
	}
	if path, ok = strings.CutPrefix(path, base.Path); !ok {
		return "", "", false
	}
	slash := strings.LastIndexByte(path, '/')
	if slash < 0 || !strings.HasSuffix(path[:slash], "/fetch") {
		return "", "", false
	}
	for element := range strings.SplitSeq(path[1:], "/") {
		if strings.Trim(element, ".") == "" || strings.IndexFunc(element, isOdd) >= 0 {
			return "", "", false
		}
	}
	return path[:slash], path[slash+1:], true
}

// isOdd reports a character that no element of a path of the API has.
func isOdd(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_' && r != '.'
}
