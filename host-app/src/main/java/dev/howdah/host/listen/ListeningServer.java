package dev.howdah.host.listen;

import io.grpc.Server;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One gRPC server of this host with its limits, on addresses of one kind. */
final class ListeningServer {
  private final ConnectionGate gate;
  private final CallsInFlight calls = new CallsInFlight();
  private final Server server;

  /**
   * Prepares a server; nothing is bound yet.
   *
   * @param name {@code tcp} or {@code socket}
   * @param addresses at least one
   * @param channels makes the listening channels
   * @param tls for connections with TLS; {@code null} for plain ones
   */
  ListeningServer(
      String name,
      List<? extends SocketAddress> addresses,
      Supplier<? extends ServerChannel> channels,
      @Nullable SslContext tls,
      Environment environment) {
    ConnectionLimits limits = environment.limits();
    this.gate =
        new ConnectionGate(
            name, limits.maxConnections(), limits.handshakeTimeout(), environment.events());
    NettyServerBuilder builder = NettyServerBuilder.forAddress(addresses.getFirst());
    addresses.stream().skip(1).forEach(builder::addListenAddress);
    builder
        .channelFactory(() -> gated(channels.get()))
        .bossEventLoopGroup(environment.loops())
        .workerEventLoopGroup(environment.loops())
        .addStreamTracerFactory(calls);
    if (tls != null) {
      builder.sslContext(tls);
    } else {
      // gRPC sets it for every connection; a Unix socket has no such option and warns each time.
      builder.withChildOption(ChannelOption.SO_KEEPALIVE, null);
    }
    limit(builder, limits);
    serve(builder, environment);
    this.server = builder.build();
  }

  /**
   * What both kinds of server share.
   *
   * @param endpoint what is served
   * @param limits what one client may take
   * @param events told of refusals
   * @param loops network threads
   */
  record Environment(
      Endpoint endpoint, ConnectionLimits limits, ListenEvents events, EventLoopGroup loops) {}

  /** Ahead of gRPC's own handler, which takes every connection that it gets. */
  private ServerChannel gated(ServerChannel channel) {
    channel.pipeline().addLast(gate);
    return channel;
  }

  /**
   * Idle connections stay: the operator pools them, and caches the capabilities it read over them.
   * Pings are welcome at any time, since clients of other languages send them unasked.
   */
  private static void limit(NettyServerBuilder builder, ConnectionLimits limits) {
    builder
        .maxInboundMessageSize(limits.maxMessageBytes())
        .maxInboundMetadataSize(limits.maxHeaderBytes())
        .maxConcurrentCallsPerConnection(limits.maxCallsPerConnection())
        .keepAliveTime(limits.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveTime(1, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true);
  }

  private static void serve(NettyServerBuilder builder, Environment environment) {
    Endpoint endpoint = environment.endpoint();
    builder.executor(endpoint.executor()).addServices(endpoint.services());
    // The builder's last interceptor is the outermost.
    endpoint.interceptors().reversed().forEach(builder::intercept);
    builder.intercept(
        new RequestArrivalLimit(environment.limits().requestTimeout(), environment.loops()));
    builder.addTransportFilter(new ConnectionAttribute());
    for (ServerTransportFilter filter : endpoint.connectionFilters()) {
      builder.addTransportFilter(filter);
    }
  }

  /**
   * Binds all addresses, or none.
   *
   * @throws IOException if one cannot be bound
   */
  void start() throws IOException {
    server.start();
  }

  List<? extends SocketAddress> addresses() {
    return server.getListenSockets();
  }

  int openConnections() {
    return gate.open();
  }

  int callsInFlight() {
    return calls.count();
  }

  /** Ends listening; clients are told to send no more calls on their connections. */
  void stopAccepting() {
    server.shutdown();
  }

  boolean awaitEnd(Duration limit) throws InterruptedException {
    return server.awaitTermination(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Cancels what is still running. */
  void endNow() {
    server.shutdownNow();
  }
}
