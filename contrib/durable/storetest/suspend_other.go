//go:build !unix

package storetest

import "os/exec"

func detach(*exec.Cmd) {}

// suspend does nothing: this system cannot stop a process and let it go on.
func suspend(*exec.Cmd) error { return nil }

func resume(*exec.Cmd) error { return nil }
