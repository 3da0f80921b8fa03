// Package modelslab is a client for ModelsLab, an API that generates images,
// videos, sound and 3D models. Jobs there are asynchronous: a submit is answered
// at once, and the result comes later, by webhook or by asking for it.
//
// # Jobs
//
// A [Client] has a service per product, with a method per operation:
//
//	client, err := modelslab.New("") // reads MODELSLAB_API_KEY
//	job, err := client.Video.TextToVideo(ctx, &modelslab.TextToVideoRequest{
//		ModelID: "cogvideox", Prompt: "a spaceship in an asteroid field",
//		NumFrames: new(25), Seed: new(int64(7)),
//	})
//	job, err = client.Wait(ctx, job)
//	files, err := client.Save(ctx, job, "out")
//
// Each method is one line over [Client.Submit], which takes any [Request];
// [Client.Run] submits and waits. A [Ref], such as "video/12202888", is all that
// another process needs to go on waiting. [RawRequest] and [WithExtra] reach
// what this package does not know yet.
//
// # Fields of requests
//
// Required fields are plain values and always sent. Optional strings, slices
// and [Media] are plain values that are left out when empty; optional numbers
// and booleans are pointers, set with new(25) or new(true). Files come from
// [MediaURL], [MediaBytes], [MediaReader] or [MediaFile].
//
// # Money
//
// A submit that may have reached the API is never sent twice. What is repeated
// automatically is a refusal for too many requests, and a connection that was
// never made. Everything less certain is a *[SubmitError], with the track id
// that a webhook will carry.
//
// # Errors
//
// There are four: *[Error] (refused, nothing runs), *[SubmitError] (outcome
// unknown), *[JobError] (ran and failed) and *[WaitError] (we stopped looking,
// the job may still run). The sentinels [ErrAuth], [ErrCredits],
// [ErrForbidden], [ErrInvalid], [ErrNotFound], [ErrRateLimited] and
// [ErrUnavailable] tell refusals apart with [errors.Is]; [ErrQueueFull] is this
// package's own.
//
// # Batches
//
// An account may have 5, 10 or 15 jobs open, by plan. [Client.RunAll] runs any
// number of requests within that, [Client.SaveAll] saves their results, and
// [WithQueueLimit] keeps every submit of a client to the limit.
//
// # Webhooks
//
// [WithWebhook] signs every callback URL, and package webhook receives the
// deliveries: authenticated, once, as typed events. Package modelslabtest is a
// ModelsLab to test against.
package modelslab
