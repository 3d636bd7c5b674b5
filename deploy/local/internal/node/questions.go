package node

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

// question asks a component whether it does its work; nil means yes.
type question = func(context.Context) error

func unixSocketAnswers(path string) question { return dials("unix", path) }

func portAnswers(address string) question { return dials("tcp", address) }

func dials(network, address string) question {
	return func(ctx context.Context) error {
		connection, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return err
		}
		return connection.Close()
	}
}

func urlAnswers(url string) question {
	return func(ctx context.Context) error { return get(ctx, http.DefaultClient, url) }
}

// ourURLAnswers trusts only our own authority, and shows a certificate of it: another cluster's
// server on the same port is not taken for ours.
func ourURLAnswers(url string) question {
	return func(ctx context.Context) error {
		authority, err := os.ReadFile(pkiPath("ca.crt"))
		if err != nil {
			return err
		}
		own, err := tls.LoadX509KeyPair(pkiPath("admin.crt"), pkiPath("admin.key"))
		if err != nil {
			return err
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(authority)
		transport := &http.Transport{TLSClientConfig: &tls.Config{
			RootCAs: pool, Certificates: []tls.Certificate{own},
		}}
		defer transport.CloseIdleConnections()
		return get(ctx, &http.Client{Transport: transport}, url)
	}
}

func get(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(response.Body, 512))
		return fmt.Errorf("%s answers %s: %s", url, response.Status, body)
	}
	return nil
}
