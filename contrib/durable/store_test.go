package durable_test

import (
	"testing"

	"github.com/modelslab-go/modelslab/contrib/durable"
	"github.com/modelslab-go/modelslab/contrib/durable/storetest"
)

func TestMemoryStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) durable.Store[*durable.MemoryTx] { return durable.NewMemoryStore() })
}
