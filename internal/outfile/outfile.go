// Package outfile names files, recognises what they hold, and writes them so
// that they appear under their name when they are complete.
package outfile

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

// A Part is a file that is hidden until it is committed.
type Part struct {
	file *os.File
	path string // that it will have
}

// Create makes a hidden file beside the one in dir that it will become. It
// makes the folder where there is none.
func Create(dir, name string) (*Part, error) {
	for try := 0; ; try++ {
		hidden := filepath.Join(dir, "."+name+"."+strconv.FormatUint(rand.Uint64(), 36)+".part")
		f, err := os.OpenFile(hidden, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666) //nolint:gosec // as open as any file; the umask decides
		if errors.Is(err, os.ErrNotExist) && try == 0 {
			if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // as open as any folder; the umask decides
				return nil, err
			}
			continue
		}
		if err == nil {
			return &Part{file: f, path: filepath.Join(dir, name)}, nil
		}
		if !errors.Is(err, os.ErrExist) || try > 100 {
			return nil, err
		}
	}
}

// Write writes to the file.
func (p *Part) Write(b []byte) (int, error) { return p.file.Write(b) }

// Commit gives the complete file its name, in place of one that had it, and
// returns its path.
func (p *Part) Commit() (string, error) {
	if err := p.file.Close(); err != nil {
		return "", err
	}
	if err := os.Rename(p.file.Name(), p.path); err != nil {
		return "", err
	}
	return p.path, nil
}

// Abort removes the file. It may follow a Commit that failed.
func (p *Part) Abort() error {
	_ = p.file.Close()
	return os.Remove(p.file.Name())
}
