package dev.howdah.host.listen;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's doors: the same services over TCP with mutual TLS and over one Unix socket per plugin.
 *
 * <p>Two servers are needed since one gRPC server has either TLS or not; they share two network
 * threads. Thread-safe; can be started again after a stop.
 */
public final class GrpcListeners {
  private static final Logger LOG = LoggerFactory.getLogger(GrpcListeners.class);
  private static final int NETWORK_THREADS = 2;

  /** How long connections without a call in flight get to say good-bye. */
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  private static final Duration STOP_STEP = Duration.ofMillis(50);

  private final Endpoint endpoint;
  private final ConnectionLimits limits;
  private final Optional<TcpOptions> tcpOptions;
  private final Optional<SocketOptions> socketOptions;
  private final ListenEvents events;
  private volatile @Nullable Running running;

  private record Running(
      EventLoopGroup loops, @Nullable TcpListener tcp, @Nullable SocketListener sockets) {
    List<ListeningServer> servers() {
      List<ListeningServer> servers = new ArrayList<>(2);
      if (sockets != null) {
        servers.add(sockets.server());
      }
      if (tcp != null) {
        servers.add(tcp.server());
      }
      return servers;
    }

    int callsInFlight() {
      return servers().stream().mapToInt(ListeningServer::callsInFlight).sum();
    }
  }

  /**
   * Prepares; nothing is opened before {@link #start()}.
   *
   * @param endpoint what is served
   * @param limits what a client may take
   * @param tcp where to listen on TCP, or empty for not at all
   * @param sockets where to listen on sockets, or empty (as without plugins) for not at all
   * @param events told of refused connections and of certificates
   */
  public GrpcListeners(
      Endpoint endpoint,
      ConnectionLimits limits,
      Optional<TcpOptions> tcp,
      Optional<SocketOptions> sockets,
      ListenEvents events) {
    this.endpoint = endpoint;
    this.limits = limits;
    this.tcpOptions = tcp;
    this.socketOptions = sockets.filter(options -> !options.pluginNames().isEmpty());
    this.events = events;
  }

  /**
   * Opens all doors, or none; returns once they are open. Does nothing while they are open.
   *
   * @throws ListenException if one cannot be opened; its message says what is in the way
   */
  public synchronized void start() {
    if (running != null) {
      return;
    }
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            NETWORK_THREADS, new DefaultThreadFactory("howdah-net"), NioIoHandler.newFactory());
    ListeningServer.Environment environment =
        new ListeningServer.Environment(endpoint, limits, events, loops);
    TcpListener tcp = null;
    try {
      // TCP first: its port is the likelier to be taken, and a socket that appears gets called.
      tcp = tcpOptions.map(options -> TcpListener.start(options, environment)).orElse(null);
      SocketListener sockets =
          socketOptions.map(options -> SocketListener.start(options, environment)).orElse(null);
      running = new Running(loops, tcp, sockets);
    } catch (RuntimeException e) {
      if (tcp != null) {
        tcp.server().endNow();
      }
      end(loops);
      throw e;
    }
    LOG.atInfo()
        .addKeyValue("tcp", tcpAddress().map(Object::toString).orElse("off"))
        .addKeyValue("sockets", sockets().values())
        .log("Listening");
  }

  /**
   * Closes all doors: the sockets' files disappear and no new connection or call is taken at once,
   * calls in flight may finish. Does nothing when the doors are closed.
   *
   * @param grace how long calls in flight may take; then they are cancelled
   */
  public synchronized void stop(Duration grace) {
    Running stopping = running;
    if (stopping == null) {
      return;
    }
    running = null;
    List<ListeningServer> servers = stopping.servers();
    servers.forEach(ListeningServer::stopAccepting);
    int cancelled = awaitCalls(stopping, grace);
    servers.forEach(ListeningServer::endNow);
    servers.forEach(GrpcListeners::awaitFarewell);
    end(stopping.loops());
    LOG.atInfo().addKeyValue("cancelledCalls", cancelled).log("No longer listening");
  }

  /**
   * Waits for the calls, not for the connections: gRPC waits ten seconds for each client that does
   * not answer pings.
   *
   * @return the number of calls that did not finish
   */
  private static int awaitCalls(Running stopping, Duration grace) {
    long start = System.nanoTime();
    boolean ended = false;
    while (!ended) {
      long waited = System.nanoTime() - start;
      boolean idle = stopping.callsInFlight() == 0;
      if (waited >= grace.toNanos() || (idle && waited >= FAREWELL.toNanos())) {
        return stopping.callsInFlight();
      }
      ended = true;
      for (ListeningServer server : stopping.servers()) {
        ended &= awaitEnd(server, STOP_STEP);
      }
      if (Thread.currentThread().isInterrupted()) {
        return stopping.callsInFlight();
      }
    }
    return 0;
  }

  private static void awaitFarewell(ListeningServer server) {
    awaitEnd(server, FAREWELL);
  }

  private static boolean awaitEnd(ListeningServer server, Duration limit) {
    try {
      return server.awaitEnd(limit);
    } catch (InterruptedException e) {
      // Whoever interrupts a stop wants it sooner.
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void end(EventLoopGroup loops) {
    loops.shutdownGracefully(0, FAREWELL.toMillis(), TimeUnit.MILLISECONDS).awaitUninterruptibly();
  }

  /** Whether the doors are open. */
  public boolean isRunning() {
    return running != null;
  }

  /** The address that TCP is served on, with its real port; empty while closed. */
  public Optional<InetSocketAddress> tcpAddress() {
    return tcp().map(TcpListener::address);
  }

  /** The socket of each plugin by its name; empty while closed. */
  public Map<String, Path> sockets() {
    Running now = running;
    return now == null || now.sockets() == null ? Map.of() : now.sockets().sockets();
  }

  /** The certificates in use; empty while closed, and without TCP. */
  public Optional<TlsStatus> tls() {
    return tcp().map(TcpListener::tls);
  }

  /** Connections open now, TCP and sockets, those at their handshake included. */
  public int openConnections() {
    Running now = running;
    return now == null
        ? 0
        : now.servers().stream().mapToInt(ListeningServer::openConnections).sum();
  }

  private Optional<TcpListener> tcp() {
    Running now = running;
    return now == null ? Optional.empty() : Optional.ofNullable(now.tcp());
  }
}
