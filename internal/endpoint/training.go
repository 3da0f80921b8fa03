package endpoint

import "net/http"

// The training operations. Their bodies take no track_id.
var (
	FineTune = &Endpoint{
		Name: "FineTune", Source: Page, Kind: "training", Path: "/v3/fine_tune", Webhook: true, Training: true,
		Required: []string{"instance_prompt", "class_prompt", "images", "training_type", "max_train_steps"}, Method: http.MethodPost,
	}
	LoraFineTune = &Endpoint{
		Name: "LoraFineTune", Kind: "training", Path: "/v3/lora_fine_tune", Webhook: true, Training: true,
		Required: []string{"instance_prompt", "class_prompt", "images", "training_type", "max_train_steps"}, Method: http.MethodPost,
	}
	CancelTraining = &Endpoint{Name: "CancelTraining", Path: "/v3/cancel_training/{training_id}", Change: true, Method: http.MethodPost}
	DeleteTraining = &Endpoint{Name: "DeleteTraining", Path: "/v3/finetune/delete/{training_id}", Change: true, Method: http.MethodPost}
	FineTuneList   = &Endpoint{Name: "FineTuneList", Path: "/v3/finetune_list", Method: http.MethodPost}
)
