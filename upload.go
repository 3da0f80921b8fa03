package modelslab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/modelslab-go/modelslab/internal/body"
	"github.com/modelslab-go/modelslab/internal/encode"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/reply"
	"github.com/modelslab-go/modelslab/internal/transport"
	"github.com/modelslab-go/modelslab/internal/upload"
)

// maxUpload is the size of a file that base64_to_url takes.
const maxUpload = upload.MaxSize

// upload puts a local file of a request on the web for a day and returns its
// URL. The same content is uploaded once, by whichever request needs it first.
func (c *Client) upload(ctx context.Context, op, field string, m Media) (string, error) {
	if err := checkUpload(op, field, m); err != nil {
		return "", err
	}
	if !m.source.Repeatable() {
		return c.base64ToURL(ctx, uploadPath, uploadField, m.source)
	}
	url, err := c.uploads.Once(ctx, m.source.Open, func(open upload.Opener) (string, error) {
		return c.base64ToURL(ctx, uploadPath, uploadField, &openedFile{m.source, open})
	})
	if _, refused := errors.AsType[*fault.Error](err); err == nil || refused {
		return url, err
	}
	e := &fault.Error{Op: op, Field: field, Reason: ErrInvalid, Cause: err}
	if ctx.Err() != nil {
		e = &fault.Error{Op: op, Cause: err}
	}
	return "", e
}

// An openedFile is a file that the table of uploads reads along with.
type openedFile struct {
	*body.Source
	open upload.Opener
}

// Open returns the content from its start.
func (f *openedFile) Open() (io.ReadCloser, error) { return f.open() }

const (
	uploadPath  = "/v6/base64_to_url"
	uploadField = "base64_string"
)

// base64ToURL uploads a file to one of the base64_to_url endpoints, as a data
// URI in field. It changes nothing and costs nothing, so it is repeated as a
// fetch is.
func (c *Client) base64ToURL(ctx context.Context, path, field string, file body.Content) (string, error) {
	op := "POST " + path
	enc := encode.Encoder{Op: op, Key: c.key}
	if err := enc.DataURI(field, file); err != nil {
		return "", err
	}
	x := exchange{read: (*exchange).readUpload, tries: c.fetchTries, patience: callPatience}
	x.Call = transport.Call{Op: op, Method: "POST", Path: path, Body: &enc.Body, Purpose: transport.Upload}
	ctx, end := c.begin(ctx, Op{Name: OpUpload, Route: op})
	e := c.exchange(ctx, &x)
	end(x.result(e))
	if e != nil {
		return "", e
	}
	if len(x.job.Output) == 0 {
		return "", &fault.Error{Op: op, HTTPStatus: 200, Message: "the answer names no URL", Reason: ErrUnavailable}
	}
	if uploaded := x.job.Output[0]; c.usableURL(uploaded) {
		return uploaded, nil
	}
	return "", &fault.Error{Op: op, HTTPStatus: 200, Message: "the answer's URL is not HTTPS", Reason: ErrUnavailable}
}

func (x *exchange) readUpload(r *reply.Response) *fault.Error {
	var s reply.JobState
	e := r.Upload(&s)
	if e == nil {
		x.job = jobOf(&s)
	}
	return e
}

// usableURL reports whether a URL out of an answer may be handed on: HTTPS, or
// plain HTTP on the loopback address that the API itself is reached on.
func (c *Client) usableURL(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && u.Host == c.base.Host && loopback(u.Hostname())
}

// checkUpload refuses what the endpoint is certain to refuse.
func checkUpload(op, field string, m Media) error {
	if m.IsZero() {
		return fault.Refuse(op, field, "the "+field+" field is required")
	}
	if err := m.file().Check(op, field); err != nil {
		return err
	}
	if !m.local() {
		return fault.Refuse(op, field, "the "+field+" field is on the web already: pass its URL to the request itself")
	}
	size, err := m.source.Size()
	switch {
	case err != nil:
		return &fault.Error{Op: op, Field: field, Reason: ErrInvalid, Cause: err}
	case size == 0:
		return fault.Refuse(op, field, "the file in the "+field+" field is empty")
	case size > maxUpload:
		return fault.Refuse(op, field, fmt.Sprintf(
			"the file in the %s field has %d bytes and ModelsLab takes uploads of up to %d: put it on the web and pass MediaURL",
			field, size, maxUpload))
	}
	return nil
}

// Upload puts a local file of up to 5 MB on the web for 24 hours and returns its
// URL. Requests do this by themselves where it is needed. Equal content is
// uploaded once a day at most, by whichever call or request is first.
//
// POST /api/v6/base64_to_url
// (https://docs.modelslab.com/general-api/base64-to-url). Errors are *[Error];
// a Media that is a URL already is ErrInvalid.
func (c *Client) Upload(ctx context.Context, file Media) (string, error) {
	url, err := c.upload(ctx, "POST "+uploadPath, uploadField, file)
	return url, public(err)
}

// Base64ToURL is [Client.Upload] by a product's own endpoint, and uploads equal
// content each time. The product is "" for any file, or KindImageEditing, KindVideo, Kind3D or
// KindVoice for that product's own way of doing the same.
//
// POST /api/v6/base64_to_url
// (https://docs.modelslab.com/general-api/base64-to-url). Errors are *[Error];
// a Media that is a URL already is ErrInvalid.
func (s *AccountService) Base64ToURL(ctx context.Context, product Kind, file Media) (string, error) {
	e, ok := map[Kind]*endpoint.Endpoint{
		"": endpoint.Base64ToURL, KindImageEditing: endpoint.Base64ToURLImageEditing, KindVideo: endpoint.Base64ToURLVideo,
		Kind3D: endpoint.Base64ToURL3D, KindVoice: endpoint.Base64ToURLVoice,
	}[product]
	if !ok {
		return "", refuse("POST "+endpoint.Base64ToURL.Path, "", fmt.Sprintf(`the product %q takes no uploads of its own; use ""`, product))
	}
	if err := checkUpload("POST "+e.Path, e.Required[0], file); err != nil {
		return "", public(err)
	}
	url, err := s.client.base64ToURL(ctx, e.Path, e.Required[0], file.source)
	return url, public(err)
}

// Base64Crop puts a local image of up to 5 MB on the web, cropped for training.
//
// POST /api/v3/base64_crop
// (https://docs.modelslab.com/general-api/base64-crop). Errors are *[Error].
func (s *AccountService) Base64Crop(ctx context.Context, req *Base64CropRequest, opts ...CallOption) (*CroppedImage, error) {
	if req != nil {
		if err := checkUpload("POST "+endpoint.Base64Crop.Path, "image", req.Image); err != nil {
			return nil, public(err)
		}
	}
	a, err := s.client.query(ctx, endpoint.Base64Crop, req, opts)
	if err != nil {
		return nil, err
	}
	cropped := &CroppedImage{URL: a.Get("link").Text(), RequestID: a.Get("request_id").Text()}
	if !s.client.usableURL(cropped.URL) {
		return nil, incomplete(endpoint.Base64Crop, "link")
	}
	return cropped, nil
}

// Base64CropRequest is the body of [AccountService.Base64Crop].
type Base64CropRequest struct {
	Image Media `json:"image"` // required, a local file

	Crop *bool `json:"crop,omitzero" wire:"true/false"` // server default true
}

// CroppedImage is an image that was put on the web.
type CroppedImage struct {
	URL       string
	RequestID string // for [AssetService.Delete]; "" when the API does not say
}
