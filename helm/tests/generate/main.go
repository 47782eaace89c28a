// Command generate makes what follows from the chart's values.yaml: the closed values.schema.json and
// the reference in README.md; and the manifests for those who have no helm. It is run by helm/update,
// and by the tests with --check, which writes nothing and fails where something is out of date.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	kubeVersion = "1.33.0"
	marker      = "<!-- values: made by helm/update from values.yaml -->"
)

func main() {
	check := len(os.Args) > 2 && os.Args[2] == "--check"
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: generate HELM-FOLDER [--check]")
		os.Exit(2)
	}
	if err := run(os.Args[1], check); err != nil {
		fmt.Fprintln(os.Stderr, "helm/update:", err)
		os.Exit(1)
	}
}

func run(folder string, check bool) error {
	values, err := readValues(filepath.Join(folder, "howdah/values.yaml"))
	if err != nil {
		return err
	}
	schema, err := schemaOf(values)
	if err != nil {
		return err
	}
	readme, err := referenceOf(values, filepath.Join(folder, "howdah/README.md"))
	if err != nil {
		return err
	}
	rules, err := os.ReadFile(filepath.Join(folder, "../host-app/src/main/resources/META-INF/howdah/rbac.yaml"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	made := map[string][]byte{"howdah/values.schema.json": schema, "howdah/README.md": readme}
	bundled, err := bundledPlugins(filepath.Join(folder, "../host-app/pom.xml"))
	if err != nil {
		return err
	}
	made["howdah/files/bundled.yaml"] = bundled
	if rules != nil {
		made["howdah/files/rbac.yaml"] = rules
	}
	if err := put(folder, made, check); err != nil {
		return err
	}
	// The manifests last: helm reads the schema that was just written.
	manifests, err := manifestsOf(folder)
	if err != nil {
		return err
	}
	return put(folder, map[string][]byte{"manifests/howdah.yaml": manifests}, check)
}

var plugin = regexp.MustCompile(`<artifactId>howdah-plugin-([a-z-]+)</artifactId>\s*<scope>runtime</scope>`)

// bundledPlugins are the ids of those that the host's build has on its class path.
func bundledPlugins(pom string) ([]byte, error) {
	text, err := os.ReadFile(pom)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, found := range plugin.FindAllSubmatch(text, -1) {
		ids = append(ids, string(found[1]))
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("%s names no plugin", pom)
	}
	slices.Sort(ids)
	return []byte("# The plugins that the image carries, by helm/update from the host's build.\n- " + strings.Join(ids, "\n- ") + "\n"), nil
}

func put(folder string, made map[string][]byte, check bool) error {
	for name, content := range made {
		file := filepath.Join(folder, name)
		now, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if bytes.Equal(now, content) {
			continue
		}
		if check {
			return fmt.Errorf("%s is out of date; run helm/update", name)
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// value is one entry of values.yaml.
type value struct {
	path        string
	description string
	items       [][3]string
	node        *yaml.Node
	children    []*value
}

func readValues(file string) (*value, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	root := &value{node: document.Content[0]}
	return root, root.descend()
}

func (v *value) descend() error {
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		key, node := v.node.Content[i], v.node.Content[i+1]
		child := &value{path: strings.TrimPrefix(v.path+"."+key.Value, "."), node: node}
		for _, line := range strings.Split(key.HeadComment, "\n") {
			line = strings.TrimSpace(strings.TrimPrefix(line, "#"))
			switch {
			case strings.HasPrefix(line, "-- "):
				child.description = strings.TrimPrefix(line, "-- ")
			case strings.HasPrefix(line, "@item "):
				parts := strings.SplitN(strings.TrimPrefix(line, "@item "), "|", 3)
				if len(parts) != 3 {
					return fmt.Errorf("%s: '%s' isn't `@item name | default | description`", child.path, line)
				}
				child.items = append(child.items,
					[3]string{strings.TrimSpace(parts[0]), strings.TrimSpace(parts[1]), strings.TrimSpace(parts[2])})
			}
		}
		// What has a description is a value; what has none is a group of values.
		if child.description == "" {
			if node.Kind != yaml.MappingNode || len(node.Content) == 0 {
				return fmt.Errorf("%s has no description in values.yaml", child.path)
			}
			if err := child.descend(); err != nil {
				return err
			}
		}
		v.children = append(v.children, child)
	}
	return nil
}

type object = map[string]any

// typed says what the defaults can't: the shape of lists and maps, and choices.
var typed = map[string]object{
	"certificates.mode":                    {"enum": []string{"generated", "certManager", "existing"}},
	"certificates.existing.clientTrustKey": {"enum": []string{"tls.crt", "ca.crt"}},
	"certificates.certManager.issuerRef":   closed(object{"name": text, "kind": text, "group": text}),
	"certificates.validDays":               {"type": "integer", "minimum": 1},
	"certificates.extraDnsNames":           listOf(text),
	"image.digest":                         {"type": "string", "pattern": "^(sha256:[0-9a-f]{64})?$"},
	"image.pullPolicy":                     pullPolicy,
	"replicas":                             {"type": "integer", "minimum": 0},
	"logging.format":                       {"enum": []string{"json", "text"}},
	"logging.levels":                       mapOf(text),
	"grpc.port":                            port,
	"grpc.drainTimeout":                    {"type": "string", "pattern": "^[0-9]+s$"},
	"http.port":                            port,
	"tracing.endpoint":                     {"type": "string", "pattern": "^(https?://.+)?$"},
	"tracing.sampling":                     {"type": "number", "minimum": 0, "maximum": 1},
	"webhooks.port":                        port,
	"webhooks.failurePolicy":               {"enum": []string{"", "Ignore", "Fail"}},
	"webhooks.timeoutSeconds":              {"type": "integer", "minimum": 1, "maximum": 30},
	"webhooks.matchConditions":             listOf(closed(object{"name": text, "expression": text})),
	"dropIns.verification":                 {"enum": []string{"off", "warn", "enforce"}},
	"dropIns.sha256":                       mapOf(object{"type": "string", "pattern": "^[0-9a-fA-F]{64}$"}),
	"dropIns.images": listOf(required(closed(object{
		"name": label, "reference": text, "pullPolicy": pullPolicy, "subPath": text}), "name", "reference")),
	"dropIns.initContainers": listOf(required(closed(object{
		"name": label, "image": text, "path": text}), "name", "image")),
	"audit.stdout.enabled":               {"type": []string{"boolean", "null"}},
	"sidecar.revision":                   {"type": "integer", "minimum": 1},
	"sidecar.revisions":                  keyed("^[1-9][0-9]*$", object{"type": []string{"object", "null"}}),
	"sidecar.rollout":                    listOf(required(closed(object{"selector": text, "revision": object{"type": "integer"}}), "selector", "revision")),
	"sidecar.settings":                   {"type": "object"},
	"rbac.watchNamespaces":               listOf(label),
	"rbac.features":                      mapOf(object{"type": "boolean"}),
	"commonLabels":                       mapOf(text),
	"commonAnnotations":                  mapOf(text),
	"operator.podLabels":                 mapOf(text),
	"podLabels":                          mapOf(text),
	"podAnnotations":                     mapOf(text),
	"nodeSelector":                       mapOf(text),
	"serviceAccount.annotations":         mapOf(text),
	"metrics.serviceMonitor.labels":      mapOf(text),
	"metrics.prometheusRule.labels":      mapOf(text),
	"metrics.dashboards.labels":          mapOf(text),
	"metrics.dashboards.annotations":     mapOf(text),
	"podDisruptionBudget.maxUnavailable": {"type": []string{"integer", "string"}},
	"extraObjects":                       {"type": "array", "items": object{"type": []string{"object", "string"}}},
	"plugins": keyed("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", object{
		"type": []string{"object", "null"}, "additionalProperties": false,
		"properties": object{
			"enabled": object{"type": "boolean"}, "required": object{"type": "boolean"}, "deny": object{"type": "boolean"},
			"name":        object{"type": "string", "pattern": `^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`, "maxLength": 63},
			"aliases":     listOf(text),
			"serviceName": label,
			"failPolicy":  mapOf(object{"enum": []string{"ignore", "fail"}}),
			"limits":      object{"type": "object"}, "settings": object{"type": "object"},
		}}),
}

var (
	text       = object{"type": "string"}
	label      = object{"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "maxLength": 63}
	port       = object{"type": "integer", "minimum": 1024, "maximum": 65535}
	pullPolicy = object{"enum": []string{"Always", "IfNotPresent", "Never"}}
)

func closed(properties object) object {
	return object{"type": "object", "additionalProperties": false, "properties": properties}
}

func required(of object, names ...string) object {
	of["required"] = names
	return of
}

func listOf(items object) object { return object{"type": "array", "items": items} }

func mapOf(values object) object { return object{"type": "object", "additionalProperties": values} }

func keyed(pattern string, values object) object {
	return object{"type": "object", "additionalProperties": false, "patternProperties": object{pattern: values}}
}

func schemaOf(root *value) ([]byte, error) {
	unused := map[string]bool{}
	for path := range typed {
		unused[path] = true
	}
	var of func(*value) object
	of = func(v *value) object {
		if len(v.children) > 0 {
			properties := object{}
			for _, child := range v.children {
				name := child.path[strings.LastIndex(child.path, ".")+1:]
				properties[name] = of(child)
			}
			return closed(properties)
		}
		result := object{"description": v.description}
		shape, given := typed[v.path]
		delete(unused, v.path)
		if !given {
			shape = object{"type": typeOf(v.node)}
		}
		for key, entry := range shape {
			result[key] = entry
		}
		return result
	}
	schema := of(root)
	schema["$schema"] = "http://json-schema.org/draft-07/schema#"
	for path := range unused {
		return nil, fmt.Errorf("there is no value %s, but a type for it", path)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(schema)
	return out.Bytes(), err
}

func typeOf(node *yaml.Node) string {
	switch {
	case node.Kind == yaml.MappingNode:
		return "object"
	case node.Kind == yaml.SequenceNode:
		return "array"
	case node.Tag == "!!bool":
		return "boolean"
	case node.Tag == "!!int":
		return "integer"
	default:
		return "string"
	}
}

func referenceOf(root *value, file string) ([]byte, error) {
	now, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	head, _, found := strings.Cut(string(now), marker)
	if !found {
		return nil, fmt.Errorf("%s lacks the line '%s'", file, marker)
	}
	var out strings.Builder
	out.WriteString(head + marker + "\n\n| value | default | what it is |\n|---|---|---|\n")
	var walk func(*value) error
	walk = func(v *value) error {
		for _, child := range v.children {
			if err := walk(child); err != nil {
				return err
			}
		}
		if v.description == "" {
			return nil
		}
		var plain any
		if err := v.node.Decode(&plain); err != nil {
			return err
		}
		shown, err := json.Marshal(plain)
		if err != nil {
			return err
		}
		fmt.Fprintf(&out, "| `%s` | `%s` | %s |\n", v.path, shown, strings.ReplaceAll(v.description, "|", "\\|"))
		separator := ".<id>."
		if v.node.Kind == yaml.SequenceNode {
			separator = "[]."
		}
		for _, item := range v.items {
			fallback := item[1]
			if fallback != "" && !strings.Contains(fallback, "`") {
				fallback = "`" + fallback + "`"
			}
			fmt.Fprintf(&out, "| `%s%s%s` | %s | %s |\n", v.path, separator, item[0], fallback, item[2])
		}
		return nil
	}
	err = walk(root)
	return []byte(out.String()), err
}

var source = regexp.MustCompile(`(?m)^# Source: .*\n`)

// manifestsOf renders the chart for `kubectl apply`: certificates by cert-manager, since those that
// the chart makes itself would be new ones with every rendering.
func manifestsOf(folder string) ([]byte, error) {
	command := exec.Command("helm", "template", "howdah", filepath.Join(folder, "howdah"),
		"--namespace", "cnpg-system", "--kube-version", kubeVersion, "--skip-tests",
		"--set", "certificates.mode=certManager")
	var problems bytes.Buffer
	command.Stderr = &problems
	rendered, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("helm template: %w\n%s", err, problems.String())
	}
	head := "# Howdah for `kubectl apply -f`, beside CloudNativePG in namespace cnpg-system; needs cert-manager.\n" +
		"# Made by helm/update from the chart's defaults.\n"
	return append([]byte(head), source.ReplaceAll(rendered, nil)...), nil
}
