package modelslab

// AccountService is the account part of the API.
type AccountService struct{ client *Client }
