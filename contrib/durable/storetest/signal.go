package storetest

import (
	"os"
	"os/signal"
	"syscall"
)

// notifyTerm is told of a SIGTERM.
func notifyTerm() <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM)
	return c
}
