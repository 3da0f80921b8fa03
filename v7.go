package modelslab

// V7Service is the v7 part of the API.
type V7Service struct{ client *Client }
