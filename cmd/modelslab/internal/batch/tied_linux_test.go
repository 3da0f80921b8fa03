package batch

import (
	"os/exec"
	"syscall"
)

// tie ends a process with the test that started it, also when that is killed.
func tie(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
