module github.com/modelslab-go/modelslab/cmd/modelslab

go 1.26.0

require (
	github.com/alecthomas/kong v1.17.0
	github.com/modelslab-go/modelslab v0.1.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/cenkalti/backoff/v4 v4.3.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)

replace github.com/modelslab-go/modelslab => ../..
