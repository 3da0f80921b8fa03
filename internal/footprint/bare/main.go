// Bare does what package sdk does on net/http and encoding/json alone.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"time"
)

type answer struct {
	Status string   `json:"status"`
	ID     int64    `json:"id"`
	Output []string `json:"output"`
}

func post(ctx context.Context, path string, in any) (*answer, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://modelslab.com/api"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	j := new(answer)
	return j, json.NewDecoder(resp.Body).Decode(j)
}

func main() {
	ctx := context.Background()
	key := os.Getenv("MODELSLAB_API_KEY")
	j, err := post(ctx, "/v6/video/text2video", map[string]string{"key": key, "model_id": "cogvideox", "prompt": "a ship"})
	if err != nil {
		log.Fatal(err)
	}
	for j.Status == "processing" {
		<-time.After(5 * time.Second)
		if j, err = post(ctx, "/v6/video/fetch/1", map[string]string{"key": key}); err != nil {
			log.Fatal(err)
		}
	}
	log.Println(j.Output)
}
