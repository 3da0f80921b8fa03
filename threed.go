package modelslab

// ThreeDService is the threed part of the API.
type ThreeDService struct{ client *Client }
