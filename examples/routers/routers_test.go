package routers_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"
)

// A middleware that binds the body in front of the handler is a mistake that says what it is.
func TestConsumedBodies(t *testing.T) {
	t.Parallel()
	read := func(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }
	g := gin.New()
	g.Use(func(c *gin.Context) { read(c.Request) })
	g.POST("/webhook", gin.WrapH(newHandler()))
	e := echo.New()
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			read(c.Request())
			return next(c)
		}
	})
	e.POST("/webhook", echo.WrapHandler(newHandler()))
	for _, h := range []http.Handler{g, e} {
		resp := modelslabtest.Deliver(h, signed("/webhook"))
		require.Equal(t, http.StatusInternalServerError, resp.StatusCode)
		answer, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Contains(t, string(answer), "was read before")
	}
}
