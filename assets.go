package modelslab

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// AssetService lists and deletes what the account has made: its history. See
// https://docs.modelslab.com/general-api/assets-generated.
type AssetService struct{ client *Client }

// List returns one page of what the account has made. A result
// whose submit was never answered is recognised by its files: track ids are not
// listed.
//
// POST /api/assets_generated
// (https://docs.modelslab.com/general-api/assets-generated). Errors are *[Error].
func (s *AssetService) List(ctx context.Context, req *AssetsGeneratedRequest, opts ...CallOption) (*AssetPage, error) {
	a, err := s.client.query(ctx, endpoint.AssetsGenerated, req, opts)
	if err != nil {
		return nil, err
	}
	at := a.Get("pagination")
	page := &AssetPage{
		Page: at.Get("current_page").Integer(), PerPage: at.Get("per_page").Integer(),
		LastPage: at.Get("last_page").Integer(), Total: at.Get("total").Integer(), Raw: a.Raw(),
	}
	for _, asset := range a.Get("data").List() {
		page.Assets = append(page.Assets, Asset{
			ID: asset.Get("id").Text(), Output: asset.Get("output").Texts(), Raw: asset.Raw(),
		})
	}
	return page, nil
}

// All lists what the account has made, page after page as the loop goes
// on. It begins with the page of the request, which is not modified. An error,
// an *[Error], is the last that the loop gets. What is made meanwhile moves
// older assets to later pages, so one may come twice.
//
// POST /api/assets_generated
// (https://docs.modelslab.com/general-api/assets-generated). Errors are *[Error].
func (s *AssetService) All(ctx context.Context, req *AssetsGeneratedRequest, opts ...CallOption) iter.Seq2[Asset, error] {
	return func(yield func(Asset, error) bool) {
		if req == nil {
			_, err := s.List(ctx, nil, opts...)
			yield(Asset{}, err)
			return
		}
		next, n := *req, 1
		if req.Page != nil {
			n = *req.Page
		}
		for ; ; n++ {
			next.Page = &n
			page, err := s.List(ctx, &next, opts...)
			if err != nil {
				yield(Asset{}, err)
				return
			}
			for _, asset := range page.Assets {
				if !yield(asset, nil) {
					return
				}
			}
			if len(page.Assets) == 0 || n >= page.LastPage {
				return
			}
		}
	}
}

// AssetsGeneratedRequest is the body of [AssetService.List].
type AssetsGeneratedRequest struct {
	Type string `json:"type"` // required: "image", "video", "voice" or "3d"

	PerPage *int `json:"per_page,omitzero"` // up to 30, server default 10
	Page    *int `json:"page,omitzero"`     // server default 1, the first
}

// AssetPage is one page of what the account has made.
type AssetPage struct {
	Assets   []Asset
	Page     int // from 1
	PerPage  int
	LastPage int
	Total    int // assets on all pages
	Raw      json.RawMessage
}

// Asset is what one job has made.
type Asset struct {
	ID     string // the job's
	Output []string
	Raw    json.RawMessage
}

// Delete deletes what a job has made, images or other.
//
// POST /api/v3/delete_image
// (https://docs.modelslab.com/general-api/delete-image). Errors are *[Error].
// It is sent once: ErrUnavailable leaves open whether the result was deleted.
func (s *AssetService) Delete(ctx context.Context, req *DeleteImageRequest, opts ...CallOption) error {
	_, err := s.client.query(ctx, endpoint.DeleteImage, req, opts)
	return err
}

// DeleteImageRequest is the body of [AssetService.Delete].
type DeleteImageRequest struct {
	RequestID string `json:"request_id" wire:"number"` // required, the job's id

	Type string `json:"type,omitzero"` // "image", "video", "voice" or "3d", server default "image"
}
