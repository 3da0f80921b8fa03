//go:build race

package river_test

// raceEnabled: everything is slower under the race detector.
const raceEnabled = true
