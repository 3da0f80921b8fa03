//go:build !race

package modelslab_test

const raceEnabled = false
