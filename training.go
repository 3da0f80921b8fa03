package modelslab

// TrainingService is the training part of the API.
type TrainingService struct{ client *Client }
