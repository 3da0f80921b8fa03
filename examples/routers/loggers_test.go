package routers_test

import (
	"bytes"
	"log"
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
	"github.com/stretchr/testify/require"
)

func TestLoggersSeeNoToken(t *testing.T) {
	t.Parallel()
	gin.SetMode(gin.ReleaseMode)
	const path = "/webhook/modelslab"
	for name, router := range map[string]func(*bytes.Buffer) http.Handler{
		"chi": func(out *bytes.Buffer) http.Handler {
			r := chi.NewRouter()
			r.Use(middleware.RequestLogger(&middleware.DefaultLogFormatter{Logger: log.New(out, "", 0), NoColor: true}))
			r.Method(http.MethodPost, path, newHandler())
			return r
		},
		"gin": func(out *bytes.Buffer) http.Handler {
			r := gin.New()
			r.Use(gin.LoggerWithWriter(out))
			r.POST(path, gin.WrapH(newHandler()))
			return r
		},
		"echo": func(out *bytes.Buffer) http.Handler {
			r := echo.New()
			r.Use(echomiddleware.LoggerWithConfig(echomiddleware.LoggerConfig{Output: out})) //nolint:staticcheck // the logger that most programs have
			r.POST(path, echo.WrapHandler(newHandler()))
			return r
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var plain, hidden bytes.Buffer
			require.Equal(t, http.StatusOK, modelslabtest.Deliver(router(&plain), signed(path)).StatusCode)
			require.Contains(t, plain.String(), "sig=", "the logger prints the whole URL")
			require.Equal(t, http.StatusOK, modelslabtest.Deliver(webhook.HideToken(router(&hidden)), signed(path)).StatusCode)
			require.Contains(t, hidden.String(), path)
			require.NotContains(t, hidden.String(), "sig=")
		})
	}
}
