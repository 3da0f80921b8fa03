//go:build unix

package storetest

import (
	"os/exec"
	"syscall"
)

// detach gives a process a group of its own: Ctrl-C reaches the test alone, and
// the system wakes and ends a suspended one whose test was killed.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func suspend(cmd *exec.Cmd) error { return cmd.Process.Signal(syscall.SIGSTOP) }

func resume(cmd *exec.Cmd) error { return cmd.Process.Signal(syscall.SIGCONT) }
