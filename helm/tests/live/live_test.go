// Package live installs, upgrades and rolls back the chart in a real API server with a real etcd. There
// are no controllers and no nodes: what the API server refuses fails, what it keeps is looked at,
// nothing runs.
package live

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"crypto/tls"
)

const (
	chart     = "../../howdah"
	namespace = "cnpg-system"
	token     = "the-token-of-the-tests"
)

var server *apiServer

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "howdah-live")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	server, err = start(folder)
	if server != nil {
		defer server.stop()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

type apiServer struct {
	folder, url string
	processes   []*exec.Cmd
	client      *http.Client
}

func start(folder string) (*apiServer, error) {
	binary := os.Getenv("HOWDAH_KUBE_APISERVER")
	if binary == "" {
		binary = "../apiserver/target/kube-apiserver"
	}
	s := &apiServer{folder: folder, client: &http.Client{Timeout: 10 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}}
	etcd, peer, secure := freePort(), freePort(), freePort()
	s.url = fmt.Sprintf("https://127.0.0.1:%d", secure)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return s, err
	}
	files := map[string]string{
		"sa.key":    string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})),
		"token.csv": token + ",admin,admin,system:masters\n",
		"kubeconfig": fmt.Sprintf(`apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: %q, insecure-skip-tls-verify: true}}]
users: [{name: u, user: {token: %s}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`, s.url, token),
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			return s, err
		}
	}
	client := fmt.Sprintf("http://127.0.0.1:%d", etcd)
	peers := fmt.Sprintf("http://127.0.0.1:%d", peer)
	if err := s.process("etcd", "--data-dir", filepath.Join(folder, "etcd"), "--listen-client-urls", client,
		"--advertise-client-urls", client, "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers,
		"--initial-cluster", "default="+peers); err != nil {
		return s, err
	}
	sa := filepath.Join(folder, "sa.key")
	if err := s.process(binary, "--etcd-servers", client, "--bind-address", "127.0.0.1",
		"--secure-port", fmt.Sprint(secure), "--cert-dir", filepath.Join(folder, "tls"),
		"--token-auth-file", filepath.Join(folder, "token.csv"), "--authorization-mode", "RBAC",
		"--service-account-issuer", s.url, "--service-account-key-file", sa, "--service-account-signing-key-file", sa,
		"--service-cluster-ip-range", "10.96.0.0/16"); err != nil {
		return s, err
	}
	for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); time.Sleep(300 * time.Millisecond) {
		if status, _, err := s.call("GET", "/readyz", nil); err == nil && status == http.StatusOK {
			if os.Setenv("KUBECONFIG", filepath.Join(folder, "kubeconfig")) != nil {
				break
			}
			// The restricted standard is enforced, so that a Pod that isn't is refused.
			status, answer, err := s.call("POST", "/api/v1/namespaces", map[string]any{"metadata": map[string]any{"name": namespace,
				"labels": map[string]string{"pod-security.kubernetes.io/enforce": "restricted"}}})
			if err != nil || status != http.StatusCreated {
				return s, fmt.Errorf("the namespace: %v %s", err, answer)
			}
			_, err = helm("install", "crds", "crds", "--namespace", "default")
			return s, err
		}
	}
	log, _ := os.ReadFile(filepath.Join(folder, "kube-apiserver.log"))
	return s, fmt.Errorf("the API server isn't ready; it said:\n%s", log)
}

func (s *apiServer) process(name string, arguments ...string) error {
	log, err := os.Create(filepath.Join(s.folder, filepath.Base(name)+".log"))
	if err != nil {
		return err
	}
	command := exec.Command(name, arguments...)
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		return fmt.Errorf("%w; helm/tests/run builds the API server, etcd is Debian's etcd-server", err)
	}
	s.processes = append(s.processes, command)
	return nil
}

func (s *apiServer) stop() {
	for _, process := range slices.Backward(s.processes) {
		_ = process.Process.Kill()
		_ = process.Wait()
	}
}

func (s *apiServer) call(method, path string, body any) (int, string, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, "", err
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, s.url+path, content)
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	return response.StatusCode, string(answer), err
}

func freePort() int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

func helm(arguments ...string) (string, error) {
	out, err := exec.Command("helm", arguments...).CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("helm %s: %w\n%s", strings.Join(arguments, " "), err, out)
	}
	return string(out), nil
}

func must(t *testing.T, arguments ...string) string {
	t.Helper()
	out, err := helm(append(arguments, "--namespace", namespace)...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// install leaves nothing behind when the test ends.
func install(t *testing.T, arguments ...string) string {
	t.Helper()
	t.Cleanup(func() { must(t, "uninstall", "howdah") })
	return must(t, append([]string{"install", "howdah", chart}, arguments...)...)
}

func object(t *testing.T, path string) map[string]any {
	t.Helper()
	status, answer, err := server.call("GET", path, nil)
	if err != nil || status != http.StatusOK {
		t.Fatalf("GET %s: %d %v %s", path, status, err, answer)
	}
	var found map[string]any
	if err := json.Unmarshal([]byte(answer), &found); err != nil {
		t.Fatal(err)
	}
	return found
}

// secret is one entry of a Secret.
func secret(t *testing.T, name, key string) []byte {
	t.Helper()
	data := object(t, "/api/v1/namespaces/"+namespace+"/secrets/"+name)["data"].(map[string]any)
	value, err := base64.StdEncoding.DecodeString(data[key].(string))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func leaf(t *testing.T, text []byte) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode(text)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func TestUpgradesKeepTheCertificatesAndRotateThemWithoutAGap(t *testing.T) {
	install(t)
	first := secret(t, "howdah-server-tls", "tls.crt")
	client := secret(t, "howdah-client-tls", "tls.crt")
	authority := secret(t, "howdah-authority", "tls.crt")

	must(t, "upgrade", "howdah", chart, "--set", "replicas=3")
	if !bytes.Equal(first, secret(t, "howdah-server-tls", "tls.crt")) || !bytes.Equal(client, secret(t, "howdah-client-tls", "tls.crt")) {
		t.Error("an upgrade that needs no other certificates made some")
	}

	must(t, "upgrade", "howdah", chart, "--set", "plugins.hello-world.enabled=true")
	second := secret(t, "howdah-server-tls", "tls.crt")
	if bytes.Equal(first, second) || leaf(t, second).VerifyHostname("hello-world.howdah.dev") != nil {
		t.Error("the certificate doesn't have the new plugin's name")
	}
	if !bytes.Equal(authority, secret(t, "howdah-authority", "tls.crt")) {
		t.Error("the authority is another one")
	}
	if !bytes.Equal(client, secret(t, "howdah-client-tls", "tls.crt")) {
		t.Error("the client's certificate was replaced for nothing")
	}
	// The operator reads the Secret first, the Pods' files follow: new trust, old certificate.
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(second)
	if _, err := leaf(t, first).Verify(x509.VerifyOptions{Roots: trusted, DNSName: "audit.howdah.dev"}); err != nil {
		t.Error(err)
	}

	must(t, "upgrade", "howdah", chart, "--set", "certificates.renewBeforeDays=364,plugins.hello-world.enabled=true")
	must(t, "upgrade", "howdah", chart, "--set", "certificates.validDays=700,certificates.renewBeforeDays=400,plugins.hello-world.enabled=true")
	if bytes.Equal(second, secret(t, "howdah-server-tls", "tls.crt")) {
		t.Error("a certificate near its end wasn't renewed")
	}

	must(t, "rollback", "howdah", "1")
	if !bytes.Equal(first, secret(t, "howdah-server-tls", "tls.crt")) {
		t.Error("the rollback left another certificate")
	}
	if status, _, _ := server.call("GET", "/api/v1/namespaces/"+namespace+"/services/howdah-hello-world", nil); status != http.StatusNotFound {
		t.Error("the rollback left a plugin's Service")
	}
}

// Every set of values is taken by the API server, and the Pods would be, too: there they meet the
// restricted Pod Security Standard.
func TestTheApiServerTakesEveryValueSet(t *testing.T) {
	files, err := filepath.Glob("../values/*.yaml")
	if err != nil || len(files) < 15 {
		t.Fatal(files, err)
	}
	if status, answer, err := server.call("POST", "/api/v1/namespaces/"+namespace+"/serviceaccounts",
		map[string]any{"metadata": map[string]any{"name": "pods"}}); err != nil || status != http.StatusCreated {
		t.Fatal(answer, err)
	}
	for _, watched := range []string{"team-a", "team-b"} {
		if status, answer, err := server.call("POST", "/api/v1/namespaces", map[string]any{"metadata": map[string]any{"name": watched}}); err != nil || status != http.StatusCreated {
			t.Fatal(answer, err)
		}
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			notes := install(t, "--values", file)
			if !strings.Contains(notes, "Enable one on a Cluster:") {
				t.Errorf("the notes: %s", notes)
			}
			for _, kind := range []string{"deployments", "statefulsets"} {
				for _, item := range object(t, "/apis/apps/v1/namespaces/"+namespace+"/"+kind)["items"].([]any) {
					template := item.(map[string]any)["spec"].(map[string]any)["template"].(map[string]any)
					tryPod(t, file, template)
				}
			}
		})
	}
}

func tryPod(t *testing.T, file string, template map[string]any) {
	spec := template["spec"].(map[string]any)
	spec["serviceAccountName"] = "pods"
	for _, container := range spec["containers"].([]any) {
		// A user's own container, with no security context.
		if container.(map[string]any)["name"] == "proxy" {
			return
		}
	}
	if spec["priorityClassName"] != nil {
		delete(spec, "priorityClassName")
	}
	claims := []any{}
	for _, volume := range spec["volumes"].([]any) {
		claims = append(claims, volume)
	}
	if strings.HasSuffix(file, "audit-files.yaml") {
		claims = append(claims, map[string]any{"name": "audit", "persistentVolumeClaim": map[string]any{"claimName": "audit-0"}})
	}
	spec["volumes"] = claims
	status, answer, err := server.call("POST", "/api/v1/namespaces/"+namespace+"/pods?dryRun=All", map[string]any{
		"metadata": map[string]any{"name": "try"}, "spec": spec})
	if err != nil || status != http.StatusCreated {
		t.Errorf("the Pod is refused: %d %v %s", status, err, answer)
	}
}

// The definition of ObjectStore may be Barman Cloud's, and ObjectStores go with their definition: a
// foreign one isn't touched, and ours outlives the release.
func TestADefinitionOfObjectStoreIsNeitherTakenOverNorTakenAway(t *testing.T) {
	const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
	const name = "objectstores.barmancloud.cnpg.io"
	const values = "../values/object-store.yaml"
	remove := func() {
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
			if status, _, err := server.call("DELETE", path+"/"+name, nil); err == nil && status == http.StatusNotFound {
				return
			}
		}
		t.Fatal("the definition doesn't go")
	}
	remove()
	foreign := map[string]any{"metadata": map[string]any{"name": name}, "spec": map[string]any{
		"group": "barmancloud.cnpg.io", "scope": "Namespaced",
		"names": map[string]any{"kind": "ObjectStore", "plural": "objectstores", "singular": "objectstore"},
		"versions": []any{map[string]any{"name": "v1", "served": true, "storage": true, "schema": map[string]any{
			"openAPIV3Schema": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}}}}
	if status, answer, err := server.call("POST", path, foreign); err != nil || status != http.StatusCreated {
		t.Fatal(answer, err)
	}
	generation := func() any { return object(t, path+"/"+name)["metadata"].(map[string]any)["generation"] }
	before := generation()
	must(t, "install", "howdah", chart, "--values", values)
	must(t, "upgrade", "howdah", chart, "--values", values, "--set", "replicas=3")
	if before != generation() {
		t.Error("a foreign definition was changed")
	}
	must(t, "uninstall", "howdah")
	generation()

	remove()
	must(t, "install", "howdah", chart, "--values", values)
	must(t, "upgrade", "howdah", chart, "--values", values, "--set", "replicas=3")
	must(t, "uninstall", "howdah")
	generation()
	install(t, "--values", values)
}

// What runs beside databases changes when a revision is added, never by an upgrade of the chart.
func TestAnUpgradeLeavesTheSidecarsImage(t *testing.T) {
	image := func(revision string) string {
		path := "/api/v1/namespaces/" + namespace + "/configmaps/howdah-sidecar"
		document := object(t, path)["data"].(map[string]any)["sidecar.yaml"].(string)
		_, rest, found := strings.Cut(document, "  "+revision+":\n")
		if !found {
			t.Fatalf("no revision %s:\n%s", revision, document)
		}
		_, rest, _ = strings.Cut(rest, "image: ")
		line, _, _ := strings.Cut(rest, "\n")
		return line
	}
	install(t, "--set", "sidecar.enabled=true,image.tag=old")
	first := image("1")
	if !strings.HasSuffix(first, ":old") {
		t.Errorf("the first image: %s", first)
	}
	must(t, "upgrade", "howdah", chart, "--set", "sidecar.enabled=true,image.tag=new", "--set-json", `sidecar.revisions={"1":{},"2":{}}`)
	if image("1") != first || !strings.HasSuffix(image("2"), ":new") {
		t.Errorf("after the upgrade: %s and %s", image("1"), image("2"))
	}
	must(t, "upgrade", "howdah", chart, "--set", "sidecar.enabled=true,image.tag=new", "--set-json", `sidecar.revisions={"1":{"image":"registry.example/mine:1"}}`)
	if image("1") != "registry.example/mine:1" {
		t.Errorf("an image of one's own: %s", image("1"))
	}
}

// The host's rights are those of its ServiceAccount, and Secrets aren't among them.
func TestTheHostMayNotReadSecrets(t *testing.T) {
	install(t)
	allowed := func(group, resource, verb string) bool {
		_, answer, err := server.call("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", map[string]any{
			"spec": map[string]any{"user": "system:serviceaccount:" + namespace + ":howdah",
				"resourceAttributes": map[string]any{"namespace": namespace, "group": group, "resource": resource, "verb": verb}}})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(answer, `"allowed":true`)
	}
	if !allowed("coordination.k8s.io", "leases", "get") {
		t.Error("the host can't elect a leader")
	}
	for _, verb := range []string{"get", "list", "watch", "create"} {
		if allowed("", "secrets", verb) {
			t.Errorf("the host may %s Secrets", verb)
		}
	}
}

// The doctor reads the same API server: certificates and Services are right, but no Pod runs.
func TestTheDoctorFindsThatNothingRuns(t *testing.T) {
	install(t)
	out, err := exec.Command("../../../howdah", "doctor", "--kubeconfig", filepath.Join(server.folder, "kubeconfig"), "--namespace", namespace, "--json").Output()
	if err == nil {
		t.Errorf("nothing is wrong, it says: %s", out)
	}
	var findings []struct{ Severity, Subject, Problem string }
	if err := json.Unmarshal(out, &findings); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	wrong := 0
	for _, finding := range findings {
		if finding.Severity != "ERROR" {
			continue
		}
		wrong++
		if finding.Problem != "No Pod behind it is ready." {
			t.Errorf("%s: %s", finding.Subject, finding.Problem)
		}
	}
	if wrong != 3 {
		t.Errorf("%d errors instead of one for each Service: %s", wrong, out)
	}
}
