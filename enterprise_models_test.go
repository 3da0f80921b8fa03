package modelslab_test

import (
	"context"
	"testing"

	"github.com/modelslab-go/modelslab"
)

func TestEnterpriseAdmin(t *testing.T) {
	t.Parallel()
	op := func(f func(*modelslab.AccountService) func(context.Context, string, ...modelslab.CallOption) error, server string, opts ...modelslab.CallOption) func(context.Context, *modelslab.Client) (any, error) {
		return func(ctx context.Context, c *modelslab.Client) (any, error) {
			return nil, f(c.Account)(ctx, server, opts...)
		}
	}
	done := []helperReply{{`{"status":"success","message":"done"}`, nil}}
	details := func(server string) func(context.Context, *modelslab.Client) (any, error) {
		return func(ctx context.Context, c *modelslab.Client) (any, error) {
			return c.Account.SystemDetails(ctx, server)
		}
	}
	state := []helperReply{
		{`{"model_count":2,"queue_time":1.5,"status":"ok"}`, &modelslab.SystemDetails{Status: "ok", ModelCount: 2, QueueTime: 1.5}},
		{`{"model_count":"2","queue_time":0}`, &modelslab.SystemDetails{ModelCount: 2}},
	}
	restart := func(a *modelslab.AccountService) func(context.Context, string, ...modelslab.CallOption) error {
		return a.RestartServer
	}
	update := func(a *modelslab.AccountService) func(context.Context, string, ...modelslab.CallOption) error {
		return a.UpdateServer
	}
	clearCache := func(a *modelslab.AccountService) func(context.Context, string, ...modelslab.CallOption) error {
		return a.ClearServerCache
	}
	clearQueue := func(a *modelslab.AccountService) func(context.Context, string, ...modelslab.CallOption) error {
		return a.ClearServerQueue
	}
	runHelpers(t, []helper{
		{name: "SystemDetails", path: "/v1/enterprise/flux/system_details", body: keyAlone, call: details("flux"), replies: state},
		{name: "SystemDetails of root", path: "/v1/enterprise/system_details", body: keyAlone, call: details("root"), replies: state},
		{name: "RestartServer", path: "/v1/enterprise/3d/restart_server", body: keyAlone, call: op(restart, "3d"), replies: done},
		{name: "UpdateServer", path: "/v1/enterprise/video/update_server", body: keyAlone, call: op(update, "video"), replies: done},
		{name: "ClearServerCache", path: "/v1/enterprise/clear_cache", body: keyAlone, call: op(clearCache, "root"), replies: done},
		{
			name: "ClearServerQueue", path: "/v1/enterprise/flux/clear_queue", body: `{"key":"` + testKey + `","deploy_type":"flux_2_dev"}`,
			call: op(clearQueue, "flux", modelslab.WithExtra("deploy_type", "flux_2_dev")), replies: done,
		},
	})
}

func TestRootServerModels(t *testing.T) {
	t.Parallel()
	loading := []helperReply{{`{"status":"success","message":"model load started"}`, nil}, {`{"message":"model load started"}`, nil}}
	runHelpers(t, []helper{
		{
			name: "LoadServerModel", path: "/v1/enterprise/load_model",
			body: `{"key":"` + testKey + `","url":"owner/model","model_id":"m","model_type":"custom_ckpt","from_safetensors":"yes",` +
				`"revision":"fp16","upcast_attention":"no","webhook":"https://example.com/loaded"}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return nil, c.Account.LoadServerModel(ctx, &modelslab.LoadServerModelRequest{
					URL: "owner/model", ModelID: "m", ModelType: "custom_ckpt", FromSafetensors: new(true), Revision: "fp16",
					UpcastAttention: new(false), Webhook: "https://example.com/loaded",
				})
			},
			replies: loading,
		},
		{
			name: "LoadServerModel with defaults", path: "/v1/enterprise/load_model",
			body: `{"key":"` + testKey + `","url":"owner/model","model_id":"m","model_type":"huggingface"}`,
			opts: []modelslab.Option{modelslab.WithEnterprise(), modelslab.WithWebhook("https://example.com/hook")},
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return nil, c.Account.LoadServerModel(ctx, &modelslab.LoadServerModelRequest{URL: "owner/model", ModelID: "m", ModelType: "huggingface"})
			},
			replies: loading,
		},
		{
			name: "LoadServerModelV2", path: "/v1/enterprise/load_model_v2",
			body: `{"key":"` + testKey + `","url":"https://example.com/m","model_id":"m","model_category":"lora","model_format":"pt",` +
				`"revision":"fp16","webhook":"https://example.com/loaded"}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return nil, c.Account.LoadServerModelV2(ctx, &modelslab.LoadServerModelV2Request{
					URL: "https://example.com/m", ModelID: "m", ModelCategory: "lora", ModelFormat: "pt", Revision: "fp16",
					Webhook: "https://example.com/loaded",
				})
			},
			replies: loading,
		},
		{
			name: "LoadServerVAE", path: "/v1/enterprise/load_vae",
			body: `{"key":"` + testKey + `","vae_id":"v","vae_url":"owner/vae","vae_type":"diffusers","webhook":"https://example.com/loaded"}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return nil, c.Account.LoadServerVAE(ctx, &modelslab.LoadServerVAERequest{
					VAEID: "v", VAEURL: "owner/vae", VAEType: "diffusers", Webhook: "https://example.com/loaded",
				})
			},
			replies: loading,
		},
		{
			name: "VerifyServerModel", path: "/v1/enterprise/verify_model", body: `{"key":"` + testKey + `","model_id":"m"}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return c.Account.VerifyServerModel(ctx, "m")
			},
			replies: []helperReply{
				{`{"status":"success","message":"model exists"}`, modelslab.StatusSuccess},
				{`{"status":"Loading"}`, modelslab.StatusProcessing},
				{`{"status":"processing"}`, modelslab.StatusProcessing},
			},
		},
		{
			name: "DeleteServerModel", path: "/v1/enterprise/delete_model", body: `{"key":"` + testKey + `","model_id":"m"}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return nil, c.Account.DeleteServerModel(ctx, "m")
			},
			replies: []helperReply{{`{"status":"success","message":"model deleted"}`, nil}},
		},
		{
			name: "ServerModels", path: "/v1/enterprise/get_all_models", body: keyAlone,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) { return c.Account.ServerModels(ctx) },
			replies: []helperReply{
				{
					`{"models":[{"model_id":"a","load_data":"2023-05-01 10:00:00"},{"model_id":"b"}]}`,
					[]modelslab.ServerModel{{ID: "a", Loaded: "2023-05-01 10:00:00"}, {ID: "b"}},
				},
				{`{"models":[]}`, []modelslab.ServerModel(nil)},
				{`{}`, []modelslab.ServerModel(nil)},
			},
		},
		{
			name: "SyncServerModels", path: "/v1/enterprise/sync_models", body: `{"key":"` + testKey + `","sync_key":"another-key"}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return c.Account.SyncServerModels(ctx, "another-key")
			},
			replies: []helperReply{{`{"model_list":["a","b"]}`, []string{"a", "b"}}, {`{"status":"success"}`, []string(nil)}},
		},
		{
			name: "ServerSchedulers", path: "/v1/enterprise/schedulers_list", body: keyAlone,
			call:    func(ctx context.Context, c *modelslab.Client) (any, error) { return c.Account.ServerSchedulers(ctx) },
			replies: []helperReply{{`{"schedulers":["DDIMScheduler"]}`, []string{"DDIMScheduler"}}},
		},
		{
			name: "UploadServerImage", path: "/v1/enterprise/upload_image",
			body: `{"key":"` + testKey + `","base64_image":"iVBORw0KGgo=","image_type":"png"}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return c.Account.UploadServerImage(ctx, &modelslab.UploadServerImageRequest{
					Base64Image: modelslab.MediaBytes([]byte("\x89PNG\r\n\x1a\n")), ImageType: "png",
				})
			},
			replies: []helperReply{{`{"image_url":"https://example.com/a.png"}`, "https://example.com/a.png"}},
		},
		{
			name: "UpdateServerS3", path: "/v1/enterprise/update_s3",
			body: `{"key":"` + testKey + `","public_url":"https://cdn.example.com/","region_name":"us-east-1","endpoint_url":"https://s3.example.com",` +
				`"aws_access_key_id":"id","aws_secret_access_key":"secret","image_directory":"generations","deploy_type":"video"}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return nil, c.Account.UpdateServerS3(ctx, &modelslab.UpdateServerS3Request{
					PublicURL: "https://cdn.example.com/", RegionName: "us-east-1", EndpointURL: "https://s3.example.com",
					AWSAccessKeyID: "id", AWSSecretAccessKey: "secret", ImageDirectory: "generations", DeployType: "video",
				})
			},
			replies: []helperReply{{`{"status":"success","message":"S3 details updated"}`, nil}},
		},
		{
			name: "ResetServerS3", path: "/v1/enterprise/reset_s3", body: `{"key":"` + testKey + `","deploy_type":"flux"}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return nil, c.Account.ResetServerS3(ctx, "flux")
			},
			replies: []helperReply{{`{"status":"success"}`, nil}},
		},
		{
			name: "ResetServerS3 of root", path: "/v1/enterprise/reset_s3", body: keyAlone,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return nil, c.Account.ResetServerS3(ctx, "")
			},
			replies: []helperReply{{`{"status":"success"}`, nil}},
		},
	})
}
