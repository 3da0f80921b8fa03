package modelslab

// FaceSwapService is the faceswap part of the API.
type FaceSwapService struct{ client *Client }
