//go:build race

package durable_test

// raceEnabled: SQLite is ten times slower under the race detector.
const raceEnabled = true
