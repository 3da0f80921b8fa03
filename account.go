package modelslab

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/reply"
)

// AccountService reads the account, its results and the models, checks images
// and prompts, and administers dedicated enterprise servers. With
// [WithEnterprise] calls about the account still go to the public API. See
// https://docs.modelslab.com/general-api/overview.
type AccountService struct{ client *Client }

// Balance returns what is left in the wallet.
//
// POST /api/wallet_balance
// (https://docs.modelslab.com/general-api/wallet-balance). Errors are *[Error].
func (s *AccountService) Balance(ctx context.Context, opts ...CallOption) (*Balance, error) {
	a, err := s.client.query(ctx, endpoint.Balance, nil, opts)
	if err != nil {
		return nil, err
	}
	data := a.Get("data")
	if data.Get("balance").Missing() {
		return nil, incomplete(endpoint.Balance, "balance")
	}
	return &Balance{Amount: data.Get("balance").Number(), Currency: data.Get("currency").Text()}, nil
}

// Balance is what is left in the wallet.
type Balance struct {
	Amount   float64
	Currency string // "USD"
}

// RequestCount returns how many jobs of the account are open: queued or
// running. A plan allows 5, 10 or 15. The API allows 30 of these calls a
// minute.
//
// POST /api/v6/processing/request_count
// (https://docs.modelslab.com/general-api/check-requests). Errors are *[Error].
func (s *AccountService) RequestCount(ctx context.Context, opts ...CallOption) (int, error) {
	a, err := s.client.query(ctx, endpoint.RequestCount, nil, opts)
	if err != nil {
		return 0, err
	}
	if a.Get("processing_count").Missing() {
		return 0, incomplete(endpoint.RequestCount, "processing_count")
	}
	return a.Get("processing_count").Integer(), nil
}

// SubscribedProducts lists the products that the account has subscribed to.
//
// GET /api/subscribed_products
// (https://docs.modelslab.com/general-api/subscribed-product). Errors are *[Error].
func (s *AccountService) SubscribedProducts(ctx context.Context, opts ...CallOption) ([]SubscribedProduct, error) {
	a, err := s.client.query(ctx, endpoint.SubscribedProducts, nil, opts)
	if err != nil {
		return nil, err
	}
	var all []SubscribedProduct
	a.Get("data").Members(func(name string, p reply.Value) {
		all = append(all, SubscribedProduct{
			Name: name, TotalCalls: p.Get("total_api_call").Integer(), RemainingCalls: p.Get("api_call_remaining").Integer(),
			PercentageUsed: p.Get("percentage_used").Number(), Raw: p.Raw(),
		})
	})
	return all, nil
}

// SubscribedProduct is a product with a number of calls.
type SubscribedProduct struct {
	Name           string // "imagen"
	TotalCalls     int
	RemainingCalls int
	PercentageUsed float64 // 0 to 100
	Raw            json.RawMessage
}

// AssetsGenerated lists what the account has made, one page a call. A result
// whose submit was never answered is recognised by its files: track ids are not
// listed.
//
// POST /api/assets_generated
// (https://docs.modelslab.com/general-api/assets-generated). Errors are *[Error].
func (s *AccountService) AssetsGenerated(ctx context.Context, req *AssetsGeneratedRequest, opts ...CallOption) (*AssetPage, error) {
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

// AllAssets lists what the account has made, page after page as the loop goes
// on. It begins with the page of the request, which is not modified. An error,
// an *[Error], is the last that the loop gets. What is made meanwhile moves
// older assets to later pages, so one may come twice.
//
// POST /api/assets_generated
// (https://docs.modelslab.com/general-api/assets-generated). Errors are *[Error].
func (s *AccountService) AllAssets(ctx context.Context, req *AssetsGeneratedRequest, opts ...CallOption) iter.Seq2[Asset, error] {
	return func(yield func(Asset, error) bool) {
		if req == nil {
			_, err := s.AssetsGenerated(ctx, nil, opts...)
			yield(Asset{}, err)
			return
		}
		next, n := *req, 1
		if req.Page != nil {
			n = *req.Page
		}
		for ; ; n++ {
			next.Page = &n
			page, err := s.AssetsGenerated(ctx, &next, opts...)
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

// AssetsGeneratedRequest is the body of [AccountService.AssetsGenerated].
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

// DeleteImage deletes what a job has made, images or other.
//
// POST /api/v3/delete_image
// (https://docs.modelslab.com/general-api/delete-image). Errors are *[Error].
// It is sent once: ErrUnavailable leaves open whether the result was deleted.
func (s *AccountService) DeleteImage(ctx context.Context, req *DeleteImageRequest, opts ...CallOption) error {
	_, err := s.client.query(ctx, endpoint.DeleteImage, req, opts)
	return err
}

// DeleteImageRequest is the body of [AccountService.DeleteImage].
type DeleteImageRequest struct {
	RequestID string `json:"request_id" wire:"number"` // required, the job's id

	Type string `json:"type,omitzero"` // "image", "video", "voice" or "3d", server default "image"
}

// ClearCache clears the account's cache.
//
// GET /api/v5/clear_cache
// (https://docs.modelslab.com/general-api/clear-cache). Errors are *[Error].
func (s *AccountService) ClearCache(ctx context.Context, opts ...CallOption) error {
	_, err := s.client.query(ctx, endpoint.ClearCache, nil, opts)
	return err
}
