package dev.howdah.benchmarks;

import dev.howdah.host.listen.DevelopmentCertificates;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The {@link BucketServer} in a process of its own, and a plain client of it. */
final class BucketProcess implements AutoCloseable {

  static final String BUCKET = "backups";
  static final String KEY = "access";
  static final String SECRET = "secret";
  static final String REGION = "us-east-1";

  private static final int END_SECONDS = 10;

  private final Process process;
  private final URI endpoint;
  private final Path authority;
  private final HttpClient client;

  private BucketProcess(Process process, URI endpoint, Path authority)
      throws IOException, GeneralSecurityException {
    this.process = process;
    this.endpoint = endpoint;
    this.authority = authority;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofMinutes(1))
            .sslContext(trusting(authority))
            .build();
  }

  /** Starts one and waits until it listens. */
  static BucketProcess start(Workshop workshop) throws IOException {
    Path certificates = workshop.folder("certificates");
    Path authority = DevelopmentCertificates.issue(certificates, List.of()).authority();
    // Programs that run as other users read it as well.
    Path shown = Files.copy(authority, workshop.folder().resolve("ca.crt"));
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:+UseParallelGC",
                "-XX:MaxRAMPercentage=50",
                "-cp",
                System.getProperty("java.class.path"),
                BucketServer.class.getName(),
                certificates.toString())
            .redirectError(workshop.folder().resolve("bucket.log").toFile())
            .start();
    String port = process.inputReader().readLine();
    if (port == null) {
      throw new IllegalStateException(
          "The S3 server did not start: "
              + Files.readString(workshop.folder().resolve("bucket.log")));
    }
    try {
      return workshop.keep(
          new BucketProcess(process, URI.create("https://localhost:" + port.strip()), shown));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static SSLContext trusting(Path authority) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, new char[0]);
    try (InputStream in = Files.newInputStream(authority)) {
      store.setCertificateEntry(
          "authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
    managers.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }

  URI endpoint() {
    return endpoint;
  }

  /** The certificate of whoever issued the server's. */
  Path authority() {
    return authority;
  }

  /** Bytes of all objects whose keys begin so. */
  long bytes(String prefix) throws IOException {
    return Long.parseLong(ask("?" + Bucket.BYTES + "&prefix=" + prefix));
  }

  /** Deletes all objects whose keys begin so, and uploads that were never completed. */
  void clear(String prefix) throws IOException {
    ask("?" + Bucket.CLEAR + "&prefix=" + prefix);
  }

  private String ask(String query) throws IOException {
    return send(HttpRequest.newBuilder(uri(query)).GET(), HttpResponse.BodyHandlers.ofString());
  }

  /**
   * How fast a plain client sends objects to it.
   *
   * @param content of each
   * @param count how many
   * @param connections at a time
   * @return seconds
   */
  double send(byte[] content, int count, int connections) throws IOException {
    return at(
        connections,
        count,
        i ->
            send(
                HttpRequest.newBuilder(uri("/bare/" + i))
                    .PUT(HttpRequest.BodyPublishers.ofByteArray(content)),
                HttpResponse.BodyHandlers.discarding()));
  }

  /** How fast a plain client reads what was sent; in seconds. */
  double read(int count, int connections) throws IOException {
    return at(
        connections,
        count,
        i ->
            send(
                HttpRequest.newBuilder(uri("/bare/" + i)).GET(),
                HttpResponse.BodyHandlers.discarding()));
  }

  private interface Numbered {
    void run(int number) throws IOException;
  }

  private static double at(int connections, int count, Numbered work) throws IOException {
    long begin = System.nanoTime();
    try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int number = i;
        all.add(
            threads.submit(
                () -> {
                  work.run(number);
                  return null;
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } catch (ExecutionException failed) {
      throw new IOException("The S3 server doesn't answer a plain client.", failed);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted.", stopped);
    }
    return (System.nanoTime() - begin) / 1e9;
  }

  private <T> T send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler)
      throws IOException {
    try {
      HttpResponse<T> response =
          client.send(request.timeout(Duration.ofMinutes(5)).build(), handler);
      if (response.statusCode() != 200) {
        throw new IOException("The S3 server answers " + response.statusCode() + ".");
      }
      return response.body();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted.", stopped);
    }
  }

  private URI uri(String rest) {
    return URI.create(endpoint + "/" + BUCKET + rest);
  }

  @Override
  public void close() throws IOException {
    client.shutdownNow();
    // Its end of the pipe tells it.
    process.outputWriter().close();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException stopped) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
