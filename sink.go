package modelslab

import (
	"cmp"
	"context"
	"fmt"
	"io"

	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/outfile"
)

// A Sink is where results are kept: a bucket, a database, another server. See
// [Client.SaveTo]. [Client.SaveAllTo] uses it from several goroutines at the
// same time.
type Sink interface {
	// Create begins a file. It is called when the first bytes of the content
	// are there and its type is certain. ctx is that of the save and outlives the
	// writer; when it ends, the file is aborted. A transfer that has to start
	// again aborts its file and creates it anew.
	Create(ctx context.Context, f File) (FileWriter, error)
}

// File is a file that a [Sink] is to keep.
type File struct {
	// Name is a name for the file, such as "video-12202888-0.mp4". No other
	// output, of no other job, has it in lower case or capitals, and it leads out
	// of no folder: it has letters, digits, "-", "_" and one "." only.
	Name string
	// ContentType is what the file is, by its first bytes, its name and the word
	// of its server: "video/mp4", "text/plain; charset=utf-8".
	ContentType string
	// Job is the job whose result it is. It must not be changed.
	Job *Job
	// Index is that of the output in the job, -1 for its text.
	Index int
}

// A FileWriter takes the content of one file, on one goroutine, and ends with
// Commit or Abort. Write is that of [io.Writer].
type FileWriter interface {
	io.Writer
	// Commit makes the complete file appear, in place of an earlier one, and
	// returns the key by which it is found again.
	Commit() (key string, err error)
	// Abort ends a file that is not complete, and leaves nothing of it and an
	// earlier one as it is. It also follows a Commit that failed, and is called
	// when a panic passes.
	Abort() error
}

// folder is the sink of files in a folder.
type folder string

// Create begins a hidden file in the folder.
func (dir folder) Create(_ context.Context, f File) (FileWriter, error) {
	return outfile.Create(cmp.Or(string(dir), "."), f.Name)
}

// store saves what a source brings as a file of the sink. The name of the file
// is still without its extension.
func store(ctx context.Context, src outfile.Source, f File, sink Sink) (key string, err error) {
	content, err := outfile.Open(src)
	if err != nil {
		return "", err
	}
	f.Name, f.ContentType = f.Name+content.Ext, content.Type
	w, err := sink.Create(ctx, f)
	if err != nil {
		return "", fmt.Errorf("modelslab: save: %w", err)
	}
	committed := false
	defer func() {
		if committed {
			return
		}
		if failed := w.Abort(); failed != nil {
			err = fmt.Errorf("%w; part of the file may be left: %w", err, failed)
		}
	}()
	if err := content.CopyTo(sinkWriter{w}); err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", &fault.Error{Op: "save", Cause: err}
	}
	if key, err = w.Commit(); err != nil {
		return "", fmt.Errorf("modelslab: save: %w", err)
	}
	committed = true
	return key, nil
}

// sinkWriter tells errors of the sink from those of the source.
type sinkWriter struct{ w io.Writer }

func (s sinkWriter) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	if err != nil {
		err = fmt.Errorf("modelslab: save: writing: %w", err)
	}
	return n, err
}
