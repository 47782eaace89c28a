package dev.howdah.plugins.objectstore.store;

import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import software.amazon.awssdk.services.s3.S3Client;

/** A real S3 server in this process, with its objects in memory. */
public final class S3Server implements AutoCloseable {

  public static final S3Settings.Credentials CREDENTIALS =
      new S3Settings.Credentials.Keys("access", "secret", Optional.empty());

  private final S3Proxy proxy;
  private final boolean bucketsInHost;

  private S3Server(S3Proxy proxy, boolean bucketsInHost) {
    this.proxy = proxy;
    this.bucketsInHost = bucketsInHost;
  }

  public static S3Server start() throws Exception {
    return start(builder().endpoint(URI.create("http://127.0.0.1:0")), false);
  }

  /** Starts one that takes the bucket from the host's name, below {@link BucketNames#DOMAIN}. */
  public static S3Server startWithBucketsInHost() throws Exception {
    return start(
        builder().endpoint(URI.create("http://127.0.0.1:0")).virtualHost(BucketNames.DOMAIN), true);
  }

  /** The same over TLS. */
  static S3Server startWithBucketsInHost(SSLContext tls) throws Exception {
    return start(
        builder()
            .secureEndpoint(URI.create("https://127.0.0.1:0"))
            .sslContext(tls)
            .virtualHost(BucketNames.DOMAIN),
        true);
  }

  private static S3Proxy.Builder builder() {
    return S3Proxy.builder()
        .blobStore(BlobStores.create("transient-nio2", new Properties()))
        .awsAuthentication(AuthenticationType.AWS_V4, "access", "secret")
        .ignoreUnknownHeaders(true)
        .v4MaxNonChunkedRequestSize(128L << 20);
  }

  private static S3Server start(S3Proxy.Builder builder, boolean bucketsInHost) throws Exception {
    S3Proxy proxy = builder.build();
    proxy.start();
    return new S3Server(proxy, bucketsInHost);
  }

  public URI endpoint() {
    String host = bucketsInHost ? BucketNames.DOMAIN : "127.0.0.1";
    return proxy.getSecurePort() > 0
        ? URI.create("https://" + host + ":" + proxy.getSecurePort())
        : URI.create("http://" + host + ":" + proxy.getPort());
  }

  /** How to speak to a bucket of this server, which may trust some authorities only. */
  S3Settings settings(String bucket, String path, X509Certificate... authorities) {
    S3Settings plain = S3Settings.of(bucket, path, endpoint(), CREDENTIALS);
    return new S3Settings(
        bucket,
        path,
        plain.endpoint(),
        plain.region(),
        Optional.of(!bucketsInHost),
        List.of(authorities),
        plain.credentials(),
        plain.encryption(),
        plain.timeouts(),
        plain.connections());
  }

  public void createBucket(String name, X509Certificate... authorities) throws StoreException {
    try (S3Client client = S3Clients.open(settings(name, "", authorities))) {
      client.createBucket(request -> request.bucket(name));
    }
  }

  @Override
  public void close() throws Exception {
    proxy.stop();
  }
}
