// Package sqlite runs the durable engine of contrib/durable on an SQLite file,
// for a service on one machine: nothing else has to be installed, and what is
// committed survives kill -9 and the machine.
package sqlite
