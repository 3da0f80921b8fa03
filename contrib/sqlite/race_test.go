//go:build race

package sqlite_test

// raceEnabled: SQLite is ten times slower under the race detector.
const raceEnabled = true
