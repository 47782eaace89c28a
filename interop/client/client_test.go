package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cloudnative-pg/cnpg-i/pkg/identity"
	"github.com/cloudnative-pg/cnpg-i/pkg/lifecycle"
	"github.com/cloudnative-pg/cnpg-i/pkg/operator"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

const (
	correctPlugin = "correct.interop.howdah.dev"
	serviceName   = "correct-plugin"
)

func TestTheCorrectPluginIsServedOverTCP(t *testing.T) {
	certificates := issueCertificates(t, correctPlugin, serviceName)
	address := startCorrectPluginOnTCP(t, certificates)

	code, output := client(t, append(overTCP(address, certificates),
		"--alone", "--undeclared", "--plugin", correctPlugin+"="+serviceName)...)

	if code != 0 {
		t.Fatalf("exit code %d\n%s", code, output)
	}
	for _, expected := range []string{
		"tcp as " + serviceName,
		"OperatorLifecycle/LifecycleHook EVALUATE pod-instance-wal-tablespaces",
		"WAL/Archive (undeclared)",
		"check: no client certificate is refused",
	} {
		if !strings.Contains(output, expected) {
			t.Errorf("no row with %q in\n%s", expected, output)
		}
	}
}

func TestTheCorrectPluginIsServedOverASocket(t *testing.T) {
	sockets := startCorrectPluginOnSocket(t)

	code, output := client(t,
		"--objects", objectsFolder(t), "--plugins-from-dir", sockets, "--sockets", sockets, "--undeclared")

	if code != 0 {
		t.Fatalf("exit code %d\n%s", code, output)
	}
}

func TestAWrongParameterIsAnsweredWithItsPath(t *testing.T) {
	sockets := startCorrectPluginOnSocket(t)

	_, output := client(t, "--objects", objectsFolder(t), "--plugin", correctPlugin,
		"--sockets", sockets, "--json", "--parameter", correctPlugin+":label=no label")

	if !strings.Contains(output, "spec.plugins.2.label: a valid label") {
		t.Errorf("no validation error with its path in\n%s", output)
	}
}

func TestAServerThatAnswersToAnyNameIsFound(t *testing.T) {
	certificates := issueCertificates(t, correctPlugin, serviceName)
	address := startCorrectPluginOnTCP(t, certificates)

	code, output := client(t,
		append(overTCP(address, certificates), "--plugin", correctPlugin+"="+serviceName)...)

	if code != 1 || !strings.Contains(output, "certificate not verified: answered by "+correctPlugin) {
		t.Errorf("exit code %d\n%s", code, output)
	}
}

func TestAForeignFileAmongTheSocketsIsWrongUsage(t *testing.T) {
	directory := t.TempDir()
	if err := os.WriteFile(filepath.Join(directory, "notes.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}

	code, output := client(t,
		"--objects", objectsFolder(t), "--plugins-from-dir", directory, "--sockets", directory)

	if code != 2 || !strings.Contains(output, "notes.txt") {
		t.Errorf("exit code %d\n%s", code, output)
	}
}

func TestNobodyRefusesWhereNobodyListens(t *testing.T) {
	certificates := issueCertificates(t, correctPlugin)

	_, output := client(t,
		append(overTCP(freePort(t), certificates), "--plugin", correctPlugin)...)

	for _, check := range []string{"TLS 1.2 is refused", "a wrong server name, certificate not verified"} {
		if !strings.Contains(output, check+": nobody was there to refuse") {
			t.Errorf("%q passed or has another reason in\n%s", check, output)
		}
	}
}

func TestAHostOfTwoPluginsIsServed(t *testing.T) {
	certificates := issueCertificates(t, "one.example.com", "two.example.com", "one-service")
	address := (&host{names: map[string]string{
		"one.example.com": "one.example.com", "two.example.com": "two.example.com",
		"one-service": "one.example.com",
	}}).serve(t, certificates)

	code, output := client(t, append(overTCP(address, certificates),
		"--plugin", "one.example.com=one-service", "--plugin", "two.example.com")...)

	if code != 0 {
		t.Fatalf("exit code %d\n%s", code, output)
	}
	for _, expected := range []string{
		"tcp as one-service",
		"check: each name on the port has its own identity",
		"check: an authority that contradicts the server name",
		"check: a Pod through all plugins, twice",
	} {
		if !strings.Contains(output, expected) {
			t.Errorf("no row with %q in\n%s", expected, output)
		}
	}
}

func TestAHostThatRoutesWronglyIsFound(t *testing.T) {
	both := map[string]string{
		"one.example.com": "one.example.com", "two.example.com": "two.example.com",
	}
	wrongs := []struct {
		name string
		host *host
		says string
	}{
		{"a default plugin", &host{names: both, otherwise: "one.example.com"},
			"a wrong authority behind a right server name: answered by one.example.com"},
		{"a server name that nobody compares", &host{names: both, trusting: true},
			"an authority that contradicts the server name: answered by two.example.com"},
		{"two names for one plugin", &host{names: map[string]string{
			"one.example.com": "one.example.com", "two.example.com": "one.example.com",
		}}, "asked for two.example.com, answered by one.example.com"},
	}
	for _, wrong := range wrongs {
		t.Run(wrong.name, func(t *testing.T) {
			certificates := issueCertificates(t, "one.example.com", "two.example.com")
			address := wrong.host.serve(t, certificates)

			code, output := client(t, append(overTCP(address, certificates),
				"--plugin", "one.example.com", "--plugin", "two.example.com")...)

			if code != 1 || !strings.Contains(output, wrong.says) {
				t.Errorf("exit code %d, without %q\n%s", code, wrong.says, output)
			}
		})
	}
}

// Each fault is one way of hurting the operator; the client must fail and say why.
func TestFaultsAreFoundAndExplained(t *testing.T) {
	faults := []struct {
		name   string
		plugin *faulty
		says   string
	}{
		{"another plugin's name", &faulty{answersAs: "other.example.com"},
			"asked for faulty.example.com, answered by other.example.com"},
		{"a capability without alternative", &faulty{unsetCapability: true}, "crashes the operator"},
		{"a declared call that isn't there", &faulty{unimplemented: true}, "declared, but answered as unimplemented"},
		{"an error without code", &faulty{hookError: errors.New("boom")}, "an error without a code of its own"},
		{"an internal error for a good Cluster",
			&faulty{hookError: status.Error(codes.Internal, "broken")}, "a good Cluster is answered with an error"},
		{"a patch that doesn't apply",
			&faulty{patches: []string{`[{"op":"remove","path":"/spec/nothing"}]`}}, "doesn't apply"},
		{"a hook with two answers", &faulty{patches: []string{
			`[{"op":"add","path":"/metadata/labels/example.com~1n","value":"1"}]`,
			`[{"op":"add","path":"/metadata/labels/example.com~1n","value":"2"}]`,
		}}, "the same call has two results"},
		{"a hook that isn't idempotent", &faulty{patches: []string{
			`[{"op":"add","path":"/spec/volumes/-","value":{"name":"again","emptyDir":{}}}]`,
		}}, "changes an object that it patched before"},
		{"a renamed object", &faulty{patches: []string{
			`[{"op":"replace","path":"/metadata/name","value":"other"}]`,
		}}, "changes metadata.name"},
		{"a status answered for ever", &faulty{status: `{"enabled":true}`}, "reconcile for ever"},
		{"a status that is no object", &faulty{status: `[]`}, "no JSON object"},
		{"a validation error without path", &faulty{pathless: true}, "has no path"},
	}
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			sockets := fault.plugin.serve(t)

			code, output := client(t,
				"--objects", objectsFolder(t), "--plugin", "faulty.example.com", "--sockets", sockets)

			if code != 1 || !strings.Contains(output, fault.says) {
				t.Errorf("exit code %d, without %q\n%s", code, fault.says, output)
			}
		})
	}
}

func client(t *testing.T, arguments ...string) (int, string) {
	t.Helper()
	var output bytes.Buffer
	code := run(arguments, &output, &output)
	return code, output.String()
}

func overTCP(address string, files *certificateFiles) []string {
	return []string{
		"--objects", files.objects, "--address", address,
		"--ca", files.serverCert, "--cert", files.clientCert, "--key", files.clientKey,
	}
}

// objectsFolder is the project's copy of the objects that the operator sends.
func objectsFolder(t *testing.T) string {
	t.Helper()
	folder := "../../plugin-testkit/src/main/resources/dev/howdah/testkit/objects"
	if _, err := os.Stat(filepath.Join(folder, "cluster-minimal.json")); err != nil {
		t.Fatalf("no objects to send: %v", err)
	}
	return folder
}

var buildOnce = sync.OnceValues(func() (string, error) {
	directory, err := os.MkdirTemp("", "correct-plugin")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(directory, "correct-plugin")
	output, err := exec.Command("go", "build", "-o", binary, "../correct-plugin").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("cannot build the correct plugin: %w\n%s", err, output)
	}
	return binary, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if binary, err := buildOnce(); err == nil {
		_ = os.RemoveAll(filepath.Dir(binary))
	}
	os.Exit(code)
}

func startCorrectPluginOnTCP(t *testing.T, files *certificateFiles) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	startCorrectPlugin(t, "tcp", address,
		"--server-cert", files.serverCert, "--server-key", files.serverKey,
		"--client-cert", files.clientCert, "--server-address", address)
	return address
}

func startCorrectPluginOnSocket(t *testing.T) string {
	t.Helper()
	// t.TempDir holds the test's name, which makes some socket paths too long.
	directory, err := os.MkdirTemp("", "sockets")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(directory) })
	startCorrectPlugin(t, "unix", filepath.Join(directory, correctPlugin), "--plugin-path", directory)
	return directory
}

func startCorrectPlugin(t *testing.T, network, address string, arguments ...string) {
	t.Helper()
	binary, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	process := exec.Command(binary, append([]string{"serve"}, arguments...)...)
	process.Stdout, process.Stderr = &log, &log
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = process.Process.Signal(os.Interrupt)
		if err := process.Wait(); err != nil {
			t.Errorf("the plugin didn't stop cleanly: %v", err)
		}
		if t.Failed() {
			t.Logf("the plugin's log:\n%s", log.String())
		}
	})
	waitUntilListening(t, network, address)
}

func waitUntilListening(t *testing.T, network, address string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-deadline:
			t.Fatalf("nothing listens on %s", address)
		case <-tick.C:
			if conn, err := net.Dial(network, address); err == nil {
				_ = conn.Close()
				return
			}
		}
	}
}

// faulty is a plugin with one fault.
type faulty struct {
	identity.UnimplementedIdentityServer
	operator.UnimplementedOperatorServer
	lifecycle.UnimplementedOperatorLifecycleServer

	answersAs       string
	unsetCapability bool
	unimplemented   bool
	hookError       error
	patches         []string
	status          string
	pathless        bool

	mutex sync.Mutex
	calls int
}

// serve listens on a socket in a new folder, and gives the folder.
func (f *faulty) serve(t *testing.T) string {
	t.Helper()
	directory, err := os.MkdirTemp("", "sockets")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(directory) })
	listener, err := net.Listen("unix", filepath.Join(directory, "faulty.example.com"))
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, listener, f)
	return directory
}

func serveOn(t *testing.T, listener net.Listener, f *faulty, options ...grpc.ServerOption) {
	t.Helper()
	server := grpc.NewServer(options...)
	identity.RegisterIdentityServer(server, faultyIdentity{f})
	operator.RegisterOperatorServer(server, faultyOperator{f})
	lifecycle.RegisterOperatorLifecycleServer(server, faultyLifecycle{f})
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-done; err != nil {
			t.Errorf("the faulty plugin failed: %v", err)
		}
	})
}

// host serves plugins on one port and routes by authority, as Howdah does.
type host struct {
	names     map[string]string
	otherwise string
	// trusting routes without a look at the TLS server name.
	trusting bool
}

func (h *host) serve(t *testing.T, files *certificateFiles) string {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(files.serverCert, files.serverKey)
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	trusted, err := os.ReadFile(files.clientCert)
	if err != nil || !clients.AppendCertsFromPEM(trusted) {
		t.Fatalf("no client certificate: %v", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, listener, &faulty{},
		grpc.Creds(credentials.NewTLS(&tls.Config{
			MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAndVerifyClientCert,
			ClientCAs: clients, Certificates: []tls.Certificate{pair},
		})),
		grpc.UnaryInterceptor(h.route))
	return listener.Addr().String()
}

func (h *host) route(
	ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler,
) (any, error) {
	headers, _ := metadata.FromIncomingContext(ctx)
	authority := headers.Get(":authority")[0]
	caller, _ := peer.FromContext(ctx)
	serverName := caller.AuthInfo.(credentials.TLSInfo).State.ServerName
	name, known := h.names[authority]
	if !known {
		name = h.otherwise
	}
	if name == "" || !h.trusting && h.otherwise == "" && authority != serverName {
		return nil, status.Error(codes.Unimplemented, "no plugin of that name")
	}
	response, err := handler(ctx, request)
	if described, ok := response.(*identity.GetPluginMetadataResponse); ok {
		described.Name = name
	}
	return response, err
}

type faultyIdentity struct{ *faulty }

func (f faultyIdentity) GetPluginMetadata(
	context.Context, *identity.GetPluginMetadataRequest,
) (*identity.GetPluginMetadataResponse, error) {
	name := "faulty.example.com"
	if f.answersAs != "" {
		name = f.answersAs
	}
	return &identity.GetPluginMetadataResponse{Name: name, Version: "1"}, nil
}

func (f faultyIdentity) GetPluginCapabilities(
	context.Context, *identity.GetPluginCapabilitiesRequest,
) (*identity.GetPluginCapabilitiesResponse, error) {
	response := &identity.GetPluginCapabilitiesResponse{}
	for _, service := range []identity.PluginCapability_Service_Type{
		identity.PluginCapability_Service_TYPE_OPERATOR_SERVICE,
		identity.PluginCapability_Service_TYPE_LIFECYCLE_SERVICE,
	} {
		response.Capabilities = append(response.Capabilities, &identity.PluginCapability{
			Type: &identity.PluginCapability_Service_{
				Service: &identity.PluginCapability_Service{Type: service},
			},
		})
	}
	if f.unsetCapability {
		response.Capabilities = append(response.Capabilities, &identity.PluginCapability{})
	}
	return response, nil
}

func (f faultyIdentity) Probe(context.Context, *identity.ProbeRequest) (*identity.ProbeResponse, error) {
	return &identity.ProbeResponse{}, nil
}

type faultyOperator struct{ *faulty }

func (f faultyOperator) GetCapabilities(
	context.Context, *operator.OperatorCapabilitiesRequest,
) (*operator.OperatorCapabilitiesResult, error) {
	result := &operator.OperatorCapabilitiesResult{}
	for _, call := range []operator.OperatorCapability_RPC_Type{
		operator.OperatorCapability_RPC_TYPE_VALIDATE_CLUSTER_CREATE,
		operator.OperatorCapability_RPC_TYPE_SET_STATUS_IN_CLUSTER,
	} {
		result.Capabilities = append(result.Capabilities, &operator.OperatorCapability{
			Type: &operator.OperatorCapability_Rpc{Rpc: &operator.OperatorCapability_RPC{Type: call}},
		})
	}
	return result, nil
}

func (f faultyOperator) ValidateClusterCreate(
	context.Context, *operator.OperatorValidateClusterCreateRequest,
) (*operator.OperatorValidateClusterCreateResult, error) {
	result := &operator.OperatorValidateClusterCreateResult{}
	if f.unimplemented {
		return nil, status.Error(codes.Unimplemented, "not there")
	}
	if f.pathless {
		result.ValidationErrors = []*operator.ValidationError{{Message: "somewhere"}}
	}
	return result, nil
}

func (f faultyOperator) SetStatusInCluster(
	context.Context, *operator.SetStatusInClusterRequest,
) (*operator.SetStatusInClusterResponse, error) {
	return &operator.SetStatusInClusterResponse{JsonStatus: []byte(f.status)}, nil
}

type faultyLifecycle struct{ *faulty }

func (f faultyLifecycle) GetCapabilities(
	context.Context, *lifecycle.OperatorLifecycleCapabilitiesRequest,
) (*lifecycle.OperatorLifecycleCapabilitiesResponse, error) {
	return &lifecycle.OperatorLifecycleCapabilitiesResponse{
		LifecycleCapabilities: []*lifecycle.OperatorLifecycleCapabilities{{
			Kind: "Pod", OperationTypes: []*lifecycle.OperatorOperationType{{Type: evaluate}},
		}},
	}, nil
}

func (f faultyLifecycle) LifecycleHook(
	context.Context, *lifecycle.OperatorLifecycleRequest,
) (*lifecycle.OperatorLifecycleResponse, error) {
	if f.hookError != nil || len(f.patches) == 0 {
		return &lifecycle.OperatorLifecycleResponse{}, f.hookError
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	patch := f.patches[f.calls%len(f.patches)]
	f.calls++
	return &lifecycle.OperatorLifecycleResponse{JsonPatch: []byte(patch)}, nil
}

// certificateFiles are two self-signed pairs, as cert-manager's self-signed issuer makes them.
type certificateFiles struct {
	serverCert, serverKey, clientCert, clientKey, objects string
}

func issueCertificates(t *testing.T, names ...string) *certificateFiles {
	t.Helper()
	directory := t.TempDir()
	files := &certificateFiles{
		serverCert: filepath.Join(directory, "server.crt"),
		serverKey:  filepath.Join(directory, "server.key"),
		clientCert: filepath.Join(directory, "client.crt"),
		clientKey:  filepath.Join(directory, "client.key"),
		objects:    objectsFolder(t),
	}
	selfSigned(t, files.serverCert, files.serverKey, x509.ExtKeyUsageServerAuth, names...)
	selfSigned(t, files.clientCert, files.clientKey, x509.ExtKeyUsageClientAuth, "operator")
	return files
}

func selfSigned(t *testing.T, certFile, keyFile string, usage x509.ExtKeyUsage, names ...string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: names[0]},
		DNSNames:     names,
		NotBefore:    time.Now().Add(-time.Minute),
		NotAfter:     time.Now().Add(30 * 24 * time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{usage},
	}
	content, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	encodedKey, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, certFile, "CERTIFICATE", content)
	writePEM(t, keyFile, "PRIVATE KEY", encodedKey)
}

func writePEM(t *testing.T, file, kind string, content []byte) {
	t.Helper()
	encoded := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content})
	if err := os.WriteFile(file, encoded, 0o600); err != nil {
		t.Fatal(err)
	}
}

// freePort is an address of this machine that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
