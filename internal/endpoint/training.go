package endpoint

// The training operations. Their bodies take no track_id.
var (
	FineTune = row(Endpoint{
		Name: "FineTune", Kind: "training", Path: "/v3/fine_tune", Webhook: true, Training: true,
		Required: []string{"instance_prompt", "class_prompt", "images", "training_type", "max_train_steps"},
	})
	LoraFineTune = row(Endpoint{
		Name: "LoraFineTune", Kind: "training", Path: "/v3/lora_fine_tune", Webhook: true, Training: true,
		Required: []string{"instance_prompt", "class_prompt", "images", "training_type", "max_train_steps"},
	})
	CancelTraining = row(Endpoint{Name: "CancelTraining", Path: "/v3/cancel_training/{training_id}", Change: true})
	DeleteTraining = row(Endpoint{Name: "DeleteTraining", Path: "/v3/finetune/delete/{training_id}", Change: true})
	FineTuneList   = row(Endpoint{Name: "FineTuneList", Path: "/v3/finetune_list"})
)
