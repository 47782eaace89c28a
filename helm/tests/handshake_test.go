package tests

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/cloudnative-pg/cnpg-i/pkg/identity"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	core "k8s.io/api/core/v1"
)

// A host with the rendered configuration, and a client that knows nothing but what the operator
// reads: the Services' annotations and the Secrets they name.
func TestAClientMadeFromServicesAndSecretsLoadsEveryPlugin(t *testing.T) {
	r := render(t, "all-plugins.yaml")
	address := startHost(t, r)
	for _, service := range r.pluginServices() {
		name := service.Labels["cnpg.io/pluginName"]
		for _, serverName := range []string{service.Annotations["cnpg.io/pluginServerName"], service.Name} {
			t.Run(name+" as "+serverName, func(t *testing.T) {
				client := identity.NewIdentityClient(dial(t, r, service, address, serverName))
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
				defer cancel()
				metadata, err := client.GetPluginMetadata(ctx, &identity.GetPluginMetadataRequest{})
				if err != nil {
					t.Fatal(err)
				}
				same(t, "name", metadata.Name, name)
				capabilities, err := client.GetPluginCapabilities(ctx, &identity.GetPluginCapabilitiesRequest{})
				if err != nil || len(capabilities.Capabilities) == 0 {
					t.Fatal(capabilities, err)
				}
				if _, err := client.Probe(ctx, &identity.ProbeRequest{}); err != nil {
					t.Error(err)
				}
			})
		}
	}
	t.Run("a name that isn't in the certificate", func(t *testing.T) {
		client := identity.NewIdentityClient(dial(t, r, r.pluginServices()[0], address, "nobody.example.com"))
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if _, err := client.GetPluginMetadata(ctx, &identity.GetPluginMetadataRequest{}); err == nil {
			t.Error("somebody answered")
		}
	})
}

func dial(t *testing.T, r *rendering, service *core.Service, address, serverName string) *grpc.ClientConn {
	t.Helper()
	server := named[*core.Secret](r, service.Annotations["cnpg.io/pluginServerSecret"])
	client := named[*core.Secret](r, service.Annotations["cnpg.io/pluginClientSecret"])
	pair, err := tls.X509KeyPair(client.Data["tls.crt"], client.Data["tls.key"])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(server.Data["tls.crt"])
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{
		ServerName: serverName, RootCAs: roots, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return connection
}

// startHost runs the host as the container would, with the Pod's volumes in a local folder.
func startHost(t *testing.T, r *rendering) string {
	t.Helper()
	folder := t.TempDir()
	write := func(name string, content []byte) string {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	config := write("howdah.yaml", []byte(named[*core.ConfigMap](r, "howdah").Data["howdah.yaml"]))
	pod := r.mustPod()
	mounted := map[string]string{}
	for _, volume := range pod.Spec.Volumes {
		if volume.Secret == nil {
			continue
		}
		secret := named[*core.Secret](r, volume.Secret.SecretName)
		for _, item := range volume.Secret.Items {
			mounted[volume.Name+"/"+item.Path] = write(volume.Name+"/"+item.Path, secret.Data[item.Key])
		}
	}
	address, http := freeAddress(t), freeAddress(t)
	command := exec.Command("../../howdah", "serve", "--config", config, "--home", filepath.Join(folder, "home"),
		"--server-address", address, "--http-address", http,
		"--server-cert", mounted["server-tls/tls.crt"], "--server-key", mounted["server-tls/tls.key"],
		"--client-cert", mounted["client-tls/ca.crt"])
	log, err := os.Create(filepath.Join(folder, "log"))
	if err != nil {
		t.Fatal(err)
	}
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			_ = command.Process.Kill()
			t.Error("the host didn't stop")
		}
		_ = log.Close()
		if t.Failed() {
			t.Log(read(t, log.Name()))
		}
	})
	// The first start on a machine may build the host.
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("the host ended: %v", err)
		case <-time.After(100 * time.Millisecond):
		}
		if connection, err := net.DialTimeout("tcp", address, time.Second); err == nil {
			_ = connection.Close()
			return address
		}
	}
	t.Fatal("the host doesn't listen")
	return ""
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return fmt.Sprint(listener.Addr())
}
