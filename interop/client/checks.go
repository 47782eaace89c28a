package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"time"

	"github.com/cloudnative-pg/cnpg-i/pkg/identity"
	"github.com/cloudnative-pg/cnpg-i/pkg/lifecycle"
	"github.com/cloudnative-pg/cnpg-i/pkg/operator"
	"github.com/cloudnative-pg/cnpg-i/pkg/wal"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
)

const (
	checkTimeout = 10 * time.Second
	// poolSize is how many connections the operator holds to one plugin.
	poolSize = 5
	// tooLarge is above the limit of 4 MiB that gRPC servers have by default.
	tooLarge = 5 << 20
	// nobody is a server name under which no plugin can be served.
	nobody = "nobody.interop.invalid"
)

// check reports what a test of the endpoint itself found.
func (r *report) check(plugin, transport, name string, test func(context.Context) (string, error)) {
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	defer cancel()
	_ = r.observing(plugin, transport)("check: "+name, func() (string, error) { return test(ctx) })
}

// checkPool opens as many connections at once as the operator does, loads each, holds them all, and
// probes each while the others are open.
func checkPool(
	r *report, plugin, transport string, dial func() (*grpc.ClientConn, error),
) {
	r.check(plugin, transport, "five connections held open", func(ctx context.Context) (string, error) {
		connections := make([]*connection, poolSize)
		problems := make([]error, poolSize)
		var group sync.WaitGroup
		for i := range connections {
			group.Go(func() { connections[i], problems[i] = acquire(ctx, dial, silently) })
		}
		group.Wait()
		for i, conn := range connections {
			if conn == nil {
				continue
			}
			if conn.capabilities.name != plugin {
				problems[i] = fmt.Errorf("asked for %s, answered by %s", plugin, conn.capabilities.name)
			} else if err := probe(ctx, conn); err != nil {
				problems[i] = err
			}
		}
		for _, conn := range connections {
			if conn != nil {
				_ = conn.Close()
			}
		}
		return "", errors.Join(problems...)
	})
}

// checkLargeMessage sends more than a server must accept, expects a status for it, and the server to
// answer on the same connection and on a new one.
func checkLargeMessage(
	r *report, plugin *loaded, transport string, objects objects,
	dial func() (*grpc.ClientConn, error),
) {
	r.check(plugin.name, transport, "a message over 4 MiB", func(ctx context.Context) (string, error) {
		conn, err := acquire(ctx, dial, silently)
		if err != nil {
			return "", err
		}
		defer func() { _ = conn.Close() }()
		cluster, err := objects.cluster("cluster-minimal.json", plugin)
		if err != nil {
			return "", err
		}
		cluster.object("metadata").object("annotations")["example.com/large"] = strings.Repeat("x", tooLarge)
		answer := status.Convert(sendLarge(ctx, conn, cluster.bytes()))
		switch answer.Code() {
		case codes.OK, codes.ResourceExhausted, codes.InvalidArgument:
		default:
			return "", fmt.Errorf("answered %s: %s", answer.Code(), answer.Message())
		}
		if err := probe(ctx, conn); err != nil {
			return "", fmt.Errorf("the connection is lost afterwards: %w", err)
		}
		fresh, err := acquire(ctx, dial, silently)
		if err != nil {
			return "", fmt.Errorf("no new connection afterwards: %w", err)
		}
		return "answered " + answer.Code().String(), fresh.Close()
	})
}

// sendLarge uses a call that the plugin serves, so that the size is what the server judges.
func sendLarge(ctx context.Context, conn *connection, cluster []byte) error {
	var err error
	switch declared := conn.capabilities; {
	case declared.declares(identity.PluginCapability_Service_TYPE_LIFECYCLE_SERVICE):
		_, err = lifecycle.NewOperatorLifecycleClient(conn).LifecycleHook(ctx,
			&lifecycle.OperatorLifecycleRequest{
				OperationType:     &lifecycle.OperatorOperationType{Type: evaluate},
				ClusterDefinition: cluster, ObjectDefinition: cluster,
			})
	case declared.declares(identity.PluginCapability_Service_TYPE_WAL_SERVICE):
		_, err = wal.NewWALClient(conn).Status(ctx, &wal.WALStatusRequest{ClusterDefinition: cluster})
	default:
		_, err = operator.NewOperatorClient(conn).ValidateClusterCreate(ctx,
			&operator.OperatorValidateClusterCreateRequest{Definition: cluster})
	}
	return err
}

// checkRefusedClients tries to get in without the right certificate or protocol.
func checkRefusedClients(r *report, endpoint *remote, serverName string) {
	refused := func(change func(*tls.Config) error) func(context.Context) (string, error) {
		return func(ctx context.Context) (string, error) {
			config := endpoint.tlsConfig(serverName)
			if err := change(config); err != nil {
				return "", err
			}
			return expectRefusal(ctx, endpoint, config)
		}
	}
	r.check(serverName, "tcp", "no client certificate is refused", refused(func(c *tls.Config) error {
		c.Certificates = nil
		return nil
	}))
	r.check(serverName, "tcp", "a foreign client certificate is refused", refused(func(c *tls.Config) error {
		foreign, err := foreignCertificate()
		// Sent whatever issuers the server says it accepts.
		c.Certificates = nil
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return foreign, nil
		}
		return err
	}))
	r.check(serverName, "tcp", "TLS 1.2 is refused", refused(func(c *tls.Config) error {
		c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
		return nil
	}))
}

// expectRefusal expects the handshake to fail and no call to be answered.
func expectRefusal(ctx context.Context, endpoint *remote, config *tls.Config) (string, error) {
	answered, err := askWho(ctx, endpoint, config)
	if err == nil {
		return "", fmt.Errorf("let in, and answered by %s", answered)
	}
	if answer := status.Convert(err); answer.Code() != codes.Unavailable {
		return "", fmt.Errorf("not refused in the handshake, but with %s", answer.Code())
	}
	if neverReached(err) {
		return "", fmt.Errorf("nobody was there to refuse: %w", err)
	}
	return "refused: " + status.Convert(err).Message(), nil
}

func askWho(
	ctx context.Context, endpoint *remote, config *tls.Config, options ...grpc.CallOption,
) (string, error) {
	conn, err := endpoint.dialWith(gullible{credentials.NewTLS(config)})
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	response, err := identity.NewIdentityClient(conn).
		GetPluginMetadata(ctx, &identity.GetPluginMetadataRequest{}, options...)
	return response.GetName(), err
}

func foreignCertificate() (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "foreign"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	content, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{content}, PrivateKey: key}, nil
}

// checkNames tries server names that belong to nobody or to somebody else. Nobody may answer.
func checkNames(r *report, endpoint *remote, plugins []subject) {
	first := plugins[0]
	r.check(nobody, "tcp", "a wrong server name, as the operator dials", func(ctx context.Context) (string, error) {
		return expectNoAnswer(askWho(ctx, endpoint, endpoint.tlsConfig(nobody)))
	})
	r.check(nobody, "tcp", "a wrong server name, certificate not verified", func(ctx context.Context) (string, error) {
		config := endpoint.tlsConfig(nobody)
		config.InsecureSkipVerify = true // the server's own refusal is what is tested
		return expectNoAnswer(askWho(ctx, endpoint, config))
	})
	r.check(first.name, "tcp", "a wrong authority behind a right server name",
		func(ctx context.Context) (string, error) {
			return expectNoAnswer(askWho(ctx, endpoint, endpoint.tlsConfig(first.name),
				grpc.CallAuthority(nobody)))
		})
	if len(plugins) < 2 {
		return
	}
	second := plugins[1]
	r.check(second.name, "tcp", "an authority that contradicts the server name",
		func(ctx context.Context) (string, error) {
			return expectNoAnswer(askWho(ctx, endpoint, endpoint.tlsConfig(first.name),
				grpc.CallAuthority(second.name)))
		})
}

// expectNoAnswer wants an error with a proper code in place of anybody's metadata.
func expectNoAnswer(answered string, err error) (string, error) {
	if err == nil {
		return "", fmt.Errorf("answered by %s", answered)
	}
	if neverReached(err) {
		return "", fmt.Errorf("nobody was there to refuse: %w", err)
	}
	switch answer := status.Convert(err); answer.Code() {
	case codes.Unknown, codes.DeadlineExceeded:
		return "", fmt.Errorf("not refused cleanly: %w", err)
	default:
		return "refused: " + answer.Message(), nil
	}
}

// neverReached tells a server that refuses from one that isn't there: the transport has no code of its own for it.
func neverReached(err error) bool {
	return strings.Contains(err.Error(), "Error while dialing")
}

// checkTwoIdentities asks all plugins on one port at once who they are.
func checkTwoIdentities(r *report, endpoint *remote, plugins []subject) {
	r.check(fmt.Sprintf("%d plugins", len(plugins)), "tcp", "each name on the port has its own identity",
		func(ctx context.Context) (string, error) {
			problems := make([]error, len(plugins))
			var group sync.WaitGroup
			for i, plugin := range plugins {
				group.Go(func() {
					conn, err := endpoint.dial(endpoint.tlsConfig(plugin.name))
					if err == nil {
						_, err = verifyName(ctx, identity.NewIdentityClient(conn), plugin.name)
						_ = conn.Close()
					}
					problems[i] = err
				})
			}
			group.Wait()
			return "", errors.Join(problems...)
		})
}

// stillServed loads the plugin once more, on a new connection.
func stillServed(
	dial func() (*grpc.ClientConn, error), name string,
) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		conn, err := acquire(ctx, dial, silently)
		if err != nil {
			return "", err
		}
		defer func() { _ = conn.Close() }()
		if conn.capabilities.name != name {
			return "", fmt.Errorf("asked for %s, answered by %s", name, conn.capabilities.name)
		}
		return "", nil
	}
}
