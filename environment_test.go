package modelslab_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

const (
	optionSecret   = "option-0123456789abcdef0123456789"
	variableSecret = "variable-0123456789abcdef012345678"
)

func TestEnvironment(t *testing.T) {
	const dev = "MODELSLAB_DEV"
	base, callback := modelslab.WithBaseURL("https://option.example/api"), modelslab.WithWebhook("https://option.example/hook", []byte(optionSecret))
	variables := map[string]string{
		"MODELSLAB_BASE_URL": "https://variable.example/x/api", "MODELSLAB_WEBHOOK_URL": "https://variable.example/hook", "MODELSLAB_WEBHOOK_SECRET": variableSecret,
	}
	for name, tt := range map[string]struct {
		env      map[string]string
		opts     []modelslab.Option
		sentTo   string
		callback string // "" for none
		signs    string // the secret, "" for none
		err      string
	}{
		"nothing":                         {nil, nil, "https://modelslab.com/api", "", "", ""},
		"variables alone":                 {variables, nil, "https://variable.example/x/api", "https://variable.example/hook", variableSecret, ""},
		"options win":                     {variables, []modelslab.Option{base, callback}, "https://option.example/api", "https://option.example/hook", optionSecret, ""},
		"an option wins as a whole":       {variables, []modelslab.Option{modelslab.WithWebhook("https://option.example/hook")}, "https://variable.example/x/api", "https://option.example/hook", "", ""},
		"an option against any callback":  {variables, []modelslab.Option{modelslab.WithWebhook("")}, "https://variable.example/x/api", "", "", ""},
		"variables win in development":    {with(variables, dev, "1"), []modelslab.Option{base, callback}, "https://variable.example/x/api", "https://variable.example/hook", variableSecret, ""},
		"development is 1":                {with(variables, dev, "true"), []modelslab.Option{base, callback}, "https://option.example/api", "https://option.example/hook", optionSecret, ""},
		"development without variables":   {map[string]string{dev: "1"}, []modelslab.Option{base, callback}, "https://option.example/api", "https://option.example/hook", optionSecret, ""},
		"a URL without a secret":          {map[string]string{"MODELSLAB_WEBHOOK_URL": "https://variable.example/hook"}, nil, "https://modelslab.com/api", "https://variable.example/hook", "", ""},
		"a secret without a URL":          {map[string]string{"MODELSLAB_WEBHOOK_SECRET": variableSecret}, nil, "https://modelslab.com/api", "", variableSecret, ""},
		"a secret alone, in development":  {map[string]string{dev: "1", "MODELSLAB_WEBHOOK_SECRET": variableSecret}, []modelslab.Option{callback}, "https://modelslab.com/api", "https://option.example/hook", variableSecret, ""},
		"a URL alone, in development":     {map[string]string{dev: "1", "MODELSLAB_WEBHOOK_URL": "http://[::1]/"}, []modelslab.Option{callback}, "https://modelslab.com/api", "http://[::1]/", optionSecret, ""},
		"loopback in development":         {with(variables, dev, "1", "MODELSLAB_BASE_URL", "http://127.0.0.1:4040/t/api", "MODELSLAB_WEBHOOK_URL", "http://127.0.0.1:8080/hook"), nil, "http://127.0.0.1:4040/t/api", "http://127.0.0.1:8080/hook", variableSecret, ""},
		"a loopback callback":             {map[string]string{"MODELSLAB_WEBHOOK_URL": "http://127.0.0.1:8080/hook"}, nil, "", "", "", "loopback"},
		"a base URL in plain HTTP":        {map[string]string{"MODELSLAB_BASE_URL": "http://example.com/api"}, nil, "", "", "", "MODELSLAB_BASE_URL: base URL \"http://example.com/api\": plain HTTP"},
		"plain HTTP, in development too":  {map[string]string{dev: "1", "MODELSLAB_BASE_URL": "http://example.com/api"}, []modelslab.Option{base}, "", "", "", "plain HTTP"},
		"a base URL that no option needs": {map[string]string{"MODELSLAB_BASE_URL": "nonsense"}, []modelslab.Option{base}, "https://option.example/api", "", "", ""},
		"a short secret":                  {map[string]string{"MODELSLAB_WEBHOOK_SECRET": "short"}, nil, "", "", "", "MODELSLAB_WEBHOOK_SECRET: webhook secret of 5 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"MODELSLAB_BASE_URL", "MODELSLAB_WEBHOOK_URL", "MODELSLAB_WEBHOOK_SECRET", dev} {
				t.Setenv(variable, tt.env[variable])
			}
			var sent *http.Request
			var body []byte
			client, err := modelslab.New("k", append(tt.opts, modelslab.WithHTTPClient(&http.Client{
				Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
					var err error
					sent = r
					body, err = io.ReadAll(r.Body)
					return jsonResponse(http.StatusOK, processing), err
				}),
			}))...)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			_, err = client.Submit(t.Context(), textToVideo())
			require.NoError(t, err)
			var fields struct{ Webhook string }
			require.NoError(t, json.Unmarshal(body, &fields))
			require.Equal(t, tt.sentTo+"/v6/video/text2video", sent.URL.String())
			at, query, _ := strings.Cut(fields.Webhook, "?")
			require.Equal(t, tt.callback, at)
			values, err := url.ParseQuery(query)
			require.NoError(t, err)
			require.Equal(t, tt.signs != "" && tt.callback != "", values.Has("sig"))
			for _, secret := range []string{optionSecret, variableSecret} {
				anySecret := tt.env[dev] == "1" && tt.env["MODELSLAB_WEBHOOK_SECRET"] != ""
				require.Equal(t, secret == tt.signs || anySecret, client.SignsWith([]byte(secret)), secret)
			}
		})
	}
}

// with returns the variables and some more.
func with(variables map[string]string, more ...string) map[string]string {
	out := maps.Clone(variables)
	for i := 0; i < len(more); i += 2 {
		out[more[i]] = more[i+1]
	}
	return out
}
