package endpoint

import "net/http"

// The operations about the account and its models.
var (
	Balance            = row(Endpoint{Name: "Balance", Path: "/wallet_balance"})
	RequestCount       = row(Endpoint{Name: "RequestCount", Path: "/v6/processing/request_count"})
	SubscribedProducts = row(Endpoint{Name: "SubscribedProducts", Method: http.MethodGet, Path: "/subscribed_products"})
	AssetsGenerated    = row(Endpoint{Name: "AssetsGenerated", Path: "/assets_generated", Required: []string{"type"}})
	DeleteImage        = row(Endpoint{Name: "DeleteImage", Path: "/v3/delete_image", Change: true, Required: []string{"request_id"}})
	ClearCache         = row(Endpoint{Name: "ClearCache", Method: http.MethodGet, Path: "/v5/clear_cache", Change: true})
	NSFWImageCheck     = row(Endpoint{
		Name: "NSFWImageCheck", Path: "/v3/nsfw_image_check", Required: []string{"init_image"},
	}.on("nsfw_image_check"))
	CheckNSFWPrompt = row(Endpoint{Name: "CheckNSFWPrompt", Path: "/check_nsfw_cp", Required: []string{"prompt"}})

	ModelList    = row(Endpoint{Name: "ModelList", Path: "/v4/dreambooth/model_list"})
	SearchModels = row(Endpoint{Name: "SearchModels", Method: http.MethodGet, Path: "/v7/models", Auth: AuthQuery})
	LoadModel    = row(Endpoint{
		Name: "LoadModel", Path: "/v3/load_model", Change: true,
		Required: []string{"url", "model_id", "model_format", "model_category", "model_visibility", "model_name"},
	})
)

// Admin is an operation on a dedicated server.
type Admin struct {
	Named *Endpoint // on a server with a name
	Root  *Endpoint // on the root server
}

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
		Named: row(Endpoint{Name: name, Path: enterprisePrefix + "/{server}/" + op, Change: change}),
		Root:  row(Endpoint{Name: name, Path: enterprisePrefix + "/" + op, Change: change}),
	}
}
