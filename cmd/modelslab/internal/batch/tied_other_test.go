//go:build !linux

package batch

import "os/exec"

// tie does nothing: what the tests start ends by itself when its page is done.
func tie(*exec.Cmd) {}
