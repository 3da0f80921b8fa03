package adapters_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/labstack/echo/v4"
	"github.com/modelslab-go/modelslab/webhook"

	"github.com/modelslab-go/modelslab/contrib/adapters"
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

func ExampleLambda() {
	lambda.Start(adapters.Lambda(newHandler()))
}
