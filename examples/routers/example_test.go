package routers_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/labstack/echo/v4"
	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
)

var secret = []byte("32 bytes that only we and our URLs")

func newHandler() *webhook.Handler {
	handler, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.OnSuccess(func(_ context.Context, e *webhook.Succeeded) error {
		fmt.Println(e.TrackID(), e.Job().Output)
		return nil
	}))
	if err != nil {
		panic(err)
	}
	return handler
}

const body = `{"status":"success","id":1,"output":["https://modelslab.com/1.mp4"],"track_id":"video_001"}`

func signed(path string) *http.Request {
	return modelslabtest.SignedRequest(path, secret, modelslab.KindVideo, "video_001", body)
}

func deliver(h http.Handler, path string) {
	if resp := modelslabtest.Deliver(h, signed(path)); resp.StatusCode != http.StatusOK {
		panic(resp.Status)
	}
}

func Example_netHTTP() {
	mux := http.NewServeMux()
	mux.Handle("POST /webhook/modelslab", newHandler())
	deliver(mux, "/webhook/modelslab")
	// Output: video_001 [https://modelslab.com/1.mp4]
}

func Example_stripPrefix() {
	mux := http.NewServeMux()
	mux.Handle("/hooks/", http.StripPrefix("/hooks", newHandler()))
	deliver(mux, "/hooks/modelslab")
	// Output: video_001 [https://modelslab.com/1.mp4]
}

func Example_chi() {
	router := chi.NewRouter()
	router.Method(http.MethodPost, "/webhook/modelslab", newHandler())
	deliver(router, "/webhook/modelslab")
	// Output: video_001 [https://modelslab.com/1.mp4]
}

func Example_gin() {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.POST("/webhook/modelslab", gin.WrapH(newHandler()))
	deliver(router, "/webhook/modelslab")
	// Output: video_001 [https://modelslab.com/1.mp4]
}

func Example_echo() {
	router := echo.New()
	router.POST("/webhook/modelslab", echo.WrapHandler(newHandler()))
	deliver(router, "/webhook/modelslab")
	// Output: video_001 [https://modelslab.com/1.mp4]
}
