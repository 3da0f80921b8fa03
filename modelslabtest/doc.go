// Package modelslabtest is a ModelsLab server for tests, examples and demos.
//
// A [Server] answers every endpoint as ModelsLab does: it checks the key, holds
// to the account's queue limit, lets jobs be processed for a while, serves real
// small files as their results, and sends webhooks. What the real API does on
// its bad days happens on demand: see [Fault].
//
// A test usually wants the client that comes with the server, which reaches it
// without a network and, when both were made inside a testing/synctest bubble,
// in virtual time:
//
//	synctest.Test(t, func(t *testing.T) {
//		srv := modelslabtest.NewServer()
//		defer srv.Close()
//		job, err := srv.Client().Run(t.Context(), &modelslab.TextToVideoRequest{...})
//	})
//
// Other programs reach it over loopback at [Server.URL].
package modelslabtest
