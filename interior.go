package modelslab

// InteriorService is the interior part of the API.
type InteriorService struct{ client *Client }
