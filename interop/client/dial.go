package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// remoteCallTimeout is what the operator grants one call over TCP. Over a socket it grants for ever.
const remoteCallTimeout = 30 * time.Second

// remote is a plugin endpoint on TCP, with what the operator reads from the two Secrets.
type remote struct {
	address string
	roots   *x509.CertPool
	client  tls.Certificate
}

// newRemote loads the certificates as the operator does: the only trusted root is the server
// Secret's tls.crt.
func newRemote(address, caFile, certFile, keyFile string) (*remote, error) {
	pem, err := os.ReadFile(filepath.Clean(caFile))
	if err != nil {
		return nil, fmt.Errorf("cannot read the server certificate: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate in PEM form", caFile)
	}
	client, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("cannot read the client's key pair: %w", err)
	}
	return &remote{address: address, roots: roots, client: client}, nil
}

// tlsConfig is the operator's, for a plugin Service whose server name is the one given.
func (r *remote) tlsConfig(serverName string) *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		RootCAs:      r.roots,
		Certificates: []tls.Certificate{r.client},
		ServerName:   serverName,
	}
}

// dial makes the operator's channel; nothing is sent before the first call.
func (r *remote) dial(config *tls.Config) (*grpc.ClientConn, error) {
	return r.dialWith(credentials.NewTLS(config))
}

func (r *remote) dialWith(transport credentials.TransportCredentials) (*grpc.ClientConn, error) {
	return grpc.NewClient(
		r.address,
		grpc.WithTransportCredentials(transport),
		grpc.WithUnaryInterceptor(withTimeout),
	)
}

// gullible are TLS credentials that let a call name any authority. grpc-go itself holds it against
// the server's certificate, and a wrong one would never reach the server that is to refuse it.
type gullible struct {
	credentials.TransportCredentials
}

func (g gullible) ClientHandshake(
	ctx context.Context, authority string, raw net.Conn,
) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := g.TransportCredentials.ClientHandshake(ctx, authority, raw)
	if details, ok := info.(credentials.TLSInfo); ok {
		return conn, anyAuthority{details}, err
	}
	return conn, info, err
}

func (g gullible) Clone() credentials.TransportCredentials {
	return gullible{g.TransportCredentials.Clone()}
}

type anyAuthority struct{ credentials.TLSInfo }

func (anyAuthority) ValidateAuthority(string) error { return nil }

func withTimeout(
	ctx context.Context, method string, request, reply any,
	conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption,
) error {
	limited, cancel := context.WithTimeout(ctx, remoteCallTimeout)
	defer cancel()
	return invoke(limited, method, request, reply, conn, options...)
}

// dialSocket makes the operator's channel to a socket: no credentials, no timeout.
func dialSocket(directory, name string) (*grpc.ClientConn, error) {
	absolute, err := filepath.Abs(filepath.Join(directory, name))
	if err != nil {
		return nil, err
	}
	return grpc.NewClient(
		"unix://"+absolute,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
	)
}

// socketNames lists the folder as the operator does: each entry counts as a plugin, whatever it is.
func socketNames(directory string) ([]string, error) {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil, err
	}
	var names []string
	var foreign []error
	for _, entry := range entries {
		if entry.Type()&os.ModeSocket == 0 {
			foreign = append(foreign, fmt.Errorf(
				"%s in %s is no socket, the operator would take it for a plugin", entry.Name(), directory))
			continue
		}
		names = append(names, entry.Name())
	}
	return names, errors.Join(foreign...)
}
