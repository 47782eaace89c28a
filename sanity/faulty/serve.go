package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cloudnative-pg/cnpg-i/pkg/backup"
	"github.com/cloudnative-pg/cnpg-i/pkg/identity"
	"github.com/cloudnative-pg/cnpg-i/pkg/lifecycle"
	"github.com/cloudnative-pg/cnpg-i/pkg/metrics"
	"github.com/cloudnative-pg/cnpg-i/pkg/operator"
	"github.com/cloudnative-pg/cnpg-i/pkg/postgres"
	"github.com/cloudnative-pg/cnpg-i/pkg/reconciler"
	restore "github.com/cloudnative-pg/cnpg-i/pkg/restore/job"
	"github.com/cloudnative-pg/cnpg-i/pkg/wal"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

const defaultName = "faulty.example.com"

// A host serves one plugin, or several behind one address.
type host struct {
	settings
	open, refused atomic.Int64
	servers       []*grpc.Server
	web           []*http.Server
}

func newHost(s settings) *host {
	if len(s.names) == 0 {
		s.names = []string{defaultName}
		switch s.fault {
		case "ID-03":
			s.names[0] = strings.Repeat("x", 58) + ".example.com"
		case "ID-04":
			s.names[0] = "faulty.example.com-"
		case "ID-05":
			s.names[0] = "faulty"
		}
	}
	slices.Sort(s.names)
	return &host{settings: s}
}

func (h *host) stop() {
	for _, server := range h.servers {
		server.Stop()
	}
	for _, server := range h.web {
		_ = server.Close()
	}
}

// serverFor registers everything that one plugin does.
func (h *host) serverFor(name string, options ...grpc.ServerOption) *grpc.Server {
	p := &plugin{
		name: name, fault: h.fault, hosted: h.names,
		store: h.store, pgdata: h.pgdata, errors: new(atomic.Int64),
	}
	options = append(options, grpc.UnaryInterceptor(h.intercept(name)))
	switch h.fault {
	case "TRN-02":
		options = append(options, grpc.StatsHandler(&leak{}))
	case "TRN-04":
		options = append(options, grpc.ForceServerCodec(lenientCodec{}))
	case "TRN-06":
		options = append(options, grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
			return status.Error(codes.Internal, "what?")
		}))
	}
	server := grpc.NewServer(options...)
	identity.RegisterIdentityServer(server, &identityServer{plugin: p})
	operator.RegisterOperatorServer(server, &operatorServer{plugin: p})
	lifecycle.RegisterOperatorLifecycleServer(server, &lifecycleServer{plugin: p})
	wal.RegisterWALServer(server, &walServer{plugin: p})
	backup.RegisterBackupServer(server, &backupServer{plugin: p})
	reconciler.RegisterReconcilerHooksServer(server, &reconcilerServer{plugin: p})
	restore.RegisterRestoreJobHooksServer(server, &restoreServer{plugin: p})
	postgres.RegisterPostgresServer(server, &postgresServer{plugin: p})
	if h.fault != "CAP-05" {
		metrics.RegisterMetricsServer(server, &metricsServer{plugin: p})
	}
	healthpb.RegisterHealthServer(server, health.NewServer())
	h.servers = append(h.servers, server)
	return server
}

// intercept holds the switches that concern every call.
func (h *host) intercept(name string) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		switch {
		case h.fault == "TRN-02" && exhausted(ctx):
			<-ctx.Done()
			return nil, status.FromContextError(ctx.Err()).Err()
		case h.fault == "TRN-05" && strings.HasPrefix(info.FullMethod, "/grpc.health") && authority(ctx) != name:
			return nil, status.Error(codes.Unimplemented, "no plugin of that name")
		case h.fault == "HOST-05" && h.refused.Load() >= 20 && name != h.names[0]:
			return nil, status.Error(codes.Unavailable, "the circuit is open")
		}
		answer, err := next(ctx, request)
		if status.Code(err) == codes.InvalidArgument {
			h.refused.Add(1)
		}
		return answer, err
	}
}

func authority(ctx context.Context) string {
	incoming, _ := metadata.FromIncomingContext(ctx)
	if found := incoming.Get(":authority"); len(found) > 0 {
		return found[0]
	}
	return ""
}

func (h *host) listen() error {
	if h.sockets != "" {
		for _, name := range h.names {
			if err := h.listenOnSocket(name); err != nil {
				return err
			}
		}
	}
	if h.tls == "" {
		return nil
	}
	config, err := h.certificates()
	if err != nil || h.address == "" {
		return err
	}
	listener, err := net.Listen("tcp", h.address)
	if err != nil {
		return err
	}
	if len(h.names) > 1 {
		h.serveSeveral(listener, config)
	} else {
		server := h.serverFor(h.names[0], grpc.Creds(bareTLS{config}))
		go func() { _ = server.Serve(listener) }()
	}
	fmt.Println("listening", listener.Addr())
	return nil
}

func (h *host) listenOnSocket(name string) error {
	path, err := h.socketPath(name)
	if err != nil {
		return err
	}
	listener, err := h.bind(path)
	if err != nil {
		return err
	}
	switch h.fault {
	case "SOCK-02":
		err = os.WriteFile(filepath.Join(h.sockets, ".lock"), nil, 0o600)
	case "SOCK-04":
		err = os.Chmod(path, 0o555)
	case "SOCK-05":
		listener = &limited{Listener: listener}
	case "TRN-01":
		listener = &closing{Listener: listener}
	case "TRN-09":
		listener = &fragile{Listener: listener}
	}
	if err != nil {
		return err
	}
	var options []grpc.ServerOption
	if h.fault == "SOCK-06" {
		options = append(options, grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionIdle: 300 * time.Millisecond,
		}))
	}
	server := h.serverFor(name, options...)
	if h.fault == "TRN-03" {
		h.serveWithoutTimeouts(listener, server)
	} else {
		go func() { _ = server.Serve(listener) }()
	}
	fmt.Println("listening", path)
	return nil
}

func (h *host) socketPath(name string) (string, error) {
	folder := h.sockets
	if h.fault == "SOCK-01" {
		folder = filepath.Join(folder, strings.Repeat("d", 120-len(folder)-len(name)-2))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return "", err
		}
	}
	return filepath.Join(folder, name), nil
}

// bind makes the socket with a relative path, since an absolute one may be too long for the kernel.
func (h *host) bind(path string) (net.Listener, error) {
	if h.fault != "SOCK-03" {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	before, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	if err := os.Chdir(filepath.Dir(path)); err != nil {
		return nil, err
	}
	listener, err := net.Listen("unix", filepath.Base(path))
	if err != nil {
		return nil, err
	}
	// Closing would remove whatever has that name then; a successor may have taken it.
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	return listener, os.Chdir(before)
}

// limited hangs up on all connections but the first three that are open.
type limited struct {
	net.Listener
	open atomic.Int64
}

func (l *limited) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.open.Add(1) <= 3 {
			return &counted{Conn: conn, open: &l.open}, nil
		}
		l.open.Add(-1)
		_ = conn.Close()
	}
}

type counted struct {
	net.Conn
	once sync.Once
	open *atomic.Int64
}

func (c *counted) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}

// closing hangs up on whoever sends more than 3 MiB over one connection.
type closing struct{ net.Listener }

func (l *closing) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &measured{Conn: conn}, err
}

type measured struct {
	net.Conn
	read int
}

func (c *measured) Read(buffer []byte) (int, error) {
	n, err := c.Conn.Read(buffer)
	c.read += n
	if c.read > 3<<20 {
		_ = c.Close()
		return 0, net.ErrClosed
	}
	return n, err
}

// fragile ends the process over the first bytes that are no HTTP/2.
type fragile struct{ net.Listener }

func (l *fragile) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &touchy{Conn: conn}, err
}

type touchy struct {
	net.Conn
	seen bool
}

func (c *touchy) Read(buffer []byte) (int, error) {
	n, err := c.Conn.Read(buffer)
	if n > 0 && !c.seen && !strings.HasPrefix(string(buffer[:n]), "P") {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	c.seen = c.seen || n > 0
	return n, err
}

// lenientCodec takes whatever can't be decoded for an empty message.
type lenientCodec struct{}

func (lenientCodec) Name() string { return "proto" }

func (lenientCodec) Marshal(value any) ([]byte, error) {
	return proto.Marshal(value.(proto.Message))
}

func (lenientCodec) Unmarshal(data []byte, value any) error {
	if err := proto.Unmarshal(data, value.(proto.Message)); err != nil {
		proto.Reset(value.(proto.Message))
	}
	return nil
}

// leak counts the calls of a connection that were cancelled, and never forgets one.
type leak struct{}

type slots struct{ taken atomic.Int64 }

type slotsKey struct{}

func exhausted(ctx context.Context) bool {
	found, ok := ctx.Value(slotsKey{}).(*slots)
	return ok && found.taken.Load() >= 32
}

func (*leak) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context {
	return context.WithValue(ctx, slotsKey{}, &slots{})
}

func (*leak) HandleConn(context.Context, stats.ConnStats) {}

func (*leak) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

func (*leak) HandleRPC(ctx context.Context, event stats.RPCStats) {
	if end, ok := event.(*stats.End); ok && status.Code(end.Error) == codes.Canceled {
		if found, ok := ctx.Value(slotsKey{}).(*slots); ok {
			found.taken.Add(1)
		}
	}
}

// serveWithoutTimeouts hides the header from the gRPC library.
func (h *host) serveWithoutTimeouts(listener net.Listener, server *grpc.Server) {
	web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Grpc-Timeout")
		server.ServeHTTP(w, r)
	}), Protocols: new(http.Protocols)}
	web.Protocols.SetUnencryptedHTTP2(true)
	h.web = append(h.web, web)
	go func() { _ = web.Serve(listener) }()
}

// serveSeveral routes by authority and insists on the same server name.
func (h *host) serveSeveral(listener net.Listener, config *tls.Config) {
	servers := map[string]*grpc.Server{}
	for _, name := range h.names {
		servers[name] = h.serverFor(name)
	}
	web := &http.Server{TLSConfig: config, Protocols: new(http.Protocols)}
	web.Protocols.SetHTTP2(true)
	web.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.Host
		server, found := servers[name]
		if strings.HasPrefix(r.URL.Path, "/grpc.health") || (!found && h.fault == "HOST-02") {
			server, found = servers[h.names[0]], true
		} else if r.TLS.ServerName != name && h.fault != "HOST-03" {
			found = false
		}
		if !found {
			refuse(w, codes.Unimplemented, "no plugin of that name")
			return
		}
		if h.fault == "HOST-01" {
			server = servers[h.names[0]]
		}
		endInTime(w, r)
		open := h.open.Add(1)
		defer h.open.Add(-1)
		if h.fault == "HOST-04" && open > 50 && name != h.names[0] {
			refuse(w, codes.ResourceExhausted, "too many open calls")
			return
		}
		server.ServeHTTP(w, r)
	})
	h.web = append(h.web, web)
	go func() { _ = web.ServeTLS(listener, "", "") }()
}

// endInTime makes the library notice that the time is over while it still waits for the message.
func endInTime(w http.ResponseWriter, r *http.Request) {
	units := map[byte]time.Duration{
		'H': time.Hour, 'M': time.Minute, 'S': time.Second,
		'm': time.Millisecond, 'u': time.Microsecond, 'n': time.Nanosecond,
	}
	header := r.Header.Get("Grpc-Timeout")
	if header == "" {
		return
	}
	last := len(header) - 1
	if count, err := strconv.Atoi(header[:last]); err == nil {
		end := time.Now().Add(time.Duration(count) * units[header[last]])
		_ = http.NewResponseController(w).SetReadDeadline(end)
	}
}

func refuse(w http.ResponseWriter, code codes.Code, message string) {
	w.Header().Set("Content-Type", "application/grpc")
	w.Header().Set("Grpc-Status", fmt.Sprint(int(code)))
	w.Header().Set("Grpc-Message", message)
}

// bareTLS is TLS without grpc-go's own insistence on an application protocol.
type bareTLS struct{ config *tls.Config }

func (b bareTLS) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn := tls.Server(raw, b.config)
	if err := conn.Handshake(); err != nil {
		_ = raw.Close()
		return nil, nil, err
	}
	return conn, credentials.TLSInfo{
		State:          conn.ConnectionState(),
		CommonAuthInfo: credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity},
	}, nil
}

func (b bareTLS) ClientHandshake(context.Context, string, net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return nil, nil, errors.New("a server only")
}

func (b bareTLS) Info() credentials.ProtocolInfo {
	return credentials.ProtocolInfo{SecurityProtocol: "tls"}
}

func (b bareTLS) Clone() credentials.TransportCredentials { return b }

func (b bareTLS) OverrideServerName(string) error { return nil }
