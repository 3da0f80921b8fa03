package webhook

// NewMemoryStoreOf returns a store of another size.
func NewMemoryStoreOf(names int) *MemoryStore { return newMemoryStore(names) }
