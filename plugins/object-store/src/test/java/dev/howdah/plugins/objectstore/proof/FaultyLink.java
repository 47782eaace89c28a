package dev.howdah.plugins.objectstore.proof;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Stands between a client and an HTTP server, on real sockets, and fails as it is told: a given
 * share of the requests meets a fault. Thread-safe.
 */
final class FaultyLink implements AutoCloseable {

  /** What may happen to a request. */
  enum Fault {
    /** The connection is closed when the request arrives. */
    REFUSES,
    /** The connection is reset in the middle of the request's content. */
    RESETS_IN_REQUEST,
    /** The request is never answered. */
    STALLS,
    /** The request is done, and the connection is reset instead of the answer. */
    LOSES_ANSWER,
    /** The connection is reset in the middle of the answer's content. */
    RESETS_IN_ANSWER,
    /** The answer stops in the middle of its content. */
    STALLS_IN_ANSWER,
    /** 500 instead of doing it. */
    ANSWERS_500,
    /** 503 with the code by which S3 asks for patience. */
    ANSWERS_503,
    /** The request is done, and the answer is 500. */
    ANSWERS_500_AFTERWARDS
  }

  // A client gives a silent connection up much earlier.
  private static final int SILENCE_MILLIS = 30_000;

  private final InetSocketAddress server;
  private final Random random;
  private final Map<Fault, Integer> injected = new EnumMap<>(Fault.class);
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private Set<Fault> faults = Set.of();
  private double share;
  private ServerSocket door;
  private int port;

  FaultyLink(URI server, long seed) throws IOException {
    this.server = new InetSocketAddress(server.getHost(), server.getPort());
    this.random = new Random(seed);
    repair();
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** From now on a share of the requests meets one of the faults. */
  synchronized void failWith(double share, Set<Fault> faults) {
    this.share = share;
    this.faults = Set.copyOf(faults);
  }

  /** How often a fault was met so far. */
  synchronized int injected(Fault fault) {
    return injected.getOrDefault(fault, 0);
  }

  /** Refuses connections, and breaks those that there are. */
  synchronized void cut() throws IOException {
    door.close();
    for (Socket socket : connections) {
      reset(socket);
    }
  }

  /** Takes connections again, at the same address. */
  synchronized void repair() throws IOException {
    ServerSocket opened = new ServerSocket();
    opened.setReuseAddress(true);
    opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 50);
    door = opened;
    port = opened.getLocalPort();
    threads.submit(() -> accept(opened));
  }

  private Void accept(ServerSocket opened) throws IOException {
    while (true) {
      Socket client = opened.accept();
      connections.add(client);
      threads.submit(() -> serve(client));
    }
  }

  private synchronized Optional<Fault> nextFault() {
    if (faults.isEmpty() || random.nextDouble() >= share) {
      return Optional.empty();
    }
    Fault fault = faults.stream().sorted().toList().get(random.nextInt(faults.size()));
    injected.merge(fault, 1, Integer::sum);
    return Optional.of(fault);
  }

  private Void serve(Socket client) throws IOException {
    try (client;
        Socket upstream = new Socket(server.getAddress(), server.getPort())) {
      client.setTcpNoDelay(true);
      upstream.setTcpNoDelay(true);
      client.setSoTimeout(SILENCE_MILLIS);
      InputStream fromClient = new BufferedInputStream(client.getInputStream(), 1 << 16);
      InputStream fromServer = new BufferedInputStream(upstream.getInputStream(), 1 << 16);
      OutputStream toClient = client.getOutputStream();
      while (true) {
        Head request = Head.read(fromClient);
        if (request == null || !pass(request, client, upstream, fromClient, fromServer, toClient)) {
          return null;
        }
      }
    } finally {
      connections.remove(client);
    }
  }

  private boolean pass(
      Head request,
      Socket client,
      Socket upstream,
      InputStream fromClient,
      InputStream fromServer,
      OutputStream toClient)
      throws IOException {
    Fault fault = nextFault().orElse(null);
    if (fault == Fault.REFUSES) {
      return false;
    }
    if (request.has("expect", "100-continue")) {
      toClient.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
    }
    if (fault == Fault.RESETS_IN_REQUEST) {
      fromClient.readNBytes((int) (request.length() / 2));
      reset(client);
      return false;
    }
    byte[] content = request.content(fromClient, "");
    if (fault == Fault.STALLS) {
      awaitGivingUp(fromClient);
      return false;
    }
    if (fault == Fault.ANSWERS_500 || fault == Fault.ANSWERS_503) {
      fail(request, toClient, fault == Fault.ANSWERS_503);
      return true;
    }
    OutputStream toServer = upstream.getOutputStream();
    toServer.write(request.without("expect"));
    toServer.write(content);
    Head answer = Head.read(fromServer);
    if (answer == null) {
      return false;
    }
    byte[] answered = answer.content(fromServer, request.method());
    if (fault == Fault.LOSES_ANSWER) {
      reset(client);
      return false;
    }
    if (fault == Fault.ANSWERS_500_AFTERWARDS) {
      fail(request, toClient, false);
      return true;
    }
    boolean broken = fault == Fault.RESETS_IN_ANSWER || fault == Fault.STALLS_IN_ANSWER;
    toClient.write(answer.bytes());
    toClient.write(answered, 0, broken ? answered.length / 2 : answered.length);
    if (fault == Fault.STALLS_IN_ANSWER) {
      awaitGivingUp(fromClient);
    } else if (fault == Fault.RESETS_IN_ANSWER) {
      reset(client);
    }
    return !broken && !answer.has("connection", "close");
  }

  private static void fail(Head request, OutputStream toClient, boolean slowDown)
      throws IOException {
    String code = slowDown ? "SlowDown" : "InternalError";
    String content =
        request.method().equals("HEAD")
            ? ""
            : "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code></Error>";
    toClient.write(
        """
        HTTP/1.1 %s\r
        Content-Type: application/xml\r
        Content-Length: %d\r
        \r
        %s\
        """
            .formatted(
                slowDown ? "503 Slow Down" : "500 Internal Server Error", content.length(), content)
            .getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void awaitGivingUp(InputStream fromClient) throws IOException {
    while (fromClient.read() >= 0) {
      continue;
    }
  }

  private static void reset(Socket socket) throws IOException {
    if (!socket.isClosed()) {
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }

  @Override
  public void close() throws IOException {
    cut();
    threads.shutdownNow();
  }

  /** The first line and the headers of a request or an answer. */
  private record Head(String text, Map<String, String> headers) {

    static Head read(InputStream in) throws IOException {
      StringBuilder bytes = new StringBuilder();
      while (bytes.indexOf("\r\n\r\n", bytes.length() - 4) < 0) {
        int value = in.read();
        if (value < 0) {
          return null;
        }
        bytes.append((char) value);
      }
      String text = bytes.toString();
      Map<String, String> headers = new HashMap<>();
      text.lines()
          .skip(1)
          .filter(line -> line.contains(":"))
          .forEach(
              line ->
                  headers.put(
                      line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT),
                      line.substring(line.indexOf(':') + 1).strip()));
      return new Head(text, headers);
    }

    String method() {
      return text.substring(0, text.indexOf(' '));
    }

    boolean has(String name, String value) {
      return value.equalsIgnoreCase(headers.get(name));
    }

    long length() {
      return Long.parseLong(headers.getOrDefault("content-length", "0"));
    }

    byte[] bytes() {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    byte[] without(String header) {
      StringBuilder left = new StringBuilder();
      text.lines()
          .filter(line -> !line.toLowerCase(Locale.ROOT).startsWith(header + ":"))
          .forEach(line -> left.append(line).append("\r\n"));
      return left.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** What follows, as it is on the wire. */
    byte[] content(InputStream in, String method) throws IOException {
      boolean none =
          method.equals("HEAD") || text.startsWith("HTTP/1.1 204") || text.contains(" 304 ");
      if (none) {
        return new byte[0];
      }
      return has("transfer-encoding", "chunked") ? chunks(in) : exactly(in, length());
    }

    private static byte[] chunks(InputStream in) throws IOException {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      while (true) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int value = in.read(); value != '\n'; value = in.read()) {
          if (value < 0) {
            throw new EOFException();
          }
          line.write(value);
        }
        line.write('\n');
        line.writeTo(all);
        int size =
            Integer.parseInt(
                line.toString(StandardCharsets.ISO_8859_1).strip().replaceFirst(";.*", ""), 16);
        all.write(exactly(in, size + 2L));
        if (size == 0) {
          return all.toByteArray();
        }
      }
    }

    private static byte[] exactly(InputStream in, long length) throws IOException {
      byte[] bytes = in.readNBytes((int) length);
      if (bytes.length < length) {
        throw new EOFException();
      }
      return bytes;
    }
  }
}
