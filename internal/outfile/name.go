package outfile

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

const (
	longestName = 100
	hashDigits  = 16
)

// Name is a file name, without extension, for what kind and id name, such as
// "video-12202888". No two pairs share one, on a file system that folds capital
// letters either: where the pair has more than lower-case letters, digits and
// underscores, or is a UUID, a hash of it is part of the name.
func Name(kind, id string) string {
	if plain(kind) && (plain(id) && !isHash(id) || isUUID(id)) && len(kind)+len(id) < longestName {
		return kind + "-" + id
	}
	safe := strings.Map(func(r rune) rune {
		if isPlain(r) || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, kind+"/"+id)
	return strings.Trim(safe[:min(len(safe), longestName)], "-") + "-" + hash(kind+"\x00"+id)
}

// NameOf is a file name, without extension, for what has no name but its content.
func NameOf(kind, content string) string { return kind + "-" + hash(content) }

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:hashDigits/2])
}

func plain(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return !isPlain(r) }) < 0
}

func isPlain(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' }

// isHash recognises ids that could be the hash of another name.
func isHash(id string) bool { return len(id) == hashDigits && isLowerHex(id) }

// isUUID recognises ids such as 0a1b2c3d-0000-4000-8000-0123456789ab, whose
// hyphens lead to no other name.
func isUUID(id string) bool {
	groups := strings.Split(id, "-")
	for i, n := range [...]int{8, 4, 4, 4, 12} {
		if len(groups) != 5 || len(groups[i]) != n || !isLowerHex(groups[i]) {
			return false
		}
	}
	return true
}

func isLowerHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }
