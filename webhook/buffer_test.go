package webhook_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/webhook"
)

// TestEventsKeepTheirBodies receives deliveries one after the other, whose
// bodies go through the same buffer.
func TestEventsKeepTheirBodies(t *testing.T) {
	t.Parallel()
	var events []webhook.Event
	h := newHandler(t, webhook.OnEvent(func(_ context.Context, e webhook.Event) error {
		events = append(events, e)
		return nil
	}))
	const n = 50
	body := func(i int) string {
		return fmt.Sprintf(`{"status":"success","id":%d,"output":["https://modelslab.com/%d.png"]}`, 1000+i, 1000+i)
	}
	for i := range n {
		require.Equal(t, 200, serve(h, post(sign("video", fmt.Sprint("track", i)), body(i))).Code)
	}
	require.Len(t, events, n)
	for i, e := range events {
		require.JSONEq(t, body(i), string(e.Raw()))
		require.Equal(t, []string{fmt.Sprintf("https://modelslab.com/%d.png", 1000+i)}, e.Job().Output)
	}
	own := []byte(body(0))
	e, err := webhook.Parse(own)
	require.NoError(t, err)
	clear(own)
	require.JSONEq(t, body(0), string(e.Raw()), "the caller's bytes are the caller's")
}
