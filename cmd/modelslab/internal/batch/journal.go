package batch

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
)

// journalFile is what a batch writes down as it goes, so that it can go on
// after it was interrupted or killed.
const journalFile = "batch.jsonl"

// A journal is a file of lines: first which API the batch is sent to, then the
// items, each whenever its state changes: its first line has the request, and the
// last one its state.
type journal struct{ file *os.File }

type heading struct {
	API string `json:"api"`
}

// openJournal opens the journal of a folder, and returns the items in it. It is
// held until it is closed: no two processes may send the same batch.
func openJournal(dir, api string) (*journal, []*Item, error) {
	file, err := os.OpenFile(filepath.Join(dir, journalFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, err
	}
	if err := lock(file); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("another process runs the batch in %s: %w", dir, err), file.Close())
	}
	items, whole, err := readJournal(file, api)
	if err == nil {
		err = file.Truncate(whole) // a line that a kill cut off is none
	}
	if err == nil {
		_, err = file.Seek(whole, io.SeekStart)
	}
	j := &journal{file}
	if err == nil && whole == 0 {
		err = j.write(heading{api})
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%s: %w", file.Name(), err), file.Close())
	}
	return j, items, nil
}

// readJournal returns the items, and the length of the whole lines.
func readJournal(r io.Reader, api string) (items []*Item, whole int64, err error) {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return items, whole, nil
		}
		if err != nil {
			return nil, 0, err
		}
		if whole == 0 {
			var h heading
			if err := json.Unmarshal(line, &h); err != nil || h.API == "" {
				return nil, 0, errors.New("it is no journal of a batch")
			}
			if h.API != api {
				return nil, 0, fmt.Errorf("the batch in this folder was sent to %s, not to %s: give another folder with --out", h.API, api)
			}
		} else if items, err = merge(items, line); err != nil {
			return nil, 0, err
		}
		whole += int64(len(line))
	}
}

// merge adds an item, or a later state of one.
func merge(items []*Item, line []byte) ([]*Item, error) {
	it := new(Item)
	if err := json.Unmarshal(line, it); err != nil {
		return nil, err
	}
	switch {
	case it.Index >= 0 && it.Index < len(items):
		it.Operation, it.Parameters = items[it.Index].Operation, items[it.Index].Parameters
		items[it.Index] = it
	case it.Index == len(items):
		items = append(items, it)
	default:
		return nil, fmt.Errorf("item %d is out of order", it.Index)
	}
	return items, nil
}

// write adds a line that is on the disk when it returns.
func (j *journal) write(record any) error {
	text, err := json.Marshal(record)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(append(text, '\n')); err != nil {
		return err
	}
	return j.file.Sync()
}

// state writes down how far an item is that the journal has.
func (j *journal) state(it *Item) error {
	now := *it
	now.Operation, now.Parameters = "", nil
	return j.write(&now)
}

func (j *journal) close() error { return j.file.Close() }

// continued returns the items of a file, as far as the journal has come with
// them. The file must begin as it did then; what was added to its end is new.
func continued(done, items []*Item) ([]*Item, error) {
	if len(items) == 0 {
		return done, nil
	}
	if len(items) < len(done) {
		return nil, fmt.Errorf("the folder has a batch of %d requests, and the file %d: give another folder with --out", len(done), len(items))
	}
	for i, it := range done {
		if it.Operation != items[i].Operation || !reflect.DeepEqual(it.Parameters, items[i].Parameters) {
			return nil, fmt.Errorf("request %d is not that of the batch in this folder: give another folder with --out", i+1)
		}
	}
	return append(done, items[len(done):]...), nil
}

// remove takes the journal away, of a batch whose API is gone.
func remove(dir string) error {
	err := os.Remove(filepath.Join(dir, journalFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// writeFile leaves the old file or the new one, and never half of one.
func writeFile(name string, data []byte) error {
	part := name + ".part"
	if err := os.WriteFile(part, data, 0o644); err != nil { //nolint:gosec // as open as any file; the umask decides
		return err
	}
	return os.Rename(part, name)
}
