package store

import (
	"os"
	"syscall"
)

// giveTo gives a file the owner of another, so that a store that root has
// written anew still belongs to the daemon's user.
func giveTo(path string, like os.FileInfo) error {
	st, ok := like.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	return os.Chown(path, int(st.Uid), int(st.Gid))
}
