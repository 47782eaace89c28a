package dev.howdah.host.listen;

import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.OpenSslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TCP with mutual TLS 1.3. */
final class TcpListener {
  private static final Logger LOG = LoggerFactory.getLogger(TcpListener.class);

  private final ReloadingTls tls;
  private final ListeningServer server;

  private TcpListener(ReloadingTls tls, ListeningServer server) {
    this.tls = tls;
    this.server = server;
  }

  /**
   * Listens.
   *
   * @throws ListenException if the certificates cannot be used or the address cannot be bound
   */
  static TcpListener start(TcpOptions options, ListeningServer.Environment environment) {
    InetSocketAddress address = options.socketAddress();
    if (address.isUnresolved()) {
      throw new ListenException(
          "Cannot listen on %s: its host name is unknown. Correct --server-address."
              .formatted(options.address()));
    }
    ReloadingTls tls =
        new ReloadingTls(
            options.tls(), options.engine(), InstantSource.system(), environment.events());
    ListeningServer server =
        new ListeningServer(
            "tcp",
            List.of(address),
            NioServerSocketChannel::new,
            new ReloadingSslContext(tls),
            environment);
    try {
      server.start();
    } catch (IOException e) {
      throw new ListenException(
          "Cannot listen on %s: %s. Stop whoever uses it, or choose another with --server-address."
              .formatted(options.address(), Bind.problem(e)),
          e);
    }
    LOG.atInfo()
        .addKeyValue("wanted", options.engine())
        .addKeyValue("native", tls.current() instanceof OpenSslContext)
        .log("TLS engine chosen");
    checkCertificates(tls, options, environment);
    return new TcpListener(tls, server);
  }

  /** Until the network threads are stopped, which end with the listeners. */
  private static void checkCertificates(
      ReloadingTls tls, TcpOptions options, ListeningServer.Environment environment) {
    long interval = options.certificateCheck().toMillis();
    environment
        .loops()
        .scheduleAtFixedRate(
            () -> environment.endpoint().executor().execute(tls::refresh),
            interval,
            interval,
            TimeUnit.MILLISECONDS);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) server.addresses().getFirst();
  }

  TlsStatus tls() {
    return tls.status();
  }

  ListeningServer server() {
    return server;
  }
}
