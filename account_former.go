package modelslab

import (
	"context"
	"iter"
)

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
