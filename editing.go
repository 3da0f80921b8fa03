package modelslab

// EditingService is the editing part of the API.
type EditingService struct{ client *Client }
