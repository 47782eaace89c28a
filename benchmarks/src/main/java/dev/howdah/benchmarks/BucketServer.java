package dev.howdah.benchmarks;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/**
 * A process with one S3 bucket behind HTTPS, for a comparison of programs that write to it: it
 * keeps objects in memory and believes every signature, so that as little as possible of what is
 * measured is the server's. It ends with its standard input, which is when whoever started it does.
 */
final class BucketServer {

  private static final int BUFFER = 128 << 10;
  private static final int LONGEST_LINE = 16 << 10;
  private static final String LENGTH = "content-length";

  private final Bucket bucket = new Bucket();

  private BucketServer() {}

  /**
   * Serves until standard input ends, and prints the port.
   *
   * @param arguments the folder with {@code server.crt} and {@code server.key}
   */
  public static void main(String[] arguments) throws IOException, GeneralSecurityException {
    Path certificates = Path.of(arguments[0]);
    SSLServerSocket listening =
        (SSLServerSocket)
            tls(certificates)
                .getServerSocketFactory()
                .createServerSocket(0, 256, InetAddress.getLoopbackAddress());
    BucketServer server = new BucketServer();
    Thread.ofPlatform().daemon().name("accept").start(() -> server.accept(listening));
    System.out.println(listening.getLocalPort());
    System.in.transferTo(OutputStream.nullOutputStream());
    System.exit(0);
  }

  private static SSLContext tls(Path folder) throws IOException, GeneralSecurityException {
    CertificateFactory certificates = CertificateFactory.getInstance("X.509");
    Certificate[] chain;
    try (InputStream in = Files.newInputStream(folder.resolve("server.crt"))) {
      chain = certificates.generateCertificates(in).toArray(Certificate[]::new);
    }
    String pem = Files.readString(folder.resolve("server.key"));
    byte[] encoded =
        Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", "").strip());
    PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(encoded));
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, new char[0]);
    store.setKeyEntry("server", key, new char[0], chain);
    KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
    managers.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private void accept(SSLServerSocket listening) {
    while (true) {
      try {
        Socket socket = listening.accept();
        Thread.ofPlatform().daemon().name("connection").start(() -> converse(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void converse(Socket socket) {
    try (socket;
        InputStream in = new BufferedInputStream(socket.getInputStream(), BUFFER);
        OutputStream out = new BufferedOutputStream(socket.getOutputStream(), BUFFER)) {
      socket.setTcpNoDelay(true);
      for (String line = line(in); !line.isEmpty(); line = line(in)) {
        Request request = request(line, in);
        if ("100-continue".equalsIgnoreCase(request.header("expect"))) {
          out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
          out.flush();
        }
        Answer answer = bucket.answer(request, body(request, in));
        write(answer, request, out);
        if ("close".equalsIgnoreCase(request.header("connection"))) {
          return;
        }
      }
    } catch (IOException ended) {
      // A client may end its connection whenever it likes.
      return;
    }
  }

  /**
   * A request without its body.
   *
   * @param method such as {@code GET}
   * @param key what is behind the bucket's name in the path
   * @param query decoded
   * @param headers by their names in lower case
   */
  record Request(
      String method, String key, Map<String, String> query, Map<String, String> headers) {

    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  /**
   * An answer.
   *
   * @param status the HTTP status
   * @param headers without the body's length
   * @param body what is sent
   */
  record Answer(int status, Map<String, String> headers, StoredBytes body) {}

  private static Request request(String line, InputStream in) throws IOException {
    String[] words = line.split(" ");
    if (words.length != 3) {
      throw new IOException("This is no HTTP request.");
    }
    Map<String, String> headers = new LinkedHashMap<>();
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      int colon = header.indexOf(':');
      if (colon > 0) {
        headers.put(
            header.substring(0, colon).toLowerCase(Locale.ROOT),
            header.substring(colon + 1).strip());
      }
    }
    int mark = words[1].indexOf('?');
    String path = mark < 0 ? words[1] : words[1].substring(0, mark);
    Map<String, String> query = new LinkedHashMap<>();
    if (mark >= 0) {
      for (String pair : words[1].substring(mark + 1).split("&")) {
        int equals = pair.indexOf('=');
        query.put(
            decoded(equals < 0 ? pair : pair.substring(0, equals)),
            equals < 0 ? "" : decoded(pair.substring(equals + 1)));
      }
    }
    int slash = path.indexOf('/', 1);
    // A plus sign is itself in a path.
    String key = slash < 0 ? "" : decoded(path.substring(slash + 1).replace("+", "%2B"));
    return new Request(words[0], key, query, headers);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static StoredBytes body(Request request, InputStream in) throws IOException {
    StoredBytes body = new StoredBytes();
    if (request.header("content-encoding").contains("aws-chunked")
        || request.header("transfer-encoding").equalsIgnoreCase("chunked")) {
      for (int length = chunk(in); length > 0; length = chunk(in)) {
        body.readFrom(in, length);
        line(in);
      }
      // Checksums may follow.
      while (!line(in).isEmpty()) {
        continue;
      }
      return body;
    }
    String length = request.header(LENGTH);
    body.readFrom(in, length.isEmpty() ? 0 : Long.parseLong(length));
    return body;
  }

  private static int chunk(InputStream in) throws IOException {
    String line = line(in);
    int semicolon = line.indexOf(';');
    return Integer.parseInt(semicolon < 0 ? line : line.substring(0, semicolon), 16);
  }

  private static void write(Answer answer, Request request, OutputStream out) throws IOException {
    StringBuilder head = new StringBuilder();
    head.append("HTTP/1.1 ").append(answer.status()).append(" OK\r\n");
    answer
        .headers()
        .forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append("Content-Length: ").append(answer.body().size()).append("\r\n\r\n");
    out.write(head.toString().getBytes(StandardCharsets.UTF_8));
    if (!request.method().equals("HEAD")) {
      answer.body().writeTo(out);
    }
    out.flush();
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        if (line.isEmpty()) {
          return "";
        }
        throw new EOFException();
      }
      if (line.length() > LONGEST_LINE) {
        throw new IOException("This line is too long.");
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }
}
