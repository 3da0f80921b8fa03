package modelslab

import (
	"fmt"
	"os"

	"github.com/modelslab-go/modelslab/internal/token"
)

// environment sets what environment variables say and no option did. With
// MODELSLAB_DEV=1 they win over the options, and callbacks on loopback are
// accepted.
func (c *Client) environment() error {
	dev := os.Getenv("MODELSLAB_DEV") == "1"
	if base := os.Getenv("MODELSLAB_BASE_URL"); base != "" && (dev || c.base == nil) {
		if err := WithBaseURL(base)(c); err != nil {
			return fmt.Errorf("MODELSLAB_BASE_URL: %w", err)
		}
	}
	cb := &c.callbacks
	cb.loopbackOK = cb.loopbackOK || dev
	if cb.configured && !dev {
		return nil
	}
	if url := os.Getenv("MODELSLAB_WEBHOOK_URL"); url != "" {
		cb.url = url
	}
	if secret := os.Getenv("MODELSLAB_WEBHOOK_SECRET"); secret != "" {
		key, err := token.NewKey([]byte(secret))
		if err != nil {
			return fmt.Errorf("MODELSLAB_WEBHOOK_SECRET: %w", err)
		}
		cb.key, cb.development = key, dev
	}
	return nil
}
