package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"vedetta/config"
	"vedetta/fetcher"
	"vedetta/news"
	"vedetta/weblink"
)

// maxInput bounds what is read of a file or of standard input.
const maxInput = 16 << 20

// inputs reads the pages that a command line names: files, addresses, or "-"
// for standard input.
type inputs struct {
	stdin io.Reader
	fetch *fetcher.Fetcher
	cfg   *config.Config // the defaults when there is no file
}

// isAddress reports whether an argument is to be fetched.
func isAddress(arg string) bool {
	return strings.HasPrefix(arg, "http://") || strings.HasPrefix(arg, "https://")
}

// page returns the page named by arg, and the source that it belongs to.
func (in inputs) page(ctx context.Context, arg string) (news.Page, news.Source, error) {
	if isAddress(arg) {
		src := in.source(arg)
		p, err := in.fetch.Page(ctx, src, arg)
		return p, src, err
	}
	body, err := in.read(arg)
	return news.Page{Body: body}, news.Source{}, err
}

// source is the configured source whose site an address is on.
func (in inputs) source(address string) news.Source {
	host := weblink.Host(address)
	for _, s := range in.cfg.Sources {
		if host == weblink.Host(s.Address()) {
			return s.Source
		}
	}
	return news.Source{}
}

// open opens a file, or standard input for "-".
func (in inputs) open(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(in.stdin), nil
	}
	return os.Open(name)
}

// read returns a file's content, or standard input's for "-".
func (in inputs) read(name string) ([]byte, error) {
	r, err := in.open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	body, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err == nil && len(body) > maxInput {
		err = errors.New("larger than 16 MiB")
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return body, nil
}

// newInputs prepares reading pages. The configuration is used where there is
// one, for its rules and its allowed addresses, and done without otherwise,
// unless it was asked for by name.
func (a *app) newInputs(stdin io.Reader, stderr io.Writer) (inputs, error) {
	in := inputs{stdin: stdin, cfg: config.Default()}
	cfg, err := a.load()
	_, missing := errors.AsType[errUsage](err)
	switch {
	case err == nil:
		in.cfg = cfg
	case a.config == "" && missing:
	default:
		return in, err
	}
	in.fetch, err = newFetcher(in.cfg.Poll, a.logger(stderr))
	return in, err
}
