// Command client is a CNPG-I client that isn't Howdah's: the official Go module over grpc-go, with
// the operator's dial options. It runs the operator's loading sequence and one call of every service
// on each plugin of a host, over TCP and over sockets, does with the answers what the operator does,
// and exits with 1 if any of them would hurt.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"sort"
	"strings"

	"google.golang.org/grpc"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// options are the command line.
type options struct {
	address, caFile, certFile, keyFile string
	pluginsFrom, sockets, objects      string
	plugins                            []string
	parameters                         []string
	undeclared, alone, asJSON          bool
}

// run gives the exit code: 0 when everything was served, 1 when something wasn't, 2 for wrong usage.
func run(arguments []string, out, problems io.Writer) int {
	parsed, err := parseOptions(arguments, problems)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		_, _ = fmt.Fprintln(problems, err)
		return 2
	}
	subjects, err := parsed.subjects()
	if err != nil {
		_, _ = fmt.Fprintln(problems, err)
		return 2
	}
	var endpoint *remote
	if parsed.address != "" {
		endpoint, err = newRemote(parsed.address, parsed.caFile, parsed.certFile, parsed.keyFile)
		if err != nil {
			_, _ = fmt.Fprintln(problems, err)
			return 2
		}
	}
	scratch, err := os.MkdirTemp("", "interop")
	if err != nil {
		_, _ = fmt.Fprintln(problems, err)
		return 2
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	if err := newScratch(scratch); err != nil {
		_, _ = fmt.Fprintln(problems, err)
		return 2
	}

	found := &report{}
	round := &round{
		report: found, objects: objects{parsed.objects}, endpoint: endpoint, sockets: parsed.sockets,
		subjects: subjects, undeclared: parsed.undeclared, alone: parsed.alone, scratch: scratch,
	}
	round.everything()
	if parsed.asJSON {
		if err := found.writeJSON(out); err != nil {
			_, _ = fmt.Fprintln(problems, err)
			return 2
		}
	} else {
		found.writeTable(out)
	}
	if len(found.failures()) > 0 {
		return 1
	}
	return 0
}

func parseOptions(arguments []string, problems io.Writer) (*options, error) {
	result := &options{}
	flags := flag.NewFlagSet("client", flag.ContinueOnError)
	flags.SetOutput(problems)
	flags.StringVar(&result.address, "address", "", "host:port of the plugins; without it only sockets are tried")
	flags.StringVar(&result.caFile, "ca", "", "the server's certificate, the only root trusted")
	flags.StringVar(&result.certFile, "cert", "", "the client's certificate")
	flags.StringVar(&result.keyFile, "key", "", "the client's key")
	flags.StringVar(&result.pluginsFrom, "plugins-from-dir", "", "take the plugins' names from this folder of sockets")
	flags.StringVar(&result.sockets, "sockets", "", "folder of sockets; without it only TCP is tried")
	flags.StringVar(&result.objects, "objects", "", "folder of Kubernetes objects as the operator sends them")
	flags.BoolVar(&result.undeclared, "undeclared", false, "call what a plugin doesn't declare, too")
	flags.BoolVar(&result.alone, "alone", false, "the address serves one plugin, under any name: skip the checks of names")
	flags.BoolVar(&result.asJSON, "json", false, "print JSON in place of the table")
	flags.Func("plugin", "NAME or NAME=ALIAS, where the alias is a Service without server name (repeatable)",
		func(value string) error { result.plugins = append(result.plugins, value); return nil })
	flags.Func("parameter", "NAME:KEY=VALUE, a plugin's parameter in the Cluster (repeatable)",
		func(value string) error { result.parameters = append(result.parameters, value); return nil })
	if err := flags.Parse(arguments); err != nil {
		return nil, err
	}
	switch {
	case flags.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %s", flags.Arg(0))
	case result.objects == "":
		return nil, errors.New("--objects is missing")
	case result.address == "" && result.sockets == "":
		return nil, errors.New("nothing to try: give --address, --sockets or both")
	case result.address != "" && (result.caFile == "" || result.certFile == "" || result.keyFile == ""):
		return nil, errors.New("--address needs --ca, --cert and --key")
	}
	return result, nil
}

// subjects are the plugins to try, in the operator's order: by name.
func (o *options) subjects() ([]subject, error) {
	aliases := map[string]string{}
	for _, value := range o.plugins {
		name, alias, _ := strings.Cut(value, "=")
		aliases[name] = alias
	}
	if o.pluginsFrom != "" {
		found, err := socketNames(o.pluginsFrom)
		if err != nil {
			return nil, err
		}
		for _, name := range found {
			if _, given := aliases[name]; !given {
				aliases[name] = ""
			}
		}
	}
	if len(aliases) == 0 {
		return nil, errors.New("no plugin: give --plugin, or --plugins-from-dir with sockets in it")
	}
	parameters, err := o.parametersByPlugin()
	if err != nil {
		return nil, err
	}
	var result []subject
	for name, alias := range aliases {
		result = append(result, subject{name: name, alias: alias, parameters: parameters[name]})
	}
	sort.Slice(result, func(i, j int) bool { return result[i].name < result[j].name })
	return result, nil
}

func (o *options) parametersByPlugin() (map[string]map[string]string, error) {
	result := map[string]map[string]string{}
	for _, value := range o.parameters {
		name, assignment, found := strings.Cut(value, ":")
		key, setting, assigned := strings.Cut(assignment, "=")
		if !found || !assigned {
			return nil, fmt.Errorf("--parameter %s isn't NAME:KEY=VALUE", value)
		}
		if result[name] == nil {
			result[name] = map[string]string{}
		}
		result[name][key] = setting
	}
	return result, nil
}

// round is one run over all plugins and transports.
type round struct {
	report            *report
	objects           objects
	endpoint          *remote
	sockets           string
	subjects          []subject
	undeclared, alone bool
	scratch           string
}

// everything tries each plugin over each transport, then the endpoint itself, then whether each
// plugin is still served.
func (r *round) everything() {
	if r.endpoint != nil {
		r.transport("tcp", r.dialRemote)
		r.aliases()
		if !r.alone {
			checkTwoIdentities(r.report, r.endpoint, r.subjects)
			checkNames(r.report, r.endpoint, r.subjects)
		}
		checkRefusedClients(r.report, r.endpoint, r.subjects[0].name)
		r.stillServed("tcp", r.dialRemote)
	}
	if r.sockets != "" {
		r.transport("socket", r.dialSocket)
		r.stillServed("socket", r.dialSocket)
	}
}

type dialer func(name string) (*grpc.ClientConn, error)

func (r *round) dialRemote(name string) (*grpc.ClientConn, error) {
	return r.endpoint.dial(r.endpoint.tlsConfig(name))
}

func (r *round) dialSocket(name string) (*grpc.ClientConn, error) {
	return dialSocket(r.sockets, name)
}

func (r *round) transport(transport string, dial dialer) {
	var chain []*chained
	for _, subject := range r.subjects {
		to := func() (*grpc.ClientConn, error) { return dial(subject.name) }
		conn, plugin := r.acquire(subject, transport, to)
		if conn == nil {
			continue
		}
		defer func() { _ = conn.Close() }()
		each := &caller{
			report: r.report, objects: r.objects, transport: transport, plugin: plugin, conn: conn,
			undeclared: r.undeclared, scratch: r.scratch,
		}
		each.everything()
		checkPool(r.report, subject.name, transport, to)
		checkLargeMessage(r.report, plugin, transport, r.objects, to)
		if declaresHook(conn.capabilities, "Pod", evaluate) {
			chain = append(chain, &chained{plugin, conn})
		}
	}
	if len(chain) > 1 {
		checkChain(r.report, transport, r.objects, chain)
	}
}

// acquire loads a plugin, shows each call of it, and gives nil if that fails.
func (r *round) acquire(
	subject subject, transport string, dial func() (*grpc.ClientConn, error),
) (*connection, *loaded) {
	var last *report
	conn, err := acquire(context.Background(), dial, func() observer {
		last = &report{}
		return last.observing(subject.name, transport)
	})
	for _, each := range last.rows {
		r.report.add(each)
	}
	if err != nil {
		return nil, nil
	}
	if conn.capabilities.name != subject.name {
		r.report.add(row{
			Plugin: subject.name, Transport: transport, RPC: "Identity/GetPluginMetadata",
			Status: "BadAnswer", Failed: true,
			Detail: fmt.Sprintf("asked for %s, answered by %s", subject.name, conn.capabilities.name),
		})
		_ = conn.Close()
		return nil, nil
	}
	return conn, &loaded{subject: subject, declared: conn.capabilities}
}

// aliases dials as an operator does for a Service without server name: under the Service's name.
func (r *round) aliases() {
	for _, subject := range r.subjects {
		if subject.alias == "" {
			continue
		}
		dial := func() (*grpc.ClientConn, error) { return r.dialRemote(subject.alias) }
		if conn, _ := r.acquire(subject, "tcp as "+subject.alias, dial); conn != nil {
			_ = conn.Close()
		}
	}
	given := slices.ContainsFunc(r.subjects, func(s subject) bool { return s.alias != "" })
	if !given && !r.alone {
		r.report.add(row{
			Plugin: "no plugin", Transport: "tcp", RPC: "check: a Service without server name",
			Status: "NotTried", Failed: true,
			Detail: "nobody has an alias: give the host one and name it with --plugin NAME=ALIAS",
		})
	}
}

func (r *round) stillServed(transport string, dial dialer) {
	for _, subject := range r.subjects {
		to := func() (*grpc.ClientConn, error) { return dial(subject.name) }
		r.report.check(subject.name, transport, "still served at the end", stillServed(to, subject.name))
	}
}
