package webhook

import (
	"encoding/json"

	"github.com/modelslab-go/modelslab/internal/token"
)

// NewMemoryStoreOf returns a store of another size.
func NewMemoryStoreOf(names int) *MemoryStore { return newMemoryStore(names) }

// OpenBusMessage reads a message of the bus and returns it as JSON.
func OpenBusMessage(secret, text []byte) ([]byte, error) {
	key, err := token.NewKey(secret)
	if err != nil {
		return nil, err
	}
	m, err := openBusMessage([]*token.Key{key}, text)
	if err != nil {
		return nil, err
	}
	return json.Marshal(&m)
}

// NewMemoryWatch returns the WatchStore of one process.
func NewMemoryWatch() WatchStore { return newMemoryWatch() }
