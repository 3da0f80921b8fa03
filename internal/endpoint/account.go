package endpoint

import "net/http"

// The operations about the account and its models.
var (
	Balance            = &Endpoint{Name: "Balance", Path: "/wallet_balance", Method: http.MethodPost}
	RequestCount       = &Endpoint{Name: "RequestCount", Path: "/v6/processing/request_count", Method: http.MethodPost}
	SubscribedProducts = &Endpoint{Name: "SubscribedProducts", Method: http.MethodGet, Path: "/subscribed_products"}
	AssetsGenerated    = &Endpoint{Name: "AssetsGenerated", Path: "/assets_generated", Required: []string{"type"}, Method: http.MethodPost}
	DeleteImage        = &Endpoint{Name: "DeleteImage", Path: "/v3/delete_image", Change: true, Required: []string{"request_id"}, Method: http.MethodPost}
	ClearCache         = &Endpoint{Name: "ClearCache", Method: http.MethodGet, Path: "/v5/clear_cache", Change: true}
	NSFWImageCheck     = &Endpoint{
		Name: "NSFWImageCheck", Path: "/v3/nsfw_image_check", Required: []string{"init_image"}, Method: http.MethodPost,
		Enterprise: on{{Name: "", Op: "nsfw_image_check"}},
	}
	CheckNSFWPrompt = &Endpoint{Name: "CheckNSFWPrompt", Path: "/check_nsfw_cp", Required: []string{"prompt"}, Method: http.MethodPost}

	ModelList    = &Endpoint{Name: "ModelList", Path: "/v4/dreambooth/model_list", Method: http.MethodPost}
	SearchModels = &Endpoint{Name: "SearchModels", Method: http.MethodGet, Path: "/v7/models", Auth: AuthQuery, Source: Page}

	ModelFilters   = &Endpoint{Name: "ModelFilters", Method: http.MethodGet, Path: "/v6/model-search/filters", Auth: AuthQuery, Source: Page}
	ModelTags      = &Endpoint{Name: "ModelTags", Method: http.MethodGet, Path: "/v6/model-search/tags", Auth: AuthQuery, Source: Page}
	ModelProviders = &Endpoint{Name: "ModelProviders", Method: http.MethodGet, Path: "/v6/model-search/providers", Auth: AuthQuery, Source: Page}
	ModelDetails   = &Endpoint{Name: "ModelDetails", Method: http.MethodGet, Path: "/v6/model-search/{model_id}", Auth: AuthQuery, Source: Page}

	LoadModel = &Endpoint{
		Name: "LoadModel", Path: "/v3/load_model", Change: true,
		Required: []string{"url", "model_id", "model_format", "model_category", "model_visibility", "model_name"}, Method: http.MethodPost,
	}
)

// The operations that put a file on the web for a day.
var (
	Base64ToURL             = &Endpoint{Name: "Base64ToURL", Method: http.MethodPost, Path: "/v6/base64_to_url", Required: []string{"base64_string"}}
	Base64ToURLImageEditing = &Endpoint{Name: "Base64ToURL", Method: http.MethodPost, Path: "/v6/image_editing/base64_to_url", Required: []string{"init_image"}}
	Base64ToURLVideo        = &Endpoint{Name: "Base64ToURL", Method: http.MethodPost, Path: "/v6/video/base64_to_url", Required: []string{"init_obj"}}
	Base64ToURL3D           = &Endpoint{Name: "Base64ToURL", Method: http.MethodPost, Path: "/v6/3d/base64_to_url", Required: []string{"init_obj"}}
	Base64ToURLVoice        = &Endpoint{Name: "Base64ToURL", Method: http.MethodPost, Path: "/v6/voice/base64_to_url", Required: []string{"init_audio"}}
	Base64Crop              = &Endpoint{Name: "Base64Crop", Method: http.MethodPost, Path: "/v3/base64_crop", Media: MediaInline, Required: []string{"image"}}
)

// Admin is an operation on a dedicated server.
type Admin struct {
	Named *Endpoint // on a server with a name
	Root  *Endpoint // on the root server
}

// The operations on the root server alone.
var (
	LoadServerModel = &Endpoint{
		Name: "LoadServerModel", Method: http.MethodPost, Path: enterprisePrefix + "/load_model", Source: Page,
		Webhook: true, Change: true, Required: []string{"url", "model_id", "model_type"},
	}
	LoadServerModelV2 = &Endpoint{
		Name: "LoadServerModelV2", Method: http.MethodPost, Path: enterprisePrefix + "/load_model_v2", Source: Page,
		Webhook: true, Change: true, Required: []string{"url", "model_id", "model_category", "model_format"},
	}
	LoadServerVAE = &Endpoint{
		Name: "LoadServerVAE", Method: http.MethodPost, Path: enterprisePrefix + "/load_vae", Source: Page,
		Webhook: true, Change: true, Required: []string{"vae_id", "vae_url", "vae_type"},
	}
	VerifyServerModel = &Endpoint{
		Name: "VerifyServerModel", Method: http.MethodPost, Path: enterprisePrefix + "/verify_model", Source: Page,
		Required: []string{"model_id"},
	}
	DeleteServerModel = &Endpoint{
		Name: "DeleteServerModel", Method: http.MethodPost, Path: enterprisePrefix + "/delete_model", Source: Page,
		Change: true, Required: []string{"model_id"},
	}
	ServerModels     = &Endpoint{Name: "ServerModels", Method: http.MethodPost, Path: enterprisePrefix + "/get_all_models", Source: Page}
	SyncServerModels = &Endpoint{
		Name: "SyncServerModels", Method: http.MethodPost, Path: enterprisePrefix + "/sync_models", Source: Page,
		Change: true, Required: []string{"sync_key"},
	}
	ServerSchedulers  = &Endpoint{Name: "ServerSchedulers", Method: http.MethodPost, Path: enterprisePrefix + "/schedulers_list", Source: Page}
	UploadServerImage = &Endpoint{
		Name: "UploadServerImage", Method: http.MethodPost, Path: enterprisePrefix + "/upload_image", Source: Page,
		Media: MediaFlag, Change: true, Required: []string{"base64_image", "image_type"},
	}
	UpdateServerS3 = &Endpoint{
		Name: "UpdateServerS3", Method: http.MethodPost, Path: enterprisePrefix + "/update_s3", Source: Page, Change: true,
		Required: []string{"public_url", "region_name", "endpoint_url", "aws_access_key_id", "aws_secret_access_key", "image_directory"},
	}
	ResetServerS3 = &Endpoint{Name: "ResetServerS3", Method: http.MethodPost, Path: enterprisePrefix + "/reset_s3", Source: Page, Change: true}
)

// The operations on dedicated servers themselves.
var (
	SystemDetails    = admin("SystemDetails", "system_details", false)
	RestartServer    = admin("RestartServer", "restart_server", true)
	UpdateServer     = admin("UpdateServer", "update_server", true)
	ClearServerCache = admin("ClearServerCache", "clear_cache", true)
	ClearServerQueue = admin("ClearServerQueue", "clear_queue", true)
)

func admin(name, op string, change bool) Admin {
	return Admin{
		Named: &Endpoint{Name: name, Method: http.MethodPost, Path: enterprisePrefix + "/{server}/" + op, Source: Page, Change: change},
		Root:  &Endpoint{Name: name, Method: http.MethodPost, Path: enterprisePrefix + "/" + op, Source: Page, Change: change},
	}
}
