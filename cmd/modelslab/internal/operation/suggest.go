package operation

import (
	"cmp"
	"slices"
	"strings"
)

const suggestions = 3

// Closest returns up to three of the names that are like a word, the likest
// first: those that a few slips of the hand turn it into, or that contain it.
func Closest(word string, names []string) []string {
	type candidate struct {
		name  string
		slips int
	}
	word = plain(word)
	allowed := max(1, len(word)/3)
	var found []candidate
	for _, name := range names {
		p := plain(name)
		slips := distance(word, p)
		if slips > allowed && len(word) > 2 && strings.Contains(p, word) {
			slips = allowed
		}
		c := candidate{name, slips}
		if slips <= allowed && !slices.ContainsFunc(found, func(f candidate) bool { return f.name == name }) {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(a.slips, b.slips) })
	var closest []string
	for _, c := range found[:min(len(found), suggestions)] {
		if c.slips <= found[0].slips+1 {
			closest = append(closest, c.name)
		}
	}
	return closest
}

// plain is a name without letter case and the signs that divide words.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' {
			return -1
		}
		return r
	}, strings.ToLower(name))
}

// distance is how many letters have to be added, removed, replaced or swapped
// with their neighbour to make b of a.
func distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			replaced := last[j]
			if a[i] != b[j] {
				replaced++
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, replaced)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

// didYouMean ends an error with names, or with nothing where there are none.
func didYouMean(names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return ": did you mean " + names[0] + "?"
	default:
		return ": did you mean " + strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1] + "?"
	}
}
