package modelslab_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

func TestOptionsAreRefusedWhereTheyHaveNoEffect(t *testing.T) {
	t.Parallel()
	var sent atomic.Int64
	client := stubClient(t, func(*http.Request) (*http.Response, error) {
		sent.Add(1)
		return jsonResponse(http.StatusOK, `{"status":"success","id":1,"processing_count":2,"output":["https://cdn.example.com/0"]}`), nil
	})
	ref := modelslab.Ref{Kind: modelslab.KindVideo, ID: "1"}
	options := map[string]modelslab.CallOption{
		"WithExtra": modelslab.WithExtra("a", 1), "Server": modelslab.Server("root"), "OnUpdate": modelslab.OnUpdate(func(*modelslab.Job) {}),
		"PollEvery": modelslab.PollEvery(1, 2), "JobTimeout": modelslab.JobTimeout(1 << 40), "NoWebhook": modelslab.NoWebhook(),
		"UnsignedWebhook": modelslab.UnsignedWebhook(), "Once": modelslab.Once(), "MaxSize": modelslab.MaxSize(1),
		"OnTransfer": modelslab.OnTransfer(func(int64, int64) {}), "Parallel": modelslab.Parallel(3),
		"OnItem": modelslab.OnItem(func(int, *modelslab.Job) {}),
	}
	for name, tt := range map[string]struct {
		call  func(modelslab.CallOption) error
		takes []string
	}{
		"Submit": {func(o modelslab.CallOption) error {
			_, err := client.Submit(t.Context(), textToVideo(), o)
			return err
		}, []string{"WithExtra", "Server", "OnUpdate", "NoWebhook", "UnsignedWebhook", "Once"}},
		"a service's submit": {func(o modelslab.CallOption) error {
			_, err := client.Video.TextToVideo(t.Context(), textToVideo(), o)
			return err
		}, []string{"WithExtra", "Server", "OnUpdate", "NoWebhook", "UnsignedWebhook", "Once"}},
		"Run": {func(o modelslab.CallOption) error {
			_, err := client.Run(t.Context(), textToVideo(), o)
			return err
		}, []string{"WithExtra", "Server", "OnUpdate", "PollEvery", "JobTimeout", "NoWebhook", "UnsignedWebhook", "Once"}},
		"RunAll": {func(o modelslab.CallOption) (err error) {
			different := textToVideo() // equal ones are kept apart
			different.Prompt = fmt.Sprint(sent.Load(), &different)
			requests := slices.Values([]modelslab.Request{different})
			for _, outcome := range client.RunAll(t.Context(), requests, o) {
				err = outcome.Err
			}
			return err
		}, []string{"WithExtra", "Server", "OnUpdate", "OnItem", "PollEvery", "JobTimeout", "NoWebhook", "UnsignedWebhook"}},
		"Fetch": {func(o modelslab.CallOption) error {
			_, err := client.Fetch(t.Context(), ref, o)
			return err
		}, []string{"OnUpdate", "Once"}},
		"Wait": {func(o modelslab.CallOption) error {
			_, err := client.Wait(t.Context(), &modelslab.Job{Ref: ref, Status: modelslab.StatusSuccess, Text: "done"}, o)
			return err
		}, []string{"OnUpdate", "PollEvery", "JobTimeout"}},
		"a query": {func(o modelslab.CallOption) error {
			_, err := client.Account.RequestCount(t.Context(), o)
			return err
		}, []string{"WithExtra", "Server", "Once"}},
		"SaveAll": {func(o modelslab.CallOption) (err error) {
			for _, outcome := range client.SaveAll(t.Context(), slices.All([]modelslab.Outcome{}), t.TempDir(), o) {
				err = outcome.Err
			}
			return err
		}, []string{"MaxSize", "OnTransfer", "Parallel"}},
	} {
		for option, o := range options {
			before := sent.Load()
			err := tt.call(o)
			if slices.Contains(tt.takes, option) {
				if err != nil { // the server that Server names does not offer everything
					require.NotContains(t, err.Error(), "has no effect here", "%s(%s)", name, option)
				}
				continue
			}
			require.ErrorIs(t, err, modelslab.ErrInvalid, "%s(%s)", name, option)
			require.ErrorContains(t, err, option+" has no effect here: it is an option of ", "%s(%s)", name, option)
			require.Equal(t, before, sent.Load(), "%s(%s) was sent", name, option)
		}
	}
}

func TestReplyStatusIsAlwaysAnError(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]int{
		200: 402, 0: 402, 302: 402, 401: 401, 422: 422, 499: 499, 500: 500, 599: 599,
	} {
		client := stubClient(t, func(*http.Request) (*http.Response, error) {
			return jsonResponse(status, `{"status":"error","message":"no credits"}`), nil
		}, modelslab.WithSubmitRetries(0))
		_, err := client.Submit(t.Context(), textToVideo())
		var e *modelslab.Error
		require.ErrorAs(t, err, &e)
		if status == 302 {
			want = http.StatusServiceUnavailable
		}
		require.Equal(t, want, e.ReplyStatus(), status)
	}
	for _, e := range []modelslab.Error{{}, {HTTPStatus: 200}, {HTTPStatus: 700}} {
		require.Equal(t, http.StatusServiceUnavailable, e.ReplyStatus())
	}
}
