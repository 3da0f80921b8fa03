//go:build unix && !solaris && !aix

package batch

import (
	"os"
	"syscall"
)

// lock holds the file for this process, until it is closed.
func lock(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
