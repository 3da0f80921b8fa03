package modelslab

import "strings"

// verbs are the calls that an option can be given to.
type verbs uint16

const (
	verbSubmit verbs = 1 << iota
	verbFetch
	verbWait
	verbRun
	verbRunAll
	verbQuery // every method of a service whose answer is no job
	verbDownload
	verbSave
	verbSaveAll
)

var verbNames = [...]string{"Submit", "Fetch", "Wait", "Run", "RunAll", "queries", "Download", "Save", "SaveAll"}

// String lists the verbs.
func (v verbs) String() string {
	var names []string
	for i, name := range verbNames {
		if v&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// serves notes for which verbs an option is, and refuses it for any other:
// taken in silence it would look as if it had an effect.
func (o *callOptions) serves(option string, where verbs) bool {
	if o.verb&where != 0 {
		return true
	}
	o.fail(refuse("call of "+o.verb.String(), "", option+" has no effect here: it is an option of "+where.String()))
	return false
}
