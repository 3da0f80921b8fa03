package batch

import (
	"os"

	"golang.org/x/sys/windows"
)

// lock holds the file for this process, until it is closed.
func lock(file *os.File) error {
	const all = ^uint32(0)
	return windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, all, all, new(windows.Overlapped))
}
