//go:build !linux

package main

import "os/exec"

// tie does nothing: what the tests start ends by itself when its page is done.
func tie(*exec.Cmd) {}
