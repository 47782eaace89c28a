package dev.howdah.host.listen;

import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerTransportFilter;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * What is served, alike on TCP and on every socket.
 *
 * @param services the gRPC services
 * @param interceptors around every call, the first one outermost
 * @param connectionFilters told of each connection's begin and end
 * @param executor runs TLS handshakes and the begin of calls; must not be one whose threads plugins
 *     can occupy
 */
public record Endpoint(
    List<ServerServiceDefinition> services,
    List<ServerInterceptor> interceptors,
    List<ServerTransportFilter> connectionFilters,
    Executor executor) {

  /** Copies the lists. */
  public Endpoint {
    services = List.copyOf(services);
    interceptors = List.copyOf(interceptors);
    connectionFilters = List.copyOf(connectionFilters);
  }
}
