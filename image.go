package modelslab

// ImageService is the image part of the API.
type ImageService struct{ client *Client }
