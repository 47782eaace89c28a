package dev.howdah.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One address in front of the replicas, as a Kubernetes Service: a new connection goes to any of
 * those that are ready, an open one stays where it is, whatever becomes of its replica.
 */
final class FleetService implements AutoCloseable {

  private final ServerSocket listening;
  private final List<Integer> ready = new CopyOnWriteArrayList<>();
  private volatile Runnable onChange = () -> {};

  FleetService() throws IOException {
    this.listening = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("service").start(this::accept);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listening.getLocalSocketAddress();
  }

  /**
   * What to run whenever the set of ready replicas changes: the operator watches EndpointSlices.
   */
  void onChange(Runnable action) {
    onChange = action;
  }

  /** A replica became ready. */
  void add(int port) {
    ready.add(port);
    onChange.run();
  }

  /** A replica is about to stop. */
  void remove(int port) {
    ready.remove((Integer) port);
    onChange.run();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        Thread.ofVirtual().start(() -> connect(client));
      } catch (IOException closed) {
        // The loop's condition says whether it is the end.
      }
    }
  }

  private void connect(Socket client) {
    List<Integer> now = List.copyOf(ready);
    if (now.isEmpty()) {
      end(client);
      return;
    }
    int port = now.get(ThreadLocalRandom.current().nextInt(now.size()));
    Socket replica = new Socket();
    try {
      client.setTcpNoDelay(true);
      replica.setTcpNoDelay(true);
      replica.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      Thread.ofVirtual().start(() -> copy(client, replica));
      copy(replica, client);
    } catch (IOException refused) {
      end(client);
      end(replica);
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException ended) {
      // Either side's end is the end of both.
    } finally {
      end(from);
      end(to);
    }
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException closedAlready) {
      // Nothing is left to do.
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
