package modelslab

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/reply"
)

// AccountService reads the account, checks images and prompts, and administers
// dedicated enterprise servers; the account's results are with [AssetService],
// models with [ModelService]. With
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

// ClearCache clears the account's cache.
//
// GET /api/v5/clear_cache
// (https://docs.modelslab.com/general-api/clear-cache). Errors are *[Error].
func (s *AccountService) ClearCache(ctx context.Context, opts ...CallOption) error {
	_, err := s.client.query(ctx, endpoint.ClearCache, nil, opts)
	return err
}

// NSFWImageCheck reports whether an image is not safe for work.
//
// POST /api/v3/nsfw_image_check
// (https://docs.modelslab.com/general-api/nsfw-image-check). Errors are *[Error].
func (s *AccountService) NSFWImageCheck(ctx context.Context, req *NSFWImageCheckRequest, opts ...CallOption) (bool, error) {
	a, err := s.client.query(ctx, endpoint.NSFWImageCheck, req, opts)
	if err != nil {
		return false, err
	}
	if concept := a.Get("has_nsfw_concept"); concept.Missing() || concept == "[]" {
		return false, incomplete(endpoint.NSFWImageCheck, "has_nsfw_concept")
	}
	return a.Get("has_nsfw_concept").Truth(), nil
}

// NSFWImageCheckRequest is the body of [AccountService.NSFWImageCheck].
type NSFWImageCheckRequest struct {
	InitImage Media `json:"init_image"` // required; a local file is uploaded

	Threshold *float64 `json:"threshold,omitzero"` // 0 to 1, server default 0.5
}

// CheckNSFWPrompt checks a prompt for what is not safe for work and for what
// nobody may make.
//
// POST /api/check_nsfw_cp
// (https://docs.modelslab.com/general-api/nsfw-prompt-check). Errors are *[Error].
func (s *AccountService) CheckNSFWPrompt(ctx context.Context, prompt string, opts ...CallOption) (*PromptCheck, error) {
	req := struct {
		Prompt string `json:"prompt"`
	}{prompt}
	a, err := s.client.query(ctx, endpoint.CheckNSFWPrompt, &req, opts)
	if err != nil {
		return nil, err
	}
	if a.Get("is_nsfw").Missing() && a.Get("is_cp").Missing() {
		return nil, incomplete(endpoint.CheckNSFWPrompt, "is_nsfw")
	}
	return &PromptCheck{
		NSFW: a.Get("is_nsfw").Truth(), CP: a.Get("is_cp").Truth(), Filtered: a.Get("filtered_prompt").Text(), Raw: a.Raw(),
	}, nil
}

// PromptCheck is what is wrong with a prompt.
type PromptCheck struct {
	NSFW     bool   // not safe for work
	CP       bool   // child pornography
	Filtered string // the prompt without the words at fault
	Raw      json.RawMessage
}

// ModelList is the former name of [ModelService.List].
//
// Deprecated: use [ModelService.List].
func (s *AccountService) ModelList(ctx context.Context, opts ...CallOption) ([]Model, error) {
	return s.client.Models.List(ctx, opts...)
}

// SearchModels is the former name of [ModelService.Search].
//
// Deprecated: use [ModelService.Search].
func (s *AccountService) SearchModels(ctx context.Context, req *SearchModelsRequest, opts ...CallOption) ([]Model, error) {
	return s.client.Models.Search(ctx, req, opts...)
}

// ModelDetails is the former name of [ModelService.Get].
//
// Deprecated: use [ModelService.Get].
func (s *AccountService) ModelDetails(ctx context.Context, modelID string, opts ...CallOption) (*Model, error) {
	return s.client.Models.Get(ctx, modelID, opts...)
}

// ModelFilters is the former name of [ModelService.Filters].
//
// Deprecated: use [ModelService.Filters].
func (s *AccountService) ModelFilters(ctx context.Context, opts ...CallOption) (map[string][]string, error) {
	return s.client.Models.Filters(ctx, opts...)
}

// ModelTags is the former name of [ModelService.Tags].
//
// Deprecated: use [ModelService.Tags].
func (s *AccountService) ModelTags(ctx context.Context, opts ...CallOption) ([]string, error) {
	return s.client.Models.Tags(ctx, opts...)
}

// ModelProviders is the former name of [ModelService.Providers].
//
// Deprecated: use [ModelService.Providers].
func (s *AccountService) ModelProviders(ctx context.Context, opts ...CallOption) ([]ModelProvider, error) {
	return s.client.Models.Providers(ctx, opts...)
}

// LoadModel is the former name of [ModelService.Load].
//
// Deprecated: use [ModelService.Load].
func (s *AccountService) LoadModel(ctx context.Context, req *LoadModelRequest, opts ...CallOption) error {
	return s.client.Models.Load(ctx, req, opts...)
}

// AssetsGenerated is the former name of [AssetService.List].
//
// Deprecated: use [AssetService.List].
func (s *AccountService) AssetsGenerated(ctx context.Context, req *AssetsGeneratedRequest, opts ...CallOption) (*AssetPage, error) {
	return s.client.Assets.List(ctx, req, opts...)
}

// AllAssets is the former name of [AssetService.All].
//
// Deprecated: use [AssetService.All].
func (s *AccountService) AllAssets(ctx context.Context, req *AssetsGeneratedRequest, opts ...CallOption) iter.Seq2[Asset, error] {
	return s.client.Assets.All(ctx, req, opts...)
}

// DeleteImage is the former name of [AssetService.Delete].
//
// Deprecated: use [AssetService.Delete].
func (s *AccountService) DeleteImage(ctx context.Context, req *DeleteImageRequest, opts ...CallOption) error {
	return s.client.Assets.Delete(ctx, req, opts...)
}
