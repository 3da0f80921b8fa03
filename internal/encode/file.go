package encode

import (
	"iter"
	"reflect"
	"strings"

	"github.com/modelslab-go/modelslab/internal/base64text"
	"github.com/modelslab-go/modelslab/internal/body"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/fault"
)

// A LocalFile is an input file of a request: on the web or, with Content, local.
// The zero value is unset.
type LocalFile struct {
	URL     string
	Content body.Content
}

// Local reports whether the file is not on the web.
func (f LocalFile) Local() bool { return f.Content != nil }

// Check refuses a file that is neither local nor where the API can fetch it. An
// unset one is let pass.
func (f LocalFile) Check(op, field string) error {
	if f.Local() || f.URL == "" || webURL(f.URL) {
		return nil
	}
	problem := "is no http or https URL: pass a local file as MediaFile, its content as MediaBytes"
	if base64text.IsDataURI(f.URL) {
		problem = "is a data URI that does not decode: pass the content as MediaBytes, or the file as MediaFile"
	}
	return fault.Refuse(op, field, "the file in the "+field+" field "+problem)
}

// webURL reports whether a URL names a host to fetch it from. The rest of it is
// for the API to judge.
func webURL(url string) bool {
	scheme, rest, _ := strings.Cut(url, "://")
	return (strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http")) &&
		rest != "" && !strings.ContainsRune(`/\?#`, rune(rest[0]))
}

// A FileField is a field of a request that holds files.
type FileField struct {
	Name  string
	Array bool // it is encoded as a JSON array
}

// Files returns every file of a request in the order of encoding: its field
// and the pointer to the file.
func (p *Plan) Files(v reflect.Value) iter.Seq2[FileField, any] {
	return func(yield func(FileField, any) bool) {
		for i := range p.fields {
			f := &p.fields[i]
			switch fv := v.Field(f.index); f.kind {
			case kindFile:
				if !yield(FileField{Name: f.name}, pointer(fv)) {
					return
				}
			case kindFileList:
				for j := range fv.Len() {
					if !yield(FileField{f.name, !f.one || fv.Len() != 1}, pointer(fv.Index(j))) {
						return
					}
				}
			}
		}
	}
}

func pointer(v reflect.Value) any { return v.Addr().Interface() }

// A Placement is how the local files of a request travel.
type Placement struct {
	Local  int  // how many there are
	Inline bool // they go into the body; else they are uploaded first
	Flag   bool // a "base64": true announces those in the body; else they are data URIs
}

// Place decides how the local files of a request travel to an endpoint. One
// whose base64 flag is about the results too gets only files in the body that
// are too large to be uploaded. It refuses a file that the API cannot get, and a
// request whose own flag would have the API take URLs for base64, or base64 for
// URLs.
func (e *Encoder) Place(v reflect.Value, p *Plan, media endpoint.MediaMode, maxUpload int64) (Placement, error) {
	var to Placement
	remote, large := false, false
	for field, at := range p.Files(v) {
		f, _ := p.file(at)
		if err := f.Check(e.Op, field.Name); err != nil {
			return to, err
		}
		switch {
		case f.Local():
			to.Local++
			size, err := f.Content.Size()
			large = large || err == nil && size > maxUpload
		case f.URL != "":
			remote = true
		}
	}
	// One flag speaks for every file of the request, so URLs beside it would be taken for base64.
	to.Flag = to.Local > 0 && !remote &&
		(media == endpoint.MediaFlag || media == endpoint.MediaUpload && large && p.base64 >= 0)
	to.Inline = to.Flag || to.Local > 0 && media == endpoint.MediaInline
	if p.base64 < 0 {
		return to, nil
	}
	own := v.Field(p.fields[p.base64].index)
	if own.IsNil() || own.Elem().Bool() == to.Flag || !to.Flag && (media != endpoint.MediaFlag || !remote) {
		return to, nil
	}
	return to, fault.Refuse(e.Op, "base64", "base64 contradicts the files, which are sent as what they are: leave it unset")
}
