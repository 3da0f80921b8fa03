//go:build unix

package river_test

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// detach gives a process a group of its own, so that Ctrl-C reaches the test alone.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// serverUser is whom the server runs as: nil for ourselves, another one where
// we are root, as whom PostgreSQL refuses to run.
func serverUser() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil //nolint:nilnil // nil is ourselves
	}
	id := func(s string) uint32 {
		n, _ := strconv.ParseUint(s, 10, 32)
		return uint32(n)
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			return &syscall.Credential{Uid: id(u.Uid), Gid: id(u.Gid)}, nil
		}
	}
	return nil, errors.New("neither a user postgres nor a user nobody to run PostgreSQL as")
}

func giveToServer(dir string) error {
	owner, err := serverUser()
	if err != nil || owner == nil {
		return err
	}
	return os.Chown(dir, int(owner.Uid), int(owner.Gid))
}

func runAsServer(cmd *exec.Cmd) {
	owner, _ := serverUser()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
}
