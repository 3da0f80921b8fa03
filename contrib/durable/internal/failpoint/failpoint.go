// Package failpoint lets crash tests end the process at a chosen moment.
package failpoint

// Names are all of them: before and after every write and every call.
var Names = []string{
	"insert", "inserted", "claim", "claimed", "submit", "submitted", "save", "saved",
	"receive", "received", "deliver", "called", "delivered", "poll", "polled",
}

// Reach is called at every failpoint. It does nothing unless a test replaces it,
// which must happen before anything else runs.
var Reach = func(_ string) {}
