package fetcher

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"vedetta/news"
)

// Limits of one exchange. The whole of it is bounded by Options.Timeout.
const (
	connectTimeout = 10 * time.Second
	tlsTimeout     = 10 * time.Second
	headerTimeout  = 20 * time.Second
	maxHeader      = 256 << 10
	maxCA          = 1 << 20
)

// newTransport returns a transport that dials allowed addresses only. It uses
// no proxy of the environment: that would hide addresses from the guard.
func newTransport(g guard, rule news.RequestRule) (*http.Transport, error) {
	dialer := &net.Dialer{Timeout: connectTimeout, KeepAlive: 30 * time.Second, Control: g.control}
	t := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    tlsTimeout,
		ResponseHeaderTimeout:  headerTimeout,
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        30 * time.Second,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    1,
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true, // body.go decodes, to measure after it
		Protocols:              new(http.Protocols),
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
	}
	t.Protocols.SetHTTP1(true)
	t.Protocols.SetHTTP2(!rule.HTTP1)
	if rule.Proxy != "" {
		proxy, err := url.Parse(rule.Proxy)
		if err != nil {
			return nil, fmt.Errorf("parse proxy address: %w", err)
		}
		t.Proxy = http.ProxyURL(proxy)
	}
	if rule.CA != "" {
		pool, err := certificates(rule.CA)
		if err != nil {
			return nil, err
		}
		t.TLSClientConfig.RootCAs = pool
	}
	return t, nil
}

// certificates returns the system's certificates and those of a PEM file.
func certificates(file string) (*x509.CertPool, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("read certificates: %w", err)
	}
	if info.Size() > maxCA {
		return nil, fmt.Errorf("read certificates %s: %w", file, ErrTooLarge)
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read certificates: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read certificates %s: no PEM certificate in it", file)
	}
	return pool, nil
}
