package dev.howdah.plugins.objectstore.store;

import java.net.URI;
import java.util.Properties;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;

/** A real S3 server in this process, with its objects in memory. */
public final class S3Server implements AutoCloseable {

  public static final S3Settings.Credentials CREDENTIALS =
      new S3Settings.Credentials.Keys("access", "secret", java.util.Optional.empty());

  private final S3Proxy proxy;

  private S3Server(S3Proxy proxy) {
    this.proxy = proxy;
  }

  public static S3Server start() throws Exception {
    Properties properties = new Properties();
    S3Proxy proxy =
        S3Proxy.builder()
            .blobStore(BlobStores.create("transient-nio2", properties))
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V4, "access", "secret")
            .ignoreUnknownHeaders(true)
            .v4MaxNonChunkedRequestSize(128L << 20)
            .build();
    proxy.start();
    return new S3Server(proxy);
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + proxy.getPort());
  }

  public void createBucket(String name) {
    try (var client =
        software.amazon.awssdk.services.s3.S3Client.builder()
            .endpointOverride(endpoint())
            .region(software.amazon.awssdk.regions.Region.US_EAST_1)
            .forcePathStyle(true)
            .credentialsProvider(
                software.amazon.awssdk.auth.credentials.StaticCredentialsProvider.create(
                    software.amazon.awssdk.auth.credentials.AwsBasicCredentials.create(
                        "access", "secret")))
            .build()) {
      client.createBucket(request -> request.bucket(name));
    }
  }

  @Override
  public void close() throws Exception {
    proxy.stop();
  }
}
