// Package webhook receives what ModelsLab reports to a callback URL: an
// [http.Handler] to mount on the mux you have, typed events, each handed on
// once, and nothing from anybody but ModelsLab.
//
//	secret := []byte(os.Getenv("WEBHOOK_SECRET")) // 32 random bytes or more
//	client, err := modelslab.New("", modelslab.WithWebhook("https://your-server.com/webhook/modelslab", secret))
//	handler, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithClient(client),
//		webhook.OnSuccess(func(ctx context.Context, e *webhook.Succeeded) error { return save(ctx, e.Job()) }))
//	mux.Handle("POST /webhook/modelslab", handler)
//
// ModelsLab signs nothing. The request side signs instead: every callback URL
// carries a token that says which job it is about, and the handler refuses a
// delivery without a valid one before it reads the body. A [Verifier] is that
// part alone, for services that put deliveries into a queue of their own.
//
// With a client the handler is one end of a single path: a webhook, the answer
// to a submit, a poll by Wait and a poll by [Handler.Watch] all meet in
// client.Deliver. Whichever is first runs the callbacks, and every Wait for the
// job wakes.
//
// A callback that returns an error, or panics, is called again; one that
// returned nil is not. So make the effect of a callback and its nil one step,
// for instance one database transaction. A delivery can be faster than the
// answer to its submit: write your row before you submit.
//
// Docs: https://docs.modelslab.com/webhooks
package webhook
