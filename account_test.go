package modelslab_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

const keyAlone = `{"key":"` + testKey + `"}`

func TestAccountHelpers(t *testing.T) {
	t.Parallel()
	runHelpers(t, []helper{
		{
			name: "Balance", path: "/wallet_balance", body: keyAlone,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) { return c.Account.Balance(ctx) },
			replies: []helperReply{
				{`{"status":"success","data":{"balance":43.6,"currency":"USD"}}`, &modelslab.Balance{Amount: 43.6, Currency: "USD"}},
				{`{"data":{"balance":"43.60"}}`, &modelslab.Balance{Amount: 43.6}},
				{`{"status":"success","data":{"balance":0,"currency":"USD"}}`, &modelslab.Balance{Currency: "USD"}},
			},
		},
		{
			name: "Balance of an enterprise client", path: "/wallet_balance", body: keyAlone,
			opts:    []modelslab.Option{modelslab.WithEnterprise()},
			call:    func(ctx context.Context, c *modelslab.Client) (any, error) { return c.Account.Balance(ctx) },
			replies: []helperReply{{`{"data":{"balance":1}}`, &modelslab.Balance{Amount: 1}}},
		},
		{
			name: "RequestCount", path: "/v6/processing/request_count", body: keyAlone,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) { return c.Account.RequestCount(ctx) },
			replies: []helperReply{
				{`{"status":"success","processing_count":3,"message":"Current processing request count retrieved successfully"}`, 3},
				{`{"status":"success","processing_count":"0"}`, 0},
			},
		},
		{
			name: "SubscribedProducts", method: http.MethodGet, path: "/subscribed_products", body: keyAlone,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) { return c.Account.SubscribedProducts(ctx) },
			replies: []helperReply{
				{
					`{"status":"success","data":{"imagen":{"total_api_call":999,"api_call_remaining":897,"percentage_used":10},"audiogen":{"total_api_call":"5"}}}`,
					[]modelslab.SubscribedProduct{
						{Name: "imagen", TotalCalls: 999, RemainingCalls: 897, PercentageUsed: 10},
						{Name: "audiogen", TotalCalls: 5},
					},
				},
				{`{"status":"success","data":[]}`, []modelslab.SubscribedProduct(nil)},
				{`{"status":"success","data":null}`, []modelslab.SubscribedProduct(nil)},
				{`{"status":"success"}`, []modelslab.SubscribedProduct(nil)},
			},
		},
		{
			name: "AssetsGenerated", path: "/assets_generated",
			body: `{"key":"` + testKey + `","type":"image","per_page":30,"page":2}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return c.Assets.List(ctx, &modelslab.AssetsGeneratedRequest{Type: "image", PerPage: new(30), Page: new(2)})
			},
			replies: []helperReply{
				{
					`{"status":"success","type":"image","data":[{"id":9007199254740993,"output":["https://example.com/a.png"]},{"id":"x","output":"https://example.com/b.png"},{"id":3,"output":null}],` +
						`"pagination":{"current_page":2,"per_page":15,"total":53,"last_page":4,"from":16,"to":30}}`,
					&modelslab.AssetPage{
						Assets: []modelslab.Asset{
							{ID: "9007199254740993", Output: []string{"https://example.com/a.png"}},
							{ID: "x", Output: []string{"https://example.com/b.png"}},
							{ID: "3"},
						},
						Page: 2, PerPage: 15, LastPage: 4, Total: 53,
					},
				},
				{`{"status":"success","data":[]}`, &modelslab.AssetPage{}},
				{`{"status":"success","data":null,"pagination":null}`, &modelslab.AssetPage{}},
				{`{"status":"success"}`, &modelslab.AssetPage{}},
			},
		},
		{
			name: "AssetsGenerated with defaults", path: "/assets_generated", body: `{"key":"` + testKey + `","type":"3d"}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return c.Assets.List(ctx, &modelslab.AssetsGeneratedRequest{Type: "3d"})
			},
			replies: []helperReply{{`{}`, &modelslab.AssetPage{}}},
		},
		{
			name: "DeleteImage", path: "/v3/delete_image", body: `{"key":"` + testKey + `","request_id":2398,"type":"video"}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return nil, c.Assets.Delete(ctx, &modelslab.DeleteImageRequest{RequestID: "2398", Type: "video"})
			},
			replies: []helperReply{{`{"status":"success","messege":"image deleted"}`, nil}},
		},
		{
			name: "DeleteImage by an id that is no number", path: "/v3/delete_image", body: `{"key":"` + testKey + `","request_id":"007"}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return nil, c.Assets.Delete(ctx, &modelslab.DeleteImageRequest{RequestID: "007"})
			},
			replies: []helperReply{{`{"status":"success"}`, nil}},
		},
		{
			name: "ClearCache", method: http.MethodGet, path: "/v5/clear_cache", body: keyAlone,
			call:    func(ctx context.Context, c *modelslab.Client) (any, error) { return nil, c.Account.ClearCache(ctx) },
			replies: []helperReply{{`{"status":"success","message":"Cache cleared"}`, nil}},
		},
	})
}

// An answer without the one thing it was asked for is an error, not a zero.
func TestAccountIncomplete(t *testing.T) {
	t.Parallel()
	for reply, calls := range map[string][]func(context.Context, *modelslab.Client) error{
		`{"status":"success"}`: {
			func(ctx context.Context, c *modelslab.Client) error { _, err := c.Account.Balance(ctx); return err },
			func(ctx context.Context, c *modelslab.Client) error {
				_, err := c.Account.RequestCount(ctx)
				return err
			},
			func(ctx context.Context, c *modelslab.Client) error {
				_, err := c.Account.CheckNSFWPrompt(ctx, "p")
				return err
			},
		},
		`{"has_nsfw_concept":[]}`: {
			func(ctx context.Context, c *modelslab.Client) error {
				_, err := c.Account.NSFWImageCheck(ctx, &modelslab.NSFWImageCheckRequest{InitImage: modelslab.MediaURL("https://example.com/a.png")})
				return err
			},
		},
	} {
		client := stubClient(t, func(*http.Request) (*http.Response, error) { return jsonResponse(http.StatusOK, reply), nil })
		for _, call := range calls {
			require.ErrorIs(t, call(t.Context(), client), modelslab.ErrUnavailable)
		}
	}
}

func TestAccountRefusals(t *testing.T) {
	t.Parallel()
	sent := 0
	client := stubClient(t, func(*http.Request) (*http.Response, error) {
		sent++
		return jsonResponse(http.StatusOK, `{"status":"error","message":"Invalid API key"}`), nil
	})
	ctx := t.Context()
	for field, err := range map[string]error{
		"request_id": client.Assets.Delete(ctx, &modelslab.DeleteImageRequest{}),
		"url":        client.Models.Load(ctx, &modelslab.LoadModelRequest{}),
		"vae_id":     client.Account.LoadServerVAE(ctx, &modelslab.LoadServerVAERequest{}),
		"public_url": client.Account.UpdateServerS3(ctx, &modelslab.UpdateServerS3Request{}),
		"model_id":   client.Account.DeleteServerModel(ctx, ""),
		"server":     client.Account.RestartServer(ctx, ""),
		"":           client.Models.Load(ctx, nil),
	} {
		var refused *modelslab.Error
		require.ErrorAs(t, err, &refused)
		require.ErrorIs(t, err, modelslab.ErrInvalid)
		require.Equal(t, field, refused.Field)
	}
	require.Zero(t, sent)

	_, err := client.Account.Balance(ctx)
	require.ErrorIs(t, err, modelslab.ErrAuth)
	_, err = client.Models.Search(ctx, nil)
	require.ErrorIs(t, err, modelslab.ErrAuth)
	require.NotContains(t, err.Error(), testKey)
}

func TestFileHelpers(t *testing.T) {
	t.Parallel()
	const png = "\x89PNG\r\n\x1a\n"
	const data = "data:image/png;base64,iVBORw0KGgo="
	upload := func(product modelslab.Kind) func(context.Context, *modelslab.Client) (any, error) {
		return func(ctx context.Context, c *modelslab.Client) (any, error) {
			return c.Account.Base64ToURL(ctx, product, modelslab.MediaBytes([]byte(png)))
		}
	}
	body := func(field string) string { return `{"key":"` + testKey + `","` + field + `":"` + data + `"}` }
	replies := []helperReply{
		{`{"status":"success","id":5,"output":["https://example.com/a.png"]}`, "https://example.com/a.png"},
		{`{"status":"success","output":"https://example.com/a.png"}`, "https://example.com/a.png"},
	}
	cropped := []helperReply{
		{
			`{"status":"success","messege":"image uploaded","link":"https://example.com/a.png","request_id":7}`,
			&modelslab.CroppedImage{URL: "https://example.com/a.png", RequestID: "7"},
		},
		{`{"status":"success","link":"https:\/\/example.com\/a.png"}`, &modelslab.CroppedImage{URL: "https://example.com/a.png"}},
	}
	runHelpers(t, []helper{
		{name: "Base64ToURL", path: "/v6/base64_to_url", body: body("base64_string"), call: upload(""), replies: replies},
		{name: "image editing", path: "/v6/image_editing/base64_to_url", body: body("init_image"), call: upload(modelslab.KindImageEditing), replies: replies},
		{name: "video", path: "/v6/video/base64_to_url", body: body("init_obj"), call: upload(modelslab.KindVideo), replies: replies},
		{name: "3d", path: "/v6/3d/base64_to_url", body: body("init_obj"), call: upload(modelslab.Kind3D), replies: replies},
		{name: "voice", path: "/v6/voice/base64_to_url", body: body("init_audio"), call: upload(modelslab.KindVoice), replies: replies},
		{
			name: "Base64Crop", path: "/v3/base64_crop", body: strings.TrimSuffix(body("image"), "}") + `,"crop":"false"}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return c.Account.Base64Crop(ctx, &modelslab.Base64CropRequest{Image: modelslab.MediaBytes([]byte(png)), Crop: new(false)})
			},
			replies: cropped,
		},
		{
			name: "Base64Crop of a stream", path: "/v3/base64_crop", body: body("image"),
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				stream := io.MultiReader(strings.NewReader(png)) // it cannot seek
				return c.Account.Base64Crop(ctx, &modelslab.Base64CropRequest{Image: modelslab.MediaReader(stream, int64(len(png)))})
			},
			replies: cropped,
		},
	})
}

func TestFileRefusals(t *testing.T) {
	t.Parallel()
	sent := 0
	client := stubClient(t, func(*http.Request) (*http.Response, error) {
		sent++
		return jsonResponse(http.StatusOK, `{"status":"success","link":"http://example.com/a.png"}`), nil
	})
	onWeb, local := modelslab.MediaURL("https://example.com/a.png"), modelslab.MediaBytes([]byte("x"))
	_, err := client.Account.Base64ToURL(t.Context(), "", onWeb)
	require.ErrorIs(t, err, modelslab.ErrInvalid)
	_, err = client.Account.Base64ToURL(t.Context(), modelslab.KindTraining, local)
	require.ErrorIs(t, err, modelslab.ErrInvalid)
	for _, req := range []*modelslab.Base64CropRequest{nil, {}, {Image: onWeb}} {
		_, err = client.Account.Base64Crop(t.Context(), req)
		require.ErrorIs(t, err, modelslab.ErrInvalid)
	}
	require.Zero(t, sent)
	_, err = client.Account.Base64Crop(t.Context(), &modelslab.Base64CropRequest{Image: local})
	require.ErrorIs(t, err, modelslab.ErrUnavailable, "its link is not HTTPS")
}

func TestUploadByTheCaller(t *testing.T) {
	t.Parallel()
	server := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer server.Close()
	client := server.Client()
	first, err := client.Upload(t.Context(), modelslab.MediaBytes([]byte("a picture")))
	require.NoError(t, err)
	again, err := client.Upload(t.Context(), modelslab.MediaBytes([]byte("a picture")))
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.Len(t, server.Requests(), 1, "equal content is uploaded once")

	for _, media := range []modelslab.Media{{}, modelslab.MediaURL("https://example.com/a.png"), modelslab.MediaBytes(nil)} {
		_, err = client.Upload(t.Context(), media)
		require.ErrorIs(t, err, modelslab.ErrInvalid)
	}
}
