package modelslab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/modelslab-go/modelslab/internal/download"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/publicnet"
)

// WithPrivateDownloads lets [Client.Download] and [Client.Save] connect to
// private, loopback and other addresses that are not on the public internet,
// for results kept in a bucket of one's own network. Defaults to public
// addresses only, and loopback where the base URL is on loopback.
func WithPrivateDownloads() Option {
	return func(c *Client) error {
		c.privateOK = true
		return nil
	}
}

// MaxSize is the largest file, in bytes, that [Client.Download] and
// [Client.Save] accept. A file that was compressed for the transfer counts as it
// is decompressed, base64 text as the text it is. Defaults to 4 GiB. Serves
// Download, Save and SaveAll.
func MaxSize(bytes int64) CallOption {
	return func(o *callOptions) {
		if !o.serves("MaxSize", verbDownload|verbSave|verbSaveAll) {
			return
		}
		if bytes <= 0 {
			o.fail(fmt.Errorf("modelslab: MaxSize(%d): want a positive number of bytes", bytes))
			return
		}
		o.sizeLimit = bytes
	}
}

// OnTransfer calls f as a file is downloaded, with the bytes transferred so
// far and the size of the file, -1 while that is unknown. Save calls it for one
// file after the other, on the calling goroutine, SaveAll on several at once.
// Defaults to nothing. Serves Download, Save and SaveAll.
func OnTransfer(f func(done, total int64)) CallOption {
	return func(o *callOptions) {
		if o.serves("OnTransfer", verbDownload|verbSave|verbSaveAll) {
			o.onTransfer = f
		}
	}
}

// Download copies the file at url, an output of a job, to w and returns the
// number of bytes written, which is right in the face of an error too. No key
// and no cookie is sent. A transfer that breaks off or is silent for a minute
// goes on where it stopped, and what was written is never continued with the
// bytes of another file. A file that is not there yet (403, 404, a page or an
// error's text in its place, or nothing in it) is asked for again, at growing
// intervals, for two minutes. A file that the server compressed for the transfer
// is decompressed; a data URI is decoded. Options: [MaxSize], [OnTransfer].
//
// The URL must be HTTPS, with plain HTTP for loopback only where the client's
// base URL is on loopback too, and lead to a public address, redirects
// included; [WithPrivateDownloads] allows others. With a RoundTripper that is
// not an *http.Transport the addresses behind a host name cannot be checked,
// only a URL that spells its address out. Behind a proxy the name is resolved
// here before the proxy is asked. Blanks and percent signs that are not escaped
// in the URL are, as browsers do it.
//
// Errors: *[Error]: ErrNotFound or ErrForbidden when the file did not appear,
// ErrUnavailable when it could not be transferred or changed on the way,
// ErrInvalid when the URL is refused or the file is too large. An error of w is
// wrapped as it is.
func (c *Client) Download(ctx context.Context, url string, w io.Writer, opts ...CallOption) (int64, error) {
	o, err := newCallOptions(verbDownload, opts)
	if err != nil {
		return 0, err
	}
	n, err := c.download(ctx, url, w, download.Options{Limit: o.sizeLimit, Progress: o.onTransfer})
	return n, public(err)
}

func (c *Client) download(ctx context.Context, url string, w io.Writer, o download.Options) (n int64, err error) {
	ctx, end := c.begin(ctx, Op{Name: OpDownload})
	defer func() { end(Result{Err: err, Bytes: n}) }()
	t, err := c.downloads().Open(ctx, url, o)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	n, err = t.WriteTo(w)
	if _, refused := errors.AsType[*fault.Error](err); err != nil && !refused {
		err = fmt.Errorf("modelslab: %s: writing: %w", t.Op(), err)
	}
	return n, err
}

// downloader makes the client of downloads when the first one needs it.
type downloader struct {
	once   sync.Once
	client download.Client
}

func (c *Client) downloads() *download.Client {
	c.downloader.once.Do(func() {
		c.downloader.client = download.Client{
			Net: publicnet.New(publicnet.Config{
				Base: c.http.Transport, Stock: c.stock, PrivateOK: c.privateOK, LoopbackOK: loopback(c.base.Hostname()),
			}),
			Timeout: c.http.Timeout, Key: c.key, UserAgent: c.userAgent, Log: c.log, Tries: c.fetchTries,
		}
	})
	return &c.downloader.client
}
