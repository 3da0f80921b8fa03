package webhook_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
)

func TestSecretOfTheEnvironment(t *testing.T) {
	const option, variable = "option-0123456789abcdef0123456789", "variable-0123456789abcdef012345678"
	for name, tt := range map[string]struct {
		secret, dev string
		opts        []webhook.Option
		accepts     []string // the secrets whose deliveries are accepted; "" is none at all
		err         string
	}{
		"neither":                      {"", "", nil, nil, "MODELSLAB_WEBHOOK_SECRET"},
		"the variable":                 {variable, "", nil, []string{variable}, ""},
		"the option":                   {"", "", []webhook.Option{webhook.WithSecrets([]byte(option))}, []string{option}, ""},
		"the option wins":              {variable, "", []webhook.Option{webhook.WithSecrets([]byte(option))}, []string{option}, ""},
		"no authentication wins":       {variable, "", []webhook.Option{webhook.WithInsecureNoAuth()}, []string{"", option, variable}, ""},
		"the variable in development":  {variable, "1", []webhook.Option{webhook.WithSecrets([]byte(option))}, []string{variable}, ""},
		"development authenticates":    {variable, "1", []webhook.Option{webhook.WithInsecureNoAuth()}, []string{variable}, ""},
		"development without variable": {"", "1", []webhook.Option{webhook.WithSecrets([]byte(option))}, []string{option}, ""},
		"a short one":                  {"short", "", nil, nil, "MODELSLAB_WEBHOOK_SECRET: webhook secret of 5 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("MODELSLAB_WEBHOOK_SECRET", tt.secret)
			t.Setenv("MODELSLAB_DEV", tt.dev)
			h, err := webhook.NewHandler(tt.opts...)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			for _, secret := range []string{"", option, variable} {
				want := http.StatusUnauthorized
				for _, accepted := range tt.accepts {
					if accepted == secret {
						want = http.StatusOK
					}
				}
				resp := modelslabtest.Deliver(h, modelslabtest.SignedRequest("/", []byte(secret), modelslab.KindVideo, "a", `{"status":"success","id":7,"output":["https://cdn.example.com/7.mp4"],"track_id":"a"}`))
				require.NoError(t, resp.Body.Close())
				require.Equal(t, want, resp.StatusCode, secret)
			}
		})
	}
}
