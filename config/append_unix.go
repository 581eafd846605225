//go:build unix

package config

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives a new file the owner and the group of the one that it
// replaces. Only root can give files away: another owner is let pass, since
// who writes here is allowed to; another group is not, since it decides who
// can read.
func keepOwner(f *os.File, old fs.FileInfo) error {
	was, ok := old.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	is, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	if is.Uid != was.Uid {
		_ = f.Chown(int(was.Uid), -1)
	}
	if is.Gid == was.Gid {
		return nil
	}
	if err := f.Chown(-1, int(was.Gid)); err != nil {
		return fmt.Errorf("keep the group of the file: %w", err)
	}
	return nil
}
