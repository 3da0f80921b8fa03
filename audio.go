package modelslab

// AudioService is the audio part of the API.
type AudioService struct{ client *Client }
