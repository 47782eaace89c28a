package dev.howdah.plugins.objectstore.store;

import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.Tag;
import software.amazon.awssdk.services.s3.model.Tagging;

/**
 * Writes objects into a bucket, in one go or in parts. A service that doesn't know conditional
 * writes is asked before each write instead, which two writers can slip through; that is logged
 * once. Thread-safe.
 */
final class S3Writer {

  private static final Logger log = LoggerFactory.getLogger(S3Writer.class);
  // A request with content may take this much longer for each byte: 128 KiB/s.
  private static final int SLOWEST_BYTES_PER_MILLI = 128;

  private final S3Store store;
  private final S3Client client;
  private final S3Settings settings;
  private final S3Failures failures;
  private volatile boolean conditionalWrites = true;

  S3Writer(S3Store store, S3Client client, S3Settings settings, S3Failures failures) {
    this.store = store;
    this.client = client;
    this.settings = settings;
    this.failures = failures;
  }

  void put(String key, Content content, WriteOptions options) throws StoreException {
    if (options.onlyIfAbsent() && !conditionalWrites) {
      refuseExisting(key);
    }
    try {
      put(key, content, options, options.onlyIfAbsent() && conditionalWrites);
    } catch (SdkException e) {
      if (!lacksConditionalWrites(e, options)) {
        throw failures.of("store", key, e);
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
              .key(store.full(key))
              .overrideConfiguration(timeoutFor(content.length()));
          if (!options.tags().isEmpty()) {
            request.tagging(tagging(options.tags()));
          }
          if (conditional) {
            request.ifNoneMatch("*");
          }
          encrypt(request::serverSideEncryption, request::ssekmsKeyId);
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

  Upload upload(String key, WriteOptions options) throws StoreException {
    try {
      String id =
          client
              .createMultipartUpload(
                  request -> {
                    request.bucket(settings.bucket()).key(store.full(key));
                    if (!options.tags().isEmpty()) {
                      request.tagging(tagging(options.tags()));
                    }
                    encrypt(request::serverSideEncryption, request::ssekmsKeyId);
                  })
              .uploadId();
      return new MultipartUpload(key, id, options);
    } catch (SdkException e) {
      throw failures.of("begin to store", key, e);
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
                            .key(store.full(key))
                            .uploadId(id)
                            .partNumber(number)
                            .overrideConfiguration(timeoutFor(length)),
                    RequestBody.fromContentProvider(
                        () -> new ByteArrayInputStream(bytes, 0, length),
                        length,
                        "application/octet-stream"))
                .eTag();
        synchronized (parts) {
          parts.put(number, CompletedPart.builder().partNumber(number).eTag(tag).build());
        }
      } catch (SdkException e) {
        throw failures.of("store a part of", key, e);
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
          throw failures.of("complete", key, e);
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
                .key(store.full(key))
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
            request -> request.bucket(settings.bucket()).key(store.full(key)).uploadId(id));
      } catch (SdkException e) {
        StoreException failure = failures.of("give up", key, e);
        if (failure.kind() != Kind.NOT_FOUND) {
          throw failure;
        }
      }
    }
  }

  private void refuseExisting(String key) throws StoreException {
    if (store.find(key).isPresent()) {
      throw failures.exists(key, null);
    }
  }

  private boolean lacksConditionalWrites(SdkException e, WriteOptions options) {
    if (options.onlyIfAbsent()
        && conditionalWrites
        && e instanceof AwsServiceException service
        && service.statusCode() == 501) {
      conditionalWrites = false;
      log.atWarn()
          .addKeyValue("store", store.location())
          .log(
              "The store has no conditional writes; it is asked before each write instead, which"
                  + " two writers at the same moment can slip through.");
      return true;
    }
    return false;
  }

  private void encrypt(Consumer<ServerSideEncryption> kind, Consumer<@Nullable String> key) {
    switch (settings.encryption()) {
      case S3Settings.Encryption.None none -> {}
      case S3Settings.Encryption.StoreKeys keys -> kind.accept(ServerSideEncryption.AES256);
      case S3Settings.Encryption.ManagedKey managed -> {
        kind.accept(ServerSideEncryption.AWS_KMS);
        key.accept(managed.keyId().orElse(null));
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
}
