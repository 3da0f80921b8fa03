package storetest_test

import (
	"testing"

	"github.com/modelslab-go/modelslab/webhook"
	"github.com/modelslab-go/modelslab/webhook/storetest"
)

func TestMemoryStore(t *testing.T) {
	t.Parallel()
	shared := webhook.NewMemoryStore()
	storetest.Run(t, func(testing.TB) webhook.Store { return shared })
}
