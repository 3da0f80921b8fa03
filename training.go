package modelslab

// TrainingService is the training part of the API.
type TrainingService struct{ client *Client }

// TrainingStage is how far the training of a model has come. The API reports
// every stage under the status "success", so only [TrainingModelReady] means
// that the model can be used; a stage this package does not know is kept as it
// was sent.
type TrainingStage string

// The stages of a training, in the order they are reported.
const (
	TrainingDeployingGPU TrainingStage = "deploying_gpu"
	TrainingStarted      TrainingStage = "training_started"
	TrainingSuccess      TrainingStage = "training_success" // trained; not yet usable
	TrainingCompressing  TrainingStage = "trained_model_compressing"
	TrainingUploading    TrainingStage = "trained_model_uploading"
	TrainingUploaded     TrainingStage = "trained_model_uploaded"
	TrainingDeploying    TrainingStage = "deploying_model"
	TrainingModelReady   TrainingStage = "model_ready"
)

// known reports whether s is one of the published stages.
func (s TrainingStage) known() bool {
	switch s {
	case TrainingDeployingGPU, TrainingStarted, TrainingSuccess, TrainingCompressing,
		TrainingUploading, TrainingUploaded, TrainingDeploying, TrainingModelReady:
		return true
	}
	return false
}
