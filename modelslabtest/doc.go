// Package modelslabtest is a ModelsLab server for tests, examples and demos.
//
// A [Server] answers every endpoint as ModelsLab does: it checks the key, holds
// to the account's queue limit, lets jobs be processed for a while, serves real
// small files as their results, and sends webhooks. Failures of the API are
// scripted: see [Fault], [Server.Next], [Server.During] and [Server.Script].
//
// It answers all that clients of the API are known to send, in whatever
// language: older paths, fields under other names, operations of v7 and v8 that
// this module does not have. Tests of this module's client want [WithStrict].
// Prompts and image URLs that contain "nsfw" are not safe for work.
//
// A test usually wants the client that comes with the server, which reaches it
// without a network and, when both were made inside a testing/synctest bubble,
// in virtual time:
//
//	synctest.Test(t, func(t *testing.T) {
//		srv := modelslabtest.NewServer(modelslabtest.WithStrict())
//		defer srv.Close()
//		job, err := srv.Client().Run(t.Context(), &modelslab.TextToVideoRequest{...})
//	})
//
// With [WithRecording] it answers as the API did while a [Recorder] listened, and
// [Record] makes such a recording in one run of a test and replays it in the others.
//
// Other programs reach it over loopback at [Server.URL].
package modelslabtest
