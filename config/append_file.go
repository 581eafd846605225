package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"vedetta/news"
)

// AppendFile adds a source to a configuration file, as Append does, and
// replaces the file as Rewrite does.
func AppendFile(path string, s news.Source) (Addition, error) {
	var add Addition
	err := Rewrite(path, func(data []byte) (_ []byte, err error) {
		add, err = Append(path, data, s)
		return add.Data, err
	})
	return add, err
}

// Rewrite replaces a configuration file by what change makes of it. The file is
// replaced as a whole: whoever reads it sees the old one or the new one. A
// symbolic link stays, the file that it leads to is replaced, with its mode
// and, as far as that is allowed, its owner.
func Rewrite(path string, change func([]byte) ([]byte, error)) error {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	data, err := os.ReadFile(target)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	if data, err = change(data); err != nil {
		return err
	}
	if err := replaceFile(target, data); err != nil {
		if errors.Is(err, fs.ErrPermission) {
			err = fmt.Errorf("%w; run it as a user who may write in %s, or add the lines by hand", err, filepath.Dir(target))
		}
		return fmt.Errorf("write configuration: %w", err)
	}
	return nil
}

// replaceFile writes a file beside the old one and puts it in its place.
func replaceFile(path string, data []byte) (err error) {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = keepOwner(f, info); err != nil {
		return err
	}
	if err = f.Chmod(info.Mode().Perm()); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
