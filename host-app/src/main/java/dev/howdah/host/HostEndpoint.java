package dev.howdah.host;

import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.config.ConfigurationException;
import dev.howdah.host.config.HowdahProperties;
import dev.howdah.host.config.Mode;
import dev.howdah.host.discovery.PluginStarter;
import dev.howdah.host.discovery.ReadinessWatch;
import dev.howdah.host.listen.ConnectionLimits;
import dev.howdah.host.listen.DevelopmentCertificates;
import dev.howdah.host.listen.Endpoint;
import dev.howdah.host.listen.GrpcListeners;
import dev.howdah.host.listen.ListenEvents;
import dev.howdah.host.listen.SocketOptions;
import dev.howdah.host.listen.TcpOptions;
import dev.howdah.host.listen.TlsFiles;
import dev.howdah.host.listen.TlsStatus;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerTransportFilter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.util.unit.DataSize;

/**
 * The host's life: plugins start, then the doors open; the doors close and calls in flight finish,
 * then plugins stop. Part of Spring's life cycle.
 */
public final class HostEndpoint implements SmartLifecycle {

  private final HowdahProperties properties;
  private final PluginCatalog catalog;
  private final PluginStarter starter;
  private final ReadinessWatch readiness;
  private final List<ServerServiceDefinition> services;
  private final List<ServerInterceptor> steps;
  private final List<ServerTransportFilter> filters;
  private final ListenEvents events;
  private final ReadinessFile readinessFile;
  private volatile @Nullable Open open;

  private record Open(
      GrpcListeners listeners,
      ExecutorService executor,
      Optional<DevelopmentCertificates.Issued> issued) {}

  HostEndpoint(
      HowdahProperties properties,
      PluginCatalog catalog,
      PluginStarter starter,
      ReadinessWatch readiness,
      List<ServerServiceDefinition> services,
      List<ServerInterceptor> steps,
      List<ServerTransportFilter> filters,
      ListenEvents events) {
    this.properties = properties;
    this.catalog = catalog;
    this.starter = starter;
    this.readiness = readiness;
    this.services = List.copyOf(services);
    this.steps = List.copyOf(steps);
    this.filters = List.copyOf(filters);
    this.events = events;
    this.readinessFile = ReadinessFile.of(properties);
  }

  @Override
  public void start() {
    // One that an earlier process left behind would let the start-up probe succeed too early.
    readinessFile.remove();
    starter.start();
    readiness.start();
    // Calls begin here and go on with the plugins' own threads; so few are enough, and none ever
    // waits for a plugin.
    ExecutorService executor =
        Executors.newFixedThreadPool(
            Math.max(2, Runtime.getRuntime().availableProcessors()),
            Thread.ofPlatform().name("howdah-call-", 0).daemon().factory());
    try {
      open = open(executor);
    } catch (RuntimeException e) {
      executor.shutdownNow();
      readiness.stop();
      starter.stop();
      throw e;
    }
    readinessFile.make();
  }

  private Open open(ExecutorService executor) {
    Optional<DevelopmentCertificates.Issued> issued = developmentCertificates();
    GrpcListeners listeners =
        new GrpcListeners(
            new Endpoint(services, steps, filters, executor),
            limits(),
            tcp(issued),
            properties.mode().sockets()
                ? Optional.of(new SocketOptions(properties.socketDirectory(), catalog.names()))
                : Optional.empty(),
            events);
    listeners.start();
    return new Open(listeners, executor, issued);
  }

  private ConnectionLimits limits() {
    HowdahProperties.Grpc grpc = properties.grpc();
    ConnectionLimits defaults = ConnectionLimits.DEFAULTS;
    return new ConnectionLimits(
        messageBytes(grpc.maxMessageSize()),
        defaults.maxHeaderBytes(),
        grpc.maxConnections(),
        defaults.maxCallsPerConnection(),
        defaults.handshakeTimeout(),
        grpc.requestTimeout(),
        defaults.keepAlive());
  }

  private static int messageBytes(DataSize size) {
    if (size.toBytes() < 1 || size.toBytes() > Integer.MAX_VALUE) {
      throw new ConfigurationException(
          "howdah.grpc.max-message-size is %s, which is no size from 1B to 2047MB. Correct it where it is set."
              .formatted(size));
    }
    return (int) size.toBytes();
  }

  private Optional<DevelopmentCertificates.Issued> developmentCertificates() {
    if (properties.grpc().tls() != null || properties.mode() != Mode.ALL) {
      return Optional.empty();
    }
    List<String> names =
        catalog.all().stream()
            .flatMap(plugin -> plugin.descriptor().addresses().stream())
            .filter(name -> !name.isEmpty())
            .distinct()
            .toList();
    return Optional.of(DevelopmentCertificates.issue(properties.home().resolve("tls"), names));
  }

  private Optional<TcpOptions> tcp(Optional<DevelopmentCertificates.Issued> issued) {
    if (!properties.mode().tcp()) {
      return Optional.empty();
    }
    HowdahProperties.Grpc grpc = properties.grpc();
    HowdahProperties.Tls tls = grpc.tls();
    if (tls != null) {
      return Optional.of(
          new TcpOptions(
              grpc.address(),
              new TlsFiles(tls.certificate(), tls.privateKey(), tls.clientCertificates()),
              grpc.tlsEngine()));
    }
    return Optional.of(
        new TcpOptions(
            grpc.address(),
            issued
                .orElseThrow(
                    () ->
                        new ConfigurationException(
                            "Mode operator needs certificates: set howdah.grpc.tls.certificate,"
                                + " .private-key and .client-certificates (or --server-cert,"
                                + " --server-key and --client-cert)."))
                .server(),
            grpc.tlsEngine()));
  }

  @Override
  public void stop() {
    Open closing = open;
    if (closing == null) {
      return;
    }
    open = null;
    readinessFile.remove();
    closing.listeners().stop(properties.grpc().drainTimeout());
    readiness.stop();
    starter.stop();
    closing.executor().shutdownNow();
  }

  @Override
  public boolean isRunning() {
    return open != null;
  }

  /** Before the web server, so that health tells the truth from the first request on. */
  @Override
  public int getPhase() {
    return 0;
  }

  /** Every plugin. */
  public PluginCatalog catalog() {
    return catalog;
  }

  /** The TCP address in use, if the host listens on TCP. */
  public Optional<InetSocketAddress> tcpAddress() {
    return Optional.ofNullable(open).flatMap(it -> it.listeners().tcpAddress());
  }

  /** The sockets by plugin name. */
  public Map<String, Path> sockets() {
    Open now = open;
    return now == null ? Map.of() : now.listeners().sockets();
  }

  /** The certificates in use, if the host listens on TCP. */
  public Optional<TlsStatus> tls() {
    return Optional.ofNullable(open).flatMap(it -> it.listeners().tls());
  }

  /** The development certificates, if these are in use. */
  public Optional<DevelopmentCertificates.Issued> developmentTls() {
    return Optional.ofNullable(open).flatMap(Open::issued);
  }
}
