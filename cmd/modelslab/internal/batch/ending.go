package batch

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/modelslab-go/modelslab"
)

// end takes note of what became of an item.
func (b *Batch) end(it *Item, o modelslab.Outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !o.Ref.IsZero() {
		it.Ref = o.Ref
	}
	if it.Took = o.Took; o.Job != nil && o.Job.Took > 0 {
		it.Took = o.Job.Took
	}
	it.Error = ""
	if o.Err != nil {
		it.Error = o.Err.Error()
	}
	if lost, ok := errors.AsType[*modelslab.SubmitError](o.Err); ok {
		it.TrackID = lost.TrackID
	}
	if it.State = stateOf(o); it.State == Done {
		if err := it.rename(o.Files); err != nil {
			it.State, it.Error = Open, err.Error()
		}
	}
	b.write(it)
	if hopeless(o.Err) && !b.stopping {
		b.stopping = true
		b.display.Say("stopping: the account refuses requests, so no more are sent")
	}
	b.display.Ended(it.job(), it.ending(), it.State != Done)
}

// stateOf decides what the next run has to do.
func stateOf(o modelslab.Outcome) State {
	_, refused := errors.AsType[*modelslab.Error](o.Err)
	_, lost := errors.AsType[*modelslab.SubmitError](o.Err)
	_, ended := errors.AsType[*modelslab.JobError](o.Err)
	switch {
	case o.Err == nil:
		return Done
	case ended, errors.Is(o.Err, modelslab.ErrNotFound) && o.Job == nil && !o.Ref.IsZero():
		return Failed
	case !o.Ref.IsZero():
		return Open // not waited for to the end, or not saved
	case lost:
		return Unknown
	case errors.Is(o.Err, modelslab.ErrRateLimited), errors.Is(o.Err, modelslab.ErrUnavailable):
		return Unsent // nothing was queued
	case refused:
		return Refused
	default:
		return Failed
	}
}

// hopeless reports a refusal that every other request would get too.
func hopeless(err error) bool {
	return errors.Is(err, modelslab.ErrAuth) || errors.Is(err, modelslab.ErrCredits)
}

// rename gives the files of an item names that tell which it is.
func (it *Item) rename(files []string) error {
	it.Files = nil
	for i, file := range files {
		name := it.fileName(file, i, len(files))
		if err := os.Rename(file, filepath.Join(filepath.Dir(file), name)); err != nil {
			return err
		}
		it.Files = append(it.Files, name)
	}
	return nil
}
