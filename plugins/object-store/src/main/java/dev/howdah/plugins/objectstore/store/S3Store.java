package dev.howdah.plugins.objectstore.store;

import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.Tag;
import software.amazon.awssdk.services.s3.model.Tagging;

/**
 * A bucket of Amazon S3 or of a service that speaks its protocol.
 *
 * <p>Connections are kept alive and shared by all callers. Checksums that the protocol doesn't
 * require are left out for own endpoints, since many services refuse them. A service that doesn't
 * know conditional writes is asked before each write instead, which two writers can slip through;
 * that is logged once.
 */
public final class S3Store implements Store {

  private static final Logger log = LoggerFactory.getLogger(S3Store.class);
  private static final int DELETE_BATCH = 1000;
  // A request with content may take this much longer for each byte: 128 KiB/s.
  private static final int SLOWEST_BYTES_PER_MILLI = 128;

  private final S3Client client;
  private final S3Settings settings;
  private final String root;
  private volatile boolean conditionalWrites = true;

  private S3Store(S3Client client, S3Settings settings) {
    this.client = client;
    this.settings = settings;
    this.root = settings.path().isEmpty() ? "" : settings.path() + "/";
  }

  /**
   * Opens a bucket; nothing is sent yet.
   *
   * @throws StoreException of kind {@code MISCONFIGURED} if the settings can't be right
   */
  public static S3Store open(S3Settings settings) throws StoreException {
    S3Settings.Timeouts timeouts = settings.timeouts();
    Apache5HttpClient.Builder http =
        Apache5HttpClient.builder()
            .maxConnections(settings.connections())
            .connectionTimeout(timeouts.connect())
            .socketTimeout(timeouts.idle())
            .connectionAcquisitionTimeout(timeouts.attempt());
    if (!settings.certificates().isEmpty()) {
      TrustManager[] trust = trusting(settings.certificates());
      http.tlsTrustManagersProvider(() -> trust);
    }
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClientBuilder(http)
            .credentialsProvider(provider(settings.credentials()))
            .forcePathStyle(settings.pathStyle().orElse(settings.endpoint().isPresent()))
            .overrideConfiguration(
                override ->
                    override
                        .apiCallAttemptTimeout(timeouts.attempt())
                        .retryStrategy(
                            DefaultRetryStrategy.standardStrategyBuilder()
                                .maxAttempts(timeouts.attempts())
                                .build()));
    settings.region().map(Region::of).ifPresent(builder::region);
    settings
        .endpoint()
        .ifPresent(
            endpoint -> {
              builder
                  .endpointOverride(endpoint)
                  .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                  .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
              if (settings.region().isEmpty()) {
                builder.region(Region.US_EAST_1);
              }
            });
    try {
      return new S3Store(builder.build(), settings);
    } catch (SdkException | IllegalArgumentException e) {
      throw new StoreException(
          Kind.MISCONFIGURED,
          "the S3 client for bucket %s can't be set up; check region and endpointURL"
              .formatted(settings.bucket()),
          e);
    }
  }

  private static AwsCredentialsProvider provider(S3Settings.Credentials credentials) {
    return switch (credentials) {
      case S3Settings.Credentials.Environment environment ->
          DefaultCredentialsProvider.builder().build();
      case S3Settings.Credentials.Keys keys ->
          StaticCredentialsProvider.create(
              keys.sessionToken().isPresent()
                  ? AwsSessionCredentials.create(
                      keys.accessKeyId(), keys.secretAccessKey(), keys.sessionToken().get())
                  : AwsBasicCredentials.create(keys.accessKeyId(), keys.secretAccessKey()));
    };
  }

  private static TrustManager[] trusting(List<X509Certificate> certificates) throws StoreException {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < certificates.size(); i++) {
        store.setCertificateEntry("authority-" + i, certificates.get(i));
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory.getTrustManagers();
    } catch (GeneralSecurityException | IOException e) {
      throw new StoreException(
          Kind.MISCONFIGURED, "the certificates of endpointCA can't be used", e);
    }
  }

  @Override
  public String location() {
    return "s3://" + settings.bucket() + (settings.path().isEmpty() ? "" : "/" + settings.path());
  }

  @Override
  public PartLimits partLimits() {
    return new PartLimits(5 << 20, 1 << 30, 10_000);
  }

  @Override
  public Optional<StoredObject> find(String key) throws StoreException {
    try {
      HeadObjectResponse head =
          client.headObject(request -> request.bucket(settings.bucket()).key(full(key)));
      return Optional.of(
          new StoredObject(
              key, size(head.contentLength()), time(head.lastModified()), text(head.eTag())));
    } catch (SdkException e) {
      StoreException failure = failure("look up", key, e);
      // The answer to HEAD has no body: a missing bucket looks like a missing object.
      if (failure.kind() == Kind.NOT_FOUND) {
        return Optional.empty();
      }
      throw failure;
    }
  }

  @Override
  public Download read(String key, long offset, @Nullable String version) throws StoreException {
    try {
      ResponseInputStream<GetObjectResponse> response =
          client.getObject(
              request -> {
                request.bucket(settings.bucket()).key(full(key));
                if (offset > 0) {
                  request.range("bytes=" + offset + "-");
                }
                if (version != null) {
                  request.ifMatch(version);
                }
              });
      GetObjectResponse head = response.response();
      return new Download(
          new StoredObject(
              key,
              offset + size(head.contentLength()),
              time(head.lastModified()),
              text(head.eTag())),
          new S3InputStream(response));
    } catch (SdkException e) {
      throw failure("read", key, e);
    }
  }

  @Override
  public void list(String prefix, Visitor visitor) throws StoreException {
    String token = null;
    do {
      String after = token;
      ListObjectsV2Response page;
      try {
        page =
            client.listObjectsV2(
                request ->
                    request
                        .bucket(settings.bucket())
                        .prefix(root + prefix)
                        .continuationToken(after));
      } catch (SdkException e) {
        throw failure("list", prefix, e);
      }
      for (S3Object object : page.contents()) {
        // Consoles leave empty objects behind that stand for folders.
        if (object.key().endsWith("/")) {
          continue;
        }
        StoredObject found =
            new StoredObject(
                object.key().substring(root.length()),
                size(object.size()),
                time(object.lastModified()),
                text(object.eTag()));
        if (!visitor.visit(found)) {
          return;
        }
      }
      token = following(page, prefix);
    } while (token != null);
  }

  @Override
  public List<String> folders(String folder) throws StoreException {
    Keys.checkedFolder(folder);
    List<String> names = new ArrayList<>();
    String token = null;
    do {
      String after = token;
      ListObjectsV2Response page;
      try {
        page =
            client.listObjectsV2(
                request ->
                    request
                        .bucket(settings.bucket())
                        .prefix(root + folder)
                        .delimiter("/")
                        .continuationToken(after));
      } catch (SdkException e) {
        throw failure("list", folder, e);
      }
      for (CommonPrefix common : page.commonPrefixes()) {
        String name = common.prefix().substring(root.length() + folder.length());
        names.add(name.substring(0, name.length() - 1));
      }
      token = following(page, folder);
    } while (token != null);
    return List.copyOf(names);
  }

  private @Nullable String following(ListObjectsV2Response page, String prefix)
      throws StoreException {
    if (!Boolean.TRUE.equals(page.isTruncated())) {
      return null;
    }
    if (page.nextContinuationToken() == null) {
      throw new StoreException(
          Kind.UNAVAILABLE,
          "%s broke off the list of %s without saying how to go on".formatted(location(), prefix),
          null);
    }
    return page.nextContinuationToken();
  }

  @Override
  public void put(String key, Content content, WriteOptions options) throws StoreException {
    if (options.onlyIfAbsent() && !conditionalWrites) {
      refuseExisting(key);
    }
    try {
      put(key, content, options, options.onlyIfAbsent() && conditionalWrites);
    } catch (SdkException e) {
      if (!lacksConditionalWrites(e, options)) {
        throw failure("store", key, e);
      }
      put(key, content, options);
    } catch (UncheckedIOException e) {
      throw new StoreException(Kind.UNAVAILABLE, "can't read what to store as " + key, e);
    }
  }

  private void put(String key, Content content, WriteOptions options, boolean conditional) {
    client.putObject(
        request -> {
          request
              .bucket(settings.bucket())
              .key(full(key))
              .overrideConfiguration(timeoutFor(content.length()));
          if (!options.tags().isEmpty()) {
            request.tagging(tagging(options.tags()));
          }
          if (conditional) {
            request.ifNoneMatch("*");
          }
          switch (settings.encryption()) {
            case S3Settings.Encryption.None none -> {}
            case S3Settings.Encryption.StoreKeys keys ->
                request.serverSideEncryption(ServerSideEncryption.AES256);
            case S3Settings.Encryption.ManagedKey key1 ->
                request
                    .serverSideEncryption(ServerSideEncryption.AWS_KMS)
                    .ssekmsKeyId(key1.keyId().orElse(null));
          }
        },
        RequestBody.fromContentProvider(
            () -> {
              try {
                return content.open();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            content.length(),
            "application/octet-stream"));
  }

  @Override
  public Upload upload(String key, int partSize, WriteOptions options) throws StoreException {
    try {
      String id =
          client
              .createMultipartUpload(
                  request -> {
                    request.bucket(settings.bucket()).key(full(key));
                    if (!options.tags().isEmpty()) {
                      request.tagging(tagging(options.tags()));
                    }
                    switch (settings.encryption()) {
                      case S3Settings.Encryption.None none -> {}
                      case S3Settings.Encryption.StoreKeys keys ->
                          request.serverSideEncryption(ServerSideEncryption.AES256);
                      case S3Settings.Encryption.ManagedKey key1 ->
                          request
                              .serverSideEncryption(ServerSideEncryption.AWS_KMS)
                              .ssekmsKeyId(key1.keyId().orElse(null));
                    }
                  })
              .uploadId();
      return new MultipartUpload(key, id, options);
    } catch (SdkException e) {
      throw failure("begin to store", key, e);
    }
  }

  private final class MultipartUpload implements Upload {
    private final String key;
    private final String id;
    private final WriteOptions options;
    private final Map<Integer, CompletedPart> parts = new TreeMap<>();

    MultipartUpload(String key, String id, WriteOptions options) {
      this.key = key;
      this.id = id;
      this.options = options;
    }

    @Override
    public void part(int number, byte[] bytes, int length) throws StoreException {
      try {
        String tag =
            client
                .uploadPart(
                    request ->
                        request
                            .bucket(settings.bucket())
                            .key(full(key))
                            .uploadId(id)
                            .partNumber(number)
                            .overrideConfiguration(timeoutFor(length)),
                    RequestBody.fromContentProvider(
                        () -> new java.io.ByteArrayInputStream(bytes, 0, length),
                        length,
                        "application/octet-stream"))
                .eTag();
        synchronized (parts) {
          parts.put(number, CompletedPart.builder().partNumber(number).eTag(tag).build());
        }
      } catch (SdkException e) {
        throw failure("store a part of", key, e);
      }
    }

    @Override
    public void complete() throws StoreException {
      if (options.onlyIfAbsent() && !conditionalWrites) {
        refuseExisting(key);
      }
      try {
        complete(options.onlyIfAbsent() && conditionalWrites);
      } catch (SdkException e) {
        if (!lacksConditionalWrites(e, options)) {
          throw failure("complete", key, e);
        }
        complete();
      }
    }

    private void complete(boolean conditional) {
      List<CompletedPart> ordered;
      synchronized (parts) {
        ordered = List.copyOf(parts.values());
      }
      client.completeMultipartUpload(
          request -> {
            request
                .bucket(settings.bucket())
                .key(full(key))
                .uploadId(id)
                .multipartUpload(upload -> upload.parts(ordered));
            if (conditional) {
              request.ifNoneMatch("*");
            }
          });
    }

    @Override
    public void abort() throws StoreException {
      try {
        client.abortMultipartUpload(
            request -> request.bucket(settings.bucket()).key(full(key)).uploadId(id));
      } catch (SdkException e) {
        StoreException failure = failure("give up", key, e);
        if (failure.kind() != Kind.NOT_FOUND) {
          throw failure;
        }
      }
    }
  }

  private void refuseExisting(String key) throws StoreException {
    if (find(key).isPresent()) {
      throw exists(key, null);
    }
  }

  private StoreException exists(String key, @Nullable Throwable cause) {
    return new StoreException(Kind.EXISTS, "%s has %s already".formatted(location(), key), cause);
  }

  private boolean lacksConditionalWrites(SdkException e, WriteOptions options) {
    if (options.onlyIfAbsent()
        && conditionalWrites
        && e instanceof AwsServiceException service
        && service.statusCode() == 501) {
      conditionalWrites = false;
      log.atWarn()
          .addKeyValue("store", location())
          .log(
              "The store has no conditional writes; it is asked before each write instead, which"
                  + " two writers at the same moment can slip through.");
      return true;
    }
    return false;
  }

  @Override
  public void delete(Collection<String> keys) throws StoreException {
    List<ObjectIdentifier> all =
        keys.stream().map(key -> ObjectIdentifier.builder().key(full(key)).build()).toList();
    for (int from = 0; from < all.size(); from += DELETE_BATCH) {
      List<ObjectIdentifier> batch = all.subList(from, Math.min(all.size(), from + DELETE_BATCH));
      DeleteObjectsResponse response;
      try {
        response =
            client.deleteObjects(
                request ->
                    request
                        .bucket(settings.bucket())
                        .delete(delete -> delete.objects(batch).quiet(true)));
      } catch (SdkException e) {
        throw failure("delete in", settings.path(), e);
      }
      if (response.hasErrors() && !response.errors().isEmpty()) {
        var first = response.errors().getFirst();
        throw new StoreException(
            "AccessDenied".equals(first.code()) ? Kind.DENIED : Kind.UNAVAILABLE,
            "%s refuses to delete %s (%s)"
                .formatted(location(), first.key().substring(root.length()), first.code()),
            null);
      }
    }
  }

  private Consumer<AwsRequestOverrideConfiguration.Builder> timeoutFor(long bytes) {
    Duration timeout = settings.timeouts().attempt().plusMillis(bytes / SLOWEST_BYTES_PER_MILLI);
    return override -> override.apiCallAttemptTimeout(timeout);
  }

  private static Tagging tagging(Map<String, String> tags) {
    return Tagging.builder()
        .tagSet(
            new TreeMap<>(tags)
                .entrySet().stream()
                    .map(tag -> Tag.builder().key(tag.getKey()).value(tag.getValue()).build())
                    .toList())
        .build();
  }

  private String full(String key) {
    return root + Keys.checked(key);
  }

  private static long size(@Nullable Long size) {
    return size == null ? 0 : size;
  }

  private static Instant time(@Nullable Instant time) {
    return time == null ? Instant.EPOCH : time;
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  private StoreException failure(String verb, String key, SdkException e) {
    String what = "can't %s %s in %s".formatted(verb, key, location());
    if (e instanceof AbortedException || Thread.currentThread().isInterrupted()) {
      return new StoreException(Kind.INTERRUPTED, what + ": it was given up", e);
    }
    if (e instanceof AwsServiceException service) {
      String code =
          service.awsErrorDetails() == null ? "" : text(service.awsErrorDetails().errorCode());
      String because = what + ": " + (code.isEmpty() ? "HTTP " + service.statusCode() : code);
      return switch (code) {
        case "NoSuchBucket" ->
            new StoreException(
                Kind.MISCONFIGURED,
                "the bucket %s doesn't exist; create it or correct destinationPath"
                    .formatted(settings.bucket()),
                e);
        case "ConditionalRequestConflict", "OperationAborted" ->
            new StoreException(Kind.UNAVAILABLE, because, e);
        case "XMinioStorageFull", "QuotaExceeded", "XMinioAdminBucketQuotaExceeded" ->
            new StoreException(Kind.FULL, because, e);
        default ->
            switch (service.statusCode()) {
              case 404 -> new StoreException(Kind.NOT_FOUND, because, e);
              case 412 ->
                  verb.equals("read")
                      ? new StoreException(Kind.CHANGED, key + " was replaced while it was read", e)
                      : exists(key, e);
              case 401, 403 -> new StoreException(Kind.DENIED, because, e);
              case 400, 405, 411, 416 -> new StoreException(Kind.MISCONFIGURED, because, e);
              case 507 -> new StoreException(Kind.FULL, because, e);
              default -> new StoreException(Kind.UNAVAILABLE, because, e);
            };
      };
    }
    String address = settings.endpoint().map(URI::toString).orElse("Amazon S3");
    if (String.valueOf(e.getMessage()).contains("Unable to load credentials")) {
      return new StoreException(
          Kind.DENIED,
          "no AWS credentials were found; give s3Credentials or a role to the service account",
          e);
    }
    return new StoreException(
        Kind.UNAVAILABLE, "%s: %s can't be reached or broke off".formatted(what, address), e);
  }

  @Override
  public void close() {
    client.close();
  }
}
