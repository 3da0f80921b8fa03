package modelslab

import (
	"context"
	"fmt"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// Base64ToURL puts a local file of up to 5 MB on the web for 24 hours and
// returns its URL. Requests do this by themselves where it is needed. The
// product is "" for any file, or KindImageEditing, KindVideo, Kind3D or
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
	RequestID string // for [AccountService.DeleteImage]; "" when the API does not say
}
