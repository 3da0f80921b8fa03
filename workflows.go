package modelslab

// WorkflowService is the workflows part of the API.
type WorkflowService struct{ client *Client }
