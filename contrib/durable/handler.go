package durable

import (
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/token"
)

func (e *Engine[TTx]) newHandler() (http.Handler, error) {
	keys := make([]*token.Key, len(e.cfg.Secrets))
	for i, secret := range e.cfg.Secrets {
		var err error
		if keys[i], err = token.NewKey(secret); err != nil {
			return nil, err
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, ok := token.Verify(keys, r.URL.Query().Get(token.Param), time.Now())
		if !ok {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		told := new(modelslab.Job)
		if err == nil {
			err = json.Unmarshal(body, told)
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if told.TrackID != "" && token.JobOf(told.TrackID) != claims.Job {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		d := Delivery{Token: claims.Job, Digest: sha256.Sum256(body), Event: string(told.Status), Body: body}
		if err := e.inbox.receive(r.Context(), d, told); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusOK)
	}), nil
}
